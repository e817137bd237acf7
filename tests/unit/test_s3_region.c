/* SPDX-License-Identifier: MIT */
/* A bucket in another region: followed from whatever says so, once, and never into another
 * partition; and what HeadBucket finds out before any work is done. */
#include "wire_scene.h"

#include "api/s3.h"
#include "base/log.h"

#define HOME "eu-central-1"

/* How a bucket that is somewhere else answers. */
struct way {
    int status;
    const char *headers, *body;
};

struct scene {
    struct wire *w;
    struct wire_keys keys;
    struct credentials_cache cache;
    struct s3_bucket *bucket;
    struct way elsewhere; /* to all but HEAD */
    struct way asked;     /* to HEAD of the bucket, from elsewhere */
    struct way at_home;   /* to HEAD of the bucket, at home; status 0: 200 */
    struct way without_owner;
    const char *home;
    char log[512]; /* "PUT us-east-1, HEAD us-east-1, " */
    bool over;
    struct error error;
};

/* ---- the server ---- */

/* "us-east-1" of "Credential=AKIDEXAMPLE1/20240131/us-east-1/s3/aws4_request". */
static const char *region_of(const char *head, char region[64])
{
    char line[1024];
    wire_header(head, "Authorization", line);
    const char *at = strstr(line, "Credential=");
    for (int i = 0; i < 2 && at; i++)
        at = strchr(at + 1, '/');
    assert_non_null(at);
    snprintf(region, 64, "%.*s", (int)strcspn(at + 1, "/"), at + 1);
    return region;
}

static void reply(const struct wire_request *r, const struct way *way)
{
    wire_reply(r->peer, way->status, way->headers ? way->headers : "", way->body ? way->body : "");
}

static void answer(struct wire *w, struct wire_request *r)
{
    static const struct way good = {200, "ETag: \"x\"\r\n", NULL};
    struct scene *s = w->arg;
    char region[64], owner[1024], *log = s->log + strlen(s->log);
    bool asks = strncmp(r->head, "HEAD /bucket HTTP", 17) == 0;
    bool owned = wire_header(r->head, "x-amz-expected-bucket-owner", owner)[0] != '\0';
    bool home = strcmp(region_of(r->head, region), s->home) == 0;
    snprintf(log, sizeof(s->log) - strlen(s->log), "%.*s %s, ", (int)strcspn(r->head, " "), r->head,
             region);
    if (!home)
        reply(r, asks ? &s->asked : &s->elsewhere);
    else if (asks && !owned && s->without_owner.status)
        reply(r, &s->without_owner);
    else
        reply(r, asks && s->at_home.status ? &s->at_home : &good);
}

/* ---- the scene ---- */

static void bucket_make(struct scene *s, const char *region, const char *owner)
{
    struct error e;
    const struct s3_bucket_options options = {
        .name = VIEW_LITERAL("bucket"),
        .endpoint = {.service = SERVICE_S3,
                     .region = view_of(region),
                     .override = view_of(s->w->origin)},
        .expected_owner = view_of(owner),
    };
    s3_bucket_free(s->bucket);
    s->bucket = s3_bucket_new(s->w->client, &s->cache, &options, &e);
    assert_non_null(s->bucket);
}

static int scene_begin(void **state)
{
    struct scene *s = xcalloc(1, sizeof(*s));
    log_configure(LOG_ERROR, LOG_TEXT, NULL);
    s->w = wire_new(answer);
    s->w->arg = s;
    s->home = HOME;
    wire_client(s->w, 4);
    wire_keys_init(&s->keys, s->w);
    credentials_cache_init(&s->cache, s->w->loop, &s->keys.base);
    bucket_make(s, "us-east-1", NULL);
    *state = s;
    return 0;
}

static int scene_end(void **state)
{
    struct scene *s = *state;
    s3_bucket_free(s->bucket);
    credentials_cache_release(&s->cache);
    wire_free(s->w);
    free(s);
    return 0;
}

static void on_over(void *arg, const struct s3_answer *a, const struct error *e)
{
    struct scene *s = arg;
    s->over = true;
    if (e)
        s->error = *e;
    else
        assert_non_null(a);
}

static void again(struct scene *s)
{
    s->over = false;
    s->log[0] = '\0';
    error_clear(&s->error);
}

static void put(struct scene *s)
{
    again(s);
    s3_put_object(s->bucket, VIEW_LITERAL("key"), "text/csv", VIEW_LITERAL("body"),
                  (struct s3_done){on_over, s});
    wire_run(s->w, &s->over);
}

static void ask(struct scene *s)
{
    again(s);
    s3_head_bucket(s->bucket, (struct s3_done){on_over, s});
    wire_run(s->w, &s->over);
}

static void assert_good(const struct scene *s, const char *log)
{
    if (s->error.kind != ERROR_NONE)
        fail_msg("%s", s->error.text);
    assert_string_equal(s->log, log);
}

static void assert_error(const struct scene *s, enum error_kind kind, const char *part,
                         const char *log)
{
    assert_string_equal(s->log, log);
    if (!strstr(s->error.text, part))
        fail_msg("'%s' is not in '%s'", part, s->error.text);
    assert_int_equal(s->error.kind, kind);
}

