/* SPDX-License-Identifier: MIT */
/*
 * wiping.h: malloc and its kin, for libraries that hold what we give them and wipe nothing: what is
 * freed is overwritten first.
 *
 * As in C11 7.22.3, but that a block that grows is always moved, and none returns NULL: libraries
 * seldom live through that, least of all while they start (docs/decisions/0003-out-of-memory.md).
 */
#ifndef BASE_WIPING_H
#define BASE_WIPING_H

#include <stddef.h>

void *wiping_malloc(size_t size);
void *wiping_calloc(size_t count, size_t size);
void *wiping_realloc(void *block, size_t size);
char *wiping_strdup(const char *text);
/* NULL is fine. */
void wiping_free(void *block);

#endif
