/* SPDX-License-Identifier: MIT */
/*
 * database.h: the SQLite file that runs accumulate in.
 *
 * One run is one transaction. The file keeps SQLite's rollback journal, not a write-ahead log, so
 * that it is one file that can be copied, and opened where nothing can be written
 * (docs/decisions/0091-one-file-for-all-runs.md).
 *
 * A database may come from anywhere: triggers and views in it do not run, and no value in it may be
 * larger than DATABASE_VALUE_MAX.
 *
 * Source: SQLite's documentation of its C interface ("Defense Against The Dark Arts" for files that
 * others wrote), and of its file format. The schema is in store/schema.c; docs/history.md explains
 * it.
 */
#ifndef STORE_DATABASE_H
#define STORE_DATABASE_H

#include "base/error.h"

#include <sqlite3.h>

#define DATABASE_BUSY_MS   10000 /* how long a database that somebody else holds is waited for */
#define DATABASE_VALUE_MAX (64 * 1024 * 1024)

enum database_mode {
    DATABASE_LOOK,   /* must exist; only finds out whether a run could be added, upgrades nothing */
    DATABASE_READ,   /* must exist; no run is changed */
    DATABASE_WRITE,  /* must exist */
    DATABASE_MAKE,   /* made if it does not exist, mode 0600 */
    DATABASE_SCRATCH /* a new file for one run: faster, and worth nothing if the run is killed */
};

struct database {
    sqlite3 *handle;
    char *path;      /* owned, for messages */
    bool made;       /* by database_open: there was no file before */
    bool is_scratch; /* opened as DATABASE_SCRATCH: its name may be gone */
};

/*
 * Opens a database; one with an older schema is upgraded in every mode but DATABASE_LOOK. -1 with
 * ERROR_CONFIG, which names the file, if it is not one of ours, is newer than this program, is cut
 * short or damaged, or if somebody else holds it locked for DATABASE_BUSY_MS; with ERROR_SYSTEM if
 * the disk fails. Closed by database_close, also after a failure.
 */
int database_open(struct database *d, const char *path, enum database_mode mode,
                  struct error *e) MUST_CHECK;
/* Closes the database; what has not been committed is rolled back. Does nothing if it is closed. */
void database_close(struct database *d);
/* Closes it and removes the file, if database_open made it. */
void database_discard(struct database *d);

/*
 * Sets 'e' for what SQLite returned: ERROR_SYSTEM if the disk is full or fails, ERROR_CONFIG
 * otherwise. It names the file and says the way out. Returns -1.
 */
int database_error(const struct database *d, int code, struct error *e);
/* Runs statements that return no rows. */
int database_execute(struct database *d, const char *sql, struct error *e) MUST_CHECK;
/* Begins to write: nobody else may from here on. Nothing is written before database_commit. */
int database_begin(struct database *d, struct error *e) MUST_CHECK;
/* After a failure the transaction has been rolled back. */
int database_commit(struct database *d, struct error *e) MUST_CHECK;
void database_rollback(struct database *d);

/*
 * Brings an open database to version 'count' by the steps that it lacks (store/schema.h), all in
 * one transaction.
 */
int database_upgrade(struct database *d, const char *const *const *steps, int count,
                     struct error *e) MUST_CHECK;

#endif
