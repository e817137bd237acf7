/* SPDX-License-Identifier: MIT */
/* Keys: of the environment, and of programs that print them. */
#include "auth_scene.h"

#include "auth/provider_environment.h"

#include <errno.h>
#include <sys/wait.h>

/* ---- environment ---- */

static struct outcome *environment(struct scene *s)
{
    return scene_once(s, provider_environment_new(s->loop, &s->env));
}

static void test_environment(void **state)
{
    struct scene *s = *state;
    assert_fails(environment(s), ERROR_ABSENT, "AWS_ACCESS_KEY_ID is not set");
    scene_set(s, "AWS_ACCESS_KEY_ID", "AKIA000000000001");
    assert_fails(environment(s), ERROR_CREDENTIALS, "AWS_SECRET_ACCESS_KEY is not");
    scene_set(s, "AWS_SECRET_ACCESS_KEY", "hush");
    assert_keys(environment(s), "AKIA000000000001", "hush", NULL);
    assert_true(s->outcome.credentials.expires_at_s == CREDENTIALS_NEVER_EXPIRE);
    scene_set(s, "AWS_SESSION_TOKEN", "tok");
    scene_set(s, "AWS_CREDENTIAL_EXPIRATION", LATER);
    assert_keys(environment(s), "AKIA000000000001", "hush", "tok");
    assert_true(s->outcome.credentials.expires_at_s == LATER_S);
    scene_set(s, "AWS_CREDENTIAL_EXPIRATION", "soon");
    assert_fails(environment(s), ERROR_CREDENTIALS, "AWS_CREDENTIAL_EXPIRATION");
    /* The other half alone is not 'no keys': whoever set it meant some. */
    scene_set(s, "AWS_ACCESS_KEY_ID", "");
    assert_fails(environment(s), ERROR_CREDENTIALS,
                 "AWS_SECRET_ACCESS_KEY is set, and AWS_ACCESS_KEY_ID is not");
    scene_set(s, "AWS_SECRET_ACCESS_KEY", "");
    assert_fails(environment(s), ERROR_ABSENT, "AWS_ACCESS_KEY_ID is not set");
}

static void test_environment_refuses_what_is_no_key(void **state)
{
    struct scene *s = *state;
    char text[CREDENTIALS_SECRET_MAX + 2] = "";
    scene_set(s, "AWS_SECRET_ACCESS_KEY", "hush");
    memset(text, 'A', CREDENTIALS_ID_MAX + 1);
    scene_set(s, "AWS_ACCESS_KEY_ID", text);
    assert_fails(environment(s), ERROR_CREDENTIALS,
                 "AWS_ACCESS_KEY_ID is not a valid access key id: it has 129 characters, and ids "
                 "have 16 to 128");
    text[CREDENTIALS_ID_MAX] = '\0';
    scene_set(s, "AWS_ACCESS_KEY_ID", text);
    assert_keys(environment(s), text, "hush", NULL);
    scene_set(s, "AWS_ACCESS_KEY_ID", "AKIA00000000001");
    assert_fails(environment(s), ERROR_CREDENTIALS, "it has 15 characters");
    scene_set(s, "AWS_ACCESS_KEY_ID", "AKIA_0000000000z");
    assert_keys(environment(s), "AKIA_0000000000z", "hush", NULL);
    memset(text, 'x', CREDENTIALS_SECRET_MAX + 1);
    scene_set(s, "AWS_SECRET_ACCESS_KEY", text);
    assert_fails(environment(s), ERROR_CREDENTIALS,
                 "AWS_SECRET_ACCESS_KEY is longer than 256 characters");
    text[CREDENTIALS_SECRET_MAX] = '\0';
    scene_set(s, "AWS_SECRET_ACCESS_KEY", text);
    assert_keys(environment(s), "AKIA_0000000000z", text, NULL);
    scene_set(s, "AWS_SECRET_ACCESS_KEY", "hush");
    scene_set(s, "AWS_ACCESS_KEY_ID", "AKIA000000000001");
    scene_set(s, "AWS_SESSION_TOKEN", "hush\r\nX-Evil: hush");
    assert_fails(environment(s), ERROR_CREDENTIALS, "AWS_SESSION_TOKEN holds");
}

/* An id goes in clear: a secret in its place must not be sent, nor told. */
static void test_swapped_keys(void **state)
{
    static const char *const secrets[] = {
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEhush", "hush+K7MDENG+bPxRfiCYEXAMPLE=",
        "K7MDENGbPxRfiCYEXAMPLEKEYhushK7MDENGbPxR", /* might be an id, but for the other one */
    };
    struct scene *s = *state;
    scene_set(s, "AWS_SECRET_ACCESS_KEY", "AKIAIOSFODNN7EXAMPLE");
    for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++) {
        scene_set(s, "AWS_ACCESS_KEY_ID", secrets[i]);
        assert_fails(environment(s), ERROR_CREDENTIALS,
                     "are it and AWS_SECRET_ACCESS_KEY swapped?");
    }
}

