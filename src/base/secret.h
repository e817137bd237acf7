/* SPDX-License-Identifier: MIT */
/*
 * secret.h: text that must not leak.
 *
 * Secret keys, session tokens, external ids and bearer tokens are kept in this type from the moment
 * they are read. A secret is wiped when it is cleared; no log or error function takes one.
 */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include "base/view.h"

struct secret {
    char *text; /* NUL-terminated, owned; NULL if there is none */
    size_t len;
};

/* Replaces what 's' holds (zeroed, or set before) with a copy of 'v'; VIEW_NONE clears it. */
void secret_set(struct secret *s, struct view v);
/* As secret_set, with the NUL-terminated 'before' in front of 'v': a header line, say. */
void secret_set_joined(struct secret *s, const char *before, struct view v);
/* Wipes and frees. A cleared secret may be set again. */
void secret_clear(struct secret *s);
/* True if it holds anything. */
bool secret_present(const struct secret *s);
/* The bytes, for signing and for sending only; good until the secret changes. */
struct view secret_reveal(const struct secret *s);
/* Overwrites 'len' bytes in a way that the compiler does not optimize away. */
void secret_wipe(void *bytes, size_t len);

#endif
