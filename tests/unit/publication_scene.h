/* SPDX-License-Identifier: MIT */
/* What the tests of a publication share: one that is open, with an account to add, over a bucket.
 */
#ifndef TESTS_PUBLICATION_SCENE_H
#define TESTS_PUBLICATION_SCENE_H

#include "app_scene.h"
#include "writer_scene.h"

#include "app/publication.h"
#include "app/services.h"

#include <unistd.h>

#define KEY  "iam/out.csv"
#define NAME "s3://bucket/" KEY

/* A publication, and what was called back. */
struct paper {
    struct app_scene *scene;
    struct services services;
    struct s3_bucket *bucket;
    struct publication publication;
    struct result result;
    struct error error;          /* of 'done' */
    bool ready;                  /* 'ready' has been called */
    bool refuses_put, holds_put; /* the bucket: answers with 403; does not answer yet */
    bool silent;                 /* the bucket answers nothing */
    const char *refused;         /* the key of the only object that it refuses; or NULL */
    struct wire_request *held;
};

static inline void paper_answer(struct wire *w, struct wire_request *r)
{
    struct paper *p = w->arg;
    bool is_put = strncmp(r->head, "PUT ", 4) == 0;
    if (p->silent)
        return;
    if (is_put && (p->refuses_put || (p->refused && strstr(r->head, p->refused)))) {
        wire_reply(r->peer, 403, "", "<Error><Code>AccessDenied</Code></Error>");
    } else if (is_put && p->holds_put) {
        p->held = r;
    } else {
        w->arg = p->scene;
        app_answer(w, r);
        w->arg = p;
    }
}

static inline void paper_on_ready(void *arg)
{
    ((struct paper *)arg)->ready = true;
}

static inline void paper_on_done(void *arg, const struct error *e)
{
    struct paper *p = arg;
    if (e)
        p->error = *e;
    app_on_done(p->scene);
}

static inline void paper_begin(struct paper *p, struct app_scene *scene)
{
    struct error e;
    *p = (struct paper){.scene = scene};
    scene->w->answer = paper_answer;
    scene->w->arg = p;
    config_release(&scene->config);
    app_configure(scene);
    services_init(&p->services, &scene->platform, 4);
    p->bucket = services_bucket(&p->services, &scene->config, &e);
    assert_non_null(p->bucket);
    result_init(&p->result, WIRE_NOON_S, "r1");
    publication_init(&p->publication, scene->w->loop);
}

static inline void paper_end(struct paper *p)
{
    publication_release(&p->publication);
    result_release(&p->result);
    s3_bucket_free(p->bucket);
    services_release(&p->services);
}

/* The ids of the accounts that were left out are around the one that is added. */
static const struct skipped_account skipped[] = {
    {.id = "000000000000",
     .name = {"=old", 4},
     .state = {"SUSPENDED", 9},
     .ou = {"o-1/r-1/ou-1", 12}},
    {.id = "999999999999", .state = {"PENDING_CLOSURE", 15}},
};

/* Opens the object, or a file if 'path' is given. */
static inline void paper_open(struct paper *p, const char *path, bool bare)
{
    struct error e;
    const struct publication_options options = {.config = &p->scene->config,
                                                .bucket = path ? NULL : p->bucket,
                                                .path = path ? path : KEY,
                                                .run_id = "r1",
                                                .started_s = WIRE_NOON_S,
                                                .bare = bare,
                                                .skipped = skipped,
                                                .skipped_count = 2,
                                                .ready = paper_on_ready,
                                                .arg = p};
    if (publication_open(&p->publication, &options, &e) != 0)
        fail_msg("%s", e.text);
}

/* One user, with two active keys. */
static inline void paper_add_user(struct paper *p)
{
    struct scene s;
    struct user *users[] = {&s.user};
    scene_begin(&s);
    add_key(&s, "AKIA1", true, "2024-01-30T12:00:00Z");
    add_key(&s, "AKIA2", true, "2024-01-30T12:00:00Z");
    s.account.users = users;
    s.account.user_count = 1;
    assert_true(publication_add_account(&p->publication, &s.account));
    scene_end(&s);
}

static inline void paper_finish(struct paper *p)
{
    publication_finish(&p->publication, &p->result, paper_on_done, p);
    assert_int_equal(p->scene->calls, 0);
}

static inline void paper_abandon(struct paper *p)
{
    publication_abandon(&p->publication, paper_on_done, p);
    assert_int_equal(p->scene->calls, 0);
}

static inline void assert_said(const struct paper *p, const char *text)
{
    if (!strstr(p->error.text, text))
        fail_msg("'%s' is not in '%s'", text, p->error.text);
}

static inline void paper_add_failed(struct paper *p, const char *id)
{
    struct account account = {
        .id = "", .outcome = OUTCOME_FAILED, .failed_stage = "AssumeRole", .unknown = ~UINT64_C(0)};
    snprintf(account.id, sizeof(account.id), "%s", id);
    error_set(&account.failed, ERROR_SERVICE, "no");
    snprintf(account.failed.code, sizeof(account.failed.code), "AccessDenied");
    assert_true(publication_add_account(&p->publication, &account));
}

#endif
