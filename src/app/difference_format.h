/* SPDX-License-Identifier: MIT */
/*
 * difference_format.h: differences as lines for programs, and as a text for people.
 */
#ifndef APP_DIFFERENCE_FORMAT_H
#define APP_DIFFERENCE_FORMAT_H

#include "base/arena.h"
#include "base/buffer.h"
#include "store/run_comparison.h"

/* Formats for programs: a line a difference. */
struct difference_format {
    const char *name;                  /* "jsonl" */
    void (*begin)(struct buffer *out); /* NULL: nothing comes first */
    void (*difference)(const struct difference *d, struct buffer *out);
};

/* The format with this name, or NULL. */
const struct difference_format *difference_format_find(struct view name);

#define DIFFERENCE_TEXT_SHOWN 10 /* of each kind, and of the accounts that are not compared */

/* The text for people. Memory does not grow with the number of differences. */
struct difference_text {
    struct arena arena;
    bool coloured; /* false at first: set before the text is written */
    struct {
        struct view lines[DIFFERENCE_TEXT_SHOWN];
        uint64_t count;
    } kinds[DIFFERENCE_COUNT];
    struct view left_out[DIFFERENCE_TEXT_SHOWN]; /* "111111111111: failed in the newer run" */
    uint64_t left_out_count;
};

void difference_text_init(struct difference_text *t);
void difference_text_release(struct difference_text *t);
void difference_text_add(struct difference_text *t, const struct difference *d);
void difference_text_leave_out(struct difference_text *t, const char *account_id, const char *why);
/* Appends the text: what is worst comes first. 'run' has been compared. */
void difference_text_write(const struct difference_text *t, const struct run_comparison *run,
                           struct buffer *out);

#endif
