/* SPDX-License-Identifier: MIT */
/*
 * The whole client before a server that answers anything: accounts are listed, roles assumed, users
 * read by each strategy, and objects written to a bucket. HTTP itself is replaced (http_start and
 * the functions beside it, at link time), and time passes as fast as the loop waits.
 *
 *   byte 0       what is done: strategy, listed accounts or the organization, or a bucket
 *   then for each request, in order, until the bytes end (everything is answered well from then
 * on): byte       status, and whether the body is the usual one, edited, or one of its own edits a
 * number of them, then for each: where (2 bytes), what (1 byte) own body   its length (1 byte), the
 * bytes
 *
 * Whatever is answered: the census ends, and hands over each account once, in order.
 */
#include "api/s3.h"
#include "auth/provider_fixed.h"
#include "base/alloc.h"
#include "base/log.h"
#include "census/accounts.h"
#include "census/census.h"
#include "output/sink_s3.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#define REQUESTS_MAX 400 /* from then on everything is refused */
#define BODY_MAX     4096
#define NOW_S        INT64_C(1706693401)
#define BLOCK_BYTES  ((size_t)1024 * 1024) /* six of them are two parts of an upload */
#define SECRET       "wJalrXUtnFEMIK7MDENG"

/* ---- the bytes ---- */

static const uint8_t *input;
static size_t input_left;

static unsigned next_byte(void)
{
    if (input_left == 0)
        return 0;
    input_left--;
    return *input++;
}

/* ---- time ---- */

static int64_t passed_ms;

static int64_t wall_ms(void *arg)
{
    (void)arg;
    return NOW_S * 1000 + passed_ms;
}

static int64_t steady_ms(void *arg)
{
    (void)arg;
    return passed_ms;
}

int __wrap_epoll_wait(int fd, struct epoll_event *events, int max, int timeout_ms);
int __wrap_epoll_wait(int fd, struct epoll_event *events, int max, int timeout_ms)
{
    (void)fd, (void)events, (void)max;
    if (timeout_ms < 0)
        abort(); /* nothing is under way, and the census is not over */
    passed_ms += timeout_ms;
    return 0;
}

/* ---- the server ---- */

struct http_response {
    int status;
    char value[64];
};

struct http_exchange {
    struct loop *loop;
    struct loop_timer timer;
    struct http_handler handler;
    void *arg;
    struct http_response response;
    size_t max_bytes, len;
    char body[BODY_MAX];
    bool lost;
};

static unsigned requests;

struct usual {
    const char *asked, *body;
};

#define RESULT(action, inner)                                                                      \
    "Action=" action "&",                                                                          \
        "<" action "Response><" action "Result>" inner "</" action "Result></" action "Response>"
#define LAST "<IsTruncated>false</IsTruncated>"
#define DATE "<CreateDate>2024-01-31T09:30:00Z</CreateDate>"

