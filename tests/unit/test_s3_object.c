/* SPDX-License-Identifier: MIT */
/* An object that is read: what was cut off on the way is not a shorter object. */
#include "wire_scene.h"

#include "api/s3.h"
#include "base/log.h"

#define HEAD "HTTP/1.1 206 Partial Content\r\nETag: \"x\"\r\n"

struct scene {
    struct wire *w;
    struct wire_keys keys;
    struct credentials_cache cache;
    struct s3_bucket *bucket;
    struct view first, then; /* the first answer, and those to later attempts */
    int attempts;            /* of the call that is under way */
    struct buffer object;
    bool over;
    struct error error;
};

static void answer(struct wire *w, struct wire_request *r)
{
    struct scene *s = w->arg;
    wire_reply_raw(r->peer, s->attempts++ > 0 ? s->then : s->first, true);
}

static int begin(void **state)
{
    struct scene *s = xcalloc(1, sizeof(*s));
    struct error e;
    log_configure(LOG_ERROR, LOG_TEXT, NULL);
    s->w = wire_new(answer);
    s->w->arg = s;
    wire_client(s->w, 4);
    wire_keys_init(&s->keys, s->w);
    credentials_cache_init(&s->cache, s->w->loop, &s->keys.base);
    const struct s3_bucket_options options = {
        .name = VIEW_LITERAL("bucket"),
        .endpoint = {.service = SERVICE_S3,
                     .region = VIEW_LITERAL("us-east-1"),
                     .override = view_of(s->w->origin)},
    };
    s->bucket = s3_bucket_new(s->w->client, &s->cache, &options, &e);
    assert_non_null(s->bucket);
    buffer_init(&s->object, 1024);
    *state = s;
    return 0;
}

static int end(void **state)
{
    struct scene *s = *state;
    buffer_release(&s->object);
    s3_bucket_free(s->bucket);
    credentials_cache_release(&s->cache);
    wire_free(s->w);
    free(s);
    return 0;
}

static void on_object(void *arg, const struct s3_answer *told UNUSED, const struct error *e)
{
    struct scene *s = arg;
    s->over = true;
    error_clear(&s->error);
    if (e)
        s->error = *e;
}

static void get(struct scene *s)
{
    buffer_clear(&s->object);
    s->attempts = 0;
    s->over = false;
    s3_get_object(s->bucket, VIEW_LITERAL("part.csv"), 0, 100, &s->object,
                  (struct s3_done){on_object, s});
    wire_run(s->w, &s->over);
}

/* The next attempt gets it whole. */
static void test_cut(void **state)
{
    static const char *const cuts[] = {
        HEAD "Content-Len",                                         /* within the head */
        HEAD "Content-Length: 1",                                   /* "14" was meant */
        HEAD "Content-Length: 14\r\n\r\n",                          /* before the object */
        HEAD "Content-Length: 14\r\n\r\nfirst,se",                  /* within it */
        HEAD "\r\nfirst,se",                                        /* whose length nobody knows */
        HEAD "Transfer-Encoding: chunked\r\n\r\n8\r\nfirst,se\r\n", /* before its last chunk */
    };
    struct scene *s = *state;
    s->then = VIEW_LITERAL(HEAD "Content-Length: 14\r\n\r\nfirst,second\r\n");
    for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
        s->first = view_of(cuts[i]);
        get(s);
        if (s->error.kind != ERROR_NONE || s->attempts != 2)
            fail_msg("%s: %d attempts, '%s'", cuts[i], s->attempts, s->error.text);
        assert_true(view_is(buffer_view(&s->object), "first,second\r\n"));
    }
}

/* S3 always says how long an object is. An answer that never does is no object. */
static void test_no_length(void **state)
{
    struct scene *s = *state;
    s->first = s->then = VIEW_LITERAL(HEAD "\r\nfirst,se");
    get(s);
    assert_int_equal(s->error.kind, ERROR_PROTOCOL);
    assert_non_null(strstr(s->error.text, "does not say how long the object is"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_cut, begin, end),
        cmocka_unit_test_setup_teardown(test_no_length, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
