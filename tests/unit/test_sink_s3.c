/* SPDX-License-Identifier: MIT */
/* The S3 sink: what is sent, how much is held, and that nothing is left behind. */
#include "s3_scene.h"

/* ---- what is sent ---- */

static void test_small(void **state)
{
    struct s3_scene *s = *state;
    s3_write_all(s, 1000);
    assert_object(s, 1000);
    assert_string_equal(s->asked, "P");
    assert_int_equal(s->readies, 0);
}

static void test_empty(void **state)
{
    struct s3_scene *s = *state;
    s3_write_all(s, 0);
    assert_object(s, 0);
    assert_string_equal(s->asked, "P");
}

static void test_one_byte_below_a_part(void **state)
{
    struct s3_scene *s = *state;
    s3_write_all(s, PART - 1);
    assert_object(s, PART - 1);
    assert_string_equal(s->asked, "P");
}

static void test_one_part(void **state)
{
    struct s3_scene *s = *state;
    s3_write_all(s, PART);
    assert_object(s, PART);
    assert_string_equal(s->asked, "CUF");
    assert_int_equal(s->part_lens[1], PART);
}

static void test_large(void **state)
{
    struct s3_scene *s = *state;
    s3_write_all(s, 3 * PART + 12345);
    assert_object(s, 3 * PART + 12345);
    assert_string_equal(s->asked, "CUUUUF");
    for (size_t i = 1; i <= 3; i++)
        assert_in_range(s->part_lens[i], PART, PART + CHUNK);
    assert_true(s->readies >= 3);
}

/* ---- how much is held ---- */

static void test_busy_and_ready(void **state)
{
    struct s3_scene *s = *state;
    s3_trouble(s, 0, 'C', 0, 1, 0, NULL);
    s3_write(s, 4 * PART);
    assert_true(sink_busy(s->sink));
    assert_int_equal(s->written, PART);
    assert_int_equal(s->readies, 0);
    s3_until_asked(s, "C");
    wire_pass(s->w, 100);
    assert_true(sink_busy(s->sink)); /* there is nowhere to send it to yet */
    assert_int_equal(s->readies, 0);
    s3_trouble(s, 0, 'U', 0, 2, 0, NULL);
    s3_release(s);
    s3_until_asked(s, "CUU");
    wire_pass(s->w, 100);
    /* Two parts under way, a third one gathered: no more. */
    assert_int_equal(s->written, 3 * PART);
    assert_true(sink_busy(s->sink));
    assert_int_equal(s->readies, 2);
    s3_release(s);
    s->finish_when_written = true;
    s3_await(s);
    assert_object(s, 4 * PART);
}

/* Whatever the size: at most three parts, and what their buffers have in reserve. */
static void test_memory(void **state)
{
    struct s3_scene *s = *state;
    s->discard = true;
    s3_write_all(s, 20 * PART);
    assert_int_equal(s->error.kind, ERROR_NONE);
    assert_int_equal(s->object_len, 20 * PART);
    size_t most = s->most_bytes - s->base_bytes;
    print_message("100 MiB written, %zu KiB held at most\n", most / 1024);
    /* A buffer of 5 MiB has room for 8; room for all parts' names is 1.8 MiB. */
    assert_true(most < 3 * (size_t)8 * 1024 * 1024 + (size_t)4 * 1024 * 1024);
}

/* ---- failures ---- */

static void test_part_is_repeated(void **state)
{
    struct s3_scene *s = *state;
    s3_trouble(s, 0, 'U', 1, 2, 503, XML_ERROR("SlowDown"));
    s3_write_all(s, 2 * PART + 7);
    assert_object(s, 2 * PART + 7);
    assert_int_equal(strlen(s->asked), strlen("CUUUF") + 2);
}

static void test_part_fails(void **state)
{
    struct s3_scene *s = *state;
    s3_trouble(s, 0, 'U', 1, -1, 403, XML_ERROR("AccessDenied"));
    s3_write_all(s, 2 * PART + 7);
    assert_nothing_left(s, "UploadPart of 's3://bucket/path/a b.csv' is denied");
    /* A part that was on its way may come in after that. */
    assert_non_null(strchr(s->asked, 'A'));
    assert_null(strchr(s->asked, 'F'));
    assert_non_null(sink_failed(s->sink));
}

