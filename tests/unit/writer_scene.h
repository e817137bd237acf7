/* SPDX-License-Identifier: MIT */
/* What the tests of the formats share: users to write, and a look at the cells written. */
#ifndef TESTS_WRITER_SCENE_H
#define TESTS_WRITER_SCENE_H

#include "output/fields.h"
#include "output/formats.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define OUTPUT_MAX  ((size_t)64 * 1024)
#define COLUMNS_MAX (FIELD_COUNT + 1)
/* The extended columns, and 'Unknown'. */
#define CSV_COLUMNS (fields_in_csv(COLUMNS_EXTENDED) + 1)

struct scene {
    struct writer_options options;
    struct account account;
    struct user user;
    struct buffer out;
};

static inline int64_t at(const char *text)
{
    int64_t seconds;
    assert_int_equal(timestamp_parse(view_of(text), &seconds), 0);
    return seconds;
}

static inline void clear_user(struct user *u, const char *name, const char *arn, const char *id)
{
    *u = (struct user){.name = view_of(name),
                       .path = VIEW_LITERAL("/"),
                       .arn = view_of(arn),
                       .id = view_of(id),
                       .created_s = at("2024-06-01T12:00:00Z"),
                       .password_set_s = TIMESTAMP_NONE,
                       .password_changed_s = TIMESTAMP_NONE,
                       .password_used_s = TIMESTAMP_NONE,
                       .password_rotation_s = TIMESTAMP_NONE,
                       .data_as_of_s = at("2024-06-01T12:00:00Z")};
}

/* A user of whom everything is known, and who has nothing. */
static inline void scene_begin(struct scene *s)
{
    *s = (struct scene){
        .options = {.started_s = at("2024-06-01T12:00:00Z"), .columns = COLUMNS_EXTENDED},
        .account = {.id = "111111111111",
                    .name = VIEW_LITERAL("Core \"A\""),
                    .alias = VIEW_LITERAL("core,team"),
                    .ou = VIEW_LITERAL("o-1/r-1/ou-1")}};
    arena_init(&s->account.arena);
    buffer_init(&s->out, OUTPUT_MAX);
    clear_user(&s->user, "=bob", "arn:aws:iam::111111111111:user/=bob", "AIDABOB");
}

static inline void scene_end(struct scene *s)
{
    arena_release(&s->account.arena);
    buffer_release(&s->out);
}

static inline void add_tag(struct scene *s, const char *key, const char *value)
{
    struct tag *t = arena_alloc(&s->account.arena, sizeof(*t));
    t->key = view_of(key);
    t->value = view_of(value);
    tags_insert(&s->user.tags, t);
}

static inline void add_name(struct scene *s, struct name **list, const char *text)
{
    struct name *n = arena_alloc(&s->account.arena, sizeof(*n));
    n->text = view_of(text);
    names_insert(list, n);
}

static inline struct access_key *add_key(struct scene *s, const char *id, bool active,
                                         const char *created)
{
    struct access_key *k = arena_alloc(&s->account.arena, sizeof(*k));
    *k = (struct access_key){.id = view_of(id),
                             .status = active ? VIEW_LITERAL("Active") : VIEW_LITERAL("Inactive"),
                             .created_s = at(created),
                             .last_used_s = TIMESTAMP_NONE};
    access_keys_insert(&s->user.keys, k);
    return k;
}

static inline void use_key(struct access_key *k, const char *used, const char *service,
                           const char *region)
{
    k->last_used_s = at(used);
    k->last_used_service = view_of(service);
    k->last_used_region = view_of(region);
}

static inline void insert_certificate(struct scene *s, struct certificate **list, const char *id,
                                      const char *status, const char *uploaded)
{
    struct certificate *c = arena_alloc(&s->account.arena, sizeof(*c));
    *c = (struct certificate){
        .id = view_of(id), .status = view_of(status), .uploaded_s = at(uploaded)};
    certificates_insert(list, c);
}

static inline void add_certificate(struct scene *s, const char *id, const char *status,
                                   const char *uploaded)
{
    insert_certificate(s, &s->user.certificates, id, status, uploaded);
}

