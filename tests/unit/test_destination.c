/* SPDX-License-Identifier: MIT */
/* Where the output goes: which settings go together, and what is refused before anything is asked.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "app/destination.h"
#include "base/log.h"

#include <stdlib.h>

struct scene {
    struct settings settings;
    struct destination destination;
    struct error e;
};

/* Settings by name, the variables of the environment first: up to the first without a value. */
struct given {
    enum setting_id id;
    const char *value;
    bool in_environment;
};

#define FLAG(id, value)                                                                            \
    {                                                                                              \
        SETTING_##id, value, false                                                                 \
    }
#define VARIABLE(id, value)                                                                        \
    {                                                                                              \
        SETTING_##id, value, true                                                                  \
    }
#define GIVEN_MOST 5

static int scene_begin(void **state)
{
    static struct scene s;
    s = (struct scene){0};
    log_configure(LOG_ERROR, LOG_TEXT, NULL);
    *state = &s;
    return 0;
}

static int scene_end(void **state)
{
    struct scene *s = *state;
    settings_release(&s->settings);
    return 0;
}

static void set_all(struct scene *s, const struct given *given)
{
    settings_release(&s->settings);
    s->destination = (struct destination){0};
    for (size_t i = 0; i < GIVEN_MOST && given[i].value; i++)
        if (given[i].in_environment)
            setenv(settings_table[given[i].id].variable, given[i].value, 1);
    settings_from_environment(&s->settings);
    for (size_t i = 0; i < GIVEN_MOST && given[i].value; i++) {
        if (given[i].in_environment)
            unsetenv(settings_table[given[i].id].variable);
        else
            assert_int_equal(settings_from_flag(&s->settings, given[i].id, given[i].value, &s->e),
                             0);
    }
}

static void refused(struct scene *s, const struct given *given, const char *part)
{
    set_all(s, given);
    assert_int_equal(destination_read(&s->settings, false, &s->destination, &s->e), -1);
    assert_int_equal(s->e.kind, ERROR_CONFIG);
    if (!strstr(s->e.text, part))
        fail_msg("'%s' is not in '%s'", part, s->e.text);
}

static void taken(struct scene *s, const struct given *given)
{
    set_all(s, given);
    if (destination_read(&s->settings, false, &s->destination, &s->e) != 0)
        fail_msg("%s", s->e.text);
}

#define REFUSED(part, ...) refused(s, (const struct given[GIVEN_MOST]){__VA_ARGS__}, part)
#define TAKEN(...)         taken(s, (const struct given[GIVEN_MOST]){__VA_ARGS__})
#define BUCKET             FLAG(S3_BUCKET, "bucket")

static void test_defaults(void **state)
{
    struct scene *s = *state;
    TAKEN(FLAG(CSV_RAW, ""));
    assert_null(s->destination.bucket);
    assert_null(s->destination.output);
    assert_null(s->destination.sse);
    assert_string_equal(s->destination.prefix, "");
}

/* ---- a bucket, a file, standard output ---- */

static void test_one_place(void **state)
{
    struct scene *s = *state;
    TAKEN(BUCKET);
    assert_string_equal(s->destination.bucket, "bucket");
    REFUSED("--output and --s3-bucket can't be combined", BUCKET, FLAG(OUTPUT, "x.csv"));
    /* A flag goes before the environment. */
    TAKEN(VARIABLE(S3_BUCKET, "bucket"), FLAG(OUTPUT, "x.csv"));
    assert_null(s->destination.bucket);
    assert_string_equal(s->destination.output, "x.csv");
}

static void test_lambda_needs_a_bucket(void **state)
{
    struct scene *s = *state;
    const struct given given[GIVEN_MOST] = {BUCKET};
    assert_int_equal(destination_read(&s->settings, true, &s->destination, &s->e), -1);
    assert_non_null(strstr(s->e.text, "'s3_bucket_name' or S3_BUCKET_NAME"));
    set_all(s, given);
    assert_int_equal(destination_read(&s->settings, true, &s->destination, &s->e), 0);
}

static void test_names_of_standard_output(void **state)
{
    struct scene *s = *state;
    static const char *const names[] = {"-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char part[64];
        TAKEN(FLAG(OUTPUT, names[i]));
        assert_string_equal(s->destination.output, "-");
        snprintf(part, sizeof(part), "--json and '--output %s' can't be combined", names[i]);
        REFUSED(part, FLAG(OUTPUT, names[i]), FLAG(JSON, ""));
    }
    TAKEN(FLAG(OUTPUT, "x.csv"), FLAG(JSON, ""));
    assert_string_equal(s->destination.output, "x.csv");
}