/* Seen while it is still written: ready is called, and what is written from then on is ignored. */
static void test_part_fails_early(void **state)
{
    struct s3_scene *s = *state;
    s3_trouble(s, 0, 'U', 0, -1, 403, XML_ERROR("AccessDenied"));
    s3_write(s, 40 * PART);
    while (!sink_failed(s->sink))
        wire_pass(s->w, 10);
    assert_false(sink_busy(s->sink));
    size_t written = s->written;
    int readies = s->readies;
    wire_pass(s->w, 200);
    assert_true(written <= 4 * PART);
    assert_true(readies >= 1);
    assert_int_equal(s->written, written);
    sink_write(s->sink, VIEW_LITERAL("more"));
    sink_finish(s->sink, on_over, s);
    s3_await(s);
    assert_nothing_left(s, "is denied");
}

static void test_part_without_etag(void **state)
{
    struct s3_scene *s = *state;
    s3_trouble(s, 0, 'U', 0, -1, 200, "");
    s3_write_all(s, PART + 7);
    assert_nothing_left(s, "no ETag");
}

static void test_create_fails(void **state)
{
    struct s3_scene *s = *state;
    s3_trouble(s, 0, 'C', 0, -1, 404, XML_ERROR("NoSuchBucket"));
    s3_write_all(s, 3 * PART);
    assert_nothing_left(s, "bucket 'bucket' does not exist");
    assert_string_equal(s->asked, "C");
}

static void test_create_without_id(void **state)
{
    struct s3_scene *s = *state;
    s3_trouble(s, 0, 'C', 0, -1, 200, "<InitiateMultipartUploadResult/>");
    s3_write_all(s, PART);
    assert_nothing_left(s, "no upload id");
}

static void test_put_fails(void **state)
{
    struct s3_scene *s = *state;
    s3_trouble(s, 0, 'P', 0, -1, 403, XML_ERROR("AccessDenied"));
    s3_write_all(s, 10);
    assert_nothing_left(s, "PutObject of 's3://bucket/path/a b.csv' is denied");
    assert_string_equal(s->asked, "P");
}

/* An answer of status 200 may hold an error: it is one. */
static void test_complete_with_an_error_inside(void **state)
{
    struct s3_scene *s = *state;
    s3_trouble(s, 0, 'F', 0, 1, 200, "  \n" XML_ERROR("InternalError"));
    s3_write_all(s, PART + 7);
    assert_object(s, PART + 7);
    assert_string_equal(s->asked, "CUUFF");
}

static void test_complete_with_errors_to_the_end(void **state)
{
    struct s3_scene *s = *state;
    s3_trouble(s, 0, 'F', 0, -1, 200, "  \n" XML_ERROR("InternalError"));
    s3_write_all(s, PART + 7);
    assert_nothing_left(s, "InternalError");
    /* Such an error does not say that nothing was done: the object is looked at. */
    assert_string_equal(s->asked, "CUUFFFFFFHA");
}

static void test_complete_fails(void **state)
{
    struct s3_scene *s = *state;
    s3_trouble(s, 0, 'F', 0, -1, 400, XML_ERROR("InvalidPart"));
    s3_write_all(s, PART + 7);
    assert_nothing_left(s, "InvalidPart");
    assert_string_equal(s->asked, "CUUFA");
}

/* The first error is told, not that of tidying up. */
static void test_abort_fails_too(void **state)
{
    struct s3_scene *s = *state;
    s3_trouble(s, 0, 'F', 0, -1, 400, XML_ERROR("InvalidPart"));
    s3_trouble(s, 1, 'A', 0, -1, 403, XML_ERROR("AccessDenied"));
    s3_write_all(s, PART + 7);
    assert_string_equal(s->error.code, "InvalidPart");
    assert_string_equal(s->asked, "CUUFA");
}

/* ---- giving up ---- */

static void give_up(struct s3_scene *s)
{
    sink_abort(s->sink, on_over, s);
    assert_false(s->over);
    s3_await(s);
}

static void assert_gave_up(const struct s3_scene *s, const char *asked)
{
    if (s->error.kind != ERROR_NONE)
        fail_msg("%s", s->error.text);
    assert_string_equal(s->asked, asked);
    assert_false(s->there);
    assert_false(s->uploading);
}

static void test_abort_before_anything(void **state)
{
    struct s3_scene *s = *state;
    s3_write(s, 1000);
    give_up(s);
    assert_gave_up(s, "");
}

