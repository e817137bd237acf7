/* The environment, programs that print credentials, roles, web identity, and the chain. */
#include "auth_scene.h"

#include "auth/environment.h"
#include "auth/web_identity.h"

#include <errno.h>
#include <sys/wait.h>

#define CREDENTIALS ".aws/credentials"
#define CONFIG      ".aws/config"

/* 2001-09-09T01:46:40Z is 1e9; these answers expire long after the tests run. */
#define LATER   "2099-01-31T09:30:00Z"
#define LATER_S 4073535000

static struct outcome *profile(struct scene *s, const char *name)
{
    s->context.profile = name;
    return scene_once(s, profile_provider_new(&s->context));
}

/* ---- environment ---- */

static struct outcome *environment(struct scene *s)
{
    return scene_once(s, environment_provider_new(s->loop, &s->env));
}

static void test_environment(void **state)
{
    struct scene *s = *state;
    assert_fails(environment(s), ERROR_ABSENT, "AWS_ACCESS_KEY_ID is not set");
    scene_set(s, "AWS_ACCESS_KEY_ID", "AKIA1");
    assert_fails(environment(s), ERROR_CREDENTIALS, "AWS_SECRET_ACCESS_KEY is not");
    scene_set(s, "AWS_SECRET_ACCESS_KEY", "hush");
    assert_keys(environment(s), "AKIA1", "hush", NULL);
    assert_true(s->outcome.credentials.expires_at_s == CREDENTIALS_NEVER_EXPIRE);
    scene_set(s, "AWS_SESSION_TOKEN", "tok");
    scene_set(s, "AWS_CREDENTIAL_EXPIRATION", LATER);
    assert_keys(environment(s), "AKIA1", "hush", "tok");
    assert_true(s->outcome.credentials.expires_at_s == LATER_S);
    scene_set(s, "AWS_CREDENTIAL_EXPIRATION", "soon");
    assert_fails(environment(s), ERROR_CREDENTIALS, "AWS_CREDENTIAL_EXPIRATION");
    scene_set(s, "AWS_ACCESS_KEY_ID", "");
    assert_fails(environment(s), ERROR_ABSENT, "AWS_ACCESS_KEY_ID is not set");
}

static void test_environment_refuses_what_is_no_key(void **state)
{
    struct scene *s = *state;
    char long_id[200];
    memset(long_id, 'A', sizeof(long_id) - 1);
    long_id[199] = '\0';
    scene_set(s, "AWS_ACCESS_KEY_ID", long_id);
    scene_set(s, "AWS_SECRET_ACCESS_KEY", "hush");
    assert_fails(environment(s), ERROR_CREDENTIALS, "AWS_ACCESS_KEY_ID is longer than 131");
    scene_set(s, "AWS_ACCESS_KEY_ID", "AKIA1");
    scene_set(s, "AWS_SESSION_TOKEN", "hush\r\nX-Evil: hush");
    assert_fails(environment(s), ERROR_CREDENTIALS, "AWS_SESSION_TOKEN holds");
}