static void test_cancel_before_delivery(void **state)
{
    struct scene *s = *state;
    struct credentials_provider *p = provider_environment_new(s->loop, &s->env);
    scene_set(s, "AWS_ACCESS_KEY_ID", "AKIA000000000001");
    scene_set(s, "AWS_SECRET_ACCESS_KEY", "hush");
    provider_start(p, (struct provider_done){on_fetched, &s->outcome});
    provider_cancel(p);
    struct error e;
    assert_int_equal(loop_run(s->loop, &s->outcome.done, &e), -1);
    assert_int_equal(s->outcome.calls, 0);
    provider_free(p);
}

/* ---- credential_process ---- */

static struct outcome *process(struct scene *s, const char *script)
{
    char config[4096];
    scene_file(s, "script", script);
    snprintf(config, sizeof(config), "[default]\ncredential_process = sh %s/script 'a # ;b'\n",
             s->folder);
    scene_file(s, CONFIG, config);
    return profile(s, NULL);
}

static void test_process(void **state)
{
    struct scene *s = *state;
    assert_keys(process(s, "test \"$1\" = 'a # ;b' || exit 9\n"
                           "echo '{\"Version\": 1, \"AccessKeyId\": \"AKIA0000000000A1\", "
                           "\"SecretAccessKey\": \"hush\", \"SessionToken\": \"tok\", "
                           "\"Expiration\": \"" LATER "\", \"More\": [1]}'\n"),
                "AKIA0000000000A1", "hush", "tok");
    assert_true(s->outcome.credentials.expires_at_s == LATER_S);
    assert_keys(process(s, "echo '{\"Version\":1,\"AccessKeyId\":\"AKIA0000000000A2\","
                           "\"SecretAccessKey\":\"s2\",\"SessionToken\":null}'\n"),
                "AKIA0000000000A2", "s2", NULL);
    assert_true(s->outcome.credentials.expires_at_s == CREDENTIALS_NEVER_EXPIRE);
}

struct script {
    const char *text, *said;
};

static void test_process_failures(void **state)
{
    static const struct script scripts[] = {
        {"echo first >&2; echo 'no session: log in' >&2; exit 4",
         "credential_process: it ended with status 4: first no session: log in"},
        {"exit 1", "it ended with status 1: it wrote nothing to standard error"},
        {"kill -9 $PPID", "ended by signal 9"},
        {"", "it is not JSON"},
        {"echo 'hush {'", "it is not JSON (line 1"},
        {"echo '{\"Version\":1,\"SecretAccessKey\":\"hush\"'", "it is not JSON"},
        {"echo '[\"hush\"]'", "not a JSON object"},
        {"echo '{\"AccessKeyId\":\"AKIA00000000000A\",\"SecretAccessKey\":\"hush\"}'",
         "Version is not 1"},
        {"echo '{\"Version\":\"1\",\"AccessKeyId\":\"AKIA00000000000A\"}'", "Version is not 1"},
        {"echo '{\"Version\":1,\"AccessKeyId\":\"AKIA00000000000A\"}'",
         "SecretAccessKey is missing"},
        {"echo '{\"Version\":1,\"SecretAccessKey\":\"hush\"}'", "AccessKeyId is missing"},
        {"echo '{\"Version\":1,\"AccessKeyId\":1,\"SecretAccessKey\":\"hush\"}'",
         "AccessKeyId is not a string"},
        {"echo '{\"Version\":1,\"AccessKeyId\":\"AKIA00000000000A\",\"SecretAccessKey\":\"\"}'",
         "SecretAccessKey is empty"},
        {"echo '{\"Version\":1,\"AccessKeyId\":\"AKIA00000000000A\",\"SecretAccessKey\":\"s\","
         "\"SessionToken\":\"hush\\u000d\\u000aX: y\"}'",
         "SessionToken holds"},
        {"echo '{\"Version\":1,\"AccessKeyId\":\"AKIA00000000000A\",\"SecretAccessKey\":\"s\","
         "\"Expiration\":\"hush\"}'",
         "Expiration is not a valid RFC 3339 time"},
        {"head -c 70000 /dev/zero", "it prints too much"},
    };
    struct scene *s = *state;
    for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++)
        assert_fails(process(s, scripts[i].text), ERROR_CREDENTIALS, scripts[i].said);
}

/* The shell repeats what it can't run, and a secret may be in it. */
static void test_shell_is_not_quoted(void **state)
{
    static const char *const commands[] = {"/nope/hush", "echo first >&2; /nope/hush", "'hush",
                                           "/dev/null/hush x", "hush ("};
    struct scene *s = *state;
    char config[256];
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        snprintf(config, sizeof(config), "[default]\ncredential_process = %s\n", commands[i]);
        scene_file(s, CONFIG, config);
        assert_fails(profile(s, NULL), ERROR_CREDENTIALS,
                     "credential_process: the shell can't run it (status ");
    }
}

