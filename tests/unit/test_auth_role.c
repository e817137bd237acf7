/* SPDX-License-Identifier: MIT */
/* Credentials of roles: of a profile, and for a web identity. */
#include "auth_scene.h"

#include "auth/provider_web_identity.h"

struct script {
    const char *text, *said;
};

static void test_role(void **state)
{
    struct scene *s = *state;
    scene_sts(s, assume);
    scene_file(s, CREDENTIALS,
               "[base]\naws_access_key_id = AKIA00000000BASE\n"
               "aws_secret_access_key = hush\n");
    scene_file(s, CONFIG,
               "[profile x]\nrole_arn = arn:aws:iam::111111111111:role/r\nsource_profile = base\n"
               "external_id = ext-1\nrole_session_name = me@here\nduration_seconds = 900\n");
    assert_keys(profile(s, "x"), "ASIA0000000ROLE1", "role-secret1", "role-token1");
    assert_true(s->outcome.credentials.expires_at_s == LATER_S);
    assert_int_equal(s->server.count, 1);
    assert_sent(s, 0, "Credential=AKIA00000000BASE/");
    assert_sent(s, 0, "Action=AssumeRole&");
    assert_sent(s, 0, "RoleArn=arn%3Aaws%3Aiam%3A%3A111111111111%3Arole%2Fr");
    assert_sent(s, 0, "ExternalId=ext-1");
    assert_sent(s, 0, "RoleSessionName=me%40here");
    assert_sent(s, 0, "DurationSeconds=900");
}

/* Two roles on top of each other; the last one's own keys come before a role that it names too. */
static void test_role_chain(void **state)
{
    struct scene *s = *state;
    scene_sts(s, assume);
    scene_file(s, CONFIG,
               "[profile a]\nrole_arn = arn:aws:iam::111111111111:role/a\nsource_profile = b\n"
               "[profile b]\nrole_arn = arn:aws:iam::222222222222:role/b\nsource_profile = c\n"
               "[profile c]\nrole_arn = arn:aws:iam::333333333333:role/c\nsource_profile = c\n"
               "aws_access_key_id = AKIA00000000000C\naws_secret_access_key = hush\n");
    assert_keys(profile(s, "a"), "ASIA0000000ROLE2", "role-secret2", "role-token2");
    assert_int_equal(s->server.count, 2);
    assert_sent(s, 0, "Credential=AKIA00000000000C/");
    assert_sent(s, 0, "role%2Fb");
    assert_sent(s, 0, "RoleSessionName=iam-census");
    assert_sent(s, 0, "DurationSeconds=3600");
    assert_sent(s, 1, "Credential=ASIA0000000ROLE1/");
    assert_sent(s, 1, "role%2Fa");
    /* 'c' itself: its role, assumed with its own keys. */
    assert_keys(profile(s, "c"), "ASIA0000000ROLE2", "role-secret2", "role-token2");
    assert_sent(s, 2, "Credential=AKIA00000000000C/");
    assert_sent(s, 2, "role%2Fc");
}

static void test_role_by_environment(void **state)
{
    struct scene *s = *state;
    scene_sts(s, assume);
    scene_file(s, CONFIG,
               "[profile x]\nrole_arn = arn:aws:iam::111111111111:role/r\n"
               "credential_source = environment\n");
    assert_fails(profile(s, "x"), ERROR_CREDENTIALS,
                 "role 'arn:aws:iam::111111111111:role/r': AWS_ACCESS_KEY_ID is not set");
    scene_set(s, "AWS_ACCESS_KEY_ID", "AKIA000000000ENV");
    scene_set(s, "AWS_SECRET_ACCESS_KEY", "hush");
    assert_keys(profile(s, "x"), "ASIA0000000ROLE1", "role-secret1", "role-token1");
    assert_sent(s, 0, "Credential=AKIA000000000ENV/");
}

static void test_role_is_refused(void **state)
{
    struct scene *s = *state;
    scene_sts(s, refuse);
    scene_file(s, CONFIG,
               "[profile x]\nrole_arn = arn:aws:iam::111111111111:role/r\nsource_profile = x\n"
               "aws_access_key_id = AKIA00000000000X\naws_secret_access_key = hush\n");
    assert_fails(profile(s, "x"), ERROR_SERVICE, "role 'arn:aws:iam::111111111111:role/r'");
    assert_string_equal(s->outcome.error.code, "AccessDenied");
}

