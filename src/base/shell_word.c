/* SPDX-License-Identifier: MIT */
#include "base/shell_word.h"

#include "base/character.h"

static bool is_plain(struct view text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_-./:,@%+=";
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] == '\0' || !strchr(plain, text.ptr[i]))
            return false;
    return text.len > 0 && text.ptr[0] != '='; /* zsh takes "=ls" for the path of ls */
}

static bool is_shown(struct view text)
{
    while (text.len > 0) {
        size_t len = character_length(text);
        if (len == 0)
            return false;
        text = (struct view){text.ptr + len, text.len - len};
    }
    return true;
}

/* Bytes that a terminal must not get, and those that mean something in the quotes, as \ooo. */
static void add_escaped(struct buffer *out, struct view text)
{
    buffer_add_text(out, "$'");
    while (text.len > 0) {
        size_t len = character_length(text);
        if (len == 0 || text.ptr[0] == '\'' || text.ptr[0] == '\\') {
            buffer_addf(out, "\\%03o", (unsigned)(unsigned char)text.ptr[0]);
            len = 1;
        } else {
            buffer_add(out, text.ptr, len);
        }
        text = (struct view){text.ptr + len, text.len - len};
    }
    buffer_add_char(out, '\'');
}

void shell_word_add(struct buffer *out, struct view text)
{
    if (is_plain(text)) {
        buffer_add_view(out, text);
        return;
    }
    if (!is_shown(text)) {
        add_escaped(out, text);
        return;
    }
    buffer_add_char(out, '\'');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\'')
            buffer_add_text(out, "'\\''");
        else
            buffer_add_char(out, text.ptr[i]);
    }
    buffer_add_char(out, '\'');
}
