/* SPDX-License-Identifier: MIT */
/*
 * What the tests of single calls share: calls whose answers are words. An answer of status 200 is
 * a success; any other is a service's error, of "Code some text".
 */
#ifndef TESTS_CALL_SCENE_H
#define TESTS_CALL_SCENE_H

#include "wire_scene.h"

#define CALLERS_MAX 40

struct caller {
    struct aws_call call;
    struct call_scene *scene;
    char name;
    bool over;
    int calls; /* of done */
    int begins;
    int http_status;
    struct buffer text;
    struct error error;             /* kind ERROR_NONE: it went well */
    enum error_kind refuse;         /* what the decoder says of the first bytes */
    const char *refuse_text;        /* NULL: something */
    void (*then)(struct caller *c); /* called by done */
};

struct call_scene {
    struct wire *w;
    struct wire_keys keys;
    struct credentials_cache cache;
    struct rate rate;
    struct caller callers[CALLERS_MAX];
    struct aws_request request; /* of each call that is started */
    uint64_t requests;
    char log[128]; /* the names of the calls that are over, in order */
    int rooms;     /* how often there was said to be room */
    void (*answer)(struct call_scene *s, struct wire_request *r);
};

static inline void caller_begin(void *arg, int http_status)
{
    struct caller *c = arg;
    c->begins++;
    c->http_status = http_status;
    buffer_clear(&c->text);
}

static inline int caller_data(void *arg, struct view piece, struct error *e)
{
    struct caller *c = arg;
    if (c->refuse != ERROR_NONE)
        return error_set(e, c->refuse, "%s",
                         c->refuse_text ? c->refuse_text : "refused by the decoder");
    buffer_add_view(&c->text, piece);
    return 0;
}

static inline int caller_end(void *arg, const struct http_response *response,
                             struct service_error *told, struct error *e)
{
    struct caller *c = arg;
    (void)told, (void)e;
    assert_int_equal(http_response_status(response), c->http_status);
    return 0;
}

static inline void caller_done(void *arg, const struct error *e)
{
    struct caller *c = arg;
    size_t len = strlen(c->scene->log);
    c->over = true;
    c->calls++;
    if (e)
        c->error = *e;
    assert_true(len + 1 < sizeof(c->scene->log));
    c->scene->log[len] = c->name;
    if (c->then)
        c->then(c);
}

static inline void call_scene_answer(struct wire *w, struct wire_request *r)
{
    struct call_scene *s = w->arg;
    s->answer(s, r);
}

/* Each call says by a header which one it is. */
static inline char caller_of(const struct wire_request *r)
{
    char value[1024];
    return wire_header(r->head, "X-Caller", value)[0];
}

/* An error answer as IAM and STS make it, of "Code some text". */
static inline void answer_error(struct wire_request *r, int status, const char *headers,
                                const char *text)
{
    char body[4096];
    size_t code = strcspn(text, " ");
    snprintf(body, sizeof(body),
             "<ErrorResponse><Error><Type>Sender</Type><Code>%.*s</Code><Message>%s</Message>"
             "</Error></ErrorResponse>",
             (int)code, text, text[code] ? text + code + 1 : "");
    wire_reply(r->peer, status, headers, body);
}

static inline void answer_ok(struct call_scene *s, struct wire_request *r)
{
    (void)s;
    wire_reply(r->peer, 200, "", "fine");
}

static inline void answer_never(struct call_scene *s, struct wire_request *r)
{
    (void)s, (void)r;
}

static inline struct call_scene *call_scene_new(size_t max_in_flight)
{
    static const struct aws_decoder decoder = {caller_begin, caller_data, caller_end, NULL};
    struct call_scene *s = xcalloc(1, sizeof(*s));
    s->w = wire_new(call_scene_answer);
    s->w->arg = s;
    s->answer = answer_ok;
    wire_client(s->w, max_in_flight);
    wire_keys_init(&s->keys, s->w);
    credentials_cache_init(&s->cache, s->w->loop, &s->keys.base);
    rate_init(&s->rate, s->w->loop);
    for (size_t i = 0; i < CALLERS_MAX; i++) {
        s->callers[i].scene = s;
        s->callers[i].name = (char)('a' + i);
        buffer_init(&s->callers[i].text, 1024);
    }
    s->request = (struct aws_request){
        .target = {.client = s->w->client,
                   .endpoint = &s->w->endpoint,
                   .credentials = &s->cache,
                   .requests = &s->requests},
        .operation = "Test",
        .service = SERVICE_IAM,
        .method = "POST",
        .path = VIEW_LITERAL("/"),
        .query = VIEW_LITERAL(""),
        .body = VIEW_LITERAL("body"),
        .decoder = &decoder,
        .max_response_bytes = 1000,
    };
    return s;
}

