/* SPDX-License-Identifier: MIT */
#include "base/secret.h"

#include "base/alloc.h"

#include <stdlib.h>

void secret_wipe(void *bytes, size_t len)
{
    if (len > 0)
        explicit_bzero(bytes, len);
}

void secret_clear(struct secret *s)
{
    if (s->text)
        secret_wipe(s->text, s->len);
    free(s->text);
    *s = (struct secret){0};
}

void secret_set(struct secret *s, struct view v)
{
    char *text = v.ptr ? xstrndup(v.ptr, v.len) : NULL;
    secret_clear(s);
    s->text = text;
    s->len = v.len;
}

void secret_set_joined(struct secret *s, const char *before, struct view v)
{
    struct view first = view_of(before);
    char *text = xcalloc(1, first.len + v.len + 1);
    memcpy(text, first.ptr, first.len);
    if (v.len > 0)
        memcpy(text + first.len, v.ptr, v.len);
    secret_clear(s);
    s->text = text;
    s->len = first.len + v.len;
}

bool secret_present(const struct secret *s)
{
    return s->text != NULL;
}

struct view secret_reveal(const struct secret *s)
{
    return (struct view){s->text, s->len};
}