#define ERROR_BODY(code, more) "<Error><Code>" code "</Code>" more "</Error>"
#define HINT(region)           "x-amz-bucket-region: " region "\r\n"

/* ---- followed ---- */

static void test_answers_that_name_the_region(void **state)
{
    struct scene *s = *state;
    static const struct way ways[] = {
        {301, HINT(HOME), ERROR_BODY("PermanentRedirect", "")},
        {301, "",
         ERROR_BODY("PermanentRedirect", "<Endpoint>bucket.s3-" HOME ".amazonaws.com</Endpoint>")},
        {307, HINT(HOME), ERROR_BODY("TemporaryRedirect", "")},
        {307, "",
         ERROR_BODY("TemporaryRedirect", "<Endpoint>bucket.s3." HOME ".amazonaws.com</Endpoint>")},
        {400, HINT(HOME), ERROR_BODY("AuthorizationHeaderMalformed", "")},
        {400, "", ERROR_BODY("AuthorizationHeaderMalformed", "<Region>" HOME "</Region>")},
        {400, HINT(HOME), ERROR_BODY("IllegalLocationConstraintException", "")},
        {403, HINT(HOME), ERROR_BODY("AccessDenied", "")},
        {400, HINT(HOME), ""},
    };
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        bucket_make(s, "us-east-1", NULL);
        s->elsewhere = ways[i];
        put(s);
        assert_good(s, "PUT us-east-1, PUT " HOME ", ");
        put(s); /* from here on at once */
        assert_good(s, "PUT " HOME ", ");
    }
}

static void test_answers_that_do_not(void **state)
{
    struct scene *s = *state;
    static const struct way ways[] = {
        {301, "", ERROR_BODY("PermanentRedirect", "<Endpoint>bucket.s3.amazonaws.com</Endpoint>")},
        {307, "", ERROR_BODY("TemporaryRedirect", "")},
        {400, "", ERROR_BODY("AuthorizationHeaderMalformed", "")},
        {400, "", ERROR_BODY("IllegalLocationConstraintException", "")},
    };
    static const int statuses[] = {200, 301, 400, 403};
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
        for (size_t k = 0; k < sizeof(statuses) / sizeof(statuses[0]); k++) {
            bucket_make(s, "us-east-1", NULL);
            s->elsewhere = ways[i];
            s->asked = (struct way){statuses[k], HINT(HOME), ""};
            put(s);
            assert_good(s, "PUT us-east-1, HEAD us-east-1, PUT " HOME ", ");
        }
}

/* ---- not followed ---- */

static void test_nobody_names_it(void **state)
{
    struct scene *s = *state;
    s->elsewhere = (struct way){301, "", ERROR_BODY("PermanentRedirect", "")};
    s->asked = (struct way){403, "", ""};
    put(s);
    assert_error(s, ERROR_SERVICE, "PermanentRedirect", "PUT us-east-1, HEAD us-east-1, ");
    s->asked = (struct way){301, HINT("us-east-1"), ""}; /* where it was asked */
    put(s);
    assert_error(s, ERROR_SERVICE, "PermanentRedirect", "PUT us-east-1, HEAD us-east-1, ");
}

/* The session token would go there: not even a question is sent. */
static void test_another_partition(void **state)
{
    struct scene *s = *state;
    static const struct way ways[] = {
        {301, HINT("cn-north-1"), ERROR_BODY("PermanentRedirect", "")},
        {307, "",
         ERROR_BODY("TemporaryRedirect",
                    "<Endpoint>bucket.s3.cn-north-1.amazonaws.com.cn</Endpoint>")},
        {400, "", ERROR_BODY("AuthorizationHeaderMalformed", "<Region>us-gov-west-1</Region>")},
    };
    s->home = "cn-north-1";
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        s->elsewhere = ways[i];
        put(s);
        assert_error(s, ERROR_CONFIG,
                     "where nothing is sent: the credentials are those of partition 'aws'",
                     "PUT us-east-1, ");
    }
    s->elsewhere = (struct way){301, "", ""};
    s->asked = (struct way){301, HINT("cn-north-1"), ""};
    put(s);
    assert_error(s, ERROR_CONFIG, "bucket 'bucket' is in region 'cn-north-1' of partition 'aws-cn'",
                 "PUT us-east-1, HEAD us-east-1, ");
    ask(s);
    assert_error(s, ERROR_CONFIG, "in region 'cn-north-1' of partition 'aws-cn'",
                 "HEAD us-east-1, ");
    /* Within a partition that is not the usual one it is followed. */
    bucket_make(s, "cn-northwest-1", NULL);
    s->elsewhere = (struct way){301, HINT("cn-north-1"), ""};
    put(s);
    assert_good(s, "PUT cn-northwest-1, PUT cn-north-1, ");
}

