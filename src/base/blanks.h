/* SPDX-License-Identifier: MIT */
/*
 * blanks.h: texts that others wrote, with our secrets blanked in them.
 *
 * Services repeat in their messages what they were sent: an external id, a session token, the
 * Authorization header. Whatever is kept of such a text goes through here first, and is cut to its
 * bound afterwards, so that no piece of a secret is left at the cut.
 */
#ifndef BASE_BLANKS_H
#define BASE_BLANKS_H

#include "base/buffer.h"

#define BLANKS_MAX 16
/* What a secret is replaced with. */
#define BLANK_TEXT "***"

/* The secrets that must not be seen; all borrowed. Zeroed, it holds none. */
struct blanks {
    struct view secrets[BLANKS_MAX];
    size_t count;
};

/* Adds a secret; does nothing if it is empty or absent. */
void blanks_add(struct blanks *b, struct view secret);
/*
 * Appends 'text' to 'out' with BLANK_TEXT in place of each secret, whether 'text' holds it as it is
 * or percent-encoded, whole or cut short; and in place of each Authorization header and each
 * signature (64 hexadecimal digits, or the digits after "Signature="). A secret of less than 8
 * characters is blanked only if it stands alone: otherwise it would make holes in words.
 */
void blanks_write(const struct blanks *b, struct view text, struct buffer *out);
/* Blanks the secrets in the texts of 'e' in the same way. */
void blanks_error(const struct blanks *b, struct error *e);

#endif