/* In front of those before: the test adds them in descending order of ids. 'expires': or NULL. */
static inline void add_service_credential(struct scene *s, const char *id, const char *service,
                                          const char *created, const char *expires)
{
    struct service_credential *c = arena_alloc(&s->account.arena, sizeof(*c));
    *c = (struct service_credential){.next = s->user.service_credentials,
                                     .id = view_of(id),
                                     .service = view_of(service),
                                     .status = VIEW_LITERAL("Active"),
                                     .created_s = created ? at(created) : TIMESTAMP_NONE,
                                     .expires_s = expires ? at(expires) : TIMESTAMP_NONE};
    s->user.service_credentials = c;
}

/* In front, as well. */
static inline void add_group_policy(struct scene *s, const char *group, const char *policy)
{
    struct group_policy *p = arena_alloc(&s->account.arena, sizeof(*p));
    *p = (struct group_policy){
        .next = s->user.group_policies, .group = view_of(group), .policy = view_of(policy)};
    s->user.group_policies = p;
}

static inline void set_password(struct scene *s, const char *set)
{
    s->user.has_password = true;
    s->user.password_set_s = at(set);
    s->user.password_changed_s = at(set);
}

/* What only the full columns show of the user of the golden files who has everything. */
static inline void fill_full(struct scene *s)
{
    struct user *u = &s->user;
    u->password_rotation_s = at("2024-07-31T11:59:59Z");
    add_name(s, &u->inline_policies, "\"quoted\", b");
    add_name(s, &u->inline_policies, "a");
    add_group_policy(s, "devs", "arn:aws:iam::aws:policy/AdministratorAccess");
    add_group_policy(s, "admins", "all, of it");
    u->is_admin = true;
    add_name(s, &u->admin_via, "maybe:a");
    add_name(s, &u->admin_via, "group:devs");
    add_service_credential(s, "ACCA2", "bedrock.amazonaws.com", "2024-05-01T00:00:00Z",
                           "2024-08-01T00:00:00Z");
    add_service_credential(s, "ACCA1", "codecommit.amazonaws.com", NULL, NULL);
    insert_certificate(s, &u->ssh_keys, "APKA2", "Inactive", "2023-01-01T00:00:00Z");
    insert_certificate(s, &u->ssh_keys, "APKA1", "Active", "2022-01-01T00:00:00Z");
}

/* The user of the golden files who has everything. */
static inline void fill_user(struct scene *s)
{
    struct user *u = &s->user;
    clear_user(u, "alice", "arn:aws:iam::111111111111:user/division/alice", "AIDAALICE");
    u->path = VIEW_LITERAL("/division/");
    u->created_s = at("2024-01-31T09:30:00Z");
    add_tag(s, "note", "say \"hi\", \xc3\xbc\xe2\x98\x83\n\r\t\b\f\\\x01");
    add_tag(s, "empty", "");
    add_tag(s, "AKIA1", "deploys");
    add_name(s, &u->groups, "devs");
    add_name(s, &u->groups, "admins");
    add_name(s, &u->mfa_devices, "GAHT12345678");
    add_name(s, &u->mfa_devices, "arn:aws:iam::111111111111:mfa/alice");
    add_name(s, &u->policies, "arn:aws:iam::aws:policy/B");
    add_name(s, &u->policies, "arn:aws:iam::aws:policy/A");
    u->boundary = VIEW_LITERAL("arn:aws:iam::111111111111:policy/boundary");
    u->has_mfa = true;
    set_password(s, "2024-05-02T11:59:59Z");
    u->password_used_s = at("2024-05-20T08:00:00Z");
    u->data_as_of_s = at("2024-06-01T10:00:00Z");
    add_key(s, "AKIA2", true, "2024-03-02T00:00:00Z"); /* never used */
    use_key(add_key(s, "AKIA1", true, "2024-03-02T00:00:00Z"), "2024-05-30T00:00:00Z", "s3",
            "eu-central-1");
    use_key(add_key(s, "AKIA0", false, "2024-02-01T00:00:00Z"), "2024-05-31T23:59:59Z", "iam",
            "us-east-1");
    add_certificate(s, "CERT2", "Inactive", "2021-03-01T00:00:00Z");
    add_certificate(s, "CERT1", "Active", "2020-02-29T00:00:00Z");
    fill_full(s);
}