static void test_a_file_that_is_a_bucket(void **state)
{
    struct scene *s = *state;
    REFUSED("it names a local file; for a bucket give --s3-bucket 'reports'",
            FLAG(OUTPUT, "s3://reports/iam/x.csv"));
    TAKEN(FLAG(OUTPUT, "./s3://reports/x.csv"));
}

static void test_accounts_file(void **state)
{
    struct scene *s = *state;
    TAKEN(BUCKET);
    assert_false(s->destination.accounts_file.wanted);
    TAKEN(BUCKET, VARIABLE(ACCOUNTS_FILE, "false"));
    assert_false(s->destination.accounts_file.wanted);
    TAKEN(BUCKET, FLAG(ACCOUNTS_FILE, "true"));
    assert_true(s->destination.accounts_file.wanted);
    assert_null(s->destination.accounts_file.path);
    TAKEN(FLAG(OUTPUT, "x.csv"), FLAG(ACCOUNTS_FILE, "true"));
    assert_null(s->destination.accounts_file.path);
    TAKEN(FLAG(OUTPUT, "-"), FLAG(ACCOUNTS_FILE, "a.csv"));
    assert_string_equal(s->destination.accounts_file.path, "a.csv");
    REFUSED("--accounts-file is 'a.csv': with a bucket it is an object beside the output", BUCKET,
            FLAG(ACCOUNTS_FILE, "a.csv"));
    REFUSED("--accounts-file is '/dev/stdout': it can't go to standard output",
            FLAG(ACCOUNTS_FILE, "/dev/stdout"));
    REFUSED("--accounts-file is 'x.csv', which is the file of --output", FLAG(OUTPUT, "x.csv"),
            FLAG(ACCOUNTS_FILE, "x.csv"));
    REFUSED("--accounts-file is '/tmp/../tmp/x.csv', which is the file of --output",
            FLAG(OUTPUT, "/tmp/x.csv"), FLAG(ACCOUNTS_FILE, "/tmp/../tmp/x.csv"));
    TAKEN(FLAG(OUTPUT, "/tmp/x.csv"), FLAG(ACCOUNTS_FILE, "/x.csv"));
    REFUSED("--accounts-file is 'true', which is beside the output, but that goes to standard",
            FLAG(OUTPUT, "-"), FLAG(ACCOUNTS_FILE, "true"));
}

/* ---- the bucket's name ---- */

static void test_buckets_by_other_names(void **state)
{
    struct scene *s = *state;
    REFUSED("--s3-bucket is 's3://reports/': it takes the name alone, 'reports'",
            FLAG(S3_BUCKET, "s3://reports/"));
    REFUSED("the name alone, 'reports', and --s3-prefix (S3_PREFIX) takes 'iam/'",
            FLAG(S3_BUCKET, "s3://reports/iam/"));
    REFUSED("--s3-bucket is 'reports/iam': it takes the name alone, 'reports', and --s3-prefix "
            "(S3_PREFIX) takes 'iam/'",
            FLAG(S3_BUCKET, "reports/iam"));
    REFUSED("--s3-bucket is 'reports/': it takes the name alone, 'reports'",
            FLAG(S3_BUCKET, "reports/"));
    REFUSED("--s3-bucket: 'a b/iam' is not a valid bucket name", FLAG(S3_BUCKET, "a b/iam"));
    REFUSED("S3_BUCKET_NAME is 'arn:aws-cn:s3:::reports': it takes the name alone, 'reports'",
            VARIABLE(S3_BUCKET, "arn:aws-cn:s3:::reports"));
    REFUSED("--s3-bucket: 'arn:aws:s3:eu-west-1:111111111111:accesspoint/a' is not a valid bucket",
            FLAG(S3_BUCKET, "arn:aws:s3:eu-west-1:111111111111:accesspoint/a"));
    REFUSED("--s3-bucket: 's3://' is not a valid bucket name", FLAG(S3_BUCKET, "s3://"));
    REFUSED("--s3-bucket: '' is not a valid bucket name", FLAG(S3_BUCKET, ""));
    REFUSED("--s3-bucket: 'a b' is not a valid bucket name", FLAG(S3_BUCKET, "a b"));
    REFUSED("--s3-bucket: 'a--x-s3' is a directory bucket", FLAG(S3_BUCKET, "a--x-s3"));
}

