/* SPDX-License-Identifier: MIT */
/* The credentials services of containers and instances, played by a server on loopback. */
#include "auth_scene.h"

#include "auth/local_url.h"
#include "auth/provider_container.h"
#include "auth/provider_imds.h"

#define CONTAINER_KEYS                                                                             \
    "{\"RoleArn\":\"r\",\"AccessKeyId\":\"AKIA0000000000A1\",\"SecretAccessKey\":\"hush\","        \
    "\"Token\":\"tok\","                                                                           \
    "\"Expiration\":\"" LATER "\"}"
#define IMDS_KEYS                                                                                  \
    "{\"Code\":\"Success\",\"Type\":\"AWS-HMAC\",\"AccessKeyId\":\"AKIA0000000000A1\","            \
    "\"SecretAccessKey\":\"hush\",\"Token\":\"tok\",\"Expiration\":\"" LATER "\"}"

static void assert_not_sent(const struct scene *s, int number, const char *part)
{
    assert_true(number < s->server.count);
    assert_null(strstr(s->server.requests[number], part));
}

/* ---- which URLs ---- */

static void test_urls(void **state)
{
    static const struct local_hosts hosts = {{"169.254.170.2", "fd00:ec2::23"}};
    static const char *const good[] = {
        "https://example.com/x?y=z", "http://localhost/",      "http://127.0.0.1:80/x?y=z",
        "http://127.9.9.9",          "http://[::1]:1/",        "http://169.254.170.2/x",
        "HTTP://169.254.170.2",      "http://[fd00:ec2::23]/", "http://[FD00:0EC2:0:0::23]:80/",
    };
    static const char *const bad[] = {
        "http://example.com/",
        "http://169.254.170.3/",
        "http://169.254.170.2.example.com/",
        "http://169.254.170.2@example.com/",
        "http://127.0.0.1@example.com/",
        "http://example.com#@127.0.0.1/",
        "http://example.com/?x=127.0.0.1",
        "http://127.0.0.1.example.com/",
        "http://localhost.example.com/",
        "http://[fd00:ec2::24]/",
        "http://[fd00:ec2::23/",
        "http://2852039170/",
        "http:///x",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "127.0.0.1",
        "http://example.com\\@127.0.0.1/",
        "",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        if (!local_url_allowed(good[i], &hosts))
            fail_msg("'%s' is refused", good[i]);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (local_url_allowed(bad[i], &hosts))
            fail_msg("'%s' is allowed", bad[i]);
}

/* ---- container ---- */

static struct outcome *container(struct scene *s)
{
    return scene_once(s, provider_container_new(&s->context));
}

static void serve_container(struct scene *s, struct reply (*answer)(int, const char *))
{
    char url[128];
    scene_serve(s, answer);
    snprintf(url, sizeof(url), "%s/v1/credentials?a=b", s->server.origin);
    scene_set(s, "AWS_CONTAINER_CREDENTIALS_FULL_URI", url);
}

static struct reply give_container(int number, const char *request)
{
    (void)number, (void)request;
    return (struct reply){200, CONTAINER_KEYS};
}

static void test_container(void **state)
{
    struct scene *s = *state;
    assert_fails(container(s), ERROR_ABSENT,
                 "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and _FULL_URI");
    serve_container(s, give_container);
    assert_keys(container(s), "AKIA0000000000A1", "hush", "tok");
    assert_true(s->outcome.credentials.expires_at_s == LATER_S);
    assert_sent(s, 0, "GET /v1/credentials?a=b HTTP/1.1\r\n");
    assert_not_sent(s, 0, "Authorization");
}

static void test_container_token(void **state)
{
    struct scene *s = *state;
    serve_container(s, give_container);
    scene_set(s, "AWS_CONTAINER_AUTHORIZATION_TOKEN", "Basic env");
    assert_keys(container(s), "AKIA0000000000A1", "hush", "tok");
    assert_sent(s, 0, "\r\nAuthorization: Basic env\r\n");
    scene_set(s, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", scene_path(s, "token"));
    assert_fails(container(s), ERROR_CREDENTIALS, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: can't");
    scene_file(s, "token", "from-file-1");
    assert_keys(container(s), "AKIA0000000000A1", "hush", "tok");
    scene_file(s, "token", "from-file-2");
    assert_keys(container(s), "AKIA0000000000A1", "hush", "tok");
    assert_sent(s, 1, "\r\nAuthorization: from-file-1\r\n");
    assert_sent(s, 2, "\r\nAuthorization: from-file-2\r\n");
    scene_file(s, "token", "hush\r\nX-Evil: 1");
    assert_fails(container(s), ERROR_CREDENTIALS, "holds a line end");
    scene_file(s, "token", "hush\n");
    assert_fails(container(s), ERROR_CREDENTIALS, "holds a line end");
    assert_int_equal(s->server.count, 3);
}

static void test_container_urls(void **state)
{
    struct scene *s = *state;
    scene_set(s, "AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://example.com/hush");
    assert_fails(container(s), ERROR_CREDENTIALS,
                 "AWS_CONTAINER_CREDENTIALS_FULL_URI is not a URL");
    scene_set(s, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "@example.com/hush");
    assert_fails(container(s), ERROR_CREDENTIALS, "RELATIVE_URI does not begin with '/'");
    char *text = xmalloc(3001);
    memset(text, '/', 3000);
    text[3000] = '\0';
    scene_set(s, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", text);
    assert_fails(container(s), ERROR_CREDENTIALS, "RELATIVE_URI is too long");
    free(text);
}

static struct reply recover(int number, const char *request)
{
    (void)request;
    if (number == 0)
        return (struct reply){0, NULL};
    if (number == 1)
        return (struct reply){500, "hush"};
    return (struct reply){200, CONTAINER_KEYS};
}

static void test_container_tries_again(void **state)
{
    struct scene *s = *state;
    serve_container(s, recover);
    scene_set(s, "AWS_CONTAINER_AUTHORIZATION_TOKEN", "again");
    assert_keys(container(s), "AKIA0000000000A1", "hush", "tok");
    assert_int_equal(s->server.count, 3);
    assert_sent(s, 2, "\r\nAuthorization: again\r\n");
}

static struct reply fail_always(int number, const char *request)
{
    (void)number, (void)request;
    return (struct reply){503, "hush"};
}

static struct reply deny(int number, const char *request)
{
    (void)number, (void)request;
    return (struct reply){403, "{\"message\":\"hush\"}"};
}

static void test_container_gives_up(void **state)
{
    struct scene *s = *state;
    serve_container(s, fail_always);
    assert_fails(container(s), ERROR_CREDENTIALS, "it answered with HTTP status 503");
    assert_int_equal(s->server.count, 3);
}

static void test_container_denies(void **state)
{
    struct scene *s = *state;
    serve_container(s, deny);
    assert_fails(container(s), ERROR_CREDENTIALS,
                 "the container's credentials service: it answered with HTTP status 403");
    assert_int_equal(s->server.count, 1);
}

static const char *bad_body;

static struct reply give_bad(int number, const char *request)
{
    (void)number, (void)request;
    return (struct reply){200, bad_body};
}

static void test_container_bad_answers(void **state)
{
    struct scene *s = *state;
    /* Not the test's own: the server may still be sending it when the test is over. */
    static char huge[100001];
    memset(huge, ' ', sizeof(huge) - 1);
    serve_container(s, give_bad);
    bad_body = "hush";
    assert_fails(container(s), ERROR_CREDENTIALS, "it is not JSON");
    bad_body = "{\"AccessKeyId\":\"AKIA00000000000A\",\"SecretAccessKey\":\"hush\"";
    assert_fails(container(s), ERROR_CREDENTIALS, "it is not JSON");
    bad_body = "{\"AccessKeyId\":\"AKIA00000000000A\",\"SecretAccessKey\":\"s\",\"Token\":"
               "\"hush\\r\\nX: y\"}";
    assert_fails(container(s), ERROR_CREDENTIALS, "Token holds");
    bad_body =
        "{\"AccessKeyId\":\"AKIA00000000000A\",\"AccessKeyId\":\"B\",\"SecretAccessKey\":\"hush\"}";
    assert_fails(container(s), ERROR_CREDENTIALS, "it is not JSON");
    bad_body = huge;
    assert_fails(container(s), ERROR_CREDENTIALS, "longer than");
}

/* ---- instance metadata ---- */

static struct outcome *imds(struct scene *s)
{
    return scene_once(s, provider_imds_new(&s->context));
}

static void serve_imds(struct scene *s, struct reply (*answer)(int, const char *))
{
    char url[80];
    scene_serve(s, answer);
    snprintf(url, sizeof(url), "%s/", s->server.origin);
    scene_set(s, "AWS_EC2_METADATA_SERVICE_ENDPOINT", url);
    scene_set(s, "AWS_EC2_METADATA_DISABLED", "false");
}

#define IS(request, start) (strncmp((request), (start), strlen(start)) == 0)

static struct reply instance(int number, const char *request)
{
    (void)number;
    if (IS(request, "PUT /latest/api/token HTTP/1.1\r\n"))
        return (struct reply){200, "AQAE-token=="};
    if (!strstr(request, "\r\nX-aws-ec2-metadata-token: AQAE-token==\r\n"))
        return (struct reply){401, ""};
    if (IS(request, "GET /latest/meta-data/iam/security-credentials/ "))
        return (struct reply){200, "web+role@x\n"};
    if (IS(request, "GET /latest/meta-data/iam/security-credentials/web+role@x "))
        return (struct reply){200, IMDS_KEYS};
    return (struct reply){404, ""};
}

static void test_imds(void **state)
{
    struct scene *s = *state;
    serve_imds(s, instance);
    assert_keys(imds(s), "AKIA0000000000A1", "hush", "tok");
    assert_true(s->outcome.credentials.expires_at_s == LATER_S);
    assert_int_equal(s->server.count, 3);
    assert_sent(s, 0, "\r\nX-aws-ec2-metadata-token-ttl-seconds: ");
    assert_not_sent(s, 0, "Content-Type");
}

/* The same provider, again: what a refresh does. */
static void test_imds_again(void **state)
{
    struct scene *s = *state;
    serve_imds(s, instance);
    struct credentials_provider *p = provider_imds_new(&s->context);
    assert_keys(scene_fetch(s, p), "AKIA0000000000A1", "hush", "tok");
    assert_keys(scene_fetch(s, p), "AKIA0000000000A1", "hush", "tok");
    assert_int_equal(s->server.count, 6);
    provider_free(p);
}

static struct reply forgetful_instance(int number, const char *request)
{
    /* The first token is not good any more when the credentials are asked for. */
    if (number == 2)
        return (struct reply){401, ""};
    return instance(number, request);
}

static struct reply deaf_instance(int number, const char *request)
{
    (void)number;
    return (struct reply){IS(request, "PUT ") ? 200 : 401, "AQAE-token=="};
}

static void test_imds_token_is_renewed(void **state)
{
    struct scene *s = *state;
    serve_imds(s, forgetful_instance);
    assert_keys(imds(s), "AKIA0000000000A1", "hush", "tok");
    assert_int_equal(s->server.count, 6);
    assert_sent(s, 3, "PUT /latest/api/token ");
}

static void test_imds_refuses_all_tokens(void **state)
{
    struct scene *s = *state;
    serve_imds(s, deaf_instance);
    assert_fails(imds(s), ERROR_CREDENTIALS, "HTTP status 401");
    assert_int_equal(s->server.count, 4);
}

/* Where the service is: the variable, else the profile; the URL, else the mode. */
static void test_imds_of_the_profile(void **state)
{
    struct scene *s = *state;
    char config[256];
    scene_serve(s, instance);
    scene_set(s, "AWS_EC2_METADATA_DISABLED", "false");
    snprintf(config, sizeof(config),
             "[default]\nec2_metadata_service_endpoint = %s\n"
             "ec2_metadata_service_endpoint_mode = IPv6\n"
             "[profile x]\nec2_metadata_service_endpoint = http://example.com\n"
             "[profile y]\nec2_metadata_service_endpoint_mode = IPv5\n",
             s->server.origin);
    scene_file(s, CONFIG, config);
    assert_keys(imds(s), "AKIA0000000000A1", "hush", "tok");
    s->context.profile = "x";
    assert_fails(imds(s), ERROR_CREDENTIALS,
                 "the profile's ec2_metadata_service_endpoint is not a URL");
    scene_set(s, "AWS_EC2_METADATA_SERVICE_ENDPOINT", s->server.origin);
    assert_keys(imds(s), "AKIA0000000000A1", "hush", "tok");
    scene_set(s, "AWS_EC2_METADATA_SERVICE_ENDPOINT", "");
    s->context.profile = "y";
    assert_fails(imds(s), ERROR_CREDENTIALS, "mode is 'IPv5': allowed are IPv4, IPv6");
}

static void test_imds_settings(void **state)
{
    struct scene *s = *state;
    assert_fails(imds(s), ERROR_ABSENT, "AWS_EC2_METADATA_DISABLED is true");
    scene_set(s, "AWS_EC2_METADATA_DISABLED", "TRUE");
    assert_fails(imds(s), ERROR_ABSENT, "AWS_EC2_METADATA_DISABLED is true");
    scene_set(s, "AWS_EC2_METADATA_DISABLED", "false");
    scene_set(s, "AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://example.com");
    assert_fails(imds(s), ERROR_CREDENTIALS, "AWS_EC2_METADATA_SERVICE_ENDPOINT is not a URL");
    scene_set(s, "AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1/?x");
    assert_fails(imds(s), ERROR_CREDENTIALS, "AWS_EC2_METADATA_SERVICE_ENDPOINT is not a URL");
}

/* Nobody listens: absent, after both attempts, and soon. */
static void test_imds_unreachable(void **state)
{
    struct scene *s = *state;
    char origin[64];
    close(listen_on_loopback(0, "http", origin));
    scene_set(s, "AWS_EC2_METADATA_SERVICE_ENDPOINT", origin);
    scene_set(s, "AWS_EC2_METADATA_DISABLED", "false");
    assert_fails(imds(s), ERROR_ABSENT, "no answer (");
}

/* Connected, and then silence: what a container behind a hop limit of 1 sees. */
static void test_imds_is_silent(void **state)
{
    struct scene *s = *state;
    char origin[64];
    int fd = listen_on_loopback(0, "http", origin);
    scene_set(s, "AWS_EC2_METADATA_SERVICE_ENDPOINT", origin);
    scene_set(s, "AWS_EC2_METADATA_DISABLED", "false");
    int64_t began_ms = clock_steady_ms(clock_system());
    assert_fails(imds(s), ERROR_ABSENT, "no answer (");
    int64_t took_ms = clock_steady_ms(clock_system()) - began_ms;
    assert_in_range(took_ms, 2000, 8000);
    close(fd);
}

static const char *role_list;
static int role_status;
static const char *role_keys;

static struct reply odd_instance(int number, const char *request)
{
    (void)number;
    if (IS(request, "PUT"))
        return (struct reply){200, "t"};
    if (IS(request, "GET /latest/meta-data/iam/security-credentials/ "))
        return (struct reply){role_status, role_list};
    return (struct reply){200, role_keys};
}

static void test_imds_roles(void **state)
{
    struct scene *s = *state;
    serve_imds(s, odd_instance);
    role_status = 404, role_list = "";
    assert_fails(imds(s), ERROR_ABSENT, "the instance has no role");
    role_status = 200;
    assert_fails(imds(s), ERROR_ABSENT, "the instance has no role");
    role_list = "../../user-data";
    assert_fails(imds(s), ERROR_CREDENTIALS, "is not a valid role name");
    role_list = "a b";
    assert_fails(imds(s), ERROR_CREDENTIALS, "is not a valid role name");
    role_status = 403, role_list = "hush";
    assert_fails(imds(s), ERROR_CREDENTIALS, "HTTP status 403");
}

static void test_imds_keys(void **state)
{
    struct scene *s = *state;
    serve_imds(s, odd_instance);
    role_status = 200, role_list = "role";
    role_keys = "{\"Code\":\"AssumeRoleUnauthorizedAccess\",\"Message\":\"hush\"}";
    assert_fails(imds(s), ERROR_CREDENTIALS, "Code is 'AssumeRoleUnauthorizedAccess'");
    role_keys =
        "{\"Code\":\"Success\",\"AccessKeyId\":\"AKIA00000000000A\",\"SecretAccessKey\":\"hush\"}";
    assert_fails(imds(s), ERROR_CREDENTIALS, "Expiration is missing");
    role_keys = "hush";
    assert_fails(imds(s), ERROR_CREDENTIALS,
                 "the credentials of the instance's role: it is not JSON");
}

static struct reply no_token(int number, const char *request)
{
    (void)request;
    static const struct reply replies[] = {
        {403, "hush"}, {200, "a\nb"}, {200, ""}, {500, ""}, {500, ""}};
    return number < 5 ? replies[number] : (struct reply){404, ""};
}

static void test_imds_without_token(void **state)
{
    struct scene *s = *state;
    serve_imds(s, no_token);
    assert_fails(imds(s), ERROR_ABSENT, "HTTP status 403 when asked for a token");
    assert_int_equal(s->server.count, 1);
    assert_fails(imds(s), ERROR_ABSENT, "what it answered is not a valid token");
    assert_fails(imds(s), ERROR_ABSENT, "what it answered is not a valid token");
    assert_fails(imds(s), ERROR_ABSENT, "HTTP status 500 when asked for a token");
    assert_int_equal(s->server.count, 5);
}

static void set_true(void *arg)
{
    *(bool *)arg = true;
}

/* At any moment of the three requests, giving up calls nobody and leaves nothing. */
static void test_imds_cancel(void **state)
{
    struct scene *s = *state;
    serve_imds(s, instance);
    for (int i = 0; i < 4; i++) {
        struct loop_timer timer = {0};
        bool over = false;
        struct error e;
        struct credentials_provider *p = provider_imds_new(&s->context);
        provider_start(p, (struct provider_done){on_fetched, &s->outcome});
        provider_cancel(p);
        provider_start(p, (struct provider_done){on_fetched, &s->outcome});
        loop_timer_start(s->loop, &timer, i / 2, set_true, &over);
        assert_int_equal(loop_run(s->loop, &over, &e), 0);
        provider_free(p);
        int calls = s->outcome.calls;
        over = false;
        loop_timer_start(s->loop, &timer, 20, set_true, &over);
        assert_int_equal(loop_run(s->loop, &over, &e), 0);
        assert_int_equal(s->outcome.calls, calls);
    }
}

/* The chain reaches them, and a proxy is not asked. */
static void test_chain_and_proxy(void **state)
{
    struct scene *s = *state;
    serve_imds(s, instance);
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    setenv("HTTPS_PROXY", "http://127.0.0.1:1", 1);
    assert_keys(scene_once(s, provider_chain_new(&s->context)), "AKIA0000000000A1", "hush", "tok");
    unsetenv("http_proxy");
    unsetenv("HTTPS_PROXY");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_urls),
        TEST(test_container),
        TEST(test_container_token),
        TEST(test_container_urls),
        TEST(test_container_tries_again),
        TEST(test_container_gives_up),
        TEST(test_container_denies),
        TEST(test_container_bad_answers),
        TEST(test_imds),
        TEST(test_imds_again),
        TEST(test_imds_token_is_renewed),
        TEST(test_imds_refuses_all_tokens),
        TEST(test_imds_of_the_profile),
        TEST(test_imds_settings),
        TEST(test_imds_unreachable),
        TEST(test_imds_is_silent),
        TEST(test_imds_roles),
        TEST(test_imds_keys),
        TEST(test_imds_without_token),
        TEST(test_imds_cancel),
        TEST(test_chain_and_proxy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
