/* SPDX-License-Identifier: MIT */
/*
 * volume.h: one output of a census: the users, the accounts file, ... A publication consists of
 * volumes, which appear together (app/publication.h).
 *
 * A kind of volume is a table of functions, and a struct that begins with a struct volume; a new
 * kind is such a table and a row in publication.c. All callbacks run from the loop, never from
 * inside the function that they were passed to.
 */
#ifndef APP_VOLUME_H
#define APP_VOLUME_H

#include "api/s3.h"
#include "app/config.h"
#include "app/result.h"
#include "net/loop.h"
#include "output/sink.h"

struct volume;

/* What all volumes of a publication know. */
struct publication_options {
    const struct config *config; /* borrowed until the publication is released, as what is below */
    struct s3_bucket *bucket;    /* NULL: local files */
    const char *path;            /* of the output's file, or the object's key; copied */
    const char *run_id;
    const char *organization_id;       /* "": not known */
    int64_t started_s;                 /* the moment that ages count to */
    struct suppressions *suppressions; /* of findings; NULL: none */
    bool bare; /* a part of a larger output: no header lines, and the volumes are beside 'path' */
    /* The accounts that are left out of the census, in ascending order of ids. */
    const struct skipped_account *skipped;
    size_t skipped_count;
    /* Called from the loop each time that there is room for rows again. */
    void (*ready)(void *arg);
    void *arg;
};

struct volume_kind {
    const char *what;   /* "accounts file"; NULL: the output itself */
    const char *member; /* the result document names it under this; "accounts_file" */
    /*
     * The ending of the name that the volume has beside the output at 'path' of the options, as
     * ".accounts.csv". NULL for the output itself.
     */
    const char *(*ending)(const struct config *config);
    /* True if the publication is to have this volume. */
    bool (*wanted)(const struct publication_options *options);
    /* Opens it. NULL with 'e' if its name can't be used, or a file can't be created. */
    struct volume *(*open)(struct loop *loop, const struct publication_options *options,
                           struct error *e);
    /*
     * Adds an account, whether it was read or failed. False if the volume is busy: it is called
     * again with the same account after 'ready'. After a failure it returns true and does nothing.
     */
    bool (*account)(struct volume *v, const struct account *account);
    /*
     * Adds an account that was left out, of which only id, name, ou, state and what is unknown are
     * set; never between two calls for one account. May be NULL.
     */
    void (*skipped)(struct volume *v, const struct account *account);
    /*
     * Adds finished rows, which parts of a larger output have written; only if it is not busy. Both
     * are NULL if the volume can't be put together from parts.
     */
    void (*rows)(struct volume *v, struct view rows);
    bool (*busy)(const struct volume *v);
    /* The first error so far; NULL if there is none. */
    const struct error *(*failed)(const struct volume *v);
    /*
     * As sink_finish, sink_abort, sink_unsettled and sink_free do. 'result' has all accounts; it is
     * borrowed, and may be added to, until 'done' is called.
     */
    void (*finish)(struct volume *v, struct result *result, sink_done *done, void *arg);
    void (*abandon)(struct volume *v, sink_done *done, void *arg);
    bool (*unsettled)(const struct volume *v, struct error *e);
    void (*free)(struct volume *v);
};

struct volume {
    const struct volume_kind *kind;
    char *name; /* "s3://bucket/key", or the path of a file; owned, freed by 'free' */
    uint64_t rows, second_keys; /* of the output itself: users, and those with two active keys */
    bool has_account;           /* publication.c: has taken the account that is being added */
};

/* The output itself: the users, in a format of writer.h. */
extern const struct volume_kind users_volume;
/* The output itself, as a database: the format has no rows. */
extern const struct volume_kind database_volume;
extern const struct volume_kind accounts_volume;
extern const struct volume_kind findings_volume;

/*
 * The place of a volume that is not the output itself: 'path' if there is one and this is not a
 * part, otherwise beside the output. -1 with 'e' if the name is too long.
 */
int volume_place(const struct volume_kind *kind, const struct publication_options *options,
                 const char *path, struct buffer *out, struct error *e) MUST_CHECK;
/*
 * For kinds that write to a sink: opens an object or a file at 'path', calls 'ready' of the options
 * when it has room, and sets *name, which the caller frees. 'content_type' is a static string.
 */
struct sink *volume_sink(struct loop *loop, const struct publication_options *options,
                         const char *path, const char *content_type, char **name, struct error *e);

#endif
