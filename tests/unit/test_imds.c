/* SPDX-License-Identifier: MIT */
/* An instance's metadata service that answers oddly, at each of its three answers. */
#include "auth_scene.h"

#include "auth/credentials_json.h"
#include "auth/provider_imds.h"

#define IS(request, start) (strncmp((request), (start), strlen(start)) == 0)
#define A16                "aaaaaaaaaaaaaaaa"
#define A64                A16 A16 A16 A16

static struct {
    struct reply token, role, keys;
} answers;

static const char good[] =
    "{\"Code\":\"Success\",\"AccessKeyId\":\"AKIA0000000000A1\",\"SecretAccessKey\":\"hush\","
    "\"Token\":\"tok\",\"Expiration\":\"" LATER "\"}";

static struct reply answer(int number, const char *request)
{
    (void)number;
    if (IS(request, "PUT"))
        return answers.token;
    if (IS(request, "GET /latest/meta-data/iam/security-credentials/ "))
        return answers.role;
    return answers.keys;
}

static void begin(struct scene *s)
{
    char url[80];
    scene_serve(s, answer);
    snprintf(url, sizeof(url), "%s///", s->server.origin); /* slashes at the end are not doubled */
    scene_set(s, "AWS_EC2_METADATA_SERVICE_ENDPOINT", url);
    scene_set(s, "AWS_EC2_METADATA_DISABLED", "false");
    answers.token = (struct reply){200, "t"};
    answers.role = (struct reply){200, "role"};
    answers.keys = (struct reply){200, good};
}

static struct outcome *imds(struct scene *s)
{
    return scene_once(s, provider_imds_new(&s->context));
}

static void test_names_of_roles(void **state)
{
    static const char *const bad[] = {".", "..", A64 "a", "a/b", "a%2fb", "a?b"};
    static const char *const fine[] = {"...", A64, "+=,.@_-", "role\nanother", "  role  "};
    struct scene *s = *state;
    begin(s);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        answers.role.body = bad[i];
        s->server.count = 0;
        assert_fails(imds(s), ERROR_CREDENTIALS, "is not a valid role name");
        assert_int_equal(s->server.count, 2); /* the keys of no other path are asked for */
    }
    for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++) {
        answers.role.body = fine[i];
        s->server.count = 0;
        assert_keys(imds(s), "AKIA0000000000A1", "hush", "tok");
    }
}

static void test_keys_that_are_refused(void **state)
{
    struct scene *s = *state;
    begin(s);
    answers.keys = (struct reply){403, "hush"};
    assert_fails(imds(s), ERROR_CREDENTIALS, "HTTP status 403");
    answers.keys = (struct reply){404, ""};
    assert_fails(imds(s), ERROR_CREDENTIALS, "the credentials of the instance's role");
}

/* More than anybody needs: it is not read to its end, and nothing of it is used. */
static void test_endless_answers(void **state)
{
    static char text[2 * CREDENTIALS_JSON_MAX];
    struct scene *s = *state;
    memset(text, 'a', sizeof(text) - 1);
    begin(s);
    answers.keys.body = text;
    assert_fails(imds(s), ERROR_CREDENTIALS, "the answer is longer than");
    s->server.count = 0;
    answers.role.body = text;
    assert_fails(imds(s), ERROR_CREDENTIALS, "the name of the instance's role");
    s->server.count = 0;
    answers.token.body = text;
    assert_fails(imds(s), ERROR_ABSENT, "no answer (");
}

static void test_tokens(void **state)
{
    static const char *const bad[] = {"", "a b", "a\x01", "caf\xc3\xa9"};
    struct scene *s = *state;
    begin(s);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        answers.token.body = bad[i];
        assert_fails(imds(s), ERROR_ABSENT, "what it answered is not a valid token");
    }
}

/* The whole chain is given up while the last of its sources is asked: nobody is called. */
static void test_chain_that_is_cancelled(void **state)
{
    struct scene *s = *state;
    begin(s);
    struct credentials_provider *p = provider_chain_new(&s->context);
    int calls = s->outcome.calls;
    provider_start(p, (struct provider_done){on_fetched, &s->outcome});
    provider_cancel(p);
    assert_int_equal(s->outcome.calls, calls);
    assert_keys(scene_fetch(s, p), "AKIA0000000000A1", "hush", "tok");
    provider_cancel(p);
    provider_free(p);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_begin, scene_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_names_of_roles), TEST(test_keys_that_are_refused),   TEST(test_endless_answers),
        TEST(test_tokens),         TEST(test_chain_that_is_cancelled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
