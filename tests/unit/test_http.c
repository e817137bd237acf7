/* SPDX-License-Identifier: MIT */
/* Answers that are no answers, connections that die, and silence: what becomes of the call. */
#include "call_scene.h"

static struct view raw;
static bool raw_closes;

static void answer_raw(struct call_scene *s, struct wire_request *r)
{
    (void)s;
    wire_reply_raw(r->peer, raw, raw_closes);
}

/* ---- answers that are not HTTP ---- */

/* Whatever comes in their place: the call is repeated, and no setting is to blame. */
static void assert_repeated(struct call_scene *s, const char *what)
{
    s->answer = answer_raw;
    s->w->count = 0;
    const struct error *e = &call_run(s)->error;
    if (e->kind != ERROR_NETWORK && e->kind != ERROR_PROTOCOL)
        fail_msg("%s: kind %d, %s", what, e->kind, e->text);
    if (strcasestr(e->text, "out of memory") || e->text[0] == '\0')
        fail_msg("%s: %s", what, e->text);
    if (s->w->count != 6)
        fail_msg("%s: %zu attempts, %s", what, s->w->count, e->text);
    for (size_t i = 0; i < s->w->count; i++) {
        free(s->w->requests[i].head);
        free(s->w->requests[i].body);
    }
    s->w->count = 0;
}

static void test_not_http(void **state)
{
    static const char nul_line[] = "HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n";
    const struct view answers[] = {
        VIEW_LITERAL("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"),
        VIEW_LITERAL("\x15\x03\x01\x00\x02\x02\x28"), /* a TLS alert */
        VIEW_LITERAL("\x00\x01\x02\xff\xfe\x80\x81 random"),
        VIEW_LITERAL("<html><body>HTTP/0.9 has no head</body></html>"),
        VIEW_LITERAL("220 smtp.example ESMTP\r\n"),
        VIEW_LITERAL("HTTP/1.1\r\n\r\n"),
        VIEW_LITERAL("HTTP/1.1 abc OK\r\n\r\n"),
        VIEW_LITERAL("HTTP/7.5 200 OK\r\n\r\n"),
        /* libcurl takes these for answers of status 200 or 0. */
        VIEW_LITERAL("http/1.1 404 Not Found\r\n\r\n"),
        VIEW_LITERAL("HTTP/x.y 503 Slow Down\r\n\r\n"),
        VIEW_LITERAL("HTTP/20 .100 OK\r\nContent-Length: 0\r\n\r\n"),
        /* And these for heads with an end. */
        VIEW_LITERAL("HTTP/1.1 200 OK\r\n:\n"),
        VIEW_LITERAL("HTTP/1.1 200 OK\r\nA: b\r\n \n"),
        VIEW_LITERAL("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n"),
        VIEW_LITERAL("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        VIEW_LITERAL("HTTP/1.1 200 OK\r\nno colon here\r\nContent-Length: 9\r\n\r\nfine"),
        {nul_line, sizeof(nul_line) - 1},
        VIEW_LITERAL("\r\n\r\n\r\n"),
        VIEW_LITERAL(""),
    };
    struct call_scene *s = *state;
    raw_closes = true;
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        raw = answers[i];
        assert_repeated(s, raw.ptr);
    }
}

/* Wherever an answer is cut off, it is not a shorter one. libcurl takes half a head for a whole. */
static void test_cut_anywhere(void **state)
{
    static const char whole[] =
        "HTTP/1.1 200 OK\r\nDate: x\r\na:\r\nContent-Length: 4\r\nETag: y\r\n\r\nfine";
    struct call_scene *s = *state;
    raw_closes = true;
    for (size_t len = sizeof(whole) - 2; len > 0; len -= len > 5 ? 5 : len) {
        raw = (struct view){whole, len};
        assert_repeated(s, "a cut answer");
    }
    raw = (struct view){whole, sizeof(whole) - 1};
    assert_int_equal(call_run(s)->error.kind, ERROR_NONE);
    raw = VIEW_LITERAL("HTTP/1.1 200 OK\nContent-Length: 4\n\nfine");
    assert_int_equal(call_run(s)->error.kind, ERROR_NONE);
}

