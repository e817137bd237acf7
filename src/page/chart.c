/* SPDX-License-Identifier: MIT */
#include "page/chart.h"

#include "page/html.h"

#include <inttypes.h>

/* In the units of the picture. */
#define WIDTH       640
#define LABEL_WIDTH 190
#define BAR_WIDTH   380
#define ROW_HEIGHT  26
#define BAR_HEIGHT  16
#define LABEL_BYTES 34

static uint64_t total_of(const struct chart *c, const struct chart_row *row)
{
    uint64_t total = 0;
    for (size_t i = 0; i < c->part_count; i++)
        total += row->values[i];
    return total;
}

static uint64_t largest_total(const struct chart *c)
{
    uint64_t most = 1;
    for (size_t i = 0; i < c->row_count; i++)
        if (total_of(c, &c->rows[i]) > most)
            most = total_of(c, &c->rows[i]);
    return most;
}

/* A part that is not zero is seen, however small it is. */
static double width_of(uint64_t value, uint64_t most)
{
    double width = (double)value * BAR_WIDTH / (double)most;
    return value > 0 && width < 2 ? 2 : width;
}

static void write_bar(const struct chart *c, const struct chart_row *row, size_t nth, uint64_t most,
                      struct buffer *out)
{
    double x = LABEL_WIDTH;
    size_t y = nth * ROW_HEIGHT;
    buffer_addf(out, "<text class=\"label\" x=\"%d\" y=\"%zu\" text-anchor=\"end\">",
                LABEL_WIDTH - 8, y + 17);
    html_text_cut(out, row->label, LABEL_BYTES);
    buffer_add_text(out, "</text>");
    for (size_t i = 0; i < c->part_count; i++) {
        double width = width_of(row->values[i], most);
        if (row->values[i] == 0)
            continue;
        buffer_addf(out,
                    "<rect x=\"%.1f\" y=\"%zu\" width=\"%.1f\" height=\"%d\" "
                    "fill=\"url(#look-%s)\"><title>",
                    x, y + 4, width, BAR_HEIGHT, c->parts[i].look);
        html_text(out, row->label);
        buffer_addf(out, ", %s: %" PRIu64 "</title></rect>", c->parts[i].label, row->values[i]);
        x += width;
    }
    buffer_addf(out, "<text class=\"total\" x=\"%.1f\" y=\"%zu\">", x + 6, y + 17);
    html_count(out, total_of(c, row));
    buffer_add_text(out, "</text>");
}

static void write_picture(const struct chart *c, struct buffer *out)
{
    uint64_t most = largest_total(c);
    buffer_addf(out,
                "<svg role=\"img\" aria-labelledby=\"%s-title\" viewBox=\"0 0 %d %zu\" "
                "preserveAspectRatio=\"xMinYMin meet\">",
                c->id, WIDTH, c->row_count * ROW_HEIGHT + 4);
    for (size_t i = 0; i < c->row_count; i++)
        write_bar(c, &c->rows[i], i, most, out);
    buffer_add_text(out, "</svg>\n");
}

static void write_legend(const struct chart *c, struct buffer *out)
{
    if (c->part_count < 2)
        return;
    buffer_add_text(out, "<ul class=\"legend\">");
    for (size_t i = 0; i < c->part_count; i++)
        buffer_addf(out,
                    "<li><svg class=\"swatch\" viewBox=\"0 0 14 14\" aria-hidden=\"true\"><rect "
                    "width=\"14\" height=\"14\" fill=\"url(#look-%s)\"/></svg>%s</li>",
                    c->parts[i].look, c->parts[i].label);
    buffer_add_text(out, "</ul>\n");
}

static void write_row(const struct chart *c, const struct chart_row *row, struct buffer *out)
{
    buffer_add_text(out, "<tr><th scope=\"row\">");
    html_text(out, row->label);
    buffer_add_text(out, "</th>");
    for (size_t i = 0; i < c->part_count; i++)
        buffer_addf(out, "<td>%" PRIu64 "</td>", row->values[i]);
    buffer_add_text(out, "</tr>\n");
}

static void write_table(const struct chart *c, struct buffer *out)
{
    buffer_addf(out,
                "<details class=\"numbers\"><summary>The numbers<span class=\"hidden\"> of: "
                "%s</span></summary>\n<div class=\"wide\" tabindex=\"0\" role=\"region\" "
                "aria-label=\"Numbers: %s\"><table><thead><tr><th scope=\"col\">%s</th>",
                c->title, c->title, c->head);
    for (size_t i = 0; i < c->part_count; i++)
        buffer_addf(out, "<th scope=\"col\">%s</th>", c->parts[i].label);
    buffer_add_text(out, "</tr></thead><tbody>\n");
    for (size_t i = 0; i < c->row_count; i++)
        write_row(c, &c->rows[i], out);
    buffer_add_text(out, "</tbody></table></div></details>\n");
}

void chart_write(const struct chart *c, struct buffer *out)
{
    buffer_addf(out, "<figure class=\"chart\" id=\"%s\"><figcaption><h2 id=\"%s-title\">%s</h2>",
                c->id, c->id, c->title);
    if (c->note)
        buffer_addf(out, "<p>%s</p>", c->note);
    buffer_add_text(out, "</figcaption>\n");
    write_picture(c, out);
    write_legend(c, out);
    write_table(c, out);
    buffer_add_text(out, "</figure>\n");
}

/* How each look differs without colour: the lines on its square of eight by eight. */
static const struct {
    const char *name, *lines;
} looks[] = {
    {"good", ""},
    {"plain", ""},
    {"bad", "M0 8L8 0M-2 2L2 -2M6 10L10 6"},
    {"warn", "M0 0L8 8M-2 6L2 10M6 -2L10 2"},
    {"mute", "M0 4H8"},
    {"unknown", "M4 0V8M0 4H8"},
};

void chart_write_patterns(struct buffer *out)
{
    buffer_add_text(out, "<svg class=\"patterns\" width=\"0\" height=\"0\" aria-hidden=\"true\" "
                         "focusable=\"false\"><defs>");
    for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++)
        buffer_addf(out,
                    "<pattern id=\"look-%s\" class=\"look-%s\" width=\"8\" height=\"8\" "
                    "patternUnits=\"userSpaceOnUse\"><rect width=\"8\" height=\"8\"/><path "
                    "d=\"%s\"/></pattern>",
                    looks[i].name, looks[i].name, looks[i].lines);
    buffer_add_text(out, "</defs></svg>\n");
}