static void test_cancel_before_delivery(void **state)
{
    struct scene *s = *state;
    struct credentials_provider *p = environment_provider_new(s->loop, &s->env);
    scene_set(s, "AWS_ACCESS_KEY_ID", "AKIA1");
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
                           "echo '{\"Version\": 1, \"AccessKeyId\": \"A1\", "
                           "\"SecretAccessKey\": \"hush\", \"SessionToken\": \"tok\", "
                           "\"Expiration\": \"" LATER "\", \"More\": [1]}'\n"),
                "A1", "hush", "tok");
    assert_true(s->outcome.credentials.expires_at_s == LATER_S);
    assert_keys(process(s, "echo '{\"Version\":1,\"AccessKeyId\":\"A2\","
                           "\"SecretAccessKey\":\"s2\",\"SessionToken\":null}'\n"),
                "A2", "s2", NULL);
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
        {"exit 1", "it ended with status 1"},
        {"kill -9 $PPID", "ended by signal 9"},
        {"", "it is not JSON"},
        {"echo 'hush {'", "it is not JSON (line 1"},
        {"echo '{\"Version\":1,\"SecretAccessKey\":\"hush\"'", "it is not JSON"},
        {"echo '[\"hush\"]'", "no JSON object"},
        {"echo '{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"hush\"}'", "Version is not 1"},
        {"echo '{\"Version\":\"1\",\"AccessKeyId\":\"A\"}'", "Version is not 1"},
        {"echo '{\"Version\":1,\"AccessKeyId\":\"A\"}'", "SecretAccessKey is missing"},
        {"echo '{\"Version\":1,\"SecretAccessKey\":\"hush\"}'", "AccessKeyId is missing"},
        {"echo '{\"Version\":1,\"AccessKeyId\":1,\"SecretAccessKey\":\"hush\"}'",
         "AccessKeyId is not a string"},
        {"echo '{\"Version\":1,\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"\"}'",
         "SecretAccessKey is empty"},
        {"echo '{\"Version\":1,\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"s\","
         "\"SessionToken\":\"hush\\u000d\\u000aX: y\"}'",
         "SessionToken holds"},
        {"echo '{\"Version\":1,\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"s\","
         "\"Expiration\":\"hush\"}'",
         "Expiration is no RFC 3339 time"},
        {"head -c 70000 /dev/zero", "it prints too much"},
    };
    struct scene *s = *state;
    for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++)
        assert_fails(process(s, scripts[i].text), ERROR_CREDENTIALS, scripts[i].said);
}

static void test_process_is_killed(void **state)
{
    struct scene *s = *state;
    scene_file(s, CONFIG, "[default]\ncredential_process = exec sleep 30\n");
    struct credentials_provider *p = profile_provider_new(&s->context);
    provider_start(p, (struct provider_done){on_fetched, &s->outcome});
    provider_free(p);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
    assert_int_equal(s->outcome.calls, 0);
}

/* ---- the AWS CLI ---- */

static void test_cli(void **state)
{
    static const char *const profiles[] = {
        "sso_session = s\nsso_account_id = 111111111111\nsso_role_name = r\n",
        "login_session = arn:aws:iam::111111111111:user/u\n",
        "role_arn = arn:aws:iam::111111111111:role/r\nsource_profile = y\nmfa_serial = m\n",
    };
    struct scene *s = *state;
    char path[512], config[512], *old = xstrdup(getenv("PATH"));
    scene_file(s, "aws",
               "#!/bin/sh\n"
               "test \"$*\" = 'configure export-credentials --profile x y --format "
               "process' || { echo \"asked for $*\" >&2; exit 9; }\n"
               "echo '{\"Version\":1,\"AccessKeyId\":\"A1\","
               "\"SecretAccessKey\":\"s1\",\"SessionToken\":\"t1\"}'\n");
    assert_int_equal(chmod(scene_path(s, "aws"), 0700), 0);
    snprintf(path, sizeof(path), "%s:%s", s->folder, old);
    setenv("PATH", path, 1);
    for (size_t i = 0; i < 3; i++) {
        snprintf(config, sizeof(config), "[profile x y]\n%s", profiles[i]);
        scene_file(s, CONFIG, config);
        assert_keys(profile(s, "x y"), "A1", "s1", "t1");
    }
    scene_file(s, "aws", "#!/bin/sh\necho 'The SSO session has expired' >&2\nexit 255\n");
    assert_fails(profile(s, "x y"), ERROR_CREDENTIALS, "The SSO session has expired");
    assert_fails(&s->outcome, ERROR_CREDENTIALS, "'aws configure export-credentials'");
    setenv("PATH", old, 1);
    free(old);
}

