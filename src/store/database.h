/* SPDX-License-Identifier: MIT */
/*
 * database.h: the SQLite file that runs accumulate in.
 *
 * Source: SQLite's documentation of its C interface, of STRICT and WITHOUT ROWID tables, and of
 * PRAGMA user_version. The schema is in store/schema.c; docs/history.md explains it.
 */
#ifndef STORE_DATABASE_H
#define STORE_DATABASE_H

#include "base/error.h"

#include <sqlite3.h>

enum database_mode {
    DATABASE_READ,  /* must exist; nothing is written to it, not even an upgrade */
    DATABASE_WRITE, /* must exist; an older schema is upgraded */
    DATABASE_MAKE   /* made if it does not exist, mode 0600 */
};

struct database {
    sqlite3 *handle;
    char *path; /* owned, for messages */
};

/*
 * Opens a database. -1 with ERROR_CONFIG, which names the file, if it is not one of ours, is newer
 * than this program, is cut short or damaged; with ERROR_SYSTEM if the disk fails, or if somebody
 * else holds it locked for 10 s. Closed by database_close, also after a failure.
 */
int database_open(struct database *d, const char *path, enum database_mode mode,
                  struct error *e) MUST_CHECK;
void database_close(struct database *d);

#endif
