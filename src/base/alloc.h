/* SPDX-License-Identifier: MIT */
/*
 * alloc.h: allocation that does not fail.
 *
 * Everything whose size comes from outside is bounded before it is allocated, so running out of
 * memory means that the machine has none left: these functions say so on stderr, remove the files
 * that are not complete (base/leftover.h), and end the process with status 1
 * (docs/decisions/0003-out-of-memory.md). None returns NULL; what they return is
 * freed with free().
 */
#ifndef BASE_ALLOC_H
#define BASE_ALLOC_H

#include <stddef.h>

/* 'size' bytes, not initialized. */
void *xmalloc(size_t size) __attribute__((malloc, returns_nonnull));
/* 'count' times 'size' zero bytes; an overflow counts as out of memory. */
void *xcalloc(size_t count, size_t size) __attribute__((malloc, returns_nonnull));
/* Like realloc; 'old' must not be used afterwards. */
void *xrealloc(void *old, size_t size) __attribute__((returns_nonnull));
/* A copy of the NUL-terminated 'text'. */
char *xstrdup(const char *text) __attribute__((malloc, returns_nonnull));
/* A NUL-terminated copy of the 'len' bytes at 'text'. */
char *xstrndup(const char *text, size_t len) __attribute__((malloc, returns_nonnull));

/*
 * Says so on stderr and ends the process; for libraries that report themselves that there is no
 * memory left.
 */
void out_of_memory(void) __attribute__((noreturn));

#endif
