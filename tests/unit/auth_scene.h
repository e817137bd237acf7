/* SPDX-License-Identifier: MIT */
/* What the tests of credentials share: variables, files, a server on loopback, and one fetch. */
#ifndef TESTS_AUTH_SCENE_H
#define TESTS_AUTH_SCENE_H

#include "auth/profile.h"
#include "auth/provider_chain.h"
#include "auth/provider_profile.h"
#include "base/alloc.h"
#include "loopback.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define CREDENTIALS ".aws/credentials"
#define CONFIG      ".aws/config"

/* 2001-09-09T01:46:40Z is 1e9; these answers expire long after the tests run. */
#define LATER   "2099-01-31T09:30:00Z"
#define LATER_S 4073535000

#define VARIABLES_MAX 24
#define REQUESTS_MAX  16
#define REQUEST_SIZE  8192

struct variable {
    char *name, *value;
};

struct reply {
    int status;
    const char *body;
};

/* One connection a request, one thread; 'answer' gets the request's whole text. */
struct server {
    int fd;
    char origin[64]; /* "http://127.0.0.1:1234" */
    pthread_t thread;
    atomic_bool stop;
    struct reply (*answer)(int number, const char *request);
    char requests[REQUESTS_MAX][REQUEST_SIZE];
    atomic_int count;
};

struct outcome {
    bool done;
    int calls;
    struct credentials credentials;
    struct error error;
};

struct scene {
    char folder[64];
    struct variable variables[VARIABLES_MAX];
    size_t variable_count;
    struct environ env;
    struct loop *loop;
    struct http_client *http;
    struct auth_context context;
    struct aws_client *aws;
    struct endpoint endpoint;
    struct sts sts;
    struct server server;
    struct outcome outcome;
};

static inline const char *scene_get(void *arg, const char *name)
{
    const struct scene *s = arg;
    for (size_t i = s->variable_count; i > 0; i--)
        if (strcmp(s->variables[i - 1].name, name) == 0)
            return s->variables[i - 1].value;
    return NULL;
}

/* Sets a variable of the scene's environment; the process's own is not touched. */
static inline void scene_set(struct scene *s, const char *name, const char *value)
{
    assert_true(s->variable_count < VARIABLES_MAX);
    s->variables[s->variable_count++] = (struct variable){xstrdup(name), xstrdup(value)};
}

/* The path of a file in the scene's folder. Good until the next call. */
static inline const char *scene_path(const struct scene *s, const char *name)
{
    static char path[256];
    snprintf(path, sizeof(path), "%s/%s", s->folder, name);
    return path;
}

static inline void scene_file_bytes(struct scene *s, const char *name, const char *bytes,
                                    size_t len)
{
    FILE *f = fopen(scene_path(s, name), "w");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
}

static inline void scene_file(struct scene *s, const char *name, const char *text)
{
    scene_file_bytes(s, name, text, strlen(text));
}

static inline int scene_begin(void **state)
{
    struct scene *s = calloc(1, sizeof(*s));
    char home[80];
    struct error e;
    assert_non_null(s);
    strcpy(s->folder, "/tmp/test_auth.XXXXXX");
    assert_non_null(mkdtemp(s->folder));
    snprintf(home, sizeof(home), "%s/.aws", s->folder);
    assert_int_equal(mkdir(home, 0700), 0);
    scene_set(s, "HOME", s->folder);
    scene_set(s, "AWS_EC2_METADATA_DISABLED", "true");
    s->env = (struct environ){scene_get, s};
    s->loop = loop_new(clock_system(), &e);
    assert_non_null(s->loop);
    const struct http_options options = {
        .user_agent = "test",
        .max_connections = 4,
        .connect_timeout_ms = 2000,
        .read_timeout_ms = 5000,
        .total_timeout_ms = 5000,
    };
    s->http = http_client_new(s->loop, &options, &e);
    assert_non_null(s->http);
    s->context = (struct auth_context){.loop = s->loop, .http = s->http, .env = &s->env};
    s->server.fd = -1;
    *state = s;
    return 0;
}

static inline void serve(struct server *server, int fd)
{
    char head[256];
    int number = atomic_load(&server->count);
    if (number >= REQUESTS_MAX)
        return;
    char *text = server->requests[number];
    size_t len = 0, want = 0;
    while (len < REQUEST_SIZE - 1 && (want == 0 || len < want)) {
        ssize_t got = recv(fd, text + len, REQUEST_SIZE - 1 - len, 0);
        if (got <= 0)
            return;
        len += (size_t)got;
        const char *end = strstr(text, "\r\n\r\n");
        const char *length = strstr(text, "Content-Length: ");
        if (end)
            want = (size_t)(end - text) + 4 + (length ? strtoul(length + 16, NULL, 10) : 0);
    }
    atomic_store(&server->count, number + 1);
    struct reply reply = server->answer(number, text);
    if (reply.status == 0)
        return;
    int head_len = snprintf(head, sizeof(head),
                            "HTTP/1.1 %d X\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n",
                            reply.status, strlen(reply.body));
    send(fd, head, (size_t)head_len, MSG_NOSIGNAL);
    send(fd, reply.body, strlen(reply.body), MSG_NOSIGNAL);
}

static inline void *serve_all(void *arg)
{
    struct server *server = arg;
    while (!atomic_load(&server->stop)) {
        struct pollfd ready = {server->fd, POLLIN, 0};
        if (poll(&ready, 1, 20) <= 0)
            continue;
        int fd = accept(server->fd, NULL, NULL);
        if (fd < 0)
            continue;
        const struct timeval patience = {5, 0};
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
        serve(server, fd);
        close(fd);
    }
    return NULL;
}