static void test_cli_is_missing(void **state)
{
    struct scene *s = *state;
    char *old = xstrdup(getenv("PATH"));
    scene_file(s, CONFIG,
               "[profile x]\nsso_account_id = 1\nsso_role_name = r\n"
               "[profile -x]\nsso_account_id = 1\n");
    setenv("PATH", s->folder, 1);
    assert_fails(profile(s, "x"), ERROR_CREDENTIALS,
                 "profile 'x' uses SSO, for which iam-census runs the AWS CLI's 'aws configure "
                 "export-credentials', and 'aws' is not on the PATH: install AWS CLI version 2");
    setenv("PATH", old, 1);
    free(old);
    assert_fails(profile(s, "-x"), ERROR_CREDENTIALS, "begins with '-'");
}

/* ---- roles ---- */

#define STS_ANSWER(operation, n)                                                                   \
    "<" operation "Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><" operation       \
    "Result><Credentials><AccessKeyId>ASIAROLE" n "</AccessKeyId>"                                 \
    "<SecretAccessKey>role-secret" n "</SecretAccessKey><SessionToken>role-token" n                \
    "</SessionToken><Expiration>" LATER "</Expiration></Credentials></" operation                  \
    "Result><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></" operation "Response>"

static struct reply assume(int number, const char *request)
{
    if (strstr(request, "WebIdentityToken="))
        return (struct reply){200, STS_ANSWER("AssumeRoleWithWebIdentity", "W")};
    return (struct reply){200, number == 0 ? STS_ANSWER("AssumeRole", "1")
                                           : STS_ANSWER("AssumeRole", "2")};
}

static struct reply refuse(int number, const char *request)
{
    (void)number, (void)request;
    return (struct reply){403, "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
                               "<Error><Type>Sender</Type><Code>AccessDenied</Code><Message>not "
                               "you</Message></Error><RequestId>1</RequestId></ErrorResponse>"};
}

static void assert_sent(const struct scene *s, int number, const char *part)
{
    assert_true(number < s->server.count);
    if (!strstr(s->server.requests[number], part))
        fail_msg("'%s' is not in request %d: %s", part, number, s->server.requests[number]);
}

static void test_role(void **state)
{
    struct scene *s = *state;
    scene_sts(s, assume);
    scene_file(s, CREDENTIALS,
               "[base]\naws_access_key_id = AKIABASE\n"
               "aws_secret_access_key = hush\n");
    scene_file(s, CONFIG,
               "[profile x]\nrole_arn = arn:aws:iam::111111111111:role/r\nsource_profile = base\n"
               "external_id = ext-1\nrole_session_name = me@here\nduration_seconds = 900\n");
    assert_keys(profile(s, "x"), "ASIAROLE1", "role-secret1", "role-token1");
    assert_true(s->outcome.credentials.expires_at_s == LATER_S);
    assert_int_equal(s->server.count, 1);
    assert_sent(s, 0, "Credential=AKIABASE/");
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
               "aws_access_key_id = AKIAC\naws_secret_access_key = hush\n");
    assert_keys(profile(s, "a"), "ASIAROLE2", "role-secret2", "role-token2");
    assert_int_equal(s->server.count, 2);
    assert_sent(s, 0, "Credential=AKIAC/");
    assert_sent(s, 0, "role%2Fb");
    assert_sent(s, 0, "RoleSessionName=iam-census");
    assert_sent(s, 0, "DurationSeconds=3600");
    assert_sent(s, 1, "Credential=ASIAROLE1/");
    assert_sent(s, 1, "role%2Fa");
    /* 'c' itself: its role, assumed with its own keys. */
    assert_keys(profile(s, "c"), "ASIAROLE2", "role-secret2", "role-token2");
    assert_sent(s, 2, "Credential=AKIAC/");
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
    scene_set(s, "AWS_ACCESS_KEY_ID", "AKIAENV");
    scene_set(s, "AWS_SECRET_ACCESS_KEY", "hush");
    assert_keys(profile(s, "x"), "ASIAROLE1", "role-secret1", "role-token1");
    assert_sent(s, 0, "Credential=AKIAENV/");
}

