/* SPDX-License-Identifier: MIT */
/*
 * packing.h: bytes that are deflated as they come, and written as base64 at the end.
 *
 * The stream is raw DEFLATE (RFC 1951), which a browser reads with DecompressionStream
 * ("deflate-raw"); base64 is that of RFC 4648 section 4.
 */
#ifndef PAGE_PACKING_H
#define PAGE_PACKING_H

#include "base/buffer.h"

struct packing;

/* An empty one, of at most 'most' bytes once deflated. Never NULL. */
struct packing *packing_new(size_t most);
void packing_add(struct packing *p, struct view bytes);
/* No more bytes come. -1 with 'e' if they have become too many. */
int packing_finish(struct packing *p, struct error *e) MUST_CHECK;
/*
 * Appends the next piece as base64, at most 64 KiB of it, and moves *at, which is 0 at first.
 * Returns false if there was none left.
 */
bool packing_write(const struct packing *p, size_t *at, struct buffer *out);
/* NULL does nothing. */
void packing_free(struct packing *p);

/* Appends 'bytes' as base64. */
void packing_base64(const unsigned char *bytes, size_t len, struct buffer *out);

#endif