static inline void scene_serve(struct scene *s,
                               struct reply (*answer)(int number, const char *request))
{
    s->server.fd = listen_on_loopback(0, "http", s->server.origin);
    s->server.answer = answer;
    assert_int_equal(pthread_create(&s->server.thread, NULL, serve_all, &s->server), 0);
}

/* Lets the scene's context call an STS that 'answer' plays. */
static inline void scene_sts(struct scene *s,
                             struct reply (*answer)(int number, const char *request))
{
    const struct aws_client_options options = {.max_in_flight = 4, .seed = 1};
    struct error e;
    scene_serve(s, answer);
    const struct endpoint_query query = {
        .service = SERVICE_STS,
        .region = VIEW_LITERAL("us-east-1"),
        .override = view_of(s->server.origin),
    };
    assert_int_equal(endpoint_resolve(&query, &s->endpoint, &e), 0);
    s->aws = aws_client_new(s->http, &options);
    s->sts = (struct sts){.client = s->aws, .endpoint = &s->endpoint};
    s->context.sts = &s->sts;
}

static inline int scene_end(void **state)
{
    struct scene *s = *state;
    char command[128];
    if (s->server.fd >= 0) {
        atomic_store(&s->server.stop, true);
        pthread_join(s->server.thread, NULL);
        close(s->server.fd);
    }
    credentials_clear(&s->outcome.credentials);
    aws_client_free(s->aws);
    http_client_free(s->http);
    loop_free(s->loop);
    snprintf(command, sizeof(command), "rm -r '%s'", s->folder);
    assert_int_equal(system(command), 0);
    for (size_t i = 0; i < s->variable_count; i++) {
        free(s->variables[i].name);
        free(s->variables[i].value);
    }
    free(s);
    return 0;
}

static inline void on_fetched(void *arg, const struct credentials *c, const struct error *e)
{
    struct outcome *o = arg;
    o->done = true;
    o->calls++;
    assert_true(!c != !e);
    if (c)
        credentials_copy(&o->credentials, c);
    if (e)
        o->error = *e;
}

/* One fetch of 'p', to its end. */
static inline struct outcome *scene_fetch(struct scene *s, struct credentials_provider *p)
{
    struct outcome *o = &s->outcome;
    struct error e;
    credentials_clear(&o->credentials);
    *o = (struct outcome){0};
    provider_start(p, (struct provider_done){on_fetched, o});
    assert_false(o->done);
    assert_int_equal(loop_run(s->loop, &o->done, &e), 0);
    assert_int_equal(o->calls, 1);
    return o;
}

/* The same of a provider that is freed afterwards. */
static inline struct outcome *scene_once(struct scene *s, struct credentials_provider *p)
{
    struct outcome *o = scene_fetch(s, p);
    provider_free(p);
    return o;
}

static inline void assert_keys(const struct outcome *o, const char *id, const char *secret,
                               const char *token)
{
    if (o->error.kind != ERROR_NONE)
        fail_msg("%s", o->error.text);
    assert_string_equal(o->credentials.access_key_id, id);
    assert_string_equal(o->credentials.secret_access_key.text, secret);
    if (token)
        assert_string_equal(o->credentials.session_token.text, token);
    else
        assert_false(secret_present(&o->credentials.session_token));
}

/* Failed with this kind, in words that hold 'part', and hold no secret of these tests. */
static inline void assert_fails(const struct outcome *o, enum error_kind kind, const char *part)
{
    if (!strstr(o->error.text, part))
        fail_msg("'%s' is not in '%s'", part, o->error.text);
    assert_int_equal(o->error.kind, kind);
    assert_null(strstr(o->error.text, "hush"));
}

/* One fetch of the profile of this name; NULL: of whichever the environment names. */
static inline struct outcome *profile(struct scene *s, const char *name)
{
    s->context.profile = name;
    return scene_once(s, provider_profile_new(&s->context));
}

/* ---- STS, as a server plays it ---- */

#define STS_ANSWER(operation, n)                                                                   \
    "<" operation "Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><" operation       \
    "Result><Credentials><AccessKeyId>ASIA0000000ROLE" n "</AccessKeyId>"                          \
    "<SecretAccessKey>role-secret" n "</SecretAccessKey><SessionToken>role-token" n                \
    "</SessionToken><Expiration>" LATER "</Expiration></Credentials></" operation                  \
    "Result><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></" operation "Response>"

static inline struct reply assume(int number, const char *request)
{
    if (strstr(request, "WebIdentityToken="))
        return (struct reply){200, STS_ANSWER("AssumeRoleWithWebIdentity", "W")};
    return (struct reply){200, number == 0 ? STS_ANSWER("AssumeRole", "1")
                                           : STS_ANSWER("AssumeRole", "2")};
}

static inline struct reply refuse(int number, const char *request)
{
    (void)number, (void)request;
    return (struct reply){403, "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
                               "<Error><Type>Sender</Type><Code>AccessDenied</Code><Message>not "
                               "you</Message></Error><RequestId>1</RequestId></ErrorResponse>"};
}

static inline void assert_sent(const struct scene *s, int number, const char *part)
{
    assert_true(number < s->server.count);
    if (!strstr(s->server.requests[number], part))
        fail_msg("'%s' is not in request %d: %s", part, number, s->server.requests[number]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_begin, scene_end)

#endif
