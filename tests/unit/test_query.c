/* SPDX-License-Identifier: MIT */
/* The query protocol over the wire: requests, pages, errors, and what is never believed. */
#include "wire_scene.h"

#include "api/iam.h"
#include "aws/query.h"
#include "base/timestamp.h"
#include "protocol_cases.h"

struct scene {
    struct wire *w;
    struct wire_keys keys;
    struct credentials_cache cache;
    struct query *query;
    bool over;
    int calls;
    struct error error; /* kind ERROR_NONE: it went well */
    struct buffer names;
    size_t pages;
    size_t fail_at; /* the page whose handler fails; 0: none */
    size_t hold_at; /* the page after which the next one is not wanted yet; 0: none */
    bool held;
    const char *body;
    int status;
};

static void scene_answer(struct wire *w, struct wire_request *r)
{
    const struct scene *s = w->arg;
    wire_reply(r->peer, s->status, "", s->body);
}

static int scene_begin(void **state)
{
    struct scene *s = xcalloc(1, sizeof(*s));
    s->w = wire_new(scene_answer);
    s->w->arg = s;
    s->status = 200;
    wire_client(s->w, 4);
    wire_keys_init(&s->keys, s->w);
    credentials_cache_init(&s->cache, s->w->loop, &s->keys.base);
    buffer_init(&s->names, (size_t)1024 * 1024);
    *state = s;
    return 0;
}

static int scene_end(void **state)
{
    struct scene *s = *state;
    query_cancel(s->query);
    credentials_cache_release(&s->cache);
    buffer_release(&s->names);
    wire_free(s->w);
    free(s);
    return 0;
}

static int on_page(void *arg, const void *answer, struct error *e)
{
    struct scene *s = arg;
    const struct iam_users *users = answer;
    if (++s->pages == s->fail_at)
        return error_set(e, ERROR_CANCELLED, "the page was not wanted");
    for (const struct xml_record *r = users->users.first; r; r = r->next)
        buffer_addf(&s->names, "%.*s ", VIEW_ARG(((const struct iam_user *)(const void *)r)->name));
    return 0;
}

static void on_done(void *arg, const struct error *e)
{
    struct scene *s = arg;
    s->over = true;
    s->calls++;
    s->query = NULL;
    if (e)
        s->error = *e;
}

static bool on_hold(void *arg)
{
    struct scene *s = arg;
    s->held = s->pages == s->hold_at;
    s->over = s->held;
    return s->held;
}

static struct aws_target scene_target(struct scene *s)
{
    return (struct aws_target){
        .client = s->w->client, .endpoint = &s->w->endpoint, .credentials = &s->cache};
}

static void scene_start(struct scene *s, const struct query_operation *operation,
                        const struct query_param *params, size_t count)
{
    static const struct query_handler handler = {on_page, on_done, on_hold};
    const struct aws_target target = scene_target(s);
    s->over = false;
    s->calls = 0;
    s->pages = 0;
    error_clear(&s->error);
    buffer_clear(&s->names);
    s->query = query_start(&target, operation, params, count, &handler, s);
    assert_false(s->over);
}

static void scene_run(struct scene *s, const struct query_param *params, size_t count)
{
    scene_start(s, &iam_list_users, params, count);
    wire_run(s->w, &s->over);
    assert_int_equal(s->calls, 1);
}

static void assert_failed(const struct scene *s, enum error_kind kind, const char *part)
{
    if (!strstr(s->error.text, part))
        fail_msg("'%s' is not in '%s'", part, s->error.text);
    assert_int_equal(s->error.kind, kind);
}

#define PAGE(users, rest)                                                                          \
    "<ListUsersResponse><ListUsersResult><Users>" users "</Users>" rest                            \
    "</ListUsersResult></ListUsersResponse>"
#define USER(name) "<member><UserName>" name "</UserName></member>"
#define LAST       "<IsTruncated>false</IsTruncated>"
#define MORE(mark) "<IsTruncated>true</IsTruncated><Marker>" mark "</Marker>"

/* ---- requests ---- */

