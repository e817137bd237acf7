/* SPDX-License-Identifier: MIT */
/* One call: what is sent, what is repeated and when, and credentials. */
#include "call_scene.h"

/* ---- what is sent ---- */

static void test_plain(void **state)
{
    struct call_scene *s = *state;
    char value[1024];
    s->request.path = VIEW_LITERAL("/a%20b/c");
    s->request.query = VIEW_LITERAL("x=1&y=");
    assert_fine(call_run(s));
    const struct wire_request *r = &s->w->requests[0];
    assert_true(strncmp(r->head, "POST /a%20b/c?x=1&y= HTTP/1.1\r\n", 31) == 0);
    assert_string_equal(r->body, "body");
    assert_string_equal(wire_header(r->head, "Host", value), s->w->origin + 7);
    assert_string_equal(wire_header(r->head, "X-Caller", value), "a");
    assert_string_equal(wire_header(r->head, "User-Agent", value), "test");
    assert_non_null(strstr(wire_header(r->head, "Authorization", value),
                           "SignedHeaders=host;x-amz-date;x-amz-security-token;x-caller"));
    assert_string_equal(wire_header(r->head, "X-Amz-Content-Sha256", value), "");
    assert_counters(s, 1, 0, 0);
    assert_int_equal(s->callers[0].begins, 1);
}

static void test_unsigned(void **state)
{
    struct call_scene *s = *state;
    char value[1024];
    s->request.target.credentials = NULL;
    assert_fine(call_run(s));
    assert_string_equal(wire_header(s->w->requests[0].head, "Authorization", value), "");
    assert_string_equal(wire_header(s->w->requests[0].head, "X-Amz-Date", value), "");
    assert_int_equal(s->keys.starts, 0);
}

/* An answer without a body is begun all the same. */
static void test_empty_answer(void **state)
{
    struct call_scene *s = *state;
    PLAY(s, {200, "", ""});
    const struct caller *c = call_run(s);
    assert_int_equal(c->error.kind, ERROR_NONE);
    assert_int_equal(c->begins, 1);
    assert_int_equal(c->http_status, 200);
}

/* Headers over their bound: an error, nothing is sent. */
static void test_head_too_long(void **state)
{
    struct call_scene *s = *state;
    char *huge = xmalloc(70000);
    memset(huge, 'h', 70000);
    const struct aws_header headers[] = {{"X-Huge", {huge, 70000}}};
    struct caller *c = call_start(s, 0);
    aws_call_cancel(&c->call);
    s->request.headers = headers;
    aws_call_start(&c->call, &s->request, caller_done, c);
    wire_run(s->w, &c->over);
    assert_int_equal(c->error.kind, ERROR_LIMIT);
    assert_non_null(strstr(c->error.text, "the request's head is longer than 65536 bytes"));
    assert_int_equal(s->w->count, 0);
    assert_int_equal(aws_client_room(s->w->client), 4);
    free(huge);
}

/* A line end in a header's value: the error names the header. */
static void test_line_end_in_header(void **state)
{
    struct call_scene *s = *state;
    const struct aws_header headers[] = {{"X-Key-Id", VIEW_LITERAL("arn:aws:kms:x\ny")}};
    struct caller *c = call_start(s, 0);
    aws_call_cancel(&c->call);
    s->request.headers = headers;
    aws_call_start(&c->call, &s->request, caller_done, c);
    wire_run(s->w, &c->over);
    assert_int_equal(c->error.kind, ERROR_CONFIG);
    assert_string_equal(c->error.text, "the value of the header 'X-Key-Id' holds a line end");
    assert_string_equal(c->error.operation, "Test");
    assert_int_equal(s->w->count, 0);
}

/* What the signer says is what the caller hears. */
static void test_secret_too_long(void **state)
{
    static char text[CREDENTIALS_SECRET_MAX + 1];
    struct call_scene *s = *state;
    memset(text, 's', sizeof(text));
    s->keys.secret = (struct view){text, sizeof(text)};
    const struct caller *c = call_run(s);
    assert_int_equal(c->error.kind, ERROR_CREDENTIALS);
    assert_string_equal(c->error.text, "secret access key is over 256 characters");
    assert_int_equal(s->w->count, 0);
    /* As long as the providers take it, the signer does. */
    s->keys.secret.len = CREDENTIALS_SECRET_MAX;
    credentials_cache_expire(&s->cache, s->cache.generation);
    assert_fine(call_run(s));
}

