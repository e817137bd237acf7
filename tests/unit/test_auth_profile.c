/* SPDX-License-Identifier: MIT */
/* Profiles: the two files' format, static keys, settings, and files that nobody should write. */
#include "auth_scene.h"

#include "auth/profile_file.h"
#include "base/random.h"

static void assert_setting(struct scene *s, const char *key, const char *expected)
{
    struct error e;
    char *value = profile_setting(&s->context, key, &e);
    assert_int_equal(e.kind, ERROR_NONE);
    if (expected)
        assert_string_equal(value, expected);
    else
        assert_null(value);
    free(value);
}

static void assert_endpoint(struct scene *s, const char *service, const char *expected)
{
    struct error e;
    char *value = profile_endpoint(&s->context, service, &e);
    assert_int_equal(e.kind, ERROR_NONE);
    if (expected)
        assert_string_equal(value, expected);
    else
        assert_null(value);
    free(value);
}

static void test_static_keys(void **state)
{
    struct scene *s = *state;
    scene_file(
        s, CREDENTIALS,
        "[default]\naws_access_key_id = AKIA00000DEFAULT\naws_secret_access_key = hush/+1\n\n"
        "[other]\naws_access_key_id=ASIA0000000OTHER\naws_secret_access_key=hush2\n"
        "aws_session_token=tok==\n");
    assert_keys(profile(s, NULL), "AKIA00000DEFAULT", "hush/+1", NULL);
    assert_true(s->outcome.credentials.expires_at_s == CREDENTIALS_NEVER_EXPIRE);
    assert_keys(profile(s, "other"), "ASIA0000000OTHER", "hush2", "tok==");
    s->context.profile = NULL;
    scene_set(s, "AWS_PROFILE", "other");
    assert_keys(profile(s, NULL), "ASIA0000000OTHER", "hush2", "tok==");
}

static void test_config_names(void **state)
{
    struct scene *s = *state;
    scene_file(
        s, CONFIG,
        "[profile plain]\naws_access_key_id = AKIA0000000000A1\naws_secret_access_key = s1\n"
        "[profile \"with space\"]\naws_access_key_id = AKIA0000000000A2\naws_secret_access_key = "
        "s2\n"
        "[bare]\naws_access_key_id = AKIA0000000000A3\naws_secret_access_key = s3\n"
        "[sso-session plain]\naws_access_key_id = AKIA0000000000A4\n"
        "[  profile   wide  ]\naws_access_key_id = AKIA0000000000A5\naws_secret_access_key = s5\n"
        "[profile default]\naws_access_key_id = AKIA0000000000A6\naws_secret_access_key = s6\n");
    assert_keys(profile(s, "plain"), "AKIA0000000000A1", "s1", NULL);
    assert_keys(profile(s, "with space"), "AKIA0000000000A2", "s2", NULL);
    assert_keys(profile(s, "wide"), "AKIA0000000000A5", "s5", NULL);
    assert_keys(profile(s, "default"), "AKIA0000000000A6", "s6", NULL);
    assert_fails(profile(s, "bare"), ERROR_CREDENTIALS,
                 "not in '~/.aws/credentials' or '~/.aws/config'");
}

/* No token of one file with the key of the other. */
static void test_keys_come_from_one_file(void **state)
{
    struct scene *s = *state;
    scene_file(s, CREDENTIALS,
               "[x]\naws_access_key_id = AKIA0000000000AC\naws_secret_access_key = sc\n");
    scene_file(s, CONFIG,
               "[profile x]\naws_access_key_id = AKIA0000000000AF\naws_secret_access_key = sf\n"
               "aws_session_token = tf\nregion = eu-west-1\n");
    assert_keys(profile(s, "x"), "AKIA0000000000AC", "sc", NULL);
    assert_setting(s, "region", "eu-west-1");
    scene_file(s, CREDENTIALS, "[x]\nregion = eu-west-2\n");
    assert_keys(profile(s, "x"), "AKIA0000000000AF", "sf", "tf");
    assert_setting(s, "region", "eu-west-2");
}

