/* SPDX-License-Identifier: MIT */
/*
 * publication.h: the output of a census, and how it ends: published under its name, or taken away.
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
    char *name;        /* owned; NULL: it has not been opened */
    struct output output;
    struct result *result; /* of the census that is being finished, borrowed */
    struct loop_timer timer;
    sink_done *done;
    void *arg;
};

struct publication_options {
    const struct config *config; /* borrowed while it is opened */
    struct s3_bucket *bucket;    /* borrowed until released; NULL: a local file */
    const char *path;            /* of the file, or the object's key */
    int64_t started_s;           /* the moment that ages count to */
    bool bare;                   /* no header line: a part of a larger output */
    /* Called from the loop each time that there is room for rows again. */
    void (*ready)(void *arg);
    void *arg;
};

/* A publication that is not open. 'loop' is borrowed until it is released. */
void publication_init(struct publication *p, struct loop *loop);
/* Opens the output: -1 and 'e' if its name can't be used, or a file can't be made there. */
int publication_open(struct publication *p, const struct publication_options *options,
                     struct error *e) MUST_CHECK;
/* "s3://bucket/key", or the path of a file; NULL before it is open. */
const char *publication_name(const struct publication *p);
/* As output_account and output_rows: one account, or rows that are finished text already. */
bool publication_add_account(struct publication *p, const struct account *account);
void publication_add_rows(struct publication *p, struct view rows);
/* True if no more rows should be added before 'ready' is called. */
bool publication_busy(const struct publication *p);
/* The first error, known before the end; NULL: none so far. */
const struct error *publication_failed(const struct publication *p);
/*
 * Completes the output. done(arg, NULL) is called from the loop once it is there under its name,
 * which is then noted in 'result' with the rows that were added; done(arg, e) if it could not be
 * written, and nothing is left behind.
 */
void publication_finish(struct publication *p, struct result *result, sink_done *done, void *arg);
/*
 * Takes away what has been begun, in any state, also while it is being finished. done(arg, e) is
 * called from the loop, with an error that says what is left behind: often, "nothing was written".
 */
void publication_abandon(struct publication *p, sink_done *done, void *arg);
/*
 * For those who can't wait for the end any longer: true if the output, or a piece of it, may be
 * left behind; 'e' says what.
 */
bool publication_unsettled(const struct publication *p, struct error *e);
/* Frees it; a zeroed one is allowed. Nobody is called any more. */
void publication_release(struct publication *p);

#endif
