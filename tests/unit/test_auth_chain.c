/* SPDX-License-Identifier: MIT */
/* Whose credentials they are: the order of the sources, and profiles that somebody asked for. */
#include "auth_scene.h"

/* ---- the chain ---- */

static struct outcome *chain(struct scene *s)
{
    return scene_once(s, provider_chain_new(&s->context));
}

static void test_chain_all_absent(void **state)
{
    struct scene *s = *state;
    struct outcome *o = chain(s);
    assert_int_equal(o->error.kind, ERROR_CREDENTIALS);
    assert_string_equal(
        o->error.text,
        "no AWS credentials found: environment: AWS_ACCESS_KEY_ID is not set; "
        "web identity: AWS_WEB_IDENTITY_TOKEN_FILE is not set; "
        "profile 'default': not in '~/.aws/credentials' or '~/.aws/config'; "
        "container: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and _FULL_URI are not set; "
        "instance metadata: AWS_EC2_METADATA_DISABLED is true; name a profile (--profile or "
        "AWS_PROFILE) or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
}

static void test_chain_order(void **state)
{
    struct scene *s = *state;
    scene_sts(s, assume);
    scene_file(s, CREDENTIALS,
               "[default]\naws_access_key_id = AKIA0000000000AD\naws_secret_access_key = s\n"
               "[named]\naws_access_key_id = AKIA0000000000AN\naws_secret_access_key = s\n");
    assert_keys(chain(s), "AKIA0000000000AD", "s", NULL);
    scene_file(s, "token", "jwt");
    scene_set(s, "AWS_WEB_IDENTITY_TOKEN_FILE", scene_path(s, "token"));
    scene_set(s, "AWS_ROLE_ARN", "arn:aws:iam::111111111111:role/w");
    assert_keys(chain(s), "ASIA0000000ROLEW", "role-secretW", "role-tokenW");
    scene_set(s, "AWS_PROFILE", "named");
    assert_keys(chain(s), "AKIA0000000000AN", "s", NULL);
    scene_set(s, "AWS_ACCESS_KEY_ID", "AKIA0000000000AE");
    scene_set(s, "AWS_SECRET_ACCESS_KEY", "s");
    assert_keys(chain(s), "AKIA0000000000AE", "s", NULL);
}

/* What is configured and broken is told, not passed over. */
static void test_chain_stops_at_errors(void **state)
{
    struct scene *s = *state;
    scene_file(s, CREDENTIALS,
               "[default]\naws_access_key_id = AKIA0000000000AD\naws_secret_access_key = s\n");
    scene_set(s, "AWS_PROFILE", "gone");
    assert_fails(chain(s), ERROR_CREDENTIALS, "profile 'gone': not in '~/.aws/credentials'");
    scene_set(s, "AWS_ACCESS_KEY_ID", "AKIA0000000000AE");
    assert_fails(chain(s), ERROR_CREDENTIALS, "environment: AWS_ACCESS_KEY_ID is set");
}

/* The one that gave is asked for the next ones, though one before it could give now. */
static void test_chain_remembers(void **state)
{
    struct scene *s = *state;
    scene_file(s, CREDENTIALS,
               "[default]\naws_access_key_id = AKIA0000000000A1\naws_secret_access_key = s\n");
    struct credentials_provider *p = provider_chain_new(&s->context);
    assert_keys(scene_fetch(s, p), "AKIA0000000000A1", "s", NULL);
    scene_set(s, "AWS_ACCESS_KEY_ID", "AKIA0000000000AE");
    scene_set(s, "AWS_SECRET_ACCESS_KEY", "s");
    scene_file(s, CREDENTIALS,
               "[default]\naws_access_key_id = AKIA0000000000A2\naws_secret_access_key = s\n");
    assert_keys(scene_fetch(s, p), "AKIA0000000000A2", "s", NULL);
    scene_file(s, CREDENTIALS, "");
    assert_int_equal(scene_fetch(s, p)->error.kind, ERROR_CREDENTIALS);
    assert_string_equal(s->outcome.error.text,
                        "profile 'default': not in '~/.aws/credentials' or '~/.aws/config'");
    provider_free(p);
}

/* An absent answer is asked for again at the next fetch. */
static void test_chain_asks_again(void **state)
{
    struct scene *s = *state;
    struct credentials_provider *p = provider_chain_new(&s->context);
    assert_int_equal(scene_fetch(s, p)->error.kind, ERROR_CREDENTIALS);
    scene_set(s, "AWS_ACCESS_KEY_ID", "AKIA0000000000AE");
    scene_set(s, "AWS_SECRET_ACCESS_KEY", "s");
    assert_keys(scene_fetch(s, p), "AKIA0000000000AE", "s", NULL);
    provider_free(p);
}

/* ---- profiles that somebody asked for ---- */

/* The container would give, and a profile without credentials must not become it. */
static struct reply somebody_else(int number, const char *request)
{
    (void)number, (void)request;
    return (struct reply){200, "{\"AccessKeyId\":\"AKIASOMEBODYELSE0\",\"SecretAccessKey\":"
                               "\"hush\"}"};
}

static void add_somebody_else(struct scene *s)
{
    scene_serve(s, somebody_else);
    scene_set(s, "AWS_CONTAINER_CREDENTIALS_FULL_URI", s->server.origin);
    s->context.sts = &s->sts; /* which nobody gets as far as to call */
}

#define KEYS_OF(id) "aws_access_key_id = " id "\naws_secret_access_key = s\n"

static void test_flag_goes_before_the_environment(void **state)
{
    struct scene *s = *state;
    scene_file(s, CREDENTIALS, "[p]\n" KEYS_OF("AKIA0000000000AP"));
    scene_set(s, "AWS_ACCESS_KEY_ID", "AKIA0000000000AE");
    scene_set(s, "AWS_SECRET_ACCESS_KEY", "s");
    scene_set(s, "AWS_WEB_IDENTITY_TOKEN_FILE", "/nope");
    s->context.profile = "p";
    assert_keys(chain(s), "AKIA0000000000AP", "s", NULL);
    s->context.profile = "gone";
    assert_fails(chain(s), ERROR_CREDENTIALS, "profile 'gone': not in '~/.aws/credentials'");
    /* A variable that names a profile stands behind keys in the environment, as in botocore. */
    s->context.profile = NULL;
    scene_set(s, "AWS_PROFILE", "p");
    assert_keys(chain(s), "AKIA0000000000AE", "s", NULL);
}

static void test_default_profile_variable(void **state)
{
    struct scene *s = *state;
    scene_file(s, CREDENTIALS,
               "[default]\n" KEYS_OF("AKIA0000000000AD") "[a]\n" KEYS_OF(
                   "AKIA0000000000A1") "[b]\n" KEYS_OF("AKIA0000000000A2"));
    scene_set(s, "AWS_DEFAULT_PROFILE", "a");
    assert_keys(chain(s), "AKIA0000000000A1", "s", NULL);
    scene_set(s, "AWS_PROFILE", "b");
    assert_keys(chain(s), "AKIA0000000000A2", "s", NULL);
    scene_set(s, "AWS_PROFILE", "");
    scene_set(s, "AWS_DEFAULT_PROFILE", "gone");
    assert_fails(chain(s), ERROR_CREDENTIALS, "profile 'gone': not in");
    scene_set(s, "AWS_DEFAULT_PROFILE", "");
    assert_keys(chain(s), "AKIA0000000000AD", "s", NULL);
}

/* Whoever gives the credentials: the settings would be those of another profile. */
static void test_check_of_the_profile(void **state)
{
    struct scene *s = *state;
    struct error e;
    scene_file(s, CONFIG, "[profile here]\nregion = eu-west-1\n");
    assert_int_equal(profile_check(&s->context, &e), 0);
    scene_set(s, "AWS_ACCESS_KEY_ID", "AKIA0000000000AE");
    scene_set(s, "AWS_SECRET_ACCESS_KEY", "s");
    scene_set(s, "AWS_DEFAULT_PROFILE", "gone");
    assert_int_equal(profile_check(&s->context, &e), -1);
    assert_int_equal(e.kind, ERROR_CONFIG);
    assert_string_equal(
        e.text,
        "the profile 'gone' of AWS_DEFAULT_PROFILE: not in "
        "'~/.aws/credentials' or '~/.aws/config'; 'aws configure list-profiles' prints the names");
    scene_set(s, "AWS_PROFILE", "here");
    assert_int_equal(profile_check(&s->context, &e), 0);
    s->context.profile = "away";
    assert_int_equal(profile_check(&s->context, &e), -1);
    assert_non_null(strstr(e.text, "the profile 'away' of --profile: not in"));
}

struct incomplete {
    const char *text, *said;
};

static const struct incomplete incomplete[] = {
    {"region = eu-west-1\n", "it holds no keys, role_arn"},
    {"web_identity_token_file = /nope\n", "web_identity_token_file without role_arn"},
    {"web_identity_token_file = /nope\n" KEYS_OF("AKIA0000000000A1"),
     "web_identity_token_file without role_arn"},
    {"role_arn = r\n", "role_arn without source_profile"},
    {"role_arn =\nsource_profile = p\n", "role_arn is empty"},
    {"source_profile = p\n", "source_profile without role_arn"},
    {"credential_source = Environment\n", "credential_source without role_arn"},
    {"sso_account_id = 1\n", "SSO without sso_role_name"},
    {"sso_role_name = r\n", "SSO without sso_account_id"},
    {"sso_account_id = 1\nsso_role_name = r\n", "SSO without sso_start_url"},
    {"sso_account_id = 1\nsso_role_name = r\nsso_start_url = u\n", "SSO without sso_region"},
    {"sso_account_id = 1\nsso_role_name = r\nsso_session = gone\n",
     "sso_session 'gone': '~/.aws/config' has no section [sso-session gone]"},
    {"sso_account_id = 1\nsso_role_name = r\nsso_session = half\n", "SSO without sso_region"},
    {"sso_session = half\n", "sso_session without sso_account_id and sso_role_name"},
    {"sso_start_url = u\nsso_region = r\n", "sso_start_url without sso_account_id"},
    {"aws_access_key_id = AKIA0000000000A1\n", "without aws_secret_access_key"},
    {"aws_access_key_id =\naws_secret_access_key =\n", "aws_access_key_id is empty"},
    {"aws_secret_access_key = hush\n", "aws_secret_access_key without aws_access_key_id"},
    {"aws_session_token = hush\n", "aws_session_token without aws_access_key_id"},
    {"credential_process =\n", "credential_process is empty"},
    {"login_session =\n", "login_session is empty"},
};

/* None of them falls through to the container, whose server is not asked for any. */
static void test_incomplete_profiles(void **state)
{
    struct scene *s = *state;
    char text[512];
    add_somebody_else(s);
    assert_keys(chain(s), "AKIASOMEBODYELSE0", "hush", NULL);
    int asked = s->server.count;
    scene_set(s, "AWS_PROFILE", "p");
    for (size_t i = 0; i < sizeof(incomplete) / sizeof(incomplete[0]); i++) {
        snprintf(text, sizeof(text), "[sso-session half]\nsso_start_url = u\n[profile p]\n%s",
                 incomplete[i].text);
        scene_file(s, CONFIG, text);
        assert_fails(chain(s), ERROR_CREDENTIALS, incomplete[i].said);
        assert_non_null(strstr(s->outcome.error.text, "profile 'p'"));
    }
    assert_int_equal(s->server.count, asked);
}

/* Nobody asked for 'default': it counts if it says anything of credentials, else it is absent. */
static void test_incomplete_default(void **state)
{
    struct scene *s = *state;
    char text[512];
    add_somebody_else(s);
    for (size_t i = 0; i < sizeof(incomplete) / sizeof(incomplete[0]); i++) {
        snprintf(text, sizeof(text), "[sso-session half]\nsso_start_url = u\n[default]\n%s",
                 incomplete[i].text);
        scene_file(s, CONFIG, text);
        if (i == 0)
            assert_keys(chain(s), "AKIASOMEBODYELSE0", "hush", NULL);
        else
            assert_fails(chain(s), ERROR_CREDENTIALS, incomplete[i].said);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_chain_all_absent),         TEST(test_chain_order),
        TEST(test_chain_stops_at_errors),    TEST(test_chain_remembers),
        TEST(test_chain_asks_again),         TEST(test_flag_goes_before_the_environment),
        TEST(test_default_profile_variable), TEST(test_check_of_the_profile),
        TEST(test_incomplete_profiles),      TEST(test_incomplete_default),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
