/* SPDX-License-Identifier: MIT */
/* The S3 sink if an answer is lost: what was done is found out, or said to be unknown. */
#include "s3_scene.h"

static void assert_done(const struct s3_scene *s, size_t len, const char *asked)
{
    assert_object(s, len);
    assert_string_equal(s->asked, asked);
}

static void assert_failed(const struct s3_scene *s, const char *part, const char *asked)
{
    assert_int_not_equal(s->error.kind, ERROR_NONE);
    if (!strstr(s->error.text, part))
        fail_msg("'%s' is not in '%s'", part, s->error.text);
    assert_string_equal(s->asked, asked);
    assert_false(s->uploading);
}

/* ---- the completion of an upload ---- */

/* The object is there, and the repetition says that the upload is not. */
static void test_completed_and_forgotten(void **state)
{
    struct s3_scene *s = *state;
    s3_trouble(s, 0, 'F', 0, 1, LOST, NULL);
    s3_write_all(s, PART + 7);
    assert_done(s, PART + 7, "CUUFFH");
}

static void test_every_answer_lost(void **state)
{
    struct s3_scene *s = *state;
    s3_trouble(s, 0, 'F', 0, -1, LOST, NULL);
    s3_write_all(s, PART + 7);
    assert_done(s, PART + 7, "CUUFFFFFFH");
}

static void test_not_completed(void **state)
{
    struct s3_scene *s = *state;
    s3_trouble(s, 0, 'F', 0, -1, BROKEN, NULL);
    s3_write_all(s, PART + 7);
    assert_failed(s, "CompleteMultipartUpload of", "CUUFFFFFFHA");
    assert_null(strstr(s->error.text, "may be"));
    assert_false(s->there);
}

/* Somebody else, or a rule of the bucket, has aborted the upload. */
static void test_aborted_by_somebody(void **state)
{
    struct s3_scene *s = *state;
    s3_trouble(s, 0, 'F', 0, -1, 404, XML_ERROR("NoSuchUpload"));
    s3_write_all(s, PART + 7);
    assert_failed(s, "NoSuchUpload", "CUUFHA");
    assert_false(s->there);
}

/* An object of the same name that is not ours is no success. */
static void test_another_object(void **state)
{
    struct s3_scene *s = *state;
    static const struct {
        size_t len, parts;
    } others[] = {{PART + 8, 2}, {PART + 7, 3}, {PART + 7, 12}, {PART + 7, 0}, {0, 2}};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        s->there = true;
        s->object_len = others[i].len;
        s->part_count = others[i].parts;
        s3_trouble(s, 0, 'F', 0, -1, 404, XML_ERROR("NoSuchUpload"));
        s3_write_all(s, PART + 7);
        assert_failed(s, "NoSuchUpload", "CUUFHA");
        s3_next_sink(s);
    }
}

static void test_may_not_be_looked_at(void **state)
{
    struct s3_scene *s = *state;
    s3_trouble(s, 0, 'F', 0, 1, LOST, NULL);
    s3_trouble(s, 1, 'H', 0, -1, 403, "");
    s3_write_all(s, PART + 7);
    assert_failed(s,
                  "'path/a b.csv' may be in the bucket although its upload failed; that could not "
                  "be checked (HeadObject of 's3://bucket/path/a b.csv' is denied",
                  "CUUFFHA");
    assert_non_null(strstr(s->error.text, "NoSuchUpload"));
}

/* ---- an object that is put at once ---- */

static void test_put_and_lost(void **state)
{
    struct s3_scene *s = *state;
    s3_trouble(s, 0, 'P', 0, -1, LOST, NULL);
    s3_write_all(s, 1000);
    assert_done(s, 1000, "PPPPPPH");
}

static void test_not_put(void **state)
{
    struct s3_scene *s = *state;
    s3_trouble(s, 0, 'P', 0, -1, BROKEN, NULL);
    s3_write_all(s, 1000);
    assert_failed(s, "PutObject of", "PPPPPPH");
    assert_null(strstr(s->error.text, "may be"));
}

/* Of the same length, by another checksum: an earlier attempt of the same step, say. */
static void test_another_object_was_put(void **state)
{
    struct s3_scene *s = *state;
    s->there = true;
    s->object_len = 1000;
    snprintf(s->checksum, sizeof(s->checksum), "%044d", 0);
    s3_trouble(s, 0, 'P', 0, -1, BROKEN, NULL);
    s3_write_all(s, 1000);
    assert_failed(s, "PutObject of", "PPPPPPH");
    assert_null(strstr(s->error.text, "may be"));
}

