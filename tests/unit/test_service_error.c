/* SPDX-License-Identifier: MIT */
/* What services say when they refuse: in whatever form, and without our secrets. */
#include "call_scene.h"

static int answer_status;
static const char *answer_headers, *answer_body;

static void answer_it(struct call_scene *s, struct wire_request *r)
{
    (void)s;
    wire_reply(r->peer, answer_status, answer_headers, answer_body);
}

static const struct error *refuse(struct call_scene *s, int status, const char *headers,
                                  const char *body)
{
    answer_status = status;
    answer_headers = headers;
    answer_body = body;
    s->answer = answer_it;
    return &call_run(s)->error;
}

static void assert_error(const struct error *e, const char *code, const char *text)
{
    assert_int_equal(e->kind, ERROR_SERVICE);
    assert_string_equal(e->code, code);
    assert_string_equal(e->text, text);
}

/* ---- forms ---- */

static void test_forms(void **state)
{
    static const char none[] = "HTTP status 403 without an AWS error";
    static const struct {
        const char *headers, *body, *code, *text;
    } rows[] = {
        /* IAM and STS, S3, EC2 and what imitates it, namespaces, gateways */
        {"", "<ErrorResponse><Error><Code>A</Code><Message>m</Message></Error></ErrorResponse>",
         "A", "m"},
        {"", "<Error><Code>A</Code><Message>m</Message></Error>", "A", "m"},
        {"",
         "<?xml version=\"1.0\"?>\n<Response><Errors><Error><Code>A</Code><Message>m</Message>"
         "</Error></Errors><RequestID>id-1</RequestID></Response>",
         "A", "m"},
        {"", "<e:Error xmlns:e=\"x\"><e:Code>A</e:Code><e:Message>m</e:Message></e:Error>", "A",
         "m"},
        {"",
         "<AccessDeniedException>\n  <Message>Unable to determine service/operation name to be "
         "authorized</Message>\n</AccessDeniedException>\n",
         "AccessDeniedException", "Unable to determine service/operation name to be authorized"},
        {"", "<UnknownOperationException/>", "UnknownOperationException",
         "UnknownOperationException"},
        {"", "  <ServiceFault><message>m</message></ServiceFault>", "ServiceFault", "m"},
        /* JSON, in every spelling of the code */
        {"", "{\"Code\":\"FooError\"}", "FooError", "FooError"},
        {"", "{\"code\":\"FooError\",\"message\":\"m\"}", "FooError", "m"},
        {"", "{\"__type\":\"a.b#FooError\",\"Message\":\"m\"}", "FooError", "m"},
        {"", " {\"__type\":\"FooError:http://x/\",\"errorMessage\":\"m\"}", "FooError", "m"},
        {"", "{\"code\":403,\"Code\":\"FooError\"}", "FooError", "FooError"},
        {"x-amzn-ErrorType: FooError:http://x/\r\n", "{\"__type\":\"Other\",\"message\":\"m\"}",
         "FooError", "m"},
        {"x-amzn-ErrorType: FooError\r\n", "<Error><Message>m</Message></Error>", "FooError", "m"},
        {"x-amzn-ErrorType: FooError\r\n", "", "FooError", "FooError"},
        /* what is none of them */
        {"", "{\"message\":\"Forbidden\"}", "HTTP403", "Forbidden"},
        {"", "{\"Code\":{}}", "HTTP403", none},
        {"", "[\"Code\"]", "HTTP403", none},
        {"", "{\"Code\" \"FooError\"}", "HTTP403", none},
        {"x-amzn-ErrorType: FooError\r\n", "{\"mess", "FooError", "FooError"},
        {"", "<html><body><h1>Forbidden</h1></body></html>", "HTTP403", none},
        {"", "<html><Code>A</Code><br></html>", "HTTP403", none},
        {"", "<Exception></Exception>", "HTTP403", none},
        {"", "Forbidden", "HTTP403", none},
        {"", "", "HTTP403", none},
    };
    struct call_scene *s = *state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct error *e = refuse(s, 403, rows[i].headers, rows[i].body);
        assert_error(e, rows[i].code, rows[i].text);
        assert_int_equal(e->http_status, 403);
    }
    assert_int_equal(s->w->count, sizeof(rows) / sizeof(rows[0])); /* none is worth repeating */
}

/* Whoever says it, and however: a call that is throttled is repeated. */
static void test_throttled(void **state)
{
    static const struct {
        const char *headers, *body;
    } rows[] = {
        {"", "<ThrottlingException>\n  <Message>Rate exceeded</Message>\n</ThrottlingException>"},
        {"", "<Error><Code>SlowDown</Code></Error>"},
        {"",
         "<Response><Errors><Error><Code>RequestLimitExceeded</Code></Error></Errors></Response>"},
        {"", "{\"code\":\"TooManyRequestsException\"}"},
        {"", "{\"Code\":\"Throttling\"}"},
        {"x-amzn-ErrorType: ThrottlingException\r\n", "{}"},
    };
    struct call_scene *s = *state;
    const size_t count = sizeof(rows) / sizeof(rows[0]);
    for (size_t i = 0; i < count; i++) {
        s->w->count = 0;
        refuse(s, 400, rows[i].headers, rows[i].body);
        assert_int_equal(s->w->count, 6);
        for (size_t k = 0; k < s->w->count; k++) {
            free(s->w->requests[k].head);
            free(s->w->requests[k].body);
        }
        s->w->count = 0;
    }
    assert_int_equal(aws_client_counters(s->w->client)->throttled, 6 * count);
}