/* Programs repeat the arguments that they don't understand; files among them may be named. */
static void test_arguments_are_not_quoted(void **state)
{
    struct scene *s = *state;
    scene_file(s, CONFIG,
               "[default]\ncredential_process = printf 'wrong %s in %s' --token=hush-hush-hush "
               "/dev/null >&2; false hush-hush-hush /dev/null\n");
    assert_fails(profile(s, NULL), ERROR_CREDENTIALS, "wrong --token=*** in /dev/null");
}

static void test_process_is_killed(void **state)
{
    struct scene *s = *state;
    scene_file(s, CONFIG, "[default]\ncredential_process = exec sleep 30\n");
    struct credentials_provider *p = provider_profile_new(&s->context);
    provider_start(p, (struct provider_done){on_fetched, &s->outcome});
    provider_free(p);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
    assert_int_equal(s->outcome.calls, 0);
}

/* ---- the AWS CLI ---- */

#define SSO "sso_account_id = 1\nsso_role_name = r\nsso_start_url = u\nsso_region = eu-west-1\n"

static void test_cli(void **state)
{
    static const char *const profiles[] = {
        ("sso_session = s\nsso_account_id = 111111111111\nsso_role_name = r\n"
         "[sso-session s]\nsso_start_url = u\nsso_region = eu-west-1\n"),
        "login_session = arn:aws:iam::111111111111:user/u\n",
        "role_arn = arn:aws:iam::111111111111:role/r\nsource_profile = y\nmfa_serial = m\n",
    };
    struct scene *s = *state;
    char path[512], config[512], *old = xstrdup(getenv("PATH"));
    scene_file(s, "aws",
               "#!/bin/sh\n"
               "test \"$*\" = 'configure export-credentials --profile x y --format "
               "process' || { echo \"asked for $*\" >&2; exit 9; }\n"
               "echo '{\"Version\":1,\"AccessKeyId\":\"AKIA0000000000A1\","
               "\"SecretAccessKey\":\"s1\",\"SessionToken\":\"t1\"}'\n");
    assert_int_equal(chmod(scene_path(s, "aws"), 0700), 0);
    snprintf(path, sizeof(path), "%s:%s", s->folder, old);
    setenv("PATH", path, 1);
    for (size_t i = 0; i < 3; i++) {
        snprintf(config, sizeof(config), "[profile x y]\n%s", profiles[i]);
        scene_file(s, CONFIG, config);
        assert_keys(profile(s, "x y"), "AKIA0000000000A1", "s1", "t1");
    }
    setenv("PATH", old, 1);
    free(old);
}

/* Version 1 lists what it has; version 2 says that nobody is logged in, not always how to. */
static void test_cli_refuses(void **state)
{
    static const struct script scripts[] = {
        {"echo 'The SSO session has expired' >&2; exit 255", "The SSO session has expired"},
        {"echo 'The SSO session has expired' >&2; exit 255",
         "the AWS CLI's 'aws configure export-credentials' for profile 'x', which uses SSO"},
        {"echo 'Error loading SSO Token: Token for c does not exist' >&2; exit 255",
         "(log in: aws sso login --profile x)"},
        {"echo 'usage: aws [options] <command>' >&2\n"
         "echo 'aws: error: argument subcommand: Invalid choice, valid choices are:' >&2\n"
         "echo 'list | get' >&2; exit 2",
         "AWS CLI version 2 is needed, and the 'aws' on the PATH is an older one"},
    };
    struct scene *s = *state;
    char path[512], program[512], *old = xstrdup(getenv("PATH"));
    scene_file(s, CONFIG, "[profile x]\n" SSO);
    snprintf(path, sizeof(path), "%s:%s", s->folder, old);
    setenv("PATH", path, 1);
    for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
        snprintf(program, sizeof(program), "#!/bin/sh\n%s\n", scripts[i].text);
        scene_file(s, "aws", program);
        assert_int_equal(chmod(scene_path(s, "aws"), 0700), 0);
        assert_fails(profile(s, "x"), ERROR_CREDENTIALS, scripts[i].said);
    }
    setenv("PATH", old, 1);
    free(old);
}

static void test_cli_is_missing(void **state)
{
    struct scene *s = *state;
    char *old = xstrdup(getenv("PATH"));
    scene_file(s, CONFIG, "[profile x]\n" SSO "[profile -x]\n" SSO);
    setenv("PATH", s->folder, 1);
    assert_fails(profile(s, "x"), ERROR_CREDENTIALS,
                 "profile 'x' uses SSO, for which iam-census runs the AWS CLI's 'aws configure "
                 "export-credentials', and 'aws' is not on the PATH: install AWS CLI version 2");
    setenv("PATH", old, 1);
    free(old);
    assert_fails(profile(s, "-x"), ERROR_CREDENTIALS, "begins with '-'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_environment),
        TEST(test_environment_refuses_what_is_no_key),
        TEST(test_swapped_keys),
        TEST(test_cancel_before_delivery),
        TEST(test_process),
        TEST(test_process_failures),
        TEST(test_shell_is_not_quoted),
        TEST(test_arguments_are_not_quoted),
        TEST(test_process_is_killed),
        TEST(test_cli),
        TEST(test_cli_refuses),
        TEST(test_cli_is_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