static void test_put_without_a_checksum(void **state)
{
    struct s3_scene *s = *state;
    s->there = true;
    s->object_len = 1000;
    s3_trouble(s, 0, 'P', 0, -1, BROKEN, NULL);
    s3_write_all(s, 1000);
    assert_failed(s, "may be in the bucket although its upload failed", "PPPPPPH");
}

/* ---- giving up ---- */

static void test_given_up_while_the_answer_is_lost(void **state)
{
    struct s3_scene *s = *state;
    struct error e;
    s3_trouble(s, 0, 'P', 0, 1, 0, NULL);
    s->finish_when_written = true;
    s3_write(s, 7);
    s3_until_asked(s, "P");
    sink_abort(s->sink, on_over, s);
    assert_true(sink_unsettled(s->sink, &e));
    assert_string_equal(e.text, "'path/a b.csv' was being completed and may be in the bucket");
    s3_trouble(s, 0, 'P', 0, -1, LOST, NULL);
    wire_reset(s->held[0]->peer);
    s3_await(s);
    assert_string_equal(s->asked, "PPPPPPH");
    assert_string_equal(s->error.text, "'path/a b.csv' was complete already and is kept");
}

static void test_given_up_and_not_done(void **state)
{
    struct s3_scene *s = *state;
    struct error e;
    s3_trouble(s, 0, 'F', 0, 1, 0, NULL);
    s->finish_when_written = true;
    s3_write(s, PART + 7);
    s3_until_asked(s, "CUUF");
    sink_abort(s->sink, on_over, s);
    s3_trouble(s, 0, 'F', 0, -1, BROKEN, NULL);
    wire_reset(s->held[0]->peer);
    s3_await(s);
    assert_string_equal(s->asked, "CUUFFFFFFHA");
    assert_int_equal(s->error.kind, ERROR_NONE);
    assert_false(s->uploading);
    assert_false(sink_unsettled(s->sink, &e));
}

static void test_what_may_be_left(void **state)
{
    struct s3_scene *s = *state;
    struct error e;
    assert_false(sink_unsettled(s->sink, &e));
    s3_trouble(s, 0, 'U', 0, -1, 0, NULL);
    s3_write(s, 2 * PART);
    s3_until_asked(s, "CUU");
    assert_true(sink_unsettled(s->sink, &e));
    assert_non_null(strstr(e.text, "an unfinished upload of 'path/a b.csv' may be left"));
    s3_trouble(s, 1, 'A', 0, -1, 403, XML_ERROR("AccessDenied"));
    sink_abort(s->sink, on_over, s);
    s3_await(s);
    assert_true(sink_unsettled(s->sink, &e));
    assert_non_null(strstr(e.text, "AbortMultipartUpload of"));
}

/* ---- answers of other servers ---- */

/* Told by their elements, whatever the root is called and whatever stands before the names. */
static void test_roots_and_prefixes(void **state)
{
    struct s3_scene *s = *state;
    s->created =
        "<s3:CreateMultipartUploadResponse xmlns:s3=\"urn:a\"><s3:UploadId>up+1/=</s3:UploadId>"
        "</s3:CreateMultipartUploadResponse>";
    s->completed = "<ns2:CompleteMultipartUploadResponse xmlns:ns2=\"urn:b\"><ns2:ETag>x</ns2:ETag>"
                   "</ns2:CompleteMultipartUploadResponse>";
    s3_write_all(s, PART + 7);
    assert_done(s, PART + 7, "CUUF");
}

static void test_errors_by_their_elements(void **state)
{
    static const char *const bodies[] = {
        "<ns2:Error xmlns:ns2=\"urn:a\"><ns2:Code>EntityTooSmall</ns2:Code></ns2:Error>",
        "<ErrorResponse><Error><Code>EntityTooSmall</Code></Error></ErrorResponse>",
        "<Failure><Code>EntityTooSmall</Code></Failure>",
    };
    struct s3_scene *s = *state;
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        s3_trouble(s, 0, 'P', 0, -1, 400, bodies[i]);
        s3_write_all(s, 10);
        assert_string_equal(s->error.code, "EntityTooSmall");
        s3_next_sink(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_completed_and_forgotten),
        TEST(test_every_answer_lost),
        TEST(test_not_completed),
        TEST(test_aborted_by_somebody),
        TEST(test_another_object),
        TEST(test_may_not_be_looked_at),
        TEST(test_put_and_lost),
        TEST(test_not_put),
        TEST(test_another_object_was_put),
        TEST(test_put_without_a_checksum),
        TEST(test_given_up_while_the_answer_is_lost),
        TEST(test_given_up_and_not_done),
        TEST(test_what_may_be_left),
        TEST(test_roots_and_prefixes),
        TEST(test_errors_by_their_elements),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