static void test_request(void **state)
{
    struct scene *s = *state;
    char value[1024];
    const struct query_param params[] = {
        {"UserName", VIEW_LITERAL("a b+c/d=e@f,g~h-i_j.k\xc3\xa9")},
        {"Absent", VIEW_NONE},
        {"Empty", VIEW_LITERAL("")},
    };
    s->body = PAGE("", LAST);
    scene_run(s, params, 3);
    assert_int_equal(s->error.kind, ERROR_NONE);
    assert_int_equal(s->w->count, 1);
    const struct wire_request *r = &s->w->requests[0];
    assert_string_equal(r->body, "Action=ListUsers&Version=2010-05-08"
                                 "&UserName=a%20b%2Bc%2Fd%3De%40f%2Cg~h-i_j.k%C3%A9"
                                 "&Empty=&MaxItems=1000");
    assert_true(strncmp(r->head, "POST / HTTP/1.1\r\n", 17) == 0);
    assert_string_equal(wire_header(r->head, "Content-Type", value),
                        "application/x-www-form-urlencoded; charset=utf-8");
    assert_string_equal(wire_header(r->head, "X-Amz-Date", value), "20240131T120001Z");
    assert_string_equal(wire_header(r->head, "X-Amz-Security-Token", value), "hush-token");
    assert_non_null(strstr(wire_header(r->head, "Authorization", value),
                           "Credential=AKIDEXAMPLE1/20240131/us-east-1/iam/aws4_request"));
    assert_string_equal(wire_header(r->head, "Expect", value), "");
}

/* ---- pages ---- */

static void three_pages(struct wire *w, struct wire_request *r)
{
    char marker[1024];
    wire_param(r->body, "Marker", marker);
    (void)w;
    if (strcmp(marker, "") == 0)
        wire_reply(r->peer, 200, "", PAGE(USER("alice") USER("bob"), MORE("a/b==&amp;c")));
    else if (strcmp(marker, "a%2Fb%3D%3D%26c") == 0)
        wire_reply(r->peer, 200, "", PAGE("", MORE("two")));
    else if (strcmp(marker, "two") == 0)
        wire_reply(r->peer, 200, "", PAGE(USER("carol"), LAST));
    else
        wire_reply(r->peer, 400, "", "unexpected marker");
}

static void test_pages(void **state)
{
    struct scene *s = *state;
    const struct query_param params[] = {{"UserName", VIEW_LITERAL("ann")}};
    s->w->answer = three_pages;
    scene_run(s, params, 1);
    assert_string_equal(s->error.text, "");
    assert_string_equal(buffer_text(&s->names), "alice bob carol ");
    assert_int_equal(s->pages, 3);
    assert_string_equal(
        s->w->requests[2].body,
        "Action=ListUsers&Version=2010-05-08&UserName=ann&MaxItems=1000&Marker=two");
    /* A query that is used again knows nothing of the one before. */
    scene_run(s, NULL, 0);
    assert_string_equal(s->w->requests[3].body,
                        "Action=ListUsers&Version=2010-05-08&MaxItems=1000");
    assert_string_equal(buffer_text(&s->names), "alice bob carol ");
}

/* The next page is asked for only when it is wanted, and a query that waits can be cancelled. */
static void test_page_that_waits(void **state)
{
    struct scene *s = *state;
    s->w->answer = three_pages;
    s->hold_at = 1;
    scene_start(s, &iam_list_users, NULL, 0);
    wire_run(s->w, &s->over);
    assert_true(s->held);
    assert_int_equal(s->w->count, 1);
    s->over = false;
    query_go_on(s->query);
    wire_run(s->w, &s->over);
    assert_int_equal(s->calls, 1);
    assert_int_equal(s->w->count, 3);
    assert_string_equal(buffer_text(&s->names), "alice bob carol ");
    scene_start(s, &iam_list_users, NULL, 0);
    wire_run(s->w, &s->over);
    query_cancel(s->query);
    s->query = NULL;
    assert_int_equal(s->calls, 0);
}

static void test_marker_that_does_not_move(void **state)
{
    struct scene *s = *state;
    s->body = PAGE(USER("alice"), MORE("same"));
    scene_run(s, NULL, 0);
    assert_failed(s, ERROR_LIMIT, "ListUsers: the pages do not end, the same marker came twice");
    assert_int_equal(s->w->count, 2);
}

static void test_truncated_without_marker(void **state)
{
    struct scene *s = *state;
    s->body = PAGE(USER("alice"), "<IsTruncated>true</IsTruncated>");
    scene_run(s, NULL, 0);
    assert_failed(s, ERROR_LIMIT, "truncated and has no marker");
    s->body = PAGE(USER("alice"), MORE(""));
    scene_run(s, NULL, 0);
    assert_failed(s, ERROR_LIMIT, "truncated and has no marker");
}