/* A head of its own before that of the answer. */
static void test_interim_answer(void **state)
{
    static const char cut[] = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Le";
    static const char whole[] = "HTTP/1.1 100 Continue\r\n\r\n"
                                "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine";
    struct call_scene *s = *state;
    raw_closes = true;
    raw = view_of(cut);
    assert_repeated(s, "a cut answer after an interim one");
    raw = view_of(whole);
    assert_int_equal(call_run(s)->error.kind, ERROR_NONE);
}

/* It is folded onto no header, and not onto the last one of the answer before, either. */
static void test_first_header_folded(void **state)
{
    struct call_scene *s = *state;
    s->answer = answer_raw;
    raw_closes = false;
    for (int i = 0; i < 3; i++) {
        raw = VIEW_LITERAL("HTTP/1.1 200 OK\r\nContent-Length: 4\r\nLast: x\r\n\r\nfine");
        assert_int_equal(call_run(s)->error.kind, ERROR_NONE);
        raw = VIEW_LITERAL("HTTP/1.1 200 OK\r\n fold: ed\r\nContent-Length: 4\r\n\r\nfine");
        call_run(s);
    }
}

/* A head without end, in one line or in many. */
static void test_endless_head(void **state)
{
    static const char *const lines[] = {"xxxxxxxxxxxxxxxx", "X-Line: 0123456789\r\n"};
    struct call_scene *s = *state;
    struct buffer head;
    raw_closes = true;
    buffer_init(&head, (size_t)20 * 1024 * 1024);
    for (size_t i = 0; i < 2; i++) {
        buffer_clear(&head);
        buffer_add_text(&head, "HTTP/1.1 200 OK\r\nX-Long: ");
        while (head.len < (size_t)10 * 1024 * 1024)
            buffer_add_text(&head, lines[i]);
        buffer_add_text(&head, "\r\nContent-Length: 4\r\n\r\nfine");
        raw = buffer_view(&head);
        assert_repeated(s, i == 0 ? "one endless line" : "endless lines");
    }
    buffer_release(&head);
}

/* ---- silence ---- */

static struct wire_peer *dripping;
static struct loop_timer drip_timer;
static const char *drip_rest;
static int64_t drip_every_ms;

static void drip(void *arg)
{
    struct wire *w = arg;
    if (*drip_rest == '\0' || dripping->watch.fd < 0)
        return;
    buffer_add(&dripping->out, drip_rest++, 1);
    wire_flush(dripping);
    loop_timer_start(w->loop, &drip_timer, drip_every_ms, drip, w);
}

/* The beginning at once, the rest byte by byte. */
static void answer_dripping(struct call_scene *s, struct wire_request *r)
{
    dripping = r->peer;
    wire_reply_raw(r->peer, raw, false);
    loop_timer_start(s->w->loop, &drip_timer, drip_every_ms, drip, s->w);
}

/* In its middle as before it: for so long no byte comes, then the next attempt. */
static void test_silence(void **state)
{
    static const char *const beginnings[] = {"", "HTTP/1.1 200",
                                             "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n",
                                             "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n",
                                             "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfin"};
    struct call_scene *s = *state;
    s->request.read_timeout_ms = 30000;
    s->request.total_timeout_ms = -1;
    s->answer = answer_raw;
    raw_closes = false;
    for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++) {
        size_t before = s->w->count;
        raw = view_of(beginnings[i]);
        const struct error *e = &call_run(s)->error;
        assert_int_equal(e->kind, ERROR_TIMEOUT);
        assert_non_null(strstr(e->text, "no byte was received for 30 s"));
        assert_int_equal(s->w->count - before, 6);
        for (size_t k = before + 1; k < s->w->count; k++) {
            int64_t gap_ms = s->w->requests[k].at_ms - s->w->requests[k - 1].at_ms;
            assert_in_range(gap_ms, 29000, 45000);
        }
    }
}