/* ---- what is repeated ---- */

static void test_six_attempts(void **state)
{
    struct call_scene *s = *state;
    PLAY(s, {500, "x-amzn-RequestId: id-9\r\n", "InternalFailure sorry"});
    const struct caller *c = call_run(s);
    assert_true(error_is_code(&c->error, "InternalFailure"));
    assert_string_equal(c->error.text, "sorry");
    assert_string_equal(c->error.request_id, "id-9");
    assert_int_equal(c->error.http_status, 500);
    assert_int_equal(c->begins, 0); /* a refusal is not the decoder's */
    assert_counters(s, 6, 5, 0);
    /* Full jitter below 100 ms, 200 ms... and the few turns that an exchange takes. */
    for (size_t i = 1; i < 6; i++) {
        int64_t gap_ms = s->w->requests[i].at_ms - s->w->requests[i - 1].at_ms;
        assert_in_range(gap_ms, 0, (50 << i) + 50);
    }
}

static void test_broken_connections(void **state)
{
    struct call_scene *s = *state;
    PLAY(s, {0, NULL, NULL}, {-1, NULL, NULL}, {-2, NULL, NULL}, FINE);
    assert_fine(call_run(s));
    assert_counters(s, 4, 3, 0);
}

static void test_broken_to_the_end(void **state)
{
    struct call_scene *s = *state;
    PLAY(s, {0, NULL, NULL});
    const struct caller *c = call_run(s);
    assert_int_equal(c->error.kind, ERROR_NETWORK);
    assert_non_null(strstr(c->error.text, "127.0.0.1"));
    assert_counters(s, 6, 5, 0);
}

static void test_nobody_listens(void **state)
{
    struct call_scene *s = *state;
    loop_watch_stop(s->w->loop, &s->w->accepting);
    close(s->w->listener);
    const struct caller *c = call_run(s);
    assert_int_equal(c->error.kind, ERROR_NETWORK);
    assert_int_equal(aws_client_counters(s->w->client)->requests, 6);
    s->w->listener = dup(s->w->ticker.fd); /* something for the end to close */
}

static void test_throttled(void **state)
{
    struct call_scene *s = *state;
    s->request.target.rate = &s->rate;
    PLAY(s, {400, "", "Throttling Rate exceeded"}, {503, "", "SlowDown please"},
         {429, "", "Whatever"}, FINE);
    assert_fine(call_run(s));
    assert_counters(s, 4, 3, 3);
}

#define SLOWER                                                                                     \
    {                                                                                              \
        400, "", "Throttling Rate exceeded"                                                        \
    }

/* The rate hears of each answer whether it asks to slow down. */
static void test_throttled_slows_the_rate(void **state)
{
    struct call_scene *s = *state;
    s->request.target.rate = &s->rate;
    PLAY(s, SLOWER, SLOWER, SLOWER, SLOWER, SLOWER, SLOWER, SLOWER, SLOWER, FINE);
    for (size_t i = 0; i < 8; i++)
        call_start(s, i);
    assert_false(s->rate.pace.limited);
    for (size_t i = 0; i < 8; i++) {
        wire_run(s->w, &s->callers[i].over);
        assert_fine(&s->callers[i]);
    }
    assert_true(s->rate.pace.limited);
    assert_counters(s, 16, 8, 8);
}

static void test_throttled_to_the_end(void **state)
{
    struct call_scene *s = *state;
    PLAY(s, {400, "", "Throttling Rate exceeded"});
    const struct caller *c = call_run(s);
    assert_true(error_is_code(&c->error, "Throttling"));
    assert_counters(s, 6, 5, 6);
}

static void test_never_repeated(void **state)
{
    struct call_scene *s = *state;
    PLAY(s, {403, "", "AccessDenied no"});
    const struct caller *c = call_run(s);
    assert_true(error_is_code(&c->error, "AccessDenied"));
    assert_int_equal(c->error.http_status, 403);
    assert_counters(s, 1, 0, 0);
}