static void test_spelling(void **state)
{
    struct scene *s = *state;
    scene_file(s, CREDENTIALS,
               "\xEF\xBB\xBF# comment\r\n; another\r\n[default]\r\n"
               "    # indented comment\r\n"
               "    AWS_Access_Key_Id : AKIA0000000000A1   ; the old one\r\n"
               "    aws_secret_access_key\t=\ts1#;x # not part of it\r\n"
               "\r\n"
               "    region = eu-west-1\r\n");
    assert_keys(profile(s, NULL), "AKIA0000000000A1", "s1#;x", NULL);
    assert_setting(s, "region", "eu-west-1");
    assert_setting(s, "REGION", "eu-west-1");
    assert_setting(s, "output", NULL);
}

static void test_last_one_counts(void **state)
{
    struct scene *s = *state;
    scene_file(s, CREDENTIALS,
               "[default]\naws_access_key_id = AKIA0000000000A1\naws_secret_access_key = s1\n"
               "[x]\n[default]\naws_access_key_id = AKIA0000000000A2\n");
    assert_keys(profile(s, NULL), "AKIA0000000000A2", "s1", NULL);
}

static void test_nested_values(void **state)
{
    struct scene *s = *state;
    scene_file(s, CONFIG,
               "[default]\ns3 =\n  max_concurrent_requests = 20\n  region = wrong\n"
               "  endpoint_url = http://127.0.0.1:1\nregion = eu-west-3\n"
               "services = local\n"
               "endpoint_url = http://127.0.0.1:2\n"
               "[services local]\nsts =\n  endpoint_url = http://127.0.0.1:3\n"
               "iam =\n  endpoint_url=http://127.0.0.1:4\n"
               "[profile plain]\nregion = r\n");
    assert_setting(s, "region", "eu-west-3");
    assert_setting(s, "s3", NULL);
    assert_setting(s, "max_concurrent_requests", NULL);
    assert_endpoint(s, "sts", "http://127.0.0.1:3");
    assert_endpoint(s, "iam", "http://127.0.0.1:4");
    assert_endpoint(s, "s3", "http://127.0.0.1:2");
    s->context.profile = "plain";
    assert_endpoint(s, "sts", NULL);
}

/* As in botocore: whoever names a section means its endpoints, and not AWS's. */
static void test_services_that_are_missing(void **state)
{
    struct scene *s = *state;
    struct error e;
    scene_file(s, CONFIG, "[default]\nservices = gone\nendpoint_url = http://127.0.0.1:2\n");
    assert_null(profile_endpoint(&s->context, "sts", &e));
    assert_int_equal(e.kind, ERROR_CONFIG);
    assert_string_equal(e.text,
                        "profile 'default' uses services 'gone', and '~/.aws/config' has no "
                        "section [services gone]");
}

