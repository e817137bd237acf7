/* SPDX-License-Identifier: MIT */
#include "output/cell.h"

/*
 * True if a spreadsheet would run the text as a formula, perhaps after skipping a tab or line end.
 */
static bool begins_formula(struct view text)
{
    return text.len > 0 && text.ptr[0] != '\0' && strchr("=+-@\t\r", text.ptr[0]);
}

/* The cell is rewritten in place, from its end: JSON cells are long, and most need no quotes. */
void cell_quote(struct buffer *out, size_t start)
{
    size_t end = out->len, quotes = 0;
    bool needed = false;
    for (size_t i = start; i < end; i++) {
        char c = out->data[i];
        if (c == '"')
            quotes++;
        needed |= c == '"' || c == ',' || c == '\r' || c == '\n';
    }
    if (!needed)
        return;
    for (size_t i = 0; i < quotes + 2; i++)
        buffer_add_char(out, '"');
    if (!buffer_complete(out))
        return;
    char *to = out->data + out->len - 1; /* the closing quote is there already */
    for (size_t i = end; i > start; i--) {
        char c = out->data[i - 1];
        *--to = c;
        if (c == '"')
            *--to = c;
    }
    out->data[start] = '"';
}

static void write_text(struct view text, bool guarded, struct buffer *out)
{
    size_t start = out->len;
    if (guarded && begins_formula(text))
        buffer_add_char(out, '\'');
    buffer_add_view(out, text);
    cell_quote(out, start);
}

static void write_time(int64_t seconds, struct buffer *out)
{
    char text[TIMESTAMP_TEXT_SIZE];
    timestamp_format(seconds, text);
    buffer_add_text(out, text);
}

void cell_write(struct value value, bool guarded, struct buffer *out)
{
    switch (value.kind) {
    case VALUE_UNKNOWN:
        buffer_add_text(out, "unknown");
        break;
    case VALUE_TEXT:
        write_text(value.text, guarded, out);
        break;
    case VALUE_TIME:
        write_time(value.number, out);
        break;
    case VALUE_NUMBER:
        buffer_add_int(out, value.number);
        break;
    case VALUE_TRUTH:
        buffer_add_text(out, value.number ? "true" : "false");
        break;
    default: /* VALUE_NONE; lists are their format's business */
        break;
    }
}
