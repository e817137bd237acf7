/* SPDX-License-Identifier: MIT */
/*
 * chart.h: bars of a few parts each, as SVG with a table behind them.
 *
 * They are there without scripts, in print, and in the browser's find. Colours and patterns come
 * from the style; each part has its name in words too. One form serves all charts of the page.
 */
#ifndef PAGE_CHART_H
#define PAGE_CHART_H

#include "base/buffer.h"

#define CHART_PARTS_MAX 6

struct chart_part {
    const char *label;
    const char *look; /* class and pattern: "good", "bad", "warn", "plain", "mute", "unknown" */
};

struct chart_row {
    struct view label;
    uint64_t values[CHART_PARTS_MAX];
};

struct chart {
    const char *id;    /* of the element */
    const char *title; /* what it shows */
    const char *note;  /* how to read it; NULL: nothing */
    const char *head;  /* what the rows are: "Account" */
    const struct chart_part *parts;
    size_t part_count;
    const struct chart_row *rows;
    size_t row_count;
};

/* Appends the chart: a figure with the SVG, its legend, and its table in <details>. */
void chart_write(const struct chart *c, struct buffer *out);
/* Appends the patterns that all charts use; once in a page. */
void chart_write_patterns(struct buffer *out);

#endif