static void test_decoder_refuses(void **state)
{
    struct call_scene *s = *state;
    s->callers[0].refuse = ERROR_PROTOCOL;
    const struct caller *c = call_run(s);
    assert_int_equal(c->error.kind, ERROR_PROTOCOL);
    assert_string_equal(c->error.text, "refused by the decoder");
    assert_int_equal(s->w->count, 6);
    s->callers[0].refuse = ERROR_LIMIT;
    assert_int_equal(call_run(s)->error.kind, ERROR_LIMIT);
    assert_int_equal(s->w->count, 7);
}

static void test_answer_too_long(void **state)
{
    struct call_scene *s = *state;
    s->request.max_response_bytes = 4;
    assert_fine(call_run(s));
    s->request.max_response_bytes = 3;
    const struct caller *c = call_run(s);
    assert_int_equal(c->error.kind, ERROR_LIMIT);
    assert_non_null(strstr(c->error.text, "longer than 3 bytes"));
    assert_int_equal(s->w->count, 2);
}

static void test_no_first_byte(void **state)
{
    struct call_scene *s = *state;
    s->answer = answer_never;
    s->request.read_timeout_ms = 500;
    const struct caller *c = call_run(s);
    assert_int_equal(c->error.kind, ERROR_TIMEOUT);
    assert_counters(s, 6, 5, 0);
    for (size_t i = 1; i < 6; i++)
        assert_true(s->w->requests[i].at_ms - s->w->requests[i - 1].at_ms >= 490);
}

/* ---- Retry-After ---- */

static int64_t gap_after(struct call_scene *s, const char *headers, const char *code)
{
    static struct line lines[2];
    lines[0] = (struct line){503, headers, code};
    lines[1] = (struct line)FINE;
    script = lines;
    script_len = 2;
    s->answer = answer_script;
    for (size_t i = 0; i < s->w->count; i++) {
        free(s->w->requests[i].head);
        free(s->w->requests[i].body);
    }
    s->w->count = 0;
    assert_fine(call_run(s));
    assert_int_equal(s->w->count, 2);
    return s->w->requests[1].at_ms - s->w->requests[0].at_ms;
}

static void test_retry_after(void **state)
{
    struct call_scene *s = *state;
    char line[96];
    char date[64];
    assert_in_range(gap_after(s, "Retry-After: 7\r\n", "SlowDown x"), 7000, 7050);
    assert_in_range(gap_after(s, "retry-after: 7\r\n", "ServiceUnavailable x"), 7000, 7050);
    /* However long: no more than a minute. */
    assert_in_range(gap_after(s, "Retry-After: 3600\r\n", "SlowDown x"), 60000, 60050);
    wire_date_line(service_now_s(s) + 10, date);
    snprintf(line, sizeof(line), "Retry-After%s", strchr(date, ':'));
    assert_in_range(gap_after(s, line, "SlowDown x"), 8900, 10050);
    /* A date that is over, and what is no number, ask for nothing. */
    wire_date_line(service_now_s(s) - 1000, date);
    snprintf(line, sizeof(line), "Retry-After%s", strchr(date, ':'));
    assert_in_range(gap_after(s, line, "SlowDown x"), 0, 550);
    assert_in_range(gap_after(s, "Retry-After: soon\r\n", "SlowDown x"), 0, 550);
    assert_in_range(gap_after(s, "Retry-After: -5\r\n", "SlowDown x"), 0, 550);
    assert_in_range(gap_after(s, "Retry-After:\r\n", "SlowDown x"), 0, 550);
}

/* ---- credentials ---- */

static void test_expired_token(void **state)
{
    struct call_scene *s = *state;
    char value[1024];
    PLAY(s, {403, "", "ExpiredToken old"}, FINE);
    assert_fine(call_run(s));
    assert_int_equal(s->keys.starts, 2);
    assert_counters(s, 2, 1, 0);
    assert_non_null(strstr(wire_header(s->w->requests[0].head, "Authorization", value),
                           "Credential=AKIDEXAMPLE1/"));
    assert_non_null(strstr(wire_header(s->w->requests[1].head, "Authorization", value),
                           "Credential=AKIDEXAMPLE2/"));
}