static void test_role_settings(void **state)
{
    static const struct script configs[] = {
        {"role_arn = r\n", "role_arn without source_profile"},
        {"role_arn = r\nsource_profile = a\ncredential_source = Environment\n", "with both"},
        {"role_arn = r\ncredential_source = Moon\n", "credential_source 'Moon' is not one of"},
        {"role_arn = r\nsource_profile = gone\n",
         "source_profile 'gone': not in '~/.aws/credentials'"},
        {"role_arn = r\nsource_profile = empty\n", "source_profile 'empty': it holds no keys"},
        {"role_arn = r\nsource_profile = x\n", "source_profile forms a loop: 'x' -> 'x'"},
        {"role_arn = r\nsource_profile = y\n", "source_profile forms a loop: 'x' -> 'y' -> 'x'"},
        {"role_arn = r\nsource_profile = x\nduration_seconds = 899\n", "'899' is not a number"},
        {"role_arn = r\nsource_profile = x\nduration_seconds = 43201\n", "'43201' is not"},
        {"role_arn = r\nsource_profile = x\nduration_seconds = 1e3\n", "'1e3' is not"},
        {"role_arn = r\nsource_profile = x\nduration_seconds = 99999999999999999999\n", "is not"},
        {"role_arn = r\nsource_profile = y\nexternal_id = hush hush\n",
         "external_id is not a valid external id"},
    };
    struct scene *s = *state;
    char text[512];
    scene_sts(s, refuse);
    for (size_t i = 0; i < sizeof(configs) / sizeof(configs[0]); i++) {
        snprintf(text, sizeof(text),
                 "[profile y]\nrole_arn = r\nsource_profile = x\n[profile empty]\n[profile x]\n%s",
                 configs[i].text);
        scene_file(s, CONFIG, text);
        assert_fails(profile(s, "x"), ERROR_CREDENTIALS, configs[i].said);
    }
    assert_int_equal(s->server.count, 0);
    s->context.sts = NULL;
    assert_fails(profile(s, "y"), ERROR_CREDENTIALS, "STS is not available");
}

static void test_role_depth(void **state)
{
    struct scene *s = *state;
    scene_sts(s, refuse);
    FILE *f = fopen(scene_path(s, CONFIG), "w");
    assert_non_null(f);
    for (int i = 0; i < 20; i++)
        fprintf(f, "[profile p%d]\nrole_arn = r\nsource_profile = p%d\n", i, i + 1);
    assert_int_equal(fclose(f), 0);
    assert_fails(profile(s, "p0"), ERROR_CREDENTIALS, "more than 16 profiles");
}

/* ---- web identity ---- */

static void test_web_identity(void **state)
{
    struct scene *s = *state;
    scene_sts(s, assume);
    struct credentials_provider *p = provider_web_identity_new(&s->context);
    assert_fails(scene_fetch(s, p), ERROR_ABSENT, "AWS_WEB_IDENTITY_TOKEN_FILE is not set");
    scene_set(s, "AWS_WEB_IDENTITY_TOKEN_FILE", scene_path(s, "token"));
    assert_fails(scene_fetch(s, p), ERROR_CREDENTIALS, "AWS_ROLE_ARN is not");
    scene_set(s, "AWS_ROLE_ARN", "arn:aws:iam::111111111111:role/w");
    assert_fails(scene_fetch(s, p), ERROR_CREDENTIALS, "No such file");
    scene_file(s, "token", "");
    assert_fails(scene_fetch(s, p), ERROR_CREDENTIALS, "is empty");
    assert_int_equal(s->server.count, 0);
    scene_file(s, "token", "jwt.one\n");
    assert_keys(scene_fetch(s, p), "ASIA0000000ROLEW", "role-secretW", "role-tokenW");
    assert_sent(s, 0, "WebIdentityToken=jwt.one");
    assert_null(strstr(s->server.requests[0], "jwt.one%0A"));
    assert_null(strstr(s->server.requests[0], "Authorization"));
    assert_sent(s, 0, "RoleSessionName=iam-census");
    scene_file(s, "token", "jwt.two");
    scene_set(s, "AWS_ROLE_SESSION_NAME", "pod-7");
    assert_keys(scene_fetch(s, p), "ASIA0000000ROLEW", "role-secretW", "role-tokenW");
    assert_sent(s, 1, "WebIdentityToken=jwt.two");
    assert_sent(s, 1, "RoleSessionName=pod-7");
    provider_free(p);
}

