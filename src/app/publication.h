/* SPDX-License-Identifier: MIT */
/*
 * publication.h: the output of a census, which ends published under its name, or removed.
 *
 *     publication_init -> publication_open -> accounts or rows -> publication_finish or _abandon
 *
 * Nothing appears under the output's name before publication_finish has succeeded.
 */
#ifndef APP_PUBLICATION_H
#define APP_PUBLICATION_H

#include "api/s3.h"
#include "app/config.h"
#include "app/result.h"
#include "net/loop.h"
#include "output/output.h"

struct publication {
    struct loop *loop; /* borrowed */
    char *name;        /* owned; NULL: not open yet */
    struct output output;
    struct result *result; /* gets the output's name and counts at the end; borrowed */
    struct loop_timer timer;
    sink_done *done;
    void *arg;
};

struct publication_options {
    const struct config *config; /* borrowed during publication_open */
    struct s3_bucket *bucket;    /* borrowed until released; NULL: a local file */
    const char *path;            /* of the file, or the object's key */
    int64_t started_s;           /* the moment that ages count to */
    bool bare;                   /* no header line: part of a larger output */
    /* Called from the loop each time that there is room for rows again. */
    void (*ready)(void *arg);
    void *arg;
};

/* Prepares a publication that is not open yet. 'loop' is borrowed until it is released. */
void publication_init(struct publication *p, struct loop *loop);
/* Opens the output. -1 with 'e' if its name can't be used, or the file can't be created. */
int publication_open(struct publication *p, const struct publication_options *options,
                     struct error *e) MUST_CHECK;
/* "s3://bucket/key", or the path of a file; NULL before it is open. */
const char *publication_name(const struct publication *p);
/* Like output_account and output_rows: adds one account, or finished rows. */
bool publication_add_account(struct publication *p, const struct account *account);
void publication_add_rows(struct publication *p, struct view rows);
/* True if no more rows should be added before 'ready' is called. */
bool publication_busy(const struct publication *p);
/* The first error so far; NULL if there is none. */
const struct error *publication_failed(const struct publication *p);
/*
 * Completes the output. done(arg, NULL) is called from the loop once the output exists under its
 * name; 'result' then has the name and the number of rows. If the output could not be written,
 * done(arg, e) is called, and nothing is left behind.
 */
void publication_finish(struct publication *p, struct result *result, sink_done *done, void *arg);
/*
 * Removes what has been written; allowed in any state, even while the output is being finished.
 * done(arg, e) is called from the loop; 'e' is never NULL and says what is left behind: usually
 * "nothing was written".
 */
void publication_abandon(struct publication *p, sink_done *done, void *arg);
/*
 * For a caller that can't wait for the end: true if the output, or a piece of it, may be left
 * behind; 'e' says what.
 */
bool publication_unsettled(const struct publication *p, struct error *e);
/* Frees the publication, which may be zeroed. No callback runs after that. */
void publication_release(struct publication *p);

#endif
