/* SPDX-License-Identifier: MIT */
/*
 * leftover.h: files that must not stay if the process ends at once, without going back to whoever
 * made them: it has run out of memory (base/alloc.h).
 */
#ifndef BASE_LEFTOVER_H
#define BASE_LEFTOVER_H

/* How many there may be at once; further ones are not noted. */
#define LEFTOVERS_MAX 8

/* Notes the path of a file that was just made; borrowed until leftover_forget. */
void leftover_note(const char *path);
/* Forgets a path that was noted: the file is gone, or has its final name. */
void leftover_forget(const char *path);
/* Removes the files that are noted. Allocates nothing. */
void leftovers_remove(void);

#endif
