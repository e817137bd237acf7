/* SPDX-License-Identifier: MIT */
/* The JSON 1.1 protocol: requests, answers, errors, and what is no answer. */
#include "wire_scene.h"

#include "aws/json_rpc.h"

struct scene {
    struct wire *w;
    struct wire_keys keys;
    struct credentials_cache cache;
    struct json_rpc *rpc;
    bool over;
    int calls;
    struct error error;
    json_t *answer;
    int status;
    const char *headers, *body;
};

static void scene_answer(struct wire *w, struct wire_request *r)
{
    const struct scene *s = w->arg;
    wire_reply(r->peer, s->status, s->headers, s->body);
}

static int scene_begin(void **state)
{
    struct scene *s = xcalloc(1, sizeof(*s));
    s->w = wire_new(scene_answer);
    s->w->arg = s;
    s->status = 200;
    s->headers = "";
    wire_client(s->w, 4);
    wire_endpoint(s->w, SERVICE_ORGANIZATIONS);
    wire_keys_init(&s->keys, s->w);
    credentials_cache_init(&s->cache, s->w->loop, &s->keys.base);
    *state = s;
    return 0;
}

static int scene_end(void **state)
{
    struct scene *s = *state;
    json_rpc_cancel(s->rpc);
    json_decref(s->answer);
    credentials_cache_release(&s->cache);
    wire_free(s->w);
    free(s);
    return 0;
}

static void on_done(void *arg, const json_t *answer, const struct error *e)
{
    struct scene *s = arg;
    assert_true(!answer != !e);
    s->over = true;
    s->calls++;
    s->rpc = NULL;
    if (e)
        s->error = *e;
    else
        s->answer = json_deep_copy(answer);
}

static void scene_start(struct scene *s, const json_t *input)
{
    const struct aws_target target = {
        .client = s->w->client, .endpoint = &s->w->endpoint, .credentials = &s->cache};
    s->over = false;
    s->calls = 0;
    error_clear(&s->error);
    json_decref(s->answer);
    s->answer = NULL;
    s->rpc = json_rpc_start(&target, SERVICE_ORGANIZATIONS, "AWSOrganizationsV20161128",
                            "ListAccounts", input, on_done, s);
    assert_false(s->over);
}

/* Calls, and gives how many requests it took. */
static size_t scene_run(struct scene *s)
{
    size_t before = s->w->count;
    json_t *input = json_object();
    scene_start(s, input);
    json_decref(input);
    wire_run(s->w, &s->over);
    assert_int_equal(s->calls, 1);
    return s->w->count - before;
}

static size_t scene_play(struct scene *s, int status, const char *headers, const char *body)
{
    s->status = status;
    s->headers = headers;
    s->body = body;
    return scene_run(s);
}

static void test_request(void **state)
{
    struct scene *s = *state;
    char value[1024];
    json_t *input = json_pack("{s:s, s:i}", "NextToken", "a/\"b\xc3\xa9", "MaxResults", 20);
    s->body = "{\"Accounts\":[{\"Id\":\"111111111111\"}]}";
    scene_start(s, input);
    json_decref(input); /* borrowed for the call only */
    wire_run(s->w, &s->over);
    const struct wire_request *r = &s->w->requests[0];
    assert_string_equal(r->body, "{\"NextToken\":\"a/\\\"b\xc3\xa9\",\"MaxResults\":20}");
    assert_true(strncmp(r->head, "POST / HTTP/1.1\r\n", 17) == 0);
    assert_string_equal(wire_header(r->head, "Content-Type", value), "application/x-amz-json-1.1");
    assert_string_equal(wire_header(r->head, "X-Amz-Target", value),
                        "AWSOrganizationsV20161128.ListAccounts");
    assert_non_null(
        strstr(wire_header(r->head, "Authorization", value), "/us-east-1/organizations/"));
    assert_int_equal(json_array_size(json_object_get(s->answer, "Accounts")), 1);
}