static void answer_expired_first(struct call_scene *s, struct wire_request *r)
{
    char value[1024];
    bool old = strstr(wire_header(r->head, "Authorization", value), "AKIDEXAMPLE1/") != NULL;
    (void)s;
    if (old)
        answer_error(r, 400, "", "ExpiredTokenException old");
    else
        wire_reply(r->peer, 200, "", "fine");
}

/* Many calls find out at once: the credentials are fetched once for all of them. */
static void test_expired_for_many(void **state)
{
    struct call_scene *s = *state;
    s->answer = answer_expired_first;
    s->keys.delay_ms = 100;
    for (size_t i = 0; i < 20; i++)
        call_start(s, i);
    for (size_t i = 0; i < 20; i++) {
        if (!s->callers[i].over)
            wire_run(s->w, &s->callers[i].over);
        assert_fine(&s->callers[i]);
    }
    assert_int_equal(s->keys.starts, 2);
}

static void test_expired_to_the_end(void **state)
{
    struct call_scene *s = *state;
    PLAY(s, {403, "", "ExpiredToken old"});
    const struct caller *c = call_run(s);
    assert_true(error_is_code(&c->error, "ExpiredToken"));
    assert_int_equal(s->w->count, 6);
}

static void test_no_credentials(void **state)
{
    struct call_scene *s = *state;
    error_set(&s->keys.error, ERROR_CREDENTIALS, "the keys are lost");
    const struct caller *c = call_run(s);
    assert_int_equal(c->error.kind, ERROR_CREDENTIALS);
    assert_string_equal(c->error.text, "the keys are lost");
    assert_int_equal(s->w->count, 0);
    error_clear(&s->keys.error);
    assert_fine(call_run(s));
}

static void test_renewal_fails(void **state)
{
    struct call_scene *s = *state;
    PLAY(s, {403, "", "ExpiredToken old"});
    struct caller *c = call_start(s, 0);
    while (s->w->count == 0)
        wire_pass(s->w, 4);
    error_set(&s->keys.error, ERROR_CREDENTIALS, "the keys are lost");
    if (!c->over)
        wire_run(s->w, &c->over);
    assert_string_equal(c->error.text, "the keys are lost");
}

/* Those that have expired while the call stood in line are not used. */
static void test_expire_in_line(void **state)
{
    struct call_scene *s = *state;
    char value[1024];
    s->keys.lifetime_s = 100;
    s->request.total_timeout_ms = -1;
    s->answer = answer_never;
    for (size_t i = 0; i < 5; i++)
        call_start(s, i);
    wire_await(s->w, 4);
    wire_pass(s->w, 101000);
    assert_int_equal(s->callers[4].call.state, CALL_READY);
    s->answer = answer_ok;
    wire_reply(s->w->requests[0].peer, 200, "", "fine");
    wire_run(s->w, &s->callers[4].over);
    assert_fine(&s->callers[4]);
    assert_int_equal(s->keys.starts, 2);
    assert_non_null(
        strstr(wire_header(s->w->requests[4].head, "Authorization", value), "AKIDEXAMPLE2/"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_plain),
        TEST(test_unsigned),
        TEST(test_empty_answer),
        TEST(test_head_too_long),
        TEST(test_line_end_in_header),
        TEST(test_secret_too_long),
        TEST(test_six_attempts),
        TEST(test_broken_connections),
        TEST(test_broken_to_the_end),
        TEST(test_nobody_listens),
        TEST(test_throttled),
        TEST(test_throttled_slows_the_rate),
        TEST(test_throttled_to_the_end),
        TEST(test_never_repeated),
        TEST(test_decoder_refuses),
        TEST(test_answer_too_long),
        TEST(test_no_first_byte),
        TEST(test_retry_after),
        TEST(test_expired_token),
        TEST(test_expired_for_many),
        TEST(test_expired_to_the_end),
        TEST(test_no_credentials),
        TEST(test_renewal_fails),
        TEST(test_expire_in_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