static void test_web_identity_of_a_profile(void **state)
{
    struct scene *s = *state;
    char config[512];
    scene_sts(s, assume);
    scene_file(s, "token", "jwt.three");
    snprintf(config, sizeof(config),
             "[profile x]\nrole_arn = arn:aws:iam::111111111111:role/p\nrole_session_name = sess\n"
             "web_identity_token_file = %s/token\n",
             s->folder);
    scene_file(s, CONFIG, config);
    assert_keys(profile(s, "x"), "ASIA0000000ROLEW", "role-secretW", "role-tokenW");
    assert_sent(s, 0, "WebIdentityToken=jwt.three");
    assert_sent(s, 0, "role%2Fp");
    assert_sent(s, 0, "RoleSessionName=sess");
}

struct freed_in_done {
    struct credentials_cache *cache;
    struct credentials_waiter waiter;
    bool done;
};

static void free_all(void *arg, const struct error *e)
{
    struct freed_in_done *f = arg;
    assert_null(e);
    assert_string_equal(credentials_cache_peek(f->cache)->access_key_id, "ASIA0000000ROLE1");
    credentials_cache_release(f->cache);
    f->done = true;
}

/* Behind a cache, whose owner frees it from within the callback: chain, profile, role and all. */
static void test_freed_in_callback(void **state)
{
    struct scene *s = *state;
    struct credentials_cache cache;
    struct freed_in_done f = {.cache = &cache};
    struct error e;
    scene_sts(s, assume);
    scene_file(s, CONFIG,
               "[default]\nrole_arn = arn:aws:iam::111111111111:role/r\n"
               "source_profile = default\naws_access_key_id = AKIA00000000000X\n"
               "aws_secret_access_key = hush\n");
    credentials_cache_init(&cache, s->loop, provider_chain_new(&s->context));
    credentials_cache_wait(&cache, &f.waiter, free_all, &f);
    assert_int_equal(loop_run(s->loop, &f.done, &e), 0);
}

static void set_true(void *arg)
{
    *(bool *)arg = true;
}

static void wait_ms(struct scene *s, int64_t ms)
{
    struct loop_timer timer = {0};
    bool over = false;
    struct error e;
    loop_timer_start(s->loop, &timer, ms, set_true, &over);
    assert_int_equal(loop_run(s->loop, &over, &e), 0);
}

/* Given up at once, started anew, and freed while STS is asked: nobody is called. */
static void test_cancel_in_flight(void **state)
{
    struct scene *s = *state;
    scene_sts(s, assume);
    scene_file(s, CONFIG,
               "[default]\nrole_arn = arn:aws:iam::111111111111:role/r\n"
               "source_profile = default\naws_access_key_id = AKIA00000000000X\n"
               "aws_secret_access_key = hush\n");
    struct credentials_provider *p = provider_profile_new(&s->context);
    provider_start(p, (struct provider_done){on_fetched, &s->outcome});
    provider_cancel(p);
    provider_start(p, (struct provider_done){on_fetched, &s->outcome});
    for (int i = 0; i < 500 && s->server.count == 0; i++)
        wait_ms(s, 1);
    provider_free(p);
    wait_ms(s, 50);
    assert_true(s->server.count > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_role),
        TEST(test_role_chain),
        TEST(test_role_by_environment),
        TEST(test_role_is_refused),
        TEST(test_role_settings),
        TEST(test_role_depth),
        TEST(test_web_identity),
        TEST(test_web_identity_of_a_profile),
        TEST(test_freed_in_callback),
        TEST(test_cancel_in_flight),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