static void test_places(void **state)
{
    struct scene *s = *state;
    struct error e;
    scene_file(s, "elsewhere",
               "[default]\naws_access_key_id = AKIA0000000000A1\naws_secret_access_key = s1\n");
    scene_file(s, "settings", "[default]\nregion = ap-south-1\n");
    scene_set(s, "AWS_SHARED_CREDENTIALS_FILE", scene_path(s, "elsewhere"));
    scene_set(s, "AWS_CONFIG_FILE", "~/settings");
    assert_keys(profile(s, NULL), "AKIA0000000000A1", "s1", NULL);
    char *region = profile_region(&s->context, &e);
    assert_string_equal(region, "ap-south-1");
    free(region);
    scene_set(s, "AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
    scene_set(s, "AWS_CONFIG_FILE", "/dev/null");
    assert_fails(profile(s, NULL), ERROR_ABSENT, "not in '/dev/null' or '/dev/null'");
    scene_set(s, "HOME", "");
    scene_set(s, "AWS_CONFIG_FILE", "");
    assert_fails(profile(s, NULL), ERROR_ABSENT, "'~/.aws/config' (HOME is not set)");
}

/* One long line and one short, as STS tokens and profile names of single sign-on tools are. */
static void test_long_values(void **state)
{
    struct scene *s = *state;
    char name[201], token[4001], text[8192];
    memset(name, 'n', sizeof(name) - 1);
    memset(token, 'T', sizeof(token) - 1);
    name[200] = token[4000] = '\0';
    snprintf(text, sizeof(text),
             "[%s]\naws_access_key_id = AKIA0000000000A1\naws_secret_access_key = "
             "s1\naws_session_token = %s\n",
             name, token);
    scene_file(s, CREDENTIALS, text);
    assert_keys(profile(s, name), "AKIA0000000000A1", "s1", token);
}

static void test_missing_and_empty(void **state)
{
    struct scene *s = *state;
    assert_fails(profile(s, NULL), ERROR_ABSENT, "not in '~/.aws/credentials' or '~/.aws/config'");
    assert_fails(profile(s, "x"), ERROR_CREDENTIALS, "not in '~/.aws/credentials'");
    assert_setting(s, "region", NULL);
    scene_file(s, CONFIG, "[profile x]\nregion = eu-west-1\n[default]\n");
    assert_fails(profile(s, "x"), ERROR_CREDENTIALS, "holds no keys");
    assert_fails(profile(s, NULL), ERROR_ABSENT, "holds no keys");
}

struct bad_file {
    const char *text, *said;
};

static void test_malformed(void **state)
{
    static const struct bad_file files[] = {
        {"aws_access_key_id = AKIA00000000000A\n", "'~/.aws/credentials' line 1: a key before"},
        {"[default\naws_secret_access_key = hush\n", "line 1: '[' without ']'"},
        {"[default]\n\nhush hush\n", "line 3: neither a section nor 'key = value'"},
        {"[default]\n= hush\n", "line 2: neither"},
        {"[default]\nx =\n  hush\n", "line 3: neither"},
        {"[default]\naws_access_key_id = AKIA00000000000A\n", "line 2: aws_access_key_id without"},
        {"[default]\naws_access_key_id = AKIA00000000000A\naws_secret_access_key =\n", "without"},
        {"[default]\naws_access_key_id = AKIA00000000000A\naws_secret_access_key = hush hush\n",
         "line 2: aws_secret_access_key holds a space"},
        {"[default]\naws_access_key_id = AKIA00000000000A\naws_secret_access_key = hush\n  hush\n",
         "aws_secret_access_key holds a space, a line end"},
        {"[default]\naws_access_key_id = AKIA00000000000A\naws_secret_access_key = h\xC3\xBCsh\n",
         "aws_secret_access_key holds"},
    };
    struct scene *s = *state;
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        scene_file(s, CREDENTIALS, files[i].text);
        assert_fails(profile(s, NULL), ERROR_CREDENTIALS, files[i].said);
    }
}

static void test_settings_tell_of_malformed_files(void **state)
{
    struct scene *s = *state;
    struct error e;
    scene_file(s, CONFIG, "[default]\nregion\n");
    assert_null(profile_region(&s->context, &e));
    assert_int_equal(e.kind, ERROR_CREDENTIALS);
    assert_non_null(strstr(e.text, "'~/.aws/config' line 2"));
    assert_null(profile_endpoint(&s->context, "sts", &e));
    assert_int_equal(e.kind, ERROR_CREDENTIALS);
}

static void test_nul_byte(void **state)
{
    static const char text[] = "[default]\naws_access_key_id = A\0B\n";
    struct scene *s = *state;
    scene_file_bytes(s, CREDENTIALS, text, sizeof(text) - 1);
    assert_fails(profile(s, NULL), ERROR_CREDENTIALS, "line 2: a NUL byte");
}

static void fill_file(struct scene *s, const char *head, const char *piece, size_t times)
{
    FILE *f = fopen(scene_path(s, CREDENTIALS), "w");
    assert_non_null(f);
    fputs(head, f);
    for (size_t i = 0; i < times; i++)
        fputs(piece, f);
    assert_int_equal(fclose(f), 0);
}