static inline const struct writer_format *format(const char *name)
{
    const struct writer_format *f = writer_format_find(view_of(name));
    assert_non_null(f);
    return f;
}

static inline void write_user(struct scene *s, const char *format_name)
{
    format(format_name)->user(&s->options, &s->account, &s->user, &s->out);
}

/* The header and the row of the user, from scratch. */
static inline void write_csv(struct scene *s)
{
    buffer_clear(&s->out);
    format("csv")->begin(&s->options, &s->out);
    write_user(s, "csv");
    assert_false(s->out.overflowed);
}

/* The end of the raw cell (with its quotes) that begins at 'from'. */
static inline const char *cell_end(const char *from)
{
    bool quoted = false;
    for (; *from; from++) {
        if (*from == '"')
            quoted = !quoted;
        else if (!quoted && (*from == ',' || *from == '\r'))
            break;
    }
    return from;
}

/* The raw cells of line 'line' of what was written; their number. */
static inline size_t split_line(const struct scene *s, unsigned line,
                                struct view cells[COLUMNS_MAX])
{
    const char *from = buffer_text(&s->out);
    for (;;) {
        for (size_t count = 0;;) {
            const char *end = cell_end(from);
            assert_true(count < COLUMNS_MAX);
            cells[count++] = (struct view){from, (size_t)(end - from)};
            from = end + 1;
            if (*end == ',')
                continue;
            assert_memory_equal(end, "\r\n", 2);
            from = end + 2;
            if (line-- == 0)
                return count;
            break;
        }
    }
}

static inline void assert_view(struct view found, const char *expected)
{
    char *copy = strndup(found.ptr, found.len);
    assert_string_equal(copy, expected);
    free(copy);
}

/* Writes the user and compares the raw cell of one column. */
static inline void expect_cell(struct scene *s, const char *column, const char *expected)
{
    struct view names[COLUMNS_MAX] = {{0}}, cells[COLUMNS_MAX] = {{0}};
    write_csv(s);
    size_t count = split_line(s, 0, names);
    assert_int_equal(split_line(s, 1, cells), count);
    for (size_t i = 0; i < count; i++) {
        if (!view_is(names[i], column))
            continue;
        assert_view(cells[i], expected);
        return;
    }
    fail_msg("no column %s", column);
}

static inline void expect_lines(struct scene *s, const char *expected)
{
    assert_string_equal(buffer_text(&s->out), expected);
}

/* Writes the object of the user and looks for a part of it. */
static inline void expect_json(struct scene *s, const char *part)
{
    buffer_clear(&s->out);
    write_user(s, "jsonl");
    if (!strstr(buffer_text(&s->out), part))
        fail_msg("no %s in %s", part, buffer_text(&s->out));
}

/* The row has 'unknown' in the columns named, and nowhere else, and lists them. */
static inline void expect_lost(struct scene *s, const char *columns)
{
    struct view names[COLUMNS_MAX] = {{0}}, cells[COLUMNS_MAX] = {{0}};
    struct buffer found, list;
    buffer_init(&found, OUTPUT_MAX);
    buffer_init(&list, OUTPUT_MAX);
    write_csv(s);
    assert_int_equal(split_line(s, 0, names), CSV_COLUMNS);
    assert_int_equal(split_line(s, 1, cells), CSV_COLUMNS);
    for (size_t i = 0; i < CSV_COLUMNS - 1; i++) {
        if (!view_is(cells[i], "unknown"))
            continue;
        buffer_addf(&found, "%s%.*s", found.len ? " " : "", VIEW_ARG(names[i]));
        buffer_addf(&list, "%s\"\"%.*s\"\"", list.len ? "," : "", VIEW_ARG(names[i]));
    }
    assert_string_equal(buffer_text(&found), columns);
    assert_true(view_is(names[CSV_COLUMNS - 1], "Unknown"));
    buffer_clear(&found);
    if (list.len > 0)
        buffer_addf(&found, "\"[%s]\"", buffer_text(&list));
    else
        buffer_add_text(&found, "[]");
    assert_view(cells[CSV_COLUMNS - 1], buffer_text(&found));
    buffer_release(&found);
    buffer_release(&list);
}

#endif