/* A marker of a page that is the last means nothing. */
static void test_marker_without_truncation(void **state)
{
    struct scene *s = *state;
    s->body = PAGE(USER("alice"), LAST "<Marker>more</Marker>");
    scene_run(s, NULL, 0);
    assert_int_equal(s->error.kind, ERROR_NONE);
    s->body = PAGE(USER("alice"), "<Marker>more</Marker>");
    scene_run(s, NULL, 0);
    assert_int_equal(s->error.kind, ERROR_NONE);
    assert_int_equal(s->w->count, 2);
}

static void endless_pages(struct wire *w, struct wire_request *r)
{
    char body[512];
    snprintf(body, sizeof(body), PAGE("", MORE("m%d")), ++w->step);
    wire_reply(r->peer, 200, "", body);
}

static void test_endless_pages(void **state)
{
    struct scene *s = *state;
    s->w->answer = endless_pages;
    scene_run(s, NULL, 0);
    assert_failed(s, ERROR_LIMIT, "more than 1000 pages");
    assert_int_equal(s->w->count, QUERY_PAGES_MAX);
}

/* A marker that would not fit into a request is an error, not a request cut short. */
static void test_marker_too_long(void **state)
{
    struct scene *s = *state;
    struct buffer body;
    buffer_init(&body, (size_t)1024 * 1024);
    buffer_add_text(&body, "<ListUsersResponse><ListUsersResult>"
                           "<IsTruncated>true</IsTruncated><Marker>");
    for (size_t i = 0; i < XML_TEXT_MAX_BYTES; i++)
        buffer_add_char(&body, '/');
    buffer_add_text(&body, "</Marker></ListUsersResult></ListUsersResponse>");
    s->body = buffer_text(&body);
    scene_run(s, NULL, 0);
    assert_failed(s, ERROR_LIMIT, "the marker is too long");
    assert_int_equal(s->w->count, 1);
    buffer_release(&body);
    s->body = PAGE(USER("bob"), LAST);
    scene_run(s, NULL, 0);
    assert_string_equal(buffer_text(&s->names), "bob ");
}

static void answer_long_pages(struct wire *w, struct wire_request *r)
{
    static char body[400000];
    const struct scene *s = w->arg;
    size_t page = (size_t)++w->step;
    size_t len = strlen(strcpy(body, "<ListUserTagsResponse><ListUserTagsResult><Tags>"));
    while (len < sizeof(body) - 1000)
        len += (size_t)sprintf(body + len, "<member><Key>k</Key><Value>%0500d</Value></member>", 0);
    sprintf(body + len,
            "</Tags><IsTruncated>%s</IsTruncated><Marker>%d</Marker></ListUserTagsResult>"
            "</ListUserTagsResponse>",
            page < s->fail_at ? "true" : "false", w->step);
    wire_reply(r->peer, 200, "", body);
}

static int on_any_page(void *arg, const void *answer, struct error *e)
{
    struct scene *s = arg;
    (void)answer, (void)e;
    s->pages++;
    return 0;
}

/* What becomes part of one row has a bound over all of its pages; repeated ones count once. */
static void test_list_of_one_user(void **state)
{
    static const struct query_handler handler = {on_any_page, on_done, NULL};
    const struct query_param params[] = {{"UserName", VIEW_LITERAL("ann")}};
    struct scene *s = *state;
    const struct aws_target target = scene_target(s);
    s->w->answer = answer_long_pages;
    s->fail_at = 2; /* the last page */
    s->query = query_start(&target, &iam_list_user_tags, params, 1, &handler, s);
    wire_run(s->w, &s->over);
    assert_int_equal(s->error.kind, ERROR_NONE);
    assert_int_equal(s->pages, 2);
    s->fail_at = 1000;
    s->w->step = s->over = 0;
    s->query = query_start(&target, &iam_list_user_tags, params, 1, &handler, s);
    wire_run(s->w, &s->over);
    assert_failed(s, ERROR_LIMIT, "the list is longer than 1048576 bytes");
    assert_int_equal(s->pages, 4);
    /* A list that is not about one user has none. */
    error_clear(&s->error);
    s->fail_at = 10;
    s->w->step = s->over = 0;
    s->query = query_start(&target, &iam_list_user_tags, NULL, 0, &handler, s);
    wire_run(s->w, &s->over);
    assert_int_equal(s->error.kind, ERROR_NONE);
}

