/* SPDX-License-Identifier: MIT */
/*
 * store_scene.h: a folder of its own for each test, with a database in it.
 */
#ifndef STORE_SCENE_H
#define STORE_SCENE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "store/database.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct store_scene {
    char folder[64], path[96];
    struct database db;
    struct error e;
};

static inline int store_setup(void **state)
{
    struct store_scene *s = xcalloc(1, sizeof(*s));
    snprintf(s->folder, sizeof(s->folder), "/tmp/store.XXXXXX");
    assert_non_null(mkdtemp(s->folder));
    snprintf(s->path, sizeof(s->path), "%s/census.sqlite", s->folder);
    *state = s;
    return 0;
}

static inline int store_teardown(void **state)
{
    struct store_scene *s = *state;
    char command[128];
    database_close(&s->db);
    snprintf(command, sizeof(command), "rm -r '%s'", s->folder);
    assert_int_equal(system(command), 0);
    free(s);
    return 0;
}

static inline void store_open(struct store_scene *s, enum database_mode mode)
{
    if (database_open(&s->db, s->path, mode, &s->e) != 0)
        fail_msg("%s", s->e.text);
}

static inline void store_execute(struct store_scene *s, const char *sql)
{
    if (database_execute(&s->db, sql, &s->e) != 0)
        fail_msg("%s", s->e.text);
}

/* The text of the first column of the first row; static. "(null)" for NULL. */
static inline const char *store_ask(struct store_scene *s, const char *sql)
{
    static char text[65536];
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_prepare_v2(s->db.handle, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    const char *value = (const char *)sqlite3_column_text(statement, 0);
    snprintf(text, sizeof(text), "%s", value ? value : "(null)");
    sqlite3_finalize(statement);
    return text;
}

/* Opening fails: the message is 'text', in which %s is the path. */
static inline void store_refused(struct store_scene *s, enum database_mode mode,
                                 enum error_kind kind, const char *text)
{
    char expected[1024];
    const char *hole = strstr(text, "%s");
    snprintf(expected, sizeof(expected), "%.*s%s%s", hole ? (int)(hole - text) : 0, text,
             hole ? s->path : "", hole ? hole + 2 : text);
    assert_int_equal(database_open(&s->db, s->path, mode, &s->e), -1);
    assert_string_equal(s->e.text, expected);
    assert_int_equal(s->e.kind, kind);
    assert_null(s->db.handle);
}

static inline void store_write_file(const char *path, const void *bytes, size_t len)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
}

#endif
