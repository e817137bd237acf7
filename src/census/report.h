/* SPDX-License-Identifier: MIT */
/*
 * report.h: reads the credential report of one account.
 *
 * Source: IAM User Guide, "Get credential reports for your AWS account". Columns are found by their
 * names, since AWS adds some. A line is skipped if it does not have as many cells as the header, or
 * has a time that can't be parsed; its user then counts as missing from the report.
 * '<root_account>' is not a user, and has a struct of its own.
 */
#ifndef CENSUS_REPORT_H
#define CENSUS_REPORT_H

#include "base/arena.h"
#include "base/error.h"
#include "base/timestamp.h"

#define REPORT_SLOTS 2 /* keys, and certificates, that a line has room for */

/* An access key in the report: it has no id, only dates. */
struct report_key {
    int64_t created_s; /* access_key_N_last_rotated; TIMESTAMP_NONE: no key in this slot */
    int64_t used_s;    /* TIMESTAMP_NONE: never */
    struct view service, region;
};

/* A value in the report that is true, false, or something else ("N/A"). */
enum report_said { SAID_FALSE, SAID_TRUE, SAID_NOTHING };

struct report_line {
    struct view user;
    int64_t created_s; /* TIMESTAMP_NONE if the report has none */
    enum report_said password, mfa;
    int64_t password_used_s, password_changed_s;
    struct report_key keys[REPORT_SLOTS];
    bool has_key; /* it shows a key, or the last use of one */
    bool has_certificate;
    bool has_more; /* more than two keys or certificates: all must be listed */
    bool tells_rotation;
    int64_t password_rotation_s; /* TIMESTAMP_NONE: never, or not told */
};

/* The line of the root user. What is SAID_NOTHING is not told. */
struct report_root {
    bool listed; /* the report has such a line */
    enum report_said password, mfa;
    bool password_not_supported;       /* the word that AWS writes for most root users */
    enum report_said key, certificate; /* whether there is an active one */
    bool tells_use;                    /* all three times below can be read */
    int64_t password_used_s, key_used_s[REPORT_SLOTS]; /* TIMESTAMP_NONE: never */
};

struct report {
    int64_t generated_s;
    struct report_line *lines; /* in the arena that it was read into */
    size_t count;
    struct report_root root;
};

/*
 * Reads a report from base64 (not modified). Lines and texts go into 'arena'. -1 with
 * ERROR_PROTOCOL if it is not valid base64, or lacks a required column.
 */
int report_read(struct view base64, int64_t generated_s, struct arena *arena, struct report *report,
                struct error *e) MUST_CHECK;
/* The slot of the key created at 'created_s'; NULL if there is none, or more than one. */
const struct report_key *report_find_key(const struct report_line *line, int64_t created_s);

#endif
