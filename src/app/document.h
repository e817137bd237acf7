/* SPDX-License-Identifier: MIT */
/*
 * document.h: the result document: writes a result as JSON, and reads it back.
 *
 * Its members and their order are part of the contract (docs/output.md, "The result document").
 */
#ifndef APP_DOCUMENT_H
#define APP_DOCUMENT_H

#include "app/result.h"

enum document_detail {
    DOCUMENT_FULL,
    DOCUMENT_BRIEF, /* only the ids of partial and failed accounts */
};

/* Appends the document. */
void document_write(const struct result *r, enum document_detail detail, struct buffer *out);
/*
 * Replaces the content of 'out' with the document: in full if that takes at most 'max_bytes',
 * otherwise in brief. Returns false if even that is longer.
 */
bool document_write_within(const struct result *r, size_t max_bytes, struct buffer *out) MUST_CHECK;
/*
 * Replaces the content of 'out' with the shortest form: without accounts, but with the key of the
 * object that holds the full document.
 */
void document_write_counts(const struct result *r, const struct buffer *document_key,
                           struct buffer *out);
/* Appends only the skipped accounts, as a JSON array. */
void document_write_skipped(const struct result *r, struct buffer *out);
/*
 * Adds the accounts and figures of another run's full document to 'r'. -1 with ERROR_PROTOCOL if it
 * is not a valid one; 'r' may then hold a part of it.
 */
int document_merge(struct result *r, struct view document, struct error *e) MUST_CHECK;
/* The same for an array written by document_write_skipped. */
int document_merge_skipped(struct result *r, struct view document, struct error *e) MUST_CHECK;

#endif