/* However long it takes as a whole: a byte every 20 seconds is no silence. */
static void test_slow_answer(void **state)
{
    struct call_scene *s = *state;
    s->request.read_timeout_ms = 30000;
    s->request.total_timeout_ms = -1;
    s->answer = answer_dripping;
    drip_every_ms = 20000;
    raw = VIEW_LITERAL("HTTP/1.1 200 OK\r\nContent-Le");
    drip_rest = "ngth: 4\r\n\r\nfine";
    int64_t begun_ms = s->w->now_ms;
    assert_fine(call_run(s));
    assert_int_equal(s->w->count, 1);
    assert_true(s->w->now_ms - begun_ms > 15 * 20000);
}

/* However many bytes come: after the time for the whole answer, the next attempt. */
static void test_answer_without_end(void **state)
{
    struct call_scene *s = *state;
    s->request.read_timeout_ms = 30000;
    s->request.total_timeout_ms = 60000;
    s->answer = answer_dripping;
    drip_every_ms = 7000;
    raw = VIEW_LITERAL("HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n");
    drip_rest = "a byte every seven seconds is no silence, but it would take hours";
    const struct caller *c = call_run(s);
    assert_int_equal(c->error.kind, ERROR_TIMEOUT);
    assert_non_null(strstr(c->error.text, "the answer was not complete after 60 s"));
    assert_int_equal(s->w->requests[1].at_ms / 1000 - s->w->requests[0].at_ms / 1000, 60);
}

/* ---- connections ---- */

static struct wire_peer *dead[WIRE_PEERS_MAX];
static size_t dead_count;

/* As after a sandbox was frozen: requests on the connections of before find nobody. */
static void answer_if_new(struct call_scene *s, struct wire_request *r)
{
    for (size_t i = 0; i < dead_count; i++)
        if (dead[i] == r->peer) {
            wire_reset(r->peer);
            return;
        }
    answer_ok(s, r);
}

static void test_dead_connections(void **state)
{
    struct call_scene *s = call_scene_new(20);
    (void)state;
    s->answer = answer_never;
    for (size_t i = 0; i < 20; i++)
        call_start(s, i);
    wire_await(s->w, 20);
    for (size_t i = 0; i < 20; i++)
        wire_reply(s->w->requests[i].peer, 200, "", "fine");
    for (size_t i = 0; i < 20; i++)
        if (!s->callers[i].over)
            wire_run(s->w, &s->callers[i].over);
    dead_count = s->w->peer_count;
    assert_int_equal(dead_count, 20);
    memcpy(dead, s->w->peers, sizeof(dead));
    s->answer = answer_if_new;
    assert_fine(call_run(s));
    assert_int_equal(s->w->count, 22); /* one dead, then a new one */
    /* And for many at once. */
    for (size_t i = 0; i < 20; i++)
        call_start(s, i);
    for (size_t i = 0; i < 20; i++) {
        if (!s->callers[i].over)
            wire_run(s->w, &s->callers[i].over);
        assert_fine(&s->callers[i]);
    }
    assert_true(s->w->count <= 22 + 40);
    call_scene_free(s);
}

/* A process that is about to be frozen keeps none. */
static void test_drop_idle(void **state)
{
    struct call_scene *s = *state;
    assert_fine(call_run(s));
    assert_fine(call_run(s));
    assert_int_equal(s->w->peer_count, 1);
    http_client_drop_idle(s->w->http);
    wire_pass(s->w, 20);
    assert_int_equal(s->w->peers[0]->watch.fd, -1); /* closed by the client */
    assert_fine(call_run(s));
    assert_int_equal(s->w->peer_count, 2);
    /* Not while one is in use. */
    s->answer = answer_never;
    const struct caller *c = call_start(s, 0);
    wire_await(s->w, 4);
    http_client_drop_idle(s->w->http);
    wire_reply(s->w->requests[3].peer, 200, "", "fine");
    wire_run(s->w, &c->over);
    assert_fine(c);
    assert_int_equal(s->w->peer_count, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_not_http),
        TEST(test_cut_anywhere),
        TEST(test_interim_answer),
        TEST(test_first_header_folded),
        TEST(test_endless_head),
        TEST(test_silence),
        TEST(test_slow_answer),
        TEST(test_answer_without_end),
        cmocka_unit_test(test_dead_connections),
        TEST(test_drop_idle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