/* A request that is over its bound is an error: it is not sent without its last parameter. */
static void test_request_too_long(void **state)
{
    struct scene *s = *state;
    char *long_value = xmalloc(50000);
    memset(long_value, '%', 50000);
    const struct query_param params[] = {{"PathPrefix", {long_value, 50000}},
                                         {"Marker", VIEW_LITERAL("last")}};
    s->body = PAGE(USER("bob"), LAST);
    scene_run(s, params, 2);
    assert_failed(s, ERROR_LIMIT, "the request is longer than 131072 bytes");
    assert_string_equal(s->error.operation, "ListUsers");
    assert_int_equal(s->w->count, 0);
    /* Given up before it says so. */
    scene_start(s, &iam_list_users, params, 2);
    query_cancel(s->query);
    s->query = NULL;
    wire_pass(s->w, 10);
    assert_int_equal(s->calls, 0);
    scene_run(s, NULL, 0);
    assert_int_equal(s->error.kind, ERROR_NONE);
    assert_string_equal(buffer_text(&s->names), "bob ");
    free(long_value);
}

static void test_page_refused(void **state)
{
    struct scene *s = *state;
    s->w->answer = three_pages;
    s->fail_at = 2;
    scene_run(s, NULL, 0);
    assert_failed(s, ERROR_CANCELLED, "the page was not wanted");
    assert_int_equal(s->w->count, 2);
}

/* ---- errors ---- */

static void run_published_error(struct scene *s, const json_t *published)
{
    const json_t *response = json_object_get(published, "response");
    const char *message = json_text_of(published, "errorMessage");
    s->body = json_text_of(response, "body");
    s->status = (int)json_integer_value(json_object_get(response, "status_code"));
    scene_run(s, NULL, 0);
    assert_int_equal(s->error.kind, ERROR_SERVICE);
    assert_string_equal(s->error.code, json_text_of(published, "errorCode"));
    assert_string_equal(s->error.request_id, "foo-id");
    assert_int_equal(s->error.http_status, s->status);
    /* An error without a message is told by its code. */
    assert_string_equal(s->error.text, message ? message : s->error.code);
}

static void test_published_errors(void **state)
{
    struct scene *s = *state;
    json_t *suites = protocol_cases_load();
    json_t *suite, *published;
    size_t i, k, ran = 0;
    if (!suites)
        skip();
    json_array_foreach (suites, i, suite)
        json_array_foreach (json_object_get(suite, "cases"), k, published) {
            if (!json_object_get(published, "errorCode"))
                continue;
            run_published_error(s, published);
            ran++;
        }
    json_decref(suites);
    assert_int_equal(ran, 3);
    assert_int_equal(s->w->count, 3); /* none of them is worth another attempt */
}

static void test_foreign_error(void **state)
{
    struct scene *s = *state;
    static const char *const bodies[] = {
        "<html><body>404 &nbsp; Not Found</body></html>",
        "",
        "not xml",
        "<!DOCTYPE html><html><body>404",
        "<ErrorResponse/>",
        "<!DOCTYPE ErrorResponse><ErrorResponse><Error><Code>X</Code></Error></ErrorResponse>",
    };
    s->status = 404;
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        s->body = bodies[i];
        scene_run(s, NULL, 0);
        assert_failed(s, ERROR_SERVICE, "HTTP status 404 without an AWS error");
        assert_string_equal(s->error.code, "HTTP404");
        assert_int_equal(s->error.http_status, 404);
        assert_int_equal(s->w->count, i + 1);
    }
}

static void answer_denied(struct wire *w, struct wire_request *r)
{
    (void)w;
    wire_reply(r->peer, 403, "x-amzn-RequestId: 7a62c49f\r\n",
               "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no\nno</Message></Error>"
               "</ErrorResponse>");
}

static void test_request_id_of_the_header(void **state)
{
    struct scene *s = *state;
    s->w->answer = answer_denied;
    scene_run(s, NULL, 0);
    assert_string_equal(s->error.text, "no no");
    assert_string_equal(s->error.request_id, "7a62c49f");
    assert_true(error_is_code(&s->error, "AccessDenied"));
    assert_int_equal(s->error.http_status, 403);
}

