/* SPDX-License-Identifier: MIT */
#include "rules/glob.h"

/* The length of the character at 'i': continuation bytes of UTF-8 (10xxxxxx) belong to it. */
static size_t character_at(struct view text, size_t i)
{
    size_t len = 1;
    while (i + len < text.len && ((unsigned char)text.ptr[i + len] & 0xc0) == 0x80)
        len++;
    return len;
}

/* Only the last '*' is ever tried again: what was matched before it can stay as it is. */
bool glob_matches(struct view pattern, struct view text)
{
    size_t p = 0, t = 0, star = pattern.len, retry = 0;
    bool has_star = false;
    while (t < text.len) {
        if (p < pattern.len && pattern.ptr[p] == '*') {
            has_star = true;
            star = ++p;
            retry = t;
        } else if (p < pattern.len && pattern.ptr[p] == '?') {
            p++;
            t += character_at(text, t);
        } else if (p < pattern.len && pattern.ptr[p] == text.ptr[t]) {
            p++;
            t++;
        } else if (has_star) {
            p = star;
            t = ++retry;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.ptr[p] == '*')
        p++;
    return p == pattern.len;
}