static size_t answered_before;

static void answer_cut_first(struct call_scene *s, struct wire_request *r)
{
    const char *whole = "<Error><Code>Whole</Code></Error>";
    wire_reply(r->peer, 400, "", s->w->count > answered_before + 1 ? whole : answer_body);
}

/* What it would have said is not known: the next attempt says it. */
static void test_cut(void **state)
{
    static const char *const bodies[] = {
        "<ErrorResponse><Error><Code>Cut",
        "<?xml version=\"1.0\"?>\n<Error><Code>SlowDown</Code><Mess",
        "<Response><Errors><Error><Code>Throttling</Code></Error></Errors>",
        "{\"__type\": \"Throttling",
    };
    struct call_scene *s = *state;
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        answered_before = s->w->count;
        answer_body = bodies[i];
        s->answer = answer_cut_first;
        assert_error(&call_run(s)->error, "Whole", "Whole");
        assert_int_equal(s->w->count, answered_before + 2);
    }
}

/* If it is always cut, that is said. */
static void test_cut_to_the_end(void **state)
{
    struct call_scene *s = *state;
    const struct error *e = refuse(s, 403, "", "<ErrorResponse><Error><Code>AccessDen");
    assert_int_equal(e->kind, ERROR_PROTOCOL);
    assert_string_equal(e->text, "an answer of HTTP status 403 is cut off");
    assert_int_equal(s->w->count, 6);
}

/* Longer than what is kept: the status decides, and the call ends as ever. */
static void test_endless_refusal(void **state)
{
    struct call_scene *s = *state;
    char *body = xmalloc(200001);
    memset(body, ' ', 200000);
    body[200000] = '\0';
    memcpy(body, "{\"Code\":\"FooError\",", 19);
    body[199999] = '}';
    s->request.max_response_bytes = 300000;
    assert_error(refuse(s, 403, "", body), "HTTP403", "HTTP status 403 without an AWS error");
    assert_int_equal(refuse(s, 403, "", body)->http_status, 403);
    free(body);
}

/* ---- secrets ---- */

#define SECRET_KEY "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
#define TOKEN      "hush-token" /* of the scene */
#define HEX16      "0123456789abcdef"
#define SIGNATURE  HEX16 HEX16 HEX16 HEX16

static const struct error *refuse_with(struct call_scene *s, const char *message)
{
    static char body[100000];
    snprintf(body, sizeof(body),
             "<ErrorResponse><Error><Code>IncompleteSignature</Code><Message>%s</Message></Error>"
             "</ErrorResponse>",
             message);
    return refuse(s, 403, "", body);
}

static void test_secrets(void **state)
{
    static const struct {
        const char *message, *text;
    } rows[] = {
        {"got '" SECRET_KEY "/20260101/x'", "got '***/20260101/x'"},
        {"token " TOKEN "!", "token ***!"},
        {TOKEN TOKEN, "******"},
        {"in a form: wJalrXUtnFEMI%2FK7MDENG%2bbPxRfiCYEXAMPLEKEY&amp;x", "in a form: ***&x"},
        {"Authorization header: 'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE1/x, Signature=" SIGNATURE
         "'",
         "Authorization header: '***'"},
        {"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE1/x, SignedHea",
         "*** Credential=AKIDEXAMPLE1/x, SignedHea"},
        {"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE1/x, Signature=", "***Signature="},
        {"Signature=abc123, x", "***, x"},
        {"the Signature= is missing", "the Signature= is missing"},
        {"the hash " SIGNATURE, "the hash ***"},
        {"an id " HEX16 HEX16 HEX16, "an id " HEX16 HEX16 HEX16},
        {"cut by the service: 'wJalrXUt", "cut by the service: '***"},
        {"cut by the service: 'wJalrXUtnFEM'", "cut by the service: '***'"},
        {"cut by the service: wJalrXUtnFEMI/K7MDENG+bPxR and more",
         "cut by the service: *** and more"},
        {"wJalr is a word, wJalrXUtn too", "wJalr is a word, wJalrXUtn too"},
        {"The request signature we calculated does not match. The Canonical String for this "
         "request "
         "should have been '" TOKEN "'",
         "The request signature we calculated does not match."},
    };
    struct call_scene *s = *state;
    s->keys.secret = VIEW_LITERAL(SECRET_KEY);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_error(refuse_with(s, rows[i].message), "IncompleteSignature", rows[i].text);
}