/* Six attempts, and then the last word. */
static void test_balancer_in_trouble(void **state)
{
    struct scene *s = *state;
    s->status = 503;
    s->body = "<html>Service Unavailable</html>";
    scene_run(s, NULL, 0);
    assert_failed(s, ERROR_SERVICE, "HTTP status 503");
    assert_int_equal(s->w->count, RETRY_ATTEMPTS_MAX);
}

static void good_after_bad(struct wire *w, struct wire_request *r)
{
    static const char page[] = PAGE(USER("alice") USER("bob"), LAST);
    switch (w->step++) {
    case 0: /* the second half is missing, and the connection ends */
        wire_reply_bytes(r->peer, 200, "", (struct view){page, sizeof(page) / 2}, 100);
        break;
    case 1: /* the second half is missing, and it looks whole */
        wire_reply_bytes(r->peer, 200, "", (struct view){page, sizeof(page) / 2}, 0);
        break;
    case 2:
        wire_reply(r->peer, 200, "", "<html>please log in</html>");
        break;
    default:
        wire_reply(r->peer, 200, "", page);
    }
}

/* What a broken answer held is forgotten: nobody is listed twice. */
static void test_good_after_bad(void **state)
{
    struct scene *s = *state;
    s->w->answer = good_after_bad;
    scene_run(s, NULL, 0);
    assert_int_equal(s->error.kind, ERROR_NONE);
    assert_string_equal(buffer_text(&s->names), "alice bob ");
    assert_int_equal(s->pages, 1);
    assert_int_equal(s->w->count, 4);
    assert_int_equal(aws_client_counters(s->w->client)->retries, 3);
}

static void test_malformed_to_the_end(void **state)
{
    struct scene *s = *state;
    s->body = PAGE(USER("alice"), "<IsTruncated>maybe</IsTruncated>");
    scene_run(s, NULL, 0);
    assert_failed(s, ERROR_PROTOCOL, "malformed value in 'IsTruncated'");
    assert_int_equal(s->w->count, RETRY_ATTEMPTS_MAX);
    assert_int_equal(s->pages, 0);
}

/* An answer that is over a bound is no better the next time. */
static void test_too_deep(void **state)
{
    struct scene *s = *state;
    s->body = "<ListUsersResponse><ListUsersResult><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a>"
              "<a><a><a><a><a><a><a><a><a><a><a>";
    scene_run(s, NULL, 0);
    assert_failed(s, ERROR_LIMIT, "nests too deeply");
    assert_int_equal(s->w->count, 1);
}

/* ---- giving up ---- */

static void hold(struct wire *w, struct wire_request *r)
{
    (void)w, (void)r;
}

static void hold_second(struct wire *w, struct wire_request *r)
{
    if (w->step++ == 0)
        wire_reply(r->peer, 200, "", PAGE(USER("alice"), MORE("two")));
}

static void test_cancel(void **state)
{
    struct scene *s = *state;
    query_cancel(NULL);
    s->w->answer = hold;
    scene_start(s, &iam_list_users, NULL, 0);
    query_cancel(s->query); /* before anything was sent */
    scene_start(s, &iam_list_users, NULL, 0);
    wire_await(s->w, 1);
    query_cancel(s->query); /* while the answer is waited for */
    s->w->answer = hold_second;
    scene_start(s, &iam_list_users, NULL, 0);
    wire_await(s->w, 3);
    assert_int_equal(s->pages, 1);
    query_cancel(s->query); /* between two pages */
    s->query = NULL;
    wire_pass(s->w, 50);
    assert_int_equal(s->calls, 0);
    assert_int_equal(aws_client_room(s->w->client), 4);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_begin, scene_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_request),
        TEST(test_pages),
        TEST(test_page_that_waits),
        TEST(test_marker_that_does_not_move),
        TEST(test_truncated_without_marker),
        TEST(test_marker_without_truncation),
        TEST(test_endless_pages),
        TEST(test_marker_too_long),
        TEST(test_list_of_one_user),
        TEST(test_request_too_long),
        TEST(test_page_refused),
        TEST(test_published_errors),
        TEST(test_foreign_error),
        TEST(test_request_id_of_the_header),
        TEST(test_balancer_in_trouble),
        TEST(test_good_after_bad),
        TEST(test_malformed_to_the_end),
        TEST(test_too_deep),
        TEST(test_cancel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
