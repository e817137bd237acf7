/* SPDX-License-Identifier: MIT */
/*
 * What the tests of runs and of the fan-out's steps share: a platform on the wire's loop, a config,
 * and a server that plays a bucket, STS, and accounts without users.
 */
#ifndef TESTS_APP_SCENE_H
#define TESTS_APP_SCENE_H

#include "wire_scene.h"

#include "app/config.h"
#include "app/platform.h"
#include "base/log.h"

#define APP_OBJECTS_MAX 64

struct app_object {
    char *key, *text;
};

struct app_scene {
    struct wire *w;
    struct platform platform;
    struct settings settings;
    struct config config;
    struct app_object objects[APP_OBJECTS_MAX]; /* of the bucket; key NULL: free */
    struct buffer log;   /* "GET iam/work/r1/batches.json\n", "AssumeRole\n" */
    const char *refused; /* an account whose role can't be assumed, or NULL */
    bool over;
    int calls;
};

static inline const char *app_variable(void *arg, const char *name)
{
    (void)arg;
    if (strcmp(name, "AWS_ACCESS_KEY_ID") == 0)
        return "AKIAIOSFODNN7EXAMPLE";
    return strcmp(name, "AWS_SECRET_ACCESS_KEY") == 0 ? "hush" : NULL;
}

static inline struct app_object *app_find(struct app_scene *s, const char *key)
{
    for (size_t i = 0; i < APP_OBJECTS_MAX; i++)
        if (s->objects[i].key && strcmp(s->objects[i].key, key) == 0)
            return &s->objects[i];
    return NULL;
}

/* The text of an object; NULL if it is not there. */
static inline const char *app_object(struct app_scene *s, const char *key)
{
    const struct app_object *o = app_find(s, key);
    return o ? o->text : NULL;
}

static inline void app_delete(struct app_scene *s, const char *key)
{
    struct app_object *o = app_find(s, key);
    if (!o)
        return;
    free(o->key);
    free(o->text);
    *o = (struct app_object){NULL, NULL};
}

static inline void app_put(struct app_scene *s, const char *key, const char *text)
{
    app_delete(s, key);
    for (size_t i = 0; i < APP_OBJECTS_MAX; i++)
        if (!s->objects[i].key) {
            s->objects[i] = (struct app_object){xstrdup(key), xstrdup(text)};
            return;
        }
    fail_msg("too many objects");
}

static inline void app_answer_s3(struct app_scene *s, struct wire_request *r, const char *method,
                                 const char *key)
{
    const char *text = app_object(s, key);
    if (strcmp(method, "PUT") == 0) {
        app_put(s, key, r->body);
        wire_reply(r->peer, 200, "ETag: \"e\"\r\n", "");
    } else if (strcmp(method, "DELETE") == 0) {
        app_delete(s, key);
        wire_reply(r->peer, 204, "", "");
    } else if (strcmp(method, "HEAD") == 0) {
        wire_reply(r->peer, 200, "", "");
    } else if (text) {
        wire_reply(r->peer, 200, "", text);
    } else {
        wire_reply(r->peer, 404, "", "<Error><Code>NoSuchKey</Code></Error>");
    }
}

static inline void app_answer_query(struct app_scene *s, struct wire_request *r, const char *action)
{
    char body[1024];
    if (strcmp(action, "AssumeRole") == 0 && s->refused && strstr(r->body, s->refused))
        wire_reply(r->peer, 403, "",
                   "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not you</Message>"
                   "</Error></ErrorResponse>");
    else if (strcmp(action, "AssumeRole") == 0)
        wire_reply(
            r->peer, 200, "",
            "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIAIOSFODNN7EXAMPLE"
            "</AccessKeyId><SecretAccessKey>hush</SecretAccessKey><SessionToken>hush-too"
            "</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>"
            "</AssumeRoleResult></AssumeRoleResponse>");
    else {
        snprintf(body, sizeof(body),
                 "<%sResponse><%sResult><Account>999999999999</Account><Arn>arn:aws:iam::"
                 "999999999999:user/me</Arn><UserId>AIDA</UserId><IsTruncated>false</IsTruncated>"
                 "</%sResult></%sResponse>",
                 action, action, action, action);
        wire_reply(r->peer, 200, "", body);
    }
}

/* The word of 'text' up to one of 'ends', copied. */
static inline const char *app_word(const char *text, const char *ends, char word[256])
{
    snprintf(word, 256, "%.*s", (int)strcspn(text, ends), text);
    return word;
}

static inline void app_answer(struct wire *w, struct wire_request *r)
{
    struct app_scene *s = w->arg;
    char method[256], word[256];
    const char *path = strchr(r->head, ' ') + 1;
    app_word(r->head, " ", method);
    if (strncmp(path, "/bucket", 7) == 0) {
        path += path[7] == '/' ? 8 : 7;
        app_word(path, " ?", word);
        buffer_addf(&s->log, "%s %s\n", method, word);
        app_answer_s3(s, r, method, word);
    } else {
        const char *action = strstr(r->body, "Action=");
        assert_non_null(action);
        app_word(action + 7, "&", word);
        buffer_addf(&s->log, "%s\n", word);
        app_answer_query(s, r, word);
    }
}

static inline void app_set(struct app_scene *s, enum setting_id id, const char *value)
{
    struct error e;
    assert_int_equal(settings_from_flag(&s->settings, id, value, &e), 0);
}

/* The config, of what has been set. */
static inline void app_configure(struct app_scene *s)
{
    struct error e;
    if (config_make(&s->settings, false, &s->config, &e) != 0)
        fail_msg("%s", e.text);
}

static inline int app_begin(void **state)
{
    static const struct environ env = {app_variable, NULL};
    struct app_scene *s = xcalloc(1, sizeof(*s));
    log_configure(LOG_ERROR, LOG_TEXT, NULL);
    s->w = wire_new(app_answer);
    s->w->arg = s;
    wire_client(s->w, 4);
    s->platform = (struct platform){
        .loop = s->w->loop, .http = s->w->http, .env = &env, .region = xstrdup("us-east-1")};
    for (unsigned i = 0; i < SERVICE_COUNT; i++)
        s->platform.overrides[i] = xstrdup(s->w->origin);
    buffer_init(&s->log, (size_t)1024 * 1024);
    app_set(s, SETTING_ROLE_NAME, "census");
    app_set(s, SETTING_STRATEGY, "per-user");
    app_set(s, SETTING_ORGANIZATION_ID, "o-0123456789");
    app_set(s, SETTING_S3_BUCKET, "bucket");
    app_set(s, SETTING_S3_PREFIX, "iam/");
    *state = s;
    return 0;
}

static inline int app_end(void **state)
{
    struct app_scene *s = *state;
    free(s->platform.region);
    for (unsigned i = 0; i < SERVICE_COUNT; i++)
        free(s->platform.overrides[i]);
    for (size_t i = 0; i < APP_OBJECTS_MAX; i++) {
        free(s->objects[i].key);
        free(s->objects[i].text);
    }
    config_release(&s->config);
    settings_release(&s->settings);
    buffer_release(&s->log);
    wire_free(s->w);
    free(s);
    return 0;
}

/* A 'done' of what is run. */
static inline void app_on_done(void *arg)
{
    struct app_scene *s = arg;
    s->over = true;
    s->calls++;
}

static inline void app_run(struct app_scene *s)
{
    s->over = false;
    wire_run(s->w, &s->over);
    assert_int_equal(s->calls, 1);
    s->calls = 0;
}

#endif
