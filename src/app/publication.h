/* SPDX-License-Identifier: MIT */
/*
 * publication.h: the outputs of a census, which appear together under their names, or not at all.
 *
 *     publication_init -> publication_open -> accounts or rows -> publication_finish or _abandon
 *
 * A publication has one volume for each output that the config asks for (app/volume.h), in the
 * order of the table in publication.c; the output itself is the last. Nothing appears under any
 * name before publication_finish. Then one volume after the other is finished, and if one fails,
 * those after it are abandoned, so that the output itself never exists without the others. What was
 * finished before can't be taken back, since the program has no permission to delete an object: the
 * error names it. Every error names the volume that failed, unless that is the output itself.
 *
 * What must follow the output, the result document, is put by the caller.
 */
#ifndef APP_PUBLICATION_H
#define APP_PUBLICATION_H

#include "app/volume.h"

#define PUBLICATION_VOLUMES_MAX 4

struct publication {
    struct loop *loop;                               /* borrowed */
    struct volume *volumes[PUBLICATION_VOLUMES_MAX]; /* owned; the output itself is the last */
    size_t count;                                    /* 0: not open yet */
    size_t at; /* the number of the volume that is being finished or abandoned */
    const struct skipped_account *skipped; /* those that have no rows yet; borrowed */
    size_t skipped_count;
    struct result *result; /* gets the output's name and counts at the end; borrowed */
    struct error error;    /* why it failed, or what is left behind */
    struct loop_timer timer;
    sink_done *done;
    void *arg;
};

/* Prepares a publication that is not open yet. 'loop' is borrowed until it is released. */
void publication_init(struct publication *p, struct loop *loop);
/*
 * Opens the volumes. -1 with 'e' if a name can't be used, or a file can't be created; the
 * publication is then not open.
 */
int publication_open(struct publication *p, const struct publication_options *options,
                     struct error *e) MUST_CHECK;
/* "s3://bucket/key", or the path of a file: of the output itself; NULL before it is open. */
const char *publication_name(const struct publication *p);
/*
 * Adds the next account, in ascending order, and before it those that were left out and come first.
 * False if a volume is busy: call again with the same account after 'ready'. After a failure it
 * returns true.
 */
bool publication_add_account(struct publication *p, const struct account *account);
/* Replaces those that were left out: for parts, which have some each; borrowed. */
void publication_set_skipped(struct publication *p, const struct skipped_account *skipped,
                             size_t count);
/* Adds all accounts that were left out and have not been added yet. */
void publication_add_skipped(struct publication *p);
/*
 * Parts of a larger output: each volume of the whole has a volume in each part, with the same
 * number. publication_volumes says how many there are.
 */
size_t publication_volumes(const struct publication *p);
/* Adds finished rows of a part to a volume. */
void publication_add_rows(struct publication *p, size_t nth, struct view rows);
/* True if no more rows should be added to the volume before 'ready' is called. */
bool publication_busy(const struct publication *p, size_t nth);
/*
 * Appends the key of a volume of a part; 'part_key' is that of the output itself. False if a
 * publication with this config has no such volume.
 */
bool publication_part_key(const struct config *config, size_t nth, const char *part_key,
                          struct buffer *out);
/* The first error so far; NULL if there is none. */
const struct error *publication_failed(const struct publication *p);
/*
 * Completes all volumes. done(arg, NULL) is called from the loop once they exist under their names;
 * 'result' then has the output's name and the number of rows. If one could not be written,
 * done(arg, e) is called, and nothing is left behind but what 'e' names.
 */
void publication_finish(struct publication *p, struct result *result, sink_done *done, void *arg);
/*
 * Removes what has been written; allowed in any state, even while the volumes are being finished.
 * done(arg, e) is called from the loop; 'e' is never NULL and says what is left behind: usually
 * "nothing was written".
 */
void publication_abandon(struct publication *p, sink_done *done, void *arg);
/*
 * For a caller that can't wait for the end: true if an output, or a piece of it, may be left
 * behind; 'e' says what.
 */
bool publication_unsettled(const struct publication *p, struct error *e);
/* Frees the publication, which may be zeroed. No callback runs after that. */
void publication_release(struct publication *p);

#endif