/* AWS says last why it denies: a long name in the message must not cost the reason. */
static void test_a_long_message(void **state)
{
    static const char reason[] = "because no session policy allows the iam:ListUsers action";
    struct call_scene *s = *state;
    char message[3000];
    s->request.max_response_bytes = 10000;
    memset(message, '.', sizeof(message));
    memcpy(message, "User: ann is not authorized", 27);
    snprintf(message + 2000, sizeof(message) - 2000, " %s", reason);
    const struct error *e = refuse_with(s, message);
    assert_memory_equal(e->text, "User: ann is not authorized", 27);
    assert_string_equal(e->text + strlen(e->text) - strlen(reason), reason);
    assert_non_null(strstr(e->text, ". ... ."));
}

/* Wherever the bounds of an error's text cut, no piece of a secret stays beside them. */
static void test_secrets_at_the_bound(void **state)
{
    struct call_scene *s = *state;
    char message[2048];
    s->keys.secret = VIEW_LITERAL(SECRET_KEY);
    s->request.max_response_bytes = 10000;
    for (size_t before = 350; before < 860; before += before == 405 ? 391 : 1) {
        const struct error *e;
        memset(message, '.', sizeof(message));
        snprintf(message + before, sizeof(message) - before, "%s", SECRET_KEY);
        message[before + strlen(SECRET_KEY)] = '.';
        message[1500] = '\0';
        e = refuse_with(s, message);
        assert_int_equal(strlen(e->text), sizeof(e->text) - 1);
        for (const char *c = e->text; *c; c++)
            assert_non_null(strchr(".* ", *c));
    }
}

/* A secret in the place of the key id is sent with every request. */
static void test_secret_as_key_id(void **state)
{
    struct call_scene *s = *state;
    s->keys.id = "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEYxx";
    assert_error(refuse_with(s, "got 'wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEYxx/20260101/x'"),
                 "IncompleteSignature", "got '***/20260101/x'");
}

/* Short ones only if they stand by themselves. */
static void test_short_secrets(void **state)
{
    struct secret secrets[2] = {{0}, {0}};
    struct call_scene *s = *state;
    secret_set(&secrets[0], VIEW_LITERAL("42"));
    secret_set(&secrets[1], VIEW_LITERAL("acme ext id 42"));
    s->request.secrets = secrets;
    s->request.secret_count = 2;
    assert_error(refuse_with(s, "Value '42' at 'externalId' of 424242424242, see (42)"),
                 "IncompleteSignature", "Value '***' at 'externalId' of 424242424242, see (***)");
    assert_error(refuse_with(s, "Value 'acme ext id 42', ExternalId=acme+ext%20id+42"),
                 "IncompleteSignature", "Value '***', ExternalId=***");
    secret_clear(&secrets[0]);
    secret_clear(&secrets[1]);
}

/* Codes, request ids and broken answers too. */
static void test_secrets_elsewhere(void **state)
{
    struct call_scene *s = *state;
    const struct error *e =
        refuse(s, 403, "x-amzn-RequestId: " TOKEN "\r\n", "<Error><Code>" TOKEN "</Code></Error>");
    assert_string_equal(e->code, "***");
    assert_string_equal(e->text, "***");
    assert_string_equal(e->request_id, "***");
    s->callers[0].refuse = ERROR_LIMIT;
    s->callers[0].refuse_text = "the answer nests too deeply at '" TOKEN "'";
    e = refuse(s, 200, "", "fine");
    assert_int_equal(e->kind, ERROR_LIMIT);
    assert_string_equal(e->text, "the answer nests too deeply at '***'");
}

static void on_renewed(void *arg, const struct error *e)
{
    assert_null(e);
    *(bool *)arg = true;
}

static void renew(struct call_scene *s, int times)
{
    for (int i = 0; i < times; i++) {
        struct credentials_waiter waiter = {0};
        bool over = false;
        credentials_cache_expire(&s->cache, s->cache.generation);
        credentials_cache_wait(&s->cache, &waiter, on_renewed, &over);
        wire_run(s->w, &over);
    }
}

/* An answer that comes after the credentials were renewed repeats those that signed its request. */
static void test_secrets_of_before(void **state)
{
    static const char *const texts[] = {"got '***'", "got '***'", "Odd"};
    struct call_scene *s = *state;
    s->answer = answer_never;
    for (int renewals = 0; renewals < 3; renewals++) {
        s->keys.secret = VIEW_LITERAL(SECRET_KEY);
        renew(s, 1);
        const struct caller *c = call_start(s, (size_t)renewals);
        wire_await(s->w, (size_t)renewals + 1);
        s->keys.secret = VIEW_LITERAL("another-secret");
        renew(s, renewals);
        wire_reply(s->w->requests[renewals].peer, 403, "",
                   "<Error><Code>Odd</Code><Message>got '" SECRET_KEY "'</Message></Error>");
        wire_run(s->w, &c->over);
        /* After two renewals nobody knows what is secret in the text: the code must do. */
        assert_error(&c->error, "Odd", texts[renewals]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_forms),
        TEST(test_throttled),
        TEST(test_cut),
        TEST(test_cut_to_the_end),
        TEST(test_endless_refusal),
        TEST(test_secrets),
        TEST(test_a_long_message),
        TEST(test_secrets_at_the_bound),
        TEST(test_secret_as_key_id),
        TEST(test_short_secrets),
        TEST(test_secrets_elsewhere),
        TEST(test_secrets_of_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
