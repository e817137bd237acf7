/* SPDX-License-Identifier: MIT */
/* Any bytes as a file of suppressions: what is read, written with quotes and read again is the
 * same. */
#include "rules/suppressions.h"

#include <stdint.h>
#include <stdlib.h>

static void write_cell(struct view cell, const char *end, struct buffer *out)
{
    buffer_add_char(out, '"');
    for (size_t i = 0; i < cell.len; i++) {
        if (cell.ptr[i] == '"')
            buffer_add_char(out, '"');
        buffer_add_char(out, cell.ptr[i]);
    }
    buffer_addf(out, "\"%s", end);
}

static void write_line(const struct suppression *s, struct buffer *out)
{
    const struct view cells[] = {s->rule, s->account, s->user, s->tag, s->expires, s->reason};
    for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++)
        write_cell(cells[i], ",", out);
    write_cell(s->ticket, "\r\n", out);
}

static bool is_same(const struct suppression *a, const struct suppression *b)
{
    return view_equal(a->rule, b->rule) && view_equal(a->account, b->account) &&
           view_equal(a->user, b->user) && view_equal(a->tag, b->tag) &&
           view_equal(a->reason, b->reason) && view_equal(a->ticket, b->ticket) &&
           a->expires_s == b->expires_s && a->rules == b->rules;
}

static void check_again(const struct suppressions *s)
{
    struct buffer text;
    struct error e;
    size_t count, again_count;
    const struct suppression *lines = suppressions_lines(s, &count);
    buffer_init(&text, 4 * SUPPRESSIONS_MAX_BYTES);
    buffer_add_text(&text, "rule,account,user,tag,expires,reason,ticket\n");
    for (size_t i = 0; i < count; i++)
        write_line(&lines[i], &text);
    struct suppressions *again = suppressions_read(buffer_view(&text), "again", &e);
    if (!again && text.len <= SUPPRESSIONS_MAX_BYTES)
        abort();
    const struct suppression *read = again ? suppressions_lines(again, &again_count) : NULL;
    for (size_t i = 0; read && i < count; i++)
        if (again_count != count || !is_same(&lines[i], &read[i]))
            abort();
    suppressions_free(again);
    buffer_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct error e = {0};
    struct suppressions *s = suppressions_read((struct view){(const char *)bytes, len}, "file", &e);
    if (s)
        check_again(s);
    else if (e.kind != ERROR_CONFIG)
        abort();
    suppressions_free(s);
    return 0;
}