/* Recognized by the request's body, or by its operation in a header. */
static const struct usual usual_answers[] = {
    {RESULT("AssumeRole",
            "<Credentials><AccessKeyId>ASIAQ</AccessKeyId><SecretAccessKey>s</SecretAccessKey>"
            "<SessionToken>t</SessionToken><Expiration>2024-01-31T10:30:00Z</Expiration></"
            "Credentials>")},
    {RESULT("GetCallerIdentity", "<Account>111111111111</Account><Arn>a</Arn><UserId>u</UserId>")},
    {RESULT("ListUsers",
            "<Users><member><UserName>ann</UserName><Path>/</Path><Arn>x</Arn>" DATE "</member>"
            "<member><UserName>bob</UserName><Path>/</Path><Arn>x</Arn>" DATE
            "</member></Users>" LAST)},
    {RESULT("GetAccountAuthorizationDetails",
            "<UserDetailList><member><UserName>ann</UserName><Path>/</Path><Arn>x</Arn>" DATE
            "<GroupList><member>g</member></GroupList></member></UserDetailList>" LAST)},
    {RESULT("GenerateCredentialReport", "<State>COMPLETE</State>")},
    {RESULT("GetCredentialReport",
            "<Content>"
            "dXNlcix1c2VyX2NyZWF0aW9uX3RpbWUscGFzc3dvcmRfZW5hYmxlZAphbm4sMjAyNC0wMS0zMVQwOTozMDowMF"
            "osZmFsc2UK"
            "</Content><GeneratedTime>2024-01-31T09:30:00Z</GeneratedTime>")},
    {RESULT("ListUserTags", "<Tags><member><Key>k</Key><Value>v</Value></member></Tags>" LAST)},
    {RESULT("ListAccessKeys", "<AccessKeyMetadata><member><AccessKeyId>AKIA1</AccessKeyId><Status>"
                              "Active</Status>" DATE "</member></AccessKeyMetadata>" LAST)},
    {RESULT("GetAccessKeyLastUsed",
            "<AccessKeyLastUsed><LastUsedDate>2024-01-31T09:30:00Z</LastUsedDate><ServiceName>s3"
            "</ServiceName><Region>us-east-1</Region></AccessKeyLastUsed>")},
    {RESULT("GetLoginProfile", "<LoginProfile>" DATE "</LoginProfile>")},
    {RESULT("ListGroupsForUser",
            "<Groups><member><GroupName>g</GroupName></member></Groups>" LAST)},
    {RESULT("ListMFADevices",
            "<MFADevices><member><SerialNumber>s</SerialNumber></member></MFADevices>" LAST)},
    {RESULT("ListAccountAliases", "<AccountAliases><member>a</member></AccountAliases>" LAST)},
    {RESULT("ListSigningCertificates", "<Certificates></Certificates>" LAST)},
    {"X-Amz-Target: AWSOrganizationsV20161128.ListAccounts",
     "{\"Accounts\": [{\"Id\": \"111111111111\", \"Name\": \"a\", \"Status\": \"ACTIVE\"}, "
     "{\"Id\": "
     "\"222222222222\", \"Name\": \"b\", \"State\": \"ACTIVE\"}, {\"Id\": \"333333333333\", "
     "\"Status\": \"SUSPENDED\"}]}"},
};

static bool asks(const struct http_request *request, const char *text)
{
    if (request->body.ptr && request->body.len >= strlen(text) &&
        memcmp(request->body.ptr, text, strlen(text)) == 0)
        return true;
    for (size_t i = 0; i < request->header_count; i++)
        if (strncmp(request->headers[i], text, strlen(text)) == 0)
            return true;
    return false;
}

static const char *usual_body(const struct http_request *request)
{
    for (size_t i = 0; i < sizeof(usual_answers) / sizeof(usual_answers[0]); i++)
        if (asks(request, usual_answers[i].asked))
            return usual_answers[i].body;
    if (strstr(request->url, "?uploads"))
        return "<InitiateMultipartUploadResult><UploadId>u</UploadId></"
               "InitiateMultipartUploadResult>";
    if (strcmp(request->method, "POST") == 0 && strstr(request->url, "uploadId="))
        return "<CompleteMultipartUploadResult><ETag>e</ETag></CompleteMultipartUploadResult>";
    return "<x/>";
}

static void make_body(struct http_exchange *x, const struct http_request *request, unsigned form)
{
    if (form == 2) {
        x->len = next_byte();
        for (size_t i = 0; i < x->len; i++)
            x->body[i] = (char)next_byte();
        return;
    }
    x->len = (size_t)snprintf(x->body, sizeof(x->body), "%s", usual_body(request));
    for (unsigned edits = form == 1 ? next_byte() % 16 : 0; edits > 0; edits--) {
        size_t at = next_byte() * 256U;
        at += next_byte();
        x->body[at % x->len] = (char)next_byte();
    }
}

static void server_on_fire(void *arg)
{
    struct http_exchange *x = arg;
    struct error e = {0};
    int result = 0;
    if (x->lost)
        result = error_set(&e, ERROR_NETWORK, "lost");
    else if (x->len > x->max_bytes)
        result = error_set(&e, ERROR_LIMIT, "too long");
    size_t half = x->len / 2;
    if (result == 0 && half > 0)
        result = x->handler.data(x->arg, &x->response, (struct view){x->body, half}, &e);
    if (result == 0 && x->len > 0)
        result =
            x->handler.data(x->arg, &x->response, (struct view){x->body + half, x->len - half}, &e);
    x->handler.done(x->arg, &x->response, result == 0 ? NULL : &e);
    free(x);
}