static void test_bounds(void **state)
{
    struct scene *s = *state;
    fill_file(s, "[default]\nx = ", "y", PROFILE_LINE_MAX);
    assert_fails(profile(s, NULL), ERROR_LIMIT, "line 2: the line is too long");
    fill_file(s, "[default]\n", "a=b\n", PROFILE_ENTRIES_MAX - 1);
    assert_fails(profile(s, NULL), ERROR_ABSENT, "holds no keys");
    fill_file(s, "[default]\n", "a=b\n", PROFILE_ENTRIES_MAX);
    assert_fails(profile(s, NULL), ERROR_LIMIT, "too many lines");
    fill_file(s, "", "#######\n", PROFILE_FILE_MAX / 8);
    assert_fails(profile(s, NULL), ERROR_ABSENT, "not in");
    fill_file(s, "#", "#######\n", PROFILE_FILE_MAX / 8);
    assert_fails(profile(s, NULL), ERROR_LIMIT, "longer than 1048576 bytes");
    scene_set(s, "AWS_CONFIG_FILE", "/dev/zero");
    scene_file(s, CREDENTIALS, "");
    assert_fails(profile(s, NULL), ERROR_LIMIT, "'/dev/zero' is longer");
}

/* A pipe that nobody writes to must not hang the program. */
static void test_no_regular_file(void **state)
{
    struct scene *s = *state;
    assert_int_equal(mkfifo(scene_path(s, "pipe"), 0600), 0);
    scene_set(s, "AWS_CONFIG_FILE", scene_path(s, "pipe"));
    assert_fails(profile(s, NULL), ERROR_SYSTEM, "is not a regular file");
    scene_set(s, "AWS_CONFIG_FILE", s->folder);
    assert_fails(profile(s, NULL), ERROR_SYSTEM, "is not a regular file");
}

/* Whatever bytes it holds, a file is read or refused: sanitizers watch. */
static void test_noise(void **state)
{
    static const char seed_text[] =
        "[default]\naws_access_key_id = AKIA0000000000A1\naws_secret_access_key = s1\ns3 =\n  a = "
        "b\n"
        "[profile \"x y\"]\nrole_arn = r\nsource_profile = default\n[services z]\nsts =\n e = f\n";
    static const char bytes[] = "[]=:\n\r\t #;\"'\\ap\xFF";
    struct scene *s = *state;
    struct random random;
    random_init(&random, 20240131);
    int refused = 0;
    for (int round = 0; round < 1500; round++) {
        char text[sizeof(seed_text)];
        memcpy(text, seed_text, sizeof(text));
        for (int i = 0; i < 6; i++)
            text[random_up_to(&random, sizeof(text) - 2)] =
                bytes[random_up_to(&random, sizeof(bytes) - 1)];
        size_t len = (size_t)random_up_to(&random, sizeof(text) - 1);
        scene_file_bytes(s, CONFIG, text, len);
        struct profile_file file = {0};
        struct error e = {0};
        refused += profile_file_read(&file, scene_path(s, CONFIG), "noise", true, &e) != 0;
        if (e.kind == ERROR_NONE)
            profile_file_find(&file, SECTION_PROFILE, VIEW_LITERAL("default"), VIEW_NONE, "s3");
        profile_file_release(&file);
    }
    assert_in_range(refused, 100, 1400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_static_keys),
        TEST(test_config_names),
        TEST(test_keys_come_from_one_file),
        TEST(test_spelling),
        TEST(test_last_one_counts),
        TEST(test_nested_values),
        TEST(test_services_that_are_missing),
        TEST(test_places),
        TEST(test_long_values),
        TEST(test_missing_and_empty),
        TEST(test_malformed),
        TEST(test_settings_tell_of_malformed_files),
        TEST(test_nul_byte),
        TEST(test_bounds),
        TEST(test_no_regular_file),
        TEST(test_noise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
