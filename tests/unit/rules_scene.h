/* SPDX-License-Identifier: MIT */
/* What the tests of the rules share: an account with one user, and the findings about them. */
#ifndef TESTS_RULES_SCENE_H
#define TESTS_RULES_SCENE_H

#include "rules/checker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define STARTED_S INT64_C(1717243200) /* 2024-06-01T12:00:00Z */
#define D(days)   ((int64_t)(days)*86400)
/* In place of an age in seconds. */
#define NEVER (-1)
#define LOST  (-2)

struct rules_scene {
    struct check_options options;
    struct account account;
    struct user user;
    struct user *users[1];
    struct checker checker;
    struct buffer seen; /* a line for each finding */
};

static inline void scene_begin(struct rules_scene *s)
{
    *s = (struct rules_scene){.account = {.id = "111111111111",
                                          .report_at_s = TIMESTAMP_NONE,
                                          .root = {.used_s = TIMESTAMP_NONE}},
                              .user = {.name = VIEW_LITERAL("jane"),
                                       .arn = VIEW_LITERAL("arn:aws:iam::111111111111:user/jane"),
                                       .created_s = STARTED_S - D(1000),
                                       .password_changed_s = TIMESTAMP_NONE,
                                       .password_used_s = TIMESTAMP_NONE,
                                       .data_as_of_s = STARTED_S}};
    s->users[0] = &s->user;
    s->account.users = s->users;
    s->account.user_count = 1;
    arena_init(&s->account.arena);
    buffer_init(&s->seen, (size_t)1024 * 1024);
    check_options_init(&s->options);
    s->options.include_pass = true;
    s->options.started_s = STARTED_S;
}

static inline void scene_end(struct rules_scene *s)
{
    arena_release(&s->account.arena);
    buffer_release(&s->seen);
}

static inline int64_t ago(int64_t age)
{
    return age < 0 ? TIMESTAMP_NONE : STARTED_S - age;
}

static inline struct access_key *add_key(struct rules_scene *s, const char *id, const char *status,
                                         int64_t created, int64_t used)
{
    struct access_key *k = arena_alloc(&s->account.arena, sizeof(*k));
    *k = (struct access_key){.id = view_of(id),
                             .status = view_of(status),
                             .created_s = ago(created),
                             .last_used_s = ago(used),
                             .use_unknown = used == LOST};
    access_keys_insert(&s->user.keys, k);
    return k;
}

static inline void add_tag(struct rules_scene *s, const char *key, const char *value)
{
    struct tag *t = arena_alloc(&s->account.arena, sizeof(*t));
    *t = (struct tag){.key = view_of(key), .value = view_of(value)};
    tags_insert(&s->user.tags, t);
}

static inline void add_name(struct rules_scene *s, struct name **list, const char *text)
{
    struct name *n = arena_alloc(&s->account.arena, sizeof(*n));
    n->text = view_of(text);
    names_insert(list, n);
}

static inline struct service_credential *add_credential(struct rules_scene *s, const char *id,
                                                        const char *service, const char *status,
                                                        int64_t created)
{
    struct service_credential *c = arena_alloc(&s->account.arena, sizeof(*c));
    *c = (struct service_credential){.next = s->user.service_credentials,
                                     .id = view_of(id),
                                     .service = view_of(service),
                                     .status = view_of(status),
                                     .created_s = ago(created),
                                     .expires_s = TIMESTAMP_NONE};
    s->user.service_credentials = c;
    return c;
}

static inline void add_certificate(struct rules_scene *s, const char *id, const char *status,
                                   int64_t uploaded)
{
    struct certificate *c = arena_alloc(&s->account.arena, sizeof(*c));
    *c = (struct certificate){
        .id = view_of(id), .status = view_of(status), .uploaded_s = ago(uploaded)};
    certificates_insert(&s->user.certificates, c);
}

/* "fail value=46 since=1d resource=AKIA1": what there is of it, and how long ago it began. */
static inline void scene_take(void *arg, const struct finding *f)
{
    struct rules_scene *s = arg;
    buffer_addf(&s->seen, "%s", finding_status_name(f->status));
    if (f->has_value)
        buffer_addf(&s->seen, " value=%lld", (long long)f->value);
    if (f->since_s != TIMESTAMP_NONE)
        buffer_addf(&s->seen, " since=%lld", (long long)(STARTED_S - f->since_s));
    if (f->resource_type != RESOURCE_USER && f->resource_type != RESOURCE_ACCOUNT)
        buffer_addf(&s->seen, " of %.*s", VIEW_ARG(f->resource_id));
    for (enum column c = 0; c < COLUMN_COUNT; c++)
        if (f->because & COLUMN_BIT(c))
            buffer_addf(&s->seen, " %s", column_name(c));
    buffer_add_char(&s->seen, '\n');
}

/* What a rule alone says of the scene. */
static inline const char *scene_judge(struct rules_scene *s, const char *rule)
{
    struct error e;
    assert_int_equal(check_options_rules(&s->options, view_of(rule), "--rules", &e), 0);
    buffer_clear(&s->seen);
    checker_init(&s->checker, &s->options);
    checker_account(&s->checker, &s->account, scene_take, s);
    checker_release(&s->checker);
    if (s->seen.len > 0)
        buffer_truncate(&s->seen, s->seen.len - 1);
    return buffer_text(&s->seen);
}

#endif
