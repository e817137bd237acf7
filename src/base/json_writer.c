/* SPDX-License-Identifier: MIT */
#include "base/json_writer.h"

#include "base/timestamp.h"

#define SHORT_BYTES ((size_t)126)

void json_writer_init(struct json_writer *w, struct buffer *out)
{
    w->out = out;
    w->need_comma = false;
}

static void separate(struct json_writer *w)
{
    if (w->need_comma)
        buffer_add_char(w->out, ',');
    w->need_comma = true;
}

static void open_with(struct json_writer *w, char bracket)
{
    separate(w);
    buffer_add_char(w->out, bracket);
    w->need_comma = false;
}

static void close_with(struct json_writer *w, char bracket)
{
    buffer_add_char(w->out, bracket);
    w->need_comma = true;
}

void json_object_begin(struct json_writer *w)
{
    open_with(w, '{');
}

void json_object_end(struct json_writer *w)
{
    close_with(w, '}');
}

void json_array_begin(struct json_writer *w)
{
    open_with(w, '[');
}

void json_array_end(struct json_writer *w)
{
    close_with(w, ']');
}

void json_key(struct json_writer *w, const char *key)
{
    separate(w);
    json_quote(w->out, view_of(key));
    buffer_add_char(w->out, ':');
    w->need_comma = false;
}

void json_text(struct json_writer *w, struct view text)
{
    if (!text.ptr) {
        json_none(w);
        return;
    }
    separate(w);
    json_quote(w->out, text);
}

void json_buffer(struct json_writer *w, const struct buffer *text)
{
    if (buffer_complete(text))
        json_text(w, buffer_view(text));
    else
        buffer_spoil(w->out);
}

void json_int(struct json_writer *w, int64_t number)
{
    separate(w);
    buffer_add_int(w->out, number);
}

void json_bool(struct json_writer *w, bool truth)
{
    separate(w);
    buffer_add_text(w->out, truth ? "true" : "false");
}

void json_none(struct json_writer *w)
{
    separate(w);
    buffer_add_text(w->out, "null");
}

void json_time(struct json_writer *w, int64_t seconds)
{
    char text[TIMESTAMP_TEXT_SIZE];
    if (seconds == TIMESTAMP_NONE) {
        json_none(w);
        return;
    }
    timestamp_format(seconds, text);
    json_text(w, view_of(text));
}

static void escape(struct buffer *out, unsigned char c)
{
    static const char plain[] = "\"\\\n\r\t\b\f";
    static const char letter[] = "\"\\nrtbf";
    const char *found = strchr(plain, c);
    if (found && c != '\0') {
        buffer_add_char(out, '\\');
        buffer_add_char(out, letter[found - plain]);
    } else {
        buffer_addf(out, "\\u%04x", c);
    }
}

/*
 * The length of the UTF-8 character that begins at 'at' (RFC 3629), or 0 if none does: a text that
 * was cut to its bound may end within a character, and an answer may hold any bytes.
 */
static size_t letter_len(const unsigned char *at, size_t left)
{
    size_t len = at[0] < 0x80 ? 1 : at[0] < 0xc2 ? 0 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
    if (len == 0 || len > left || at[0] > 0xf4)
        return 0;
    for (size_t i = 1; i < len; i++)
        if ((at[i] & 0xc0) != 0x80)
            return 0;
    bool overlong = (at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xf0 && at[1] < 0x90);
    bool surrogate = at[0] == 0xed && at[1] > 0x9f;
    bool too_high = at[0] == 0xf4 && at[1] > 0x8f;
    return overlong || surrogate || too_high ? 0 : len;
}

/* Adds a short text that needs no escape, as most are, in one piece. False if it is another. */
static bool quote_at_once(struct buffer *out, struct view text)
{
    char quoted[SHORT_BYTES + 2];
    if (text.len > SHORT_BYTES)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c < 0x20 || c >= 0x80 || c == '"' || c == '\\')
            return false;
        quoted[i + 1] = (char)c;
    }
    quoted[0] = quoted[text.len + 1] = '"';
    buffer_add(out, quoted, text.len + 2);
    return true;
}

void json_quote(struct buffer *out, struct view text)
{
    size_t start = 0;
    if (!text.ptr)
        text = VIEW_LITERAL("");
    if (quote_at_once(out, text))
        return;
    const unsigned char *bytes = (const unsigned char *)text.ptr;
    buffer_add_char(out, '"');
    for (size_t i = 0; i < text.len;) {
        bool plain = bytes[i] >= 0x20 && bytes[i] != '"' && bytes[i] != '\\';
        size_t len = bytes[i] < 0x80 ? 1 : letter_len(bytes + i, text.len - i);
        if (plain && len > 0) {
            i += len;
            continue;
        }
        buffer_add(out, text.ptr + start, i - start);
        if (len > 0)
            escape(out, bytes[i]);
        else
            buffer_add_text(out, "\xef\xbf\xbd"); /* U+FFFD in place of a byte that is not UTF-8 */
        start = ++i;
    }
    buffer_add(out, text.ptr + start, text.len - start);
    buffer_add_char(out, '"');
}
