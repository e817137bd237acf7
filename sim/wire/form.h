/* SPDX-License-Identifier: MIT */
/* form.h: reads and writes names and values as in URLs and forms (x-www-form-urlencoded). */
#ifndef WIRE_FORM_H
#define WIRE_FORM_H

#include "base/arena.h"
#include "wire/text.h"

#include <stddef.h>

#define FORM_PAIRS_MAX 128

struct form_pair {
    const char *name;
    const char *value;
};

struct form {
    struct form_pair pairs[FORM_PAIRS_MAX];
    size_t count;
};

/*
 * Adds the decoded pairs of a=b&c=d. If 'plus_is_space', '+' stands for a space, as in forms. The
 * strings are in the arena. Returns 0, or -1 if there are more than FORM_PAIRS_MAX.
 */
int form_parse(struct form *form, struct arena *arena, const char *text, size_t len,
               int plus_is_space);

/* The value of a name, or NULL. */
const char *form_get(const struct form *form, const char *name);

/*
 * Decodes %41 and the like in 'len' bytes into 'out', which has room for len + 1 bytes. Returns the
 * new length.
 */
size_t form_decode(const char *text, size_t len, int plus_is_space, char *out);

/*
 * Appends the text with all but unreserved characters (RFC 3986) written as %41; 'keep_slash' keeps
 * '/'.
 */
void form_encode(struct buffer *out, const char *text, size_t len, int keep_slash);

#endif