static void test_what_is_no_region(void **state)
{
    struct scene *s = *state;
    static const char *const hints[] = {HINT("evil.example.com/"), HINT("a_b"), HINT("-")};
    for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++) {
        s->elsewhere = (struct way){301, hints[i], ""};
        put(s);
        assert_error(s, ERROR_PROTOCOL,
                     "the region that S3 names for bucket 'bucket' can't be used",
                     "PUT us-east-1, ");
    }
}

static void test_from_one_to_the_next(void **state)
{
    struct scene *s = *state;
    s->home = "nowhere";
    s->elsewhere = (struct way){301, HINT(HOME), ERROR_BODY("PermanentRedirect", "")};
    put(s);
    assert_error(s, ERROR_SERVICE, "PermanentRedirect", "PUT us-east-1, PUT " HOME ", ");
}

/* The usual answers of a bucket that is where it was asked name the region too. */
static void test_errors_at_home(void **state)
{
    struct scene *s = *state;
    s->elsewhere = (struct way){403, HINT("us-east-1"), ERROR_BODY("AccessDenied", "")};
    put(s);
    assert_error(s, ERROR_SERVICE, "is denied", "PUT us-east-1, ");
    s->elsewhere = (struct way){400, "", ERROR_BODY("EntityTooSmall", "")};
    put(s);
    assert_error(s, ERROR_SERVICE, "EntityTooSmall", "PUT us-east-1, ");
}

static void test_cancelled_while_asking(void **state)
{
    struct scene *s = *state;
    s->elsewhere = (struct way){301, "", ""};
    s->asked = (struct way){503, "", ""}; /* for ever, nearly */
    struct s3_call *c = s3_put_object(s->bucket, VIEW_LITERAL("key"), "text/csv",
                                      VIEW_LITERAL("body"), (struct s3_done){on_over, s});
    wire_await(s->w, 2);
    s3_cancel(c);
    wire_pass(s->w, 500);
    assert_false(s->over);
    assert_int_equal(aws_client_room(s->w->client), 4);
}

/* ---- the bucket is asked ---- */

static void test_a_bucket_that_can_be_written(void **state)
{
    struct scene *s = *state;
    s->home = "us-east-1";
    ask(s);
    assert_good(s, "HEAD us-east-1, ");
    s->home = HOME;
    static const int statuses[] = {301, 400, 403};
    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        bucket_make(s, "us-east-1", NULL);
        s->asked = (struct way){statuses[i], HINT(HOME), ""};
        ask(s);
        assert_good(s, "HEAD us-east-1, HEAD " HOME ", ");
        put(s);
        assert_good(s, "PUT " HOME ", ");
    }
}

static void test_a_bucket_that_is_missing(void **state)
{
    struct scene *s = *state;
    s->asked = (struct way){404, "", ""};
    ask(s);
    assert_error(s, ERROR_SERVICE, "bucket 'bucket' does not exist", "HEAD us-east-1, ");
    assert_string_equal(s->error.code, "NoSuchBucket");
}

/* A role that may write need not be one that may ask. */
static void test_a_bucket_that_says_nothing(void **state)
{
    struct scene *s = *state;
    static const int statuses[] = {400, 403, 405};
    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        s->asked = (struct way){statuses[i], "", ""};
        ask(s);
        assert_good(s, "HEAD us-east-1, ");
    }
    s->asked = (struct way){403, HINT("us-east-1"), ""};
    ask(s);
    assert_good(s, "HEAD us-east-1, ");
}

static void test_a_bucket_of_somebody_else(void **state)
{
    struct scene *s = *state;
    s->home = "us-east-1";
    bucket_make(s, "us-east-1", "111111111111");
    s->at_home = (struct way){403, "", ""};
    s->without_owner = (struct way){200, "", ""};
    ask(s);
    assert_error(s, ERROR_SERVICE, "bucket 'bucket' does not belong to account 111111111111",
                 "HEAD us-east-1, HEAD us-east-1, ");
    assert_string_equal(s->error.code, "AccessDenied");
    /* Refused with and without the owner: it may be one's own. */
    s->without_owner = (struct way){403, "", ""};
    ask(s);
    assert_good(s, "HEAD us-east-1, HEAD us-east-1, ");
}

static void test_a_bucket_that_can_not_be_reached(void **state)
{
    struct scene *s = *state;
    s->asked = (struct way){503, "", ""};
    ask(s);
    assert_int_equal(s->error.kind, ERROR_SERVICE);
    assert_int_equal(s->error.http_status, 503);
    assert_int_equal(s->w->count, 6);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_begin, scene_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_answers_that_name_the_region),
        TEST(test_answers_that_do_not),
        TEST(test_nobody_names_it),
        TEST(test_another_partition),
        TEST(test_what_is_no_region),
        TEST(test_from_one_to_the_next),
        TEST(test_errors_at_home),
        TEST(test_cancelled_while_asking),
        TEST(test_a_bucket_that_can_be_written),
        TEST(test_a_bucket_that_is_missing),
        TEST(test_a_bucket_that_says_nothing),
        TEST(test_a_bucket_of_somebody_else),
        TEST(test_a_bucket_that_can_not_be_reached),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