struct http_exchange *__wrap_http_start(struct http_client *client,
                                        const struct http_request *request,
                                        const struct http_handler *handler, void *arg);
struct http_exchange *__wrap_http_start(struct http_client *client,
                                        const struct http_request *request,
                                        const struct http_handler *handler, void *arg)
{
    static const int statuses[] = {200, 200, 200, 200, 400, 403, 404, 409, 429, 500, 503, 301};
    struct http_exchange *x = xcalloc(1, sizeof(*x));
    unsigned how = ++requests > REQUESTS_MAX ? 5 : next_byte();
    x->loop = http_client_loop(client);
    x->handler = *handler;
    x->arg = arg;
    x->max_bytes = request->max_response_bytes;
    x->lost = how % 64 == 63;
    x->response.status = statuses[how % 16 % (sizeof(statuses) / sizeof(statuses[0]))];
    make_body(x, request, how / 16 % 4);
    if (strcmp(request->method, "HEAD") == 0)
        x->len = 0;
    loop_timer_start(x->loop, &x->timer, 1, server_on_fire, x);
    return x;
}

void __wrap_http_cancel(struct http_exchange *x);
void __wrap_http_cancel(struct http_exchange *x)
{
    if (!x)
        return;
    loop_timer_stop(x->loop, &x->timer);
    free(x);
}

int __wrap_http_response_status(const struct http_response *response);
int __wrap_http_response_status(const struct http_response *response)
{
    return response->status;
}

struct view __wrap_http_response_header(const struct http_response *response, const char *name);
struct view __wrap_http_response_header(const struct http_response *response, const char *name)
{
    char *value = ((struct http_response *)(uintptr_t)response)->value;
    unsigned how = next_byte();
    if (strcasecmp(name, "ETag") == 0 && how < 128)
        return VIEW_LITERAL("\"e\"");
    if (how < 200)
        return VIEW_NONE;
    size_t len = how - 200;
    for (size_t i = 0; i < len; i++)
        value[i] = (char)(next_byte() % 95 + 32);
    value[len] = '\0';
    return (struct view){value, len};
}

/* ---- what is done ---- */

struct scene {
    struct loop *loop;
    struct aws_client *client;
    struct endpoint endpoint;
    struct sts sts;
    struct rate rate;
    struct credentials_cache keys;
    struct caller caller;
    struct accounts *accounts;
    struct census *census;
    size_t count, handed_over;
    char last[16];
    bool done, failed;
};

static bool scene_on_account(void *arg, struct account *account)
{
    struct scene *s = arg;
    if (strcmp(s->last, account->id) >= 0 && s->handed_over > 0)
        abort();
    snprintf(s->last, sizeof(s->last), "%s", account->id);
    s->handed_over++;
    if (account->outcome == OUTCOME_SUCCEEDED && account->partial)
        abort();
    if (account->outcome == OUTCOME_FAILED && account->user_count > 0)
        abort();
    return true;
}

static void scene_on_done(void *arg)
{
    ((struct scene *)arg)->done = true;
}

static void scene_on_accounts(void *arg, const struct error *e)
{
    struct scene *s = arg;
    s->failed = e != NULL;
    s->done = true;
}

static void scene_run(struct scene *s)
{
    struct error e;
    s->done = false;
    if (loop_run(s->loop, &s->done, &e) != 0)
        abort();
}