/* Only its id lets an upload be aborted: that S3 has made it is waited for. */
static void test_abort_while_it_is_created(void **state)
{
    struct s3_scene *s = *state;
    s3_trouble(s, 0, 'C', 0, 1, 0, NULL);
    s3_write(s, 3 * PART);
    s3_until_asked(s, "C");
    sink_abort(s->sink, on_over, s);
    wire_pass(s->w, 500);
    assert_false(s->over);
    s3_release(s);
    s3_await(s);
    assert_gave_up(s, "CA");
}

static void test_abort_while_it_can_not_be_created(void **state)
{
    struct s3_scene *s = *state;
    s3_trouble(s, 0, 'C', 0, -1, 403, XML_ERROR("AccessDenied"));
    s3_write(s, PART);
    sink_abort(s->sink, on_over, s);
    s3_await(s);
    assert_false(s->uploading);
    assert_null(strchr(s->asked, 'A'));
}

static void test_abort_with_parts_under_way(void **state)
{
    struct s3_scene *s = *state;
    s3_trouble(s, 0, 'U', 0, -1, 0, NULL);
    s3_write(s, 3 * PART);
    s3_until_asked(s, "CUU");
    give_up(s);
    assert_gave_up(s, "CUUA");
    /* The parts' requests were ended, not waited for. */
    assert_true(s->held[0]->peer->watch.fd < 0);
}

static void test_abort_of_a_finish(void **state)
{
    struct s3_scene *s = *state;
    s3_trouble(s, 0, 'U', 1, -1, 0, NULL);
    s->finish_when_written = true;
    s3_write(s, 2 * PART);
    s3_until_asked(s, "CUU");
    give_up(s); /* the finish's own 'done' is not called */
    assert_gave_up(s, "CUUA");
}

/* A completion that is under way can't be taken back: the error says that the object may stay. */
static void test_abort_while_it_is_completed(void **state)
{
    struct s3_scene *s = *state;
    s3_trouble(s, 0, 'F', 0, 1, 0, NULL);
    s->finish_when_written = true;
    s3_write(s, PART + 7);
    s3_until_asked(s, "CUUF");
    sink_abort(s->sink, on_over, s);
    wire_pass(s->w, 100);
    assert_false(s->over);
    s3_release(s);
    s3_await(s);
    assert_true(s->there);
    assert_int_equal(s->error.kind, ERROR_CANCELLED);
    assert_string_equal(s->error.text, "'path/a b.csv' was complete already and is kept");
    assert_string_equal(s->asked, "CUUF");
}

static void test_abort_while_it_is_put(void **state)
{
    struct s3_scene *s = *state;
    s3_trouble(s, 0, 'P', 0, 1, 0, NULL);
    s->finish_when_written = true;
    s3_write(s, 7);
    s3_until_asked(s, "P");
    sink_abort(s->sink, on_over, s);
    wire_pass(s->w, 100);
    assert_false(s->over);
    s3_release(s);
    s3_await(s);
    assert_true(s->there);
    assert_int_equal(s->error.kind, ERROR_CANCELLED);
}

static void test_upload_gone_already(void **state)
{
    struct s3_scene *s = *state;
    s3_trouble(s, 0, 'U', 0, -1, 0, NULL);
    s3_trouble(s, 1, 'A', 0, -1, 404, XML_ERROR("NoSuchUpload"));
    s3_write(s, PART);
    s3_until_asked(s, "CU");
    give_up(s);
    assert_int_equal(s->error.kind, ERROR_NONE);
}

static void test_abort_is_denied(void **state)
{
    struct s3_scene *s = *state;
    s3_trouble(s, 0, 'U', 0, -1, 0, NULL);
    s3_trouble(s, 1, 'A', 0, -1, 403, XML_ERROR("AccessDenied"));
    s3_write(s, PART);
    s3_until_asked(s, "CU");
    give_up(s);
    assert_non_null(strstr(s->error.text, "AbortMultipartUpload of 's3://bucket/path/a b.csv'"));
}

static void test_abort_after_a_failure(void **state)
{
    struct s3_scene *s = *state;
    s3_trouble(s, 0, 'U', 0, -1, 400, XML_ERROR("EntityTooSmall"));
    s3_write(s, 2 * PART);
    while (!sink_failed(s->sink))
        wire_pass(s->w, 10);
    give_up(s);
    assert_false(s->uploading);
    assert_non_null(strchr(s->asked, 'A'));
}

