/* SPDX-License-Identifier: MIT */
/*
 * schema.h: the tables of the database, and the steps from an older version to this one.
 *
 * A version of the schema is a step: the statements that make it from the version before. Version 0
 * is an empty file. A step that has been released is never changed; a change is a new step.
 * docs/history.md explains the tables.
 *
 * Source: SQLite's documentation of STRICT and WITHOUT ROWID tables, of PRAGMA user_version and of
 * PRAGMA application_id.
 */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

#include <stddef.h>

/* PRAGMA application_id of our databases: "IAMC". */
#define SCHEMA_APPLICATION_ID 0x49414d43

/* schema_steps[n] makes version n + 1 from version n: statements; ends with NULL. */
extern const char *const *const schema_steps[];
/* How many steps there are: this program's version, PRAGMA user_version. */
extern const int schema_version;

/* The tables whose rows belong to a run, beside 'run' itself; ends with NULL. */
extern const char *const schema_run_tables[];

/* An SQL expression: the order of runs, the newest first. */
#define SCHEMA_NEWEST_FIRST "started_at DESC, number DESC"

#endif
