/* SPDX-License-Identifier: MIT */
#include "base/printable.h"

#include "base/character.h"

void printable_add_cut(struct buffer *out, struct view text, size_t most)
{
    size_t i = 0;
    while (i < text.len) {
        size_t len = character_length((struct view){text.ptr + i, text.len - i});
        if (i + (len > 0 ? len : 1) > most)
            break;
        if (len > 0)
            buffer_add(out, text.ptr + i, len);
        else
            buffer_addf(out, "\\x%02x", (unsigned char)text.ptr[i]);
        i += len > 0 ? len : 1;
    }
    if (i < text.len)
        buffer_add_text(out, "...");
}

void printable_add(struct buffer *out, struct view text)
{
    printable_add_cut(out, text, text.len);
}