/* ---- freeing ---- */

static void free_now(struct s3_scene *s)
{
    sink_free(s->sink);
    s->sink = NULL;
    s3_release(s);
    wire_pass(s->w, 500);
    assert_int_equal(s->calls, 0);
    assert_int_equal(aws_client_room(s->w->client), 4);
}

static void test_free_unused(void **state)
{
    struct s3_scene *s = *state;
    free_now(s);
    assert_string_equal(s->asked, "");
}

static void test_free_with_bytes(void **state)
{
    struct s3_scene *s = *state;
    s3_write(s, PART);
    free_now(s);
    assert_string_equal(s->asked, "");
}

static void test_free_while_it_is_created(void **state)
{
    struct s3_scene *s = *state;
    s3_trouble(s, 0, 'C', 0, 1, 0, NULL);
    s3_write(s, PART);
    s3_until_asked(s, "C");
    free_now(s);
}

static void test_free_with_parts_under_way(void **state)
{
    struct s3_scene *s = *state;
    s3_trouble(s, 0, 'U', 0, -1, 0, NULL);
    s3_write(s, 3 * PART);
    s3_until_asked(s, "CUU");
    free_now(s);
}

static void test_free_while_it_is_completed(void **state)
{
    struct s3_scene *s = *state;
    s3_trouble(s, 0, 'F', 0, 1, 0, NULL);
    s->finish_when_written = true;
    s3_write(s, PART);
    s3_until_asked(s, "CUF");
    free_now(s);
}

static void test_free_in_the_last_callback(void **state)
{
    struct s3_scene *s = *state;
    s->free_in_done = true;
    s3_write_all(s, PART + 7);
    assert_object(s, PART + 7);
    assert_null(s->sink);
}

static void test_free_in_ready(void **state)
{
    struct s3_scene *s = *state;
    s->free_in_ready = true;
    s3_write(s, 2 * PART);
    while (s->sink)
        wire_pass(s->w, 10);
    wire_pass(s->w, 100);
    assert_int_equal(s->readies, 1);
}

/* All of the query reaches the endpoint of the bucket, not its region alone. */
static void test_bucket_of_a_variant(void **state)
{
    const struct s3_scene *s = *state;
    struct s3_bucket_options options = {
        .name = VIEW_LITERAL("bucket"),
        .endpoint = {.region = VIEW_LITERAL("us-east-1"),
                     .override = view_of(s->w->origin),
                     .use_dual_stack = true},
    };
    struct error e;
    assert_null(s3_bucket_new(s->w->client, NULL, &options, &e));
    assert_non_null(strstr(e.text, "cannot be combined with dual-stack"));
    options.endpoint.use_dual_stack = false;
    options.endpoint.use_fips = true;
    assert_null(s3_bucket_new(s->w->client, NULL, &options, &e));
    assert_non_null(strstr(e.text, "cannot be combined with FIPS"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_bucket_of_a_variant),
        TEST(test_small),
        TEST(test_empty),
        TEST(test_one_byte_below_a_part),
        TEST(test_one_part),
        TEST(test_large),
        TEST(test_busy_and_ready),
        TEST(test_memory),
        TEST(test_part_is_repeated),
        TEST(test_part_fails),
        TEST(test_part_fails_early),
        TEST(test_part_without_etag),
        TEST(test_create_fails),
        TEST(test_create_without_id),
        TEST(test_put_fails),
        TEST(test_complete_with_an_error_inside),
        TEST(test_complete_with_errors_to_the_end),
        TEST(test_complete_fails),
        TEST(test_abort_fails_too),
        TEST(test_abort_before_anything),
        TEST(test_abort_while_it_is_created),
        TEST(test_abort_while_it_can_not_be_created),
        TEST(test_abort_with_parts_under_way),
        TEST(test_abort_of_a_finish),
        TEST(test_abort_while_it_is_completed),
        TEST(test_abort_while_it_is_put),
        TEST(test_upload_gone_already),
        TEST(test_abort_is_denied),
        TEST(test_abort_after_a_failure),
        TEST(test_free_unused),
        TEST(test_free_with_bytes),
        TEST(test_free_while_it_is_created),
        TEST(test_free_with_parts_under_way),
        TEST(test_free_while_it_is_completed),
        TEST(test_free_in_the_last_callback),
        TEST(test_free_in_ready),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