/* Where the code of an error stands: in a header, or in the body, bare or dressed. */
static void test_error_codes(void **state)
{
    struct scene *s = *state;
    static const struct {
        const char *headers, *body, *code, *text;
    } rows[] = {
        {"", "{\"__type\":\"AccessDeniedException\",\"Message\":\"You don't\"}",
         "AccessDeniedException", "You don't"},
        {"",
         "{\"__type\":\"com.amazonaws.organizations#AccessDeniedException\","
         "\"message\":\"no\"}",
         "AccessDeniedException", "no"},
        {"x-amzn-ErrorType: AWSOrganizationsNotInUseException:http://internal/\r\n", "{}",
         "AWSOrganizationsNotInUseException", "AWSOrganizationsNotInUseException"},
        {"x-amzn-ErrorType: a.b#CError:http://x/#y\r\n", "{\"__type\":\"Other\"}", "CError",
         "CError"},
        {"x-amzn-ErrorType:\r\n", "{\"__type\":\"Other\"}", "Other", "Other"},
        {"x-amzn-RequestId: id-7\r\n", "{\"__type\":\"InvalidInputException\"}",
         "InvalidInputException", "InvalidInputException"},
        {"", "{\"__type\":7,\"message\":[]}", "HTTP400", "HTTP status 400 without an AWS error"},
        {"", "[]", "HTTP400", "HTTP status 400 without an AWS error"},
        {"", "<html>", "HTTP400", "HTTP status 400 without an AWS error"},
        {"", "", "HTTP400", "HTTP status 400 without an AWS error"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(scene_play(s, 400, rows[i].headers, rows[i].body), 1);
        assert_int_equal(s->error.kind, ERROR_SERVICE);
        assert_string_equal(s->error.code, rows[i].code);
        assert_int_equal(s->error.http_status, 400);
        assert_string_equal(s->error.text, rows[i].text);
        assert_string_equal(s->error.request_id,
                            strstr(rows[i].headers, "RequestId") ? "id-7" : "");
    }
}

static void test_throttled(void **state)
{
    struct scene *s = *state;
    assert_int_equal(scene_play(s, 400, "", "{\"__type\":\"TooManyRequestsException\"}"), 6);
    assert_true(error_is_code(&s->error, "TooManyRequestsException"));
    assert_int_equal(aws_client_counters(s->w->client)->throttled, 6);
    assert_int_equal(scene_play(s, 503, "", "busy"), 6);
    assert_string_equal(s->error.code, "HTTP503");
}

/* An answer that is none: read again, and then an error of the call. */
static void test_malformed(void **state)
{
    struct scene *s = *state;
    static const struct {
        const char *body, *text;
    } rows[] = {
        {"", "not valid JSON"},
        {"{", "not valid JSON"},
        {"{\"a\":1} x", "not valid JSON"},
        {"{\"a\":1,\"a\":2}", "not valid JSON"},
        {"{\"a\":\"\xff\"}", "not valid JSON"},
        {"{\"a\":\"\\u0000\"}", "not valid JSON"},
        {"{'a':1}", "not valid JSON"},
        {"[]", "not a JSON object"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(scene_play(s, 200, "", rows[i].body), RETRY_ATTEMPTS_MAX);
        assert_int_equal(s->error.kind, ERROR_PROTOCOL);
        assert_non_null(strstr(s->error.text, rows[i].text));
    }
}

static void test_nesting(void **state)
{
    struct scene *s = *state;
    const size_t depth = 1000000;
    char *body = xmalloc(depth + 8);
    memcpy(body, "{\"a\":", 5);
    memset(body + 5, '[', depth);
    body[depth + 5] = '\0';
    assert_int_equal(scene_play(s, 200, "", body), RETRY_ATTEMPTS_MAX);
    assert_int_equal(s->error.kind, ERROR_PROTOCOL);
    free(body);
}

static void test_too_long(void **state)
{
    struct scene *s = *state;
    const size_t len = JSON_RPC_ANSWER_MAX_BYTES + 10;
    char *body = xmalloc(len + 1);
    memset(body, ' ', len);
    memcpy(body, "{}", 2);
    body[len] = '\0';
    assert_int_equal(scene_play(s, 200, "", body), 1);
    assert_int_equal(s->error.kind, ERROR_LIMIT);
    body[JSON_RPC_ANSWER_MAX_BYTES] = '\0';
    assert_int_equal(scene_play(s, 200, "", body), 1);
    assert_int_equal(s->error.kind, ERROR_NONE);
    free(body);
}

static void good_after_bad(struct wire *w, struct wire_request *r)
{
    switch (w->step++) {
    case 0:
        wire_reply_bytes(r->peer, 200, "", VIEW_LITERAL("{\"Accounts\":[{},{}"), 10);
        break;
    case 1:
        wire_reply(r->peer, 500, "", "{\"__type\":\"ServiceException\"}");
        break;
    default:
        wire_reply(r->peer, 200, "", "{\"Accounts\":[]}");
    }
}

static void test_good_after_bad(void **state)
{
    struct scene *s = *state;
    s->w->answer = good_after_bad;
    assert_int_equal(scene_run(s), 3);
    assert_int_equal(s->error.kind, ERROR_NONE);
    assert_int_equal(json_object_size(s->answer), 1);
    assert_int_equal(json_array_size(json_object_get(s->answer, "Accounts")), 0);
}

static void hold(struct wire *w, struct wire_request *r)
{
    (void)w, (void)r;
}

static void test_cancel(void **state)
{
    struct scene *s = *state;
    json_t *input = json_object();
    json_rpc_cancel(NULL);
    s->w->answer = hold;
    scene_start(s, input);
    json_rpc_cancel(s->rpc); /* before anything was sent */
    scene_start(s, input);
    wire_await(s->w, 1);
    json_rpc_cancel(s->rpc); /* while the answer is waited for */
    s->rpc = NULL;
    json_decref(input);
    wire_pass(s->w, 50);
    assert_int_equal(s->calls, 0);
    assert_int_equal(aws_client_room(s->w->client), 4);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_begin, scene_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_request), TEST(test_error_codes), TEST(test_throttled),      TEST(test_malformed),
        TEST(test_nesting), TEST(test_too_long),    TEST(test_good_after_bad), TEST(test_cancel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