static void test_role_is_refused(void **state)
{
    struct scene *s = *state;
    scene_sts(s, refuse);
    scene_file(s, CONFIG,
               "[profile x]\nrole_arn = arn:aws:iam::111111111111:role/r\nsource_profile = x\n"
               "aws_access_key_id = AKIAX\naws_secret_access_key = hush\n");
    assert_fails(profile(s, "x"), ERROR_SERVICE, "role 'arn:aws:iam::111111111111:role/r'");
    assert_string_equal(s->outcome.error.code, "AccessDenied");
}

static void test_role_settings(void **state)
{
    static const struct script configs[] = {
        {"role_arn = r\n", "role_arn without source_profile"},
        {"role_arn = r\nsource_profile = a\ncredential_source = Environment\n", "with both"},
        {"role_arn = r\ncredential_source = Moon\n", "credential_source 'Moon' is none of"},
        {"role_arn = r\nsource_profile = gone\n",
         "source_profile 'gone': not in '~/.aws/credentials'"},
        {"role_arn = r\nsource_profile = empty\n", "source_profile 'empty': it holds no keys"},
        {"role_arn = r\nsource_profile = x\n", "in a loop: 'x' -> 'x'"},
        {"role_arn = r\nsource_profile = y\n", "in a loop: 'x' -> 'y' -> 'x'"},
        {"role_arn = r\nsource_profile = x\nduration_seconds = 899\n", "'899' is not a number"},
        {"role_arn = r\nsource_profile = x\nduration_seconds = 43201\n", "'43201' is not"},
        {"role_arn = r\nsource_profile = x\nduration_seconds = 1e3\n", "'1e3' is not"},
        {"role_arn = r\nsource_profile = x\nduration_seconds = 99999999999999999999\n", "is not"},
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
    assert_fails(profile(s, "y"), ERROR_CREDENTIALS, "there is no STS");
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
    struct credentials_provider *p = web_identity_provider_new(&s->context);
    assert_fails(scene_fetch(s, p), ERROR_ABSENT, "AWS_WEB_IDENTITY_TOKEN_FILE is not set");
    scene_set(s, "AWS_WEB_IDENTITY_TOKEN_FILE", scene_path(s, "token"));
    assert_fails(scene_fetch(s, p), ERROR_CREDENTIALS, "AWS_ROLE_ARN is not");
    scene_set(s, "AWS_ROLE_ARN", "arn:aws:iam::111111111111:role/w");
    assert_fails(scene_fetch(s, p), ERROR_CREDENTIALS, "No such file");
    scene_file(s, "token", "");
    assert_fails(scene_fetch(s, p), ERROR_CREDENTIALS, "is empty");
    assert_int_equal(s->server.count, 0);
    scene_file(s, "token", "jwt.one\n");
    assert_keys(scene_fetch(s, p), "ASIAROLEW", "role-secretW", "role-tokenW");
    assert_sent(s, 0, "WebIdentityToken=jwt.one");
    assert_null(strstr(s->server.requests[0], "jwt.one%0A"));
    assert_null(strstr(s->server.requests[0], "Authorization"));
    assert_sent(s, 0, "RoleSessionName=iam-census");
    scene_file(s, "token", "jwt.two");
    scene_set(s, "AWS_ROLE_SESSION_NAME", "pod-7");
    assert_keys(scene_fetch(s, p), "ASIAROLEW", "role-secretW", "role-tokenW");
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
    assert_keys(profile(s, "x"), "ASIAROLEW", "role-secretW", "role-tokenW");
    assert_sent(s, 0, "WebIdentityToken=jwt.three");
    assert_sent(s, 0, "role%2Fp");
    assert_sent(s, 0, "RoleSessionName=sess");
}

/* ---- the chain ---- */

static struct outcome *chain(struct scene *s)
{
    return scene_once(s, auth_chain_new(&s->context));
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
        "instance metadata: AWS_EC2_METADATA_DISABLED is true");
}

