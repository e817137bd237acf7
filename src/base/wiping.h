/* SPDX-License-Identifier: MIT */
/*
 * wiping.h: malloc and the functions like it, for libraries that hold what we give them and wipe
 * nothing: these overwrite memory before they free it.
 *
 * As in C11 7.22.3, except that a block that outgrows its memory is always moved, and that none
 * returns NULL: libraries seldom survive that, least of all while they start
 * (docs/decisions/0003-out-of-memory.md).
 */
#ifndef BASE_WIPING_H
#define BASE_WIPING_H

#include <stddef.h>

void *wiping_malloc(size_t size);
void *wiping_calloc(size_t count, size_t size);
void *wiping_realloc(void *block, size_t size);
char *wiping_strdup(const char *text);
/* Does nothing if 'block' is NULL. */
void wiping_free(void *block);

#endif
