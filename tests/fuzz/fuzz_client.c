/* SPDX-License-Identifier: MIT */
/*
 * The whole client before a server that answers anything (wire.h): accounts are listed, roles
 * assumed, users read by each strategy, and objects written to a bucket. The first byte says what
 * is done: strategy, listed accounts or the organization, or a bucket.
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
#include "wire.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES ((size_t)1024 * 1024) /* six of them are two parts of an upload */
#define SECRET      "wJalrXUtnFEMIK7MDENG"

/* ---- the usual answers ---- */

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

static const char *usual_header(const char *name)
{
    return strcasecmp(name, "ETag") == 0 ? "\"e\"" : NULL;
}

static const struct wire_usual usual = {usual_body, usual_header, NULL, NULL, NULL};

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
        kept_loop = loop_new(&wire_clock, &e);
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
    log_configure(LOG_DEBUG, LOG_JSON, &wire_clock);
    wire_begin(bytes, len, &usual);
    unsigned how = wire_byte();
    scene_begin(&s);
    if (how % 8 == 7)
        write_object(&s, how & 8);
    else
        read_accounts(&s, how);
    scene_end(&s);
    log_set_listener(NULL);
    return 0;
}
