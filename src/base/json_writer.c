#include "base/json_writer.h"

#include "base/timestamp.h"

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

void json_quote(struct buffer *out, struct view text)
{
    size_t start = 0;
    if (!text.ptr)
        text = VIEW_LITERAL("");
    buffer_add_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        buffer_add(out, text.ptr + start, i - start);
        escape(out, c);
        start = i + 1;
    }
    buffer_add(out, text.ptr + start, text.len - start);
    buffer_add_char(out, '"');
}
