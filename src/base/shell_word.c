/* SPDX-License-Identifier: MIT */
#include "base/shell_word.h"

static bool is_plain(struct view text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_-./:,@%+=";
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] == '\0' || !strchr(plain, text.ptr[i]))
            return false;
    return text.len > 0;
}

void shell_word_add(struct buffer *out, struct view text)
{
    if (is_plain(text)) {
        buffer_add_view(out, text);
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
