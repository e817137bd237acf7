/* SPDX-License-Identifier: MIT */
#include "page/html.h"

#include "base/printable.h"
#include "base/timestamp.h"

#include <inttypes.h>
#include <stdio.h>

#define TEXT_MAX_BYTES ((size_t)1024 * 1024)
#define DAY_LEN        10

static const char *entity(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

static void add_escaped(struct buffer *out, struct view text)
{
    size_t begin = 0;
    for (size_t i = 0; i < text.len; i++) {
        const char *instead = entity(text.ptr[i]);
        if (!instead)
            continue;
        buffer_add(out, text.ptr + begin, i - begin);
        buffer_add_text(out, instead);
        begin = i + 1;
    }
    buffer_add(out, text.ptr + begin, text.len - begin);
}

void html_text(struct buffer *out, struct view text)
{
    html_text_cut(out, text, TEXT_MAX_BYTES / 4);
}

void html_text_cut(struct buffer *out, struct view text, size_t most)
{
    struct buffer shown;
    if (text.len == 0)
        return;
    buffer_init(&shown, TEXT_MAX_BYTES);
    printable_add_cut(&shown, text, most);
    add_escaped(out, buffer_view_cut(&shown));
    buffer_release(&shown);
}

void html_count(struct buffer *out, uint64_t number)
{
    char digits[24];
    int len = snprintf(digits, sizeof(digits), "%" PRIu64, number);
    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0)
            buffer_add_char(out, ',');
        buffer_add_char(out, digits[i]);
    }
}

void html_day(struct buffer *out, int64_t seconds)
{
    char text[TIMESTAMP_TEXT_SIZE];
    if (seconds == TIMESTAMP_NONE) {
        buffer_add_text(out, "none");
        return;
    }
    timestamp_format(seconds, text);
    buffer_addf(out, "%.*s", DAY_LEN, text);
}
