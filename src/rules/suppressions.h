/* SPDX-License-Identifier: MIT */
/*
 * suppressions.h: which failures are known and accepted, from a CSV that an auditor edits.
 *
 * The header is rule,account,user,tag,expires,reason,ticket. All fields that a line gives must
 * match, lines are alternatives. Cells are those of RFC 4180, as spreadsheets write them: with a
 * byte order mark or without, lines end in CR LF or LF, blanks around a cell do not count.
 */
#ifndef RULES_SUPPRESSIONS_H
#define RULES_SUPPRESSIONS_H

#include "base/error.h"
#include "rules/finding.h"

#define SUPPRESSIONS_MAX_BYTES ((size_t)4 * 1024 * 1024)
#define SUPPRESSIONS_MAX_LINES 10000

struct suppression {
    size_t line;                          /* in the file, from 1 */
    struct view rule, account, user, tag; /* VIEW_NONE: any */
    struct view reason, ticket, expires;  /* as written; VIEW_NONE: empty */
    int64_t expires_s;                    /* end of that day; TIMESTAMP_NONE: never */
    uint64_t rules;                       /* a bit for the place of each rule that it matches */
    uint64_t matched;                     /* failures that it covered */
};

struct suppressions;

/*
 * Reads a file's text. 'name' (borrowed for the call) is named in messages, with the line. NULL
 * with ERROR_CONFIG if anything in it is wrong. 'text' is copied. Freed by suppressions_free.
 */
struct suppressions *suppressions_read(struct view text, const char *name, struct error *e);
/* 's' may be NULL. */
void suppressions_free(struct suppressions *s);
/*
 * The first line in force that covers a failure, or NULL; counts the match. 'started_s' is the
 * start of the run, which decides what has expired. 's' may be NULL.
 */
const struct suppression *suppressions_match(struct suppressions *s, const struct finding *finding,
                                             int64_t started_s);
/* All lines, in order. */
const struct suppression *suppressions_lines(const struct suppressions *s, size_t *count);
/* True if the line's last day is over. */
bool suppression_has_expired(const struct suppression *s, int64_t started_s);

#endif