static void read_accounts(struct scene *s, unsigned how)
{
    const struct accounts_options options = {
        .organizations = {.client = s->client, .endpoint = &s->endpoint, .credentials = &s->keys}};
    s->accounts = accounts_find(&options, scene_on_accounts, s);
    scene_run(s);
    struct census_options census = {
        .job = {.client = s->client,
                .sts = &s->sts,
                .iam = &s->endpoint,
                .caller = &s->caller,
                .partition = "aws",
                .role = VIEW_LITERAL("census"),
                .strategy = how % 3,
                .wanted = (FACT_BIT(FACT_ACCOUNT_NAME) << 1) - 1,
                .calls_at_once = 16,
                .report_limit_ms = 60000,
                .max_report_age_s = 7200},
        .memory_budget_bytes = (size_t)1 << 20,
        .account = scene_on_account,
        .done = scene_on_done,
        .arg = s,
    };
    census.accounts = accounts_list(s->accounts, &census.account_count);
    s->count = s->failed ? 0 : census.account_count;
    if (!s->failed) {
        s->census = census_new(&census);
        scene_run(s);
    }
    if (s->handed_over != s->count)
        abort();
    census_free(s->census);
    accounts_free(s->accounts);
}

static void write_object(struct scene *s, bool large)
{
    static char bytes[BLOCK_BYTES];
    struct error e;
    const struct s3_bucket_options options = {
        .name = VIEW_LITERAL("bucket"),
        .endpoint = {.service = SERVICE_S3, .region = VIEW_LITERAL("us-east-1")}};
    struct s3_bucket *bucket = s3_bucket_new(s->client, &s->keys, &options, &e);
    if (!bucket)
        abort();
    struct sink *sink = sink_s3_new(s->loop, bucket, VIEW_LITERAL("key"), "text/csv");
    for (int i = 0; i < (large ? 6 : 1); i++)
        sink_write(sink, (struct view){bytes, large ? BLOCK_BYTES : 100});
    sink_finish(sink, scene_on_accounts, s);
    scene_run(s);
    if (s->failed) {
        sink_abort(sink, scene_on_accounts, s);
        scene_run(s);
    }
    sink_free(sink);
    s3_bucket_free(bucket);
}

/* Kept from one input to the next: to make them costs more than a whole census. */
static const struct clock kept_clock = {wall_ms, steady_ms, NULL};
static struct loop *kept_loop;
static struct http_client *kept_http;

static void scene_begin(struct scene *s)
{
    struct error e;
    const struct http_options http = {.user_agent = "fuzz", .max_connections = 4};
    const struct aws_client_options client = {.max_in_flight = 4, .seed = 42};
    const struct endpoint_query endpoint = {.service = SERVICE_IAM,
                                            .override = VIEW_LITERAL("http://127.0.0.1:1")};
    struct credentials c = {.access_key_id = "AKIDEXAMPLE", .expires_at_s = INT64_MAX};
    secret_set(&c.secret_access_key, VIEW_LITERAL(SECRET));
    if (!kept_http) {
        kept_loop = loop_new(&kept_clock, &e);
        kept_http = http_client_new(kept_loop, &http, &e);
    }
    s->loop = kept_loop;
    s->client = aws_client_new(kept_http, &client);
    if (endpoint_resolve(&endpoint, &s->endpoint, &e) != 0)
        abort();
    credentials_cache_init(&s->keys, s->loop, provider_fixed_new(s->loop, &c));
    rate_init(&s->rate, s->loop);
    s->sts = (struct sts){.client = s->client, .endpoint = &s->endpoint, .rate = &s->rate};
    caller_init(&s->caller, &s->sts, &s->keys);
}

static void scene_end(struct scene *s)
{
    caller_release(&s->caller);
    rate_release(&s->rate);
    credentials_cache_release(&s->keys);
    aws_client_free(s->client);
}

/* Whatever a server says, no line of the log shows the caller's secret. */
static void on_line(void *arg, struct view line)
{
    (void)arg;
    if (memmem(line.ptr, line.len, SECRET, strlen(SECRET)))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct scene s = {.done = false};
    const struct log_listener listener = {.write = on_line};
    log_set_listener(&listener);
    log_configure(LOG_DEBUG, LOG_JSON, &kept_clock);
    input = bytes;
    input_left = len;
    requests = 0;
    unsigned how = next_byte();
    scene_begin(&s);
    if (how % 8 == 7)
        write_object(&s, how & 8);
    else
        read_accounts(&s, how);
    scene_end(&s);
    log_set_listener(NULL);
    return 0;
}