static inline void call_scene_free(struct call_scene *s)
{
    for (size_t i = 0; i < CALLERS_MAX; i++) {
        if (s->callers[i].call.client)
            aws_call_cancel(&s->callers[i].call);
        buffer_release(&s->callers[i].text);
    }
    rate_release(&s->rate);
    credentials_cache_release(&s->cache);
    wire_free(s->w);
    free(s);
}

static inline struct caller *call_start(struct call_scene *s, size_t which)
{
    /* One header for each caller, which lives as long as the test. */
    static struct aws_header headers[CALLERS_MAX];
    struct caller *c = &s->callers[which];
    headers[which] = (struct aws_header){"X-Caller", {&c->name, 1}};
    c->over = false;
    c->calls = 0;
    c->begins = 0;
    error_clear(&c->error);
    buffer_clear(&c->text);
    s->request.headers = &headers[which];
    s->request.header_count = 1;
    s->request.decoder_arg = c;
    aws_call_start(&c->call, &s->request, caller_done, c);
    assert_false(c->over);
    return c;
}

/* Makes a rate slow: most of a second's calls were refused. */
static inline void call_scene_slow_down(struct call_scene *s, struct rate *rate)
{
    int64_t now_ms = loop_now_ms(s->w->loop);
    for (int i = 0; i < 8; i++)
        assert_true(rate_take(rate));
    for (int i = 0; i < 8; i++)
        rate_throttled(rate, now_ms);
    assert_true(rate->pace.limited);
}

/* One call, to its end. */
static inline struct caller *call_run(struct call_scene *s)
{
    struct caller *c = call_start(s, 0);
    wire_run(s->w, &c->over);
    assert_int_equal(c->calls, 1);
    assert_int_equal(c->call.state, CALL_IDLE);
    return c;
}

static inline void assert_fine(const struct caller *c)
{
    if (c->error.kind != ERROR_NONE)
        fail_msg("%s: %s", c->error.code, c->error.text);
    assert_true(c->over);
    assert_string_equal(buffer_text(&c->text), "fine");
}

static inline int call_scene_begin(void **state)
{
    *state = call_scene_new(4);
    return 0;
}

static inline int call_scene_end(void **state)
{
    call_scene_free(*state);
    return 0;
}

/* Answers by a script: the last line goes on for ever. */
struct line {
    int status; /* 0: the connection is reset; -1: it is closed; -2: the answer is cut short */
    const char *headers, *body;
};

static const struct line *script;
static size_t script_len;

static inline void answer_script(struct call_scene *s, struct wire_request *r)
{
    size_t at = s->w->count - 1 < script_len ? s->w->count - 1 : script_len - 1;
    const struct line *l = &script[at];
    if (l->status == 0)
        wire_reset(r->peer);
    else if (l->status == -1)
        wire_peer_close(r->peer);
    else if (l->status == -2)
        wire_reply_bytes(r->peer, 200, "", VIEW_LITERAL("fi"), 2);
    else if (l->status != 200)
        answer_error(r, l->status, l->headers, l->body);
    else
        wire_reply(r->peer, l->status, l->headers, l->body);
}

#define PLAY(s, ...)                                                                               \
    do {                                                                                           \
        static const struct line lines_[] = {__VA_ARGS__};                                         \
        script = lines_;                                                                           \
        script_len = sizeof(lines_) / sizeof(lines_[0]);                                           \
        (s)->answer = answer_script;                                                               \
    } while (0)

#define FINE                                                                                       \
    {                                                                                              \
        200, "", "fine"                                                                            \
    }

static inline void assert_counters(const struct call_scene *s, uint64_t requests, uint64_t retries,
                                   uint64_t throttled)
{
    const struct aws_counters *c = aws_client_counters(s->w->client);
    assert_int_equal(c->requests, requests);
    assert_int_equal(c->retries, retries);
    assert_int_equal(c->throttled, throttled);
    assert_int_equal(s->requests, requests);
    assert_int_equal(s->w->count, requests);
}

/* The time by which requests are signed. */
static inline int64_t service_now_s(const struct call_scene *s)
{
    return wire_wall_ms(s->w) / 1000 + *aws_client_skew_s(s->w->client, &s->w->endpoint);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, call_scene_begin, call_scene_end)

#endif