static void test_prefixes_with_the_bucket(void **state)
{
    struct scene *s = *state;
    REFUSED("--s3-prefix is 's3://reports/iam/': give only what follows the bucket's name, 'iam/'",
            BUCKET, FLAG(S3_PREFIX, "s3://reports/iam/"));
    REFUSED("S3_PREFIX is 'arn:aws:s3:::reports/iam/': give only what follows", BUCKET,
            VARIABLE(S3_PREFIX, "arn:aws:s3:::reports/iam/"));
    TAKEN(BUCKET, FLAG(S3_PREFIX, "s3/"));
}

/* ---- what becomes a header or a key ---- */

static void test_values_of_headers(void **state)
{
    struct scene *s = *state;
    static const char *const keys[] = {" ",     "",      "a b",       "key\r\nx-evil: 1",
                                       "key\n", "\tkey", "k\303\251y"};
    static const char *const owners[] = {"", "12345", "111111111111\n", " 111111111111"};
    static const char *const prefixes[] = {"a\nb", "a\r", "\t", "\177", "\303("};
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        REFUSED("--sse-kms-key-id is not a valid KMS key", BUCKET, FLAG(SSE_KMS_KEY_ID, keys[i]));
    for (size_t i = 0; i < sizeof(owners) / sizeof(owners[0]); i++)
        REFUSED("is not an account id (12 digits)", BUCKET, FLAG(EXPECTED_BUCKET_OWNER, owners[i]));
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
        REFUSED("S3_PREFIX is not a valid prefix", BUCKET, VARIABLE(S3_PREFIX, prefixes[i]));
    TAKEN(BUCKET, FLAG(S3_PREFIX, "a b/\303\274/"), FLAG(EXPECTED_BUCKET_OWNER, "111111111111"),
          FLAG(SSE_KMS_KEY_ID, "arn:aws:kms:eu-west-1:111111111111:key/mrk-1234_a"));
}

static void test_encryption(void **state)
{
    struct scene *s = *state;
    static const char *const ways[] = {"aws:kms", "aws:kms:dsse"};
    TAKEN(BUCKET, FLAG(SSE_KMS_KEY_ID, "alias/a"));
    assert_string_equal(s->destination.sse, "aws:kms");
    for (size_t i = 0; i < 2; i++) {
        TAKEN(BUCKET, VARIABLE(SSE, ways[i]), FLAG(SSE_KMS_KEY_ID, "alias/a"));
        assert_string_equal(s->destination.sse, ways[i]);
        TAKEN(BUCKET, FLAG(SSE, ways[i]));
        assert_string_equal(s->destination.sse, ways[i]);
        assert_null(s->destination.sse_kms_key_id);
    }
    TAKEN(BUCKET, FLAG(SSE, "AES256"));
    assert_string_equal(s->destination.sse, "AES256");
    REFUSED("--sse and a KMS key (SSE_KMS_KEY_ID) can't be combined", BUCKET, FLAG(SSE, "AES256"),
            VARIABLE(SSE_KMS_KEY_ID, "alias/a"));
}

/* ---- settings of a bucket without a bucket ---- */

static void test_without_a_bucket(void **state)
{
    struct scene *s = *state;
    static const struct given flags[] = {FLAG(S3_PREFIX, "a/"), FLAG(SSE, "AES256"),
                                         FLAG(SSE_KMS_KEY_ID, "a"),
                                         FLAG(EXPECTED_BUCKET_OWNER, "111111111111")};
    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        char part[64];
        snprintf(part, sizeof(part), "--%s is for objects in a bucket, and there is none",
                 settings_table[flags[i].id].flag);
        REFUSED(part, flags[i]);
        REFUSED(part, flags[i], FLAG(OUTPUT, "x.csv"));
        REFUSED(part, flags[i], FLAG(OUTPUT, "x.csv"), VARIABLE(S3_BUCKET, "bucket"));
        struct given variable = flags[i];
        variable.in_environment = true;
        TAKEN(variable, FLAG(OUTPUT, "x.csv"));
        TAKEN(variable);
    }
    /* A value is looked at only if it counts. */
    TAKEN(VARIABLE(SSE_KMS_KEY_ID, "a b"), FLAG(OUTPUT, "x.csv"));
    REFUSED("SSE_KMS_KEY_ID is not a valid KMS key", VARIABLE(SSE_KMS_KEY_ID, "a b"), BUCKET);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, scene_begin, scene_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_defaults),
        TEST(test_one_place),
        TEST(test_lambda_needs_a_bucket),
        TEST(test_names_of_standard_output),
        TEST(test_a_file_that_is_a_bucket),
        TEST(test_accounts_file),
        TEST(test_buckets_by_other_names),
        TEST(test_prefixes_with_the_bucket),
        TEST(test_values_of_headers),
        TEST(test_encryption),
        TEST(test_without_a_bucket),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
