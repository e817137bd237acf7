/* SPDX-License-Identifier: MIT */
/*
 * leftover.h: what must not stay if the process ends at once, without going back to whoever made
 * it: it has run out of memory (base/alloc.h), or a signal ends it. Files are removed. An upload to
 * S3 can't be ended by then, so it is named.
 */
#ifndef BASE_LEFTOVER_H
#define BASE_LEFTOVER_H

/* How many files, and how many uploads, there may be at once; further ones are not noted. */
#define LEFTOVERS_MAX 8

/* Notes the path of a file that was just made; borrowed until leftover_forget. */
void leftover_note(const char *path);
/* Forgets a path that was noted: the file is gone, or has its final name. */
void leftover_forget(const char *path);
/* Notes the object's key of an upload that is about to begin; borrowed until it is forgotten. */
void leftover_upload_note(const char *key);
/* Forgets a key that was noted: its upload is completed, aborted, or the owner's to tell. */
void leftover_upload_forget(const char *key);
/*
 * Removes the files that are noted, and writes a sentence to standard error for each upload.
 * Allocates nothing, and calls only what a signal handler may call (signal-safety(7)).
 */
void leftovers_remove(void);

#endif