static void test_chain_order(void **state)
{
    struct scene *s = *state;
    scene_sts(s, assume);
    scene_file(s, CREDENTIALS,
               "[default]\naws_access_key_id = AD\naws_secret_access_key = s\n"
               "[named]\naws_access_key_id = AN\naws_secret_access_key = s\n");
    assert_keys(chain(s), "AD", "s", NULL);
    scene_file(s, "token", "jwt");
    scene_set(s, "AWS_WEB_IDENTITY_TOKEN_FILE", scene_path(s, "token"));
    scene_set(s, "AWS_ROLE_ARN", "arn:aws:iam::111111111111:role/w");
    assert_keys(chain(s), "ASIAROLEW", "role-secretW", "role-tokenW");
    scene_set(s, "AWS_PROFILE", "named");
    assert_keys(chain(s), "AN", "s", NULL);
    scene_set(s, "AWS_ACCESS_KEY_ID", "AE");
    scene_set(s, "AWS_SECRET_ACCESS_KEY", "s");
    assert_keys(chain(s), "AE", "s", NULL);
}

/* What is configured and broken is told, not passed over. */
static void test_chain_stops_at_errors(void **state)
{
    struct scene *s = *state;
    scene_file(s, CREDENTIALS, "[default]\naws_access_key_id = AD\naws_secret_access_key = s\n");
    scene_set(s, "AWS_PROFILE", "gone");
    assert_fails(chain(s), ERROR_CREDENTIALS, "profile 'gone': not in '~/.aws/credentials'");
    scene_set(s, "AWS_ACCESS_KEY_ID", "AE");
    assert_fails(chain(s), ERROR_CREDENTIALS, "environment: AWS_ACCESS_KEY_ID is set");
}

/* The one that gave is asked for the next ones, though one before it could give now. */
static void test_chain_remembers(void **state)
{
    struct scene *s = *state;
    scene_file(s, CREDENTIALS, "[default]\naws_access_key_id = A1\naws_secret_access_key = s\n");
    struct credentials_provider *p = auth_chain_new(&s->context);
    assert_keys(scene_fetch(s, p), "A1", "s", NULL);
    scene_set(s, "AWS_ACCESS_KEY_ID", "AE");
    scene_set(s, "AWS_SECRET_ACCESS_KEY", "s");
    scene_file(s, CREDENTIALS, "[default]\naws_access_key_id = A2\naws_secret_access_key = s\n");
    assert_keys(scene_fetch(s, p), "A2", "s", NULL);
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
    struct credentials_provider *p = auth_chain_new(&s->context);
    assert_int_equal(scene_fetch(s, p)->error.kind, ERROR_CREDENTIALS);
    scene_set(s, "AWS_ACCESS_KEY_ID", "AE");
    scene_set(s, "AWS_SECRET_ACCESS_KEY", "s");
    assert_keys(scene_fetch(s, p), "AE", "s", NULL);
    provider_free(p);
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
    assert_string_equal(credentials_cache_peek(f->cache)->access_key_id, "ASIAROLE1");
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
               "source_profile = default\naws_access_key_id = AKIAX\n"
               "aws_secret_access_key = hush\n");
    credentials_cache_init(&cache, s->loop, auth_chain_new(&s->context));
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
               "source_profile = default\naws_access_key_id = AKIAX\n"
               "aws_secret_access_key = hush\n");
    struct credentials_provider *p = profile_provider_new(&s->context);
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
        TEST(test_environment),
        TEST(test_environment_refuses_what_is_no_key),
        TEST(test_cancel_before_delivery),
        TEST(test_process),
        TEST(test_process_failures),
        TEST(test_process_is_killed),
        TEST(test_cli),
        TEST(test_cli_is_missing),
        TEST(test_role),
        TEST(test_role_chain),
        TEST(test_role_by_environment),
        TEST(test_role_is_refused),
        TEST(test_role_settings),
        TEST(test_role_depth),
        TEST(test_web_identity),
        TEST(test_web_identity_of_a_profile),
        TEST(test_chain_all_absent),
        TEST(test_chain_order),
        TEST(test_chain_stops_at_errors),
        TEST(test_chain_remembers),
        TEST(test_chain_asks_again),
        TEST(test_freed_in_callback),
        TEST(test_cancel_in_flight),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
