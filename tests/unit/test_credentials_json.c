/* SPDX-License-Identifier: MIT */
/* The JSON of credentials: what each form needs, and that what is wrong is said without a secret.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "auth/credentials_json.h"

#include <stdio.h>
#include <string.h>

#define LEN(array) (sizeof(array) / sizeof((array)[0]))
#define ID         "\"AccessKeyId\":\"AKIAABCDEFGHIJKLMNOP\""
#define SECRET     "\"SecretAccessKey\":\"hush-hush/very+secret\""
#define KEYS       ID "," SECRET
#define FUTURE     "\"Expiration\":\"2030-01-01T00:00:00Z\""

static int read_form(const char *text, enum credentials_json form, struct error *e)
{
    struct credentials c = {0};
    int result = credentials_json_read(view_of(text), form, &c, e);
    if (result == 0) {
        assert_string_equal(c.access_key_id, "AKIAABCDEFGHIJKLMNOP");
        assert_true(view_is(secret_reveal(&c.secret_access_key), "hush-hush/very+secret"));
        assert_int_equal(c.stays_good, form != JSON_PROCESS);
    } else {
        assert_int_equal(e->kind, ERROR_CREDENTIALS);
        assert_null(strstr(e->text, "hush"));
        assert_string_equal(c.access_key_id, "");
    }
    credentials_clear(&c);
    return result;
}

static void test_good(void **state)
{
    static const struct {
        enum credentials_json form;
        const char *text;
    } cases[] = {
        {JSON_PROCESS, "{\"Version\":1," KEYS "}"},
        {JSON_PROCESS, "{\"Version\":1," KEYS ",\"SessionToken\":null,\"Expiration\":null}"},
        {JSON_PROCESS, "{\"Version\":1," KEYS ",\"SessionToken\":\"t\"," FUTURE "}"},
        {JSON_CONTAINER, "{" KEYS "}"},
        {JSON_CONTAINER, "{" KEYS ",\"Token\":\"t\"," FUTURE "}"},
        {JSON_IMDS, "{" KEYS ",\"Token\":\"t\"," FUTURE "}"},
        {JSON_IMDS, "{\"Code\":\"Success\"," KEYS ",\"Token\":\"t\"," FUTURE "}"},
    };
    (void)state;
    for (size_t i = 0; i < LEN(cases); i++) {
        struct error e;
        if (read_form(cases[i].text, cases[i].form, &e) != 0)
            fail_msg("case %zu: %s", i, e.text);
    }
}

static const struct bad {
    enum credentials_json form;
    const char *text, *says;
} bad[] = {
    {JSON_CONTAINER, "", "it is not JSON (line 1"},
    {JSON_CONTAINER, "{\"hush\":", "it is not JSON"},
    {JSON_CONTAINER, "{" ID "," ID "}", "it is not JSON"},
    {JSON_CONTAINER, "[\"hush\"]", "it is not a JSON object"},
    {JSON_PROCESS, "{" KEYS "}", "its Version is not 1"},
    {JSON_PROCESS, "{\"Version\":\"1\"," KEYS "}", "its Version is not 1"},
    {JSON_PROCESS, "{\"Version\":2," KEYS "}", "its Version is not 1"},
    {JSON_CONTAINER, "{\"AccessKeyId\":7}", "AccessKeyId is not a string"},
    {JSON_CONTAINER, "{" ID ",\"SecretAccessKey\":[\"hush\"]}", "SecretAccessKey is not a string"},
    {JSON_CONTAINER, "{" KEYS ",\"Token\":{\"hush\":1}}", "Token is not a string"},
    {JSON_PROCESS, "{\"Version\":1," KEYS ",\"SessionToken\":1}", "SessionToken is not a string"},
    {JSON_CONTAINER, "{" KEYS ",\"Expiration\":1}", "Expiration is not a string"},
    {JSON_CONTAINER, "{" SECRET "}", "AccessKeyId is missing"},
    {JSON_CONTAINER, "{" ID "}", "SecretAccessKey is missing"},
    {JSON_CONTAINER, "{" KEYS ",\"Expiration\":\"hush\"}", "Expiration is not a valid RFC 3339"},
    {JSON_CONTAINER, "{\"AccessKeyId\":\"a b\"," SECRET "}", "AccessKeyId holds a space"},
    {JSON_CONTAINER, "{\"AccessKeyId\":\"\"," SECRET "}", "AccessKeyId is empty"},
    {JSON_IMDS, "{" KEYS "," FUTURE "}", "Token is missing"},
    {JSON_IMDS, "{" KEYS ",\"Token\":\"hush\"}", "Expiration is missing"},
    {JSON_IMDS, "{\"Code\":1," KEYS "}", "Code is not a string"},
    {JSON_IMDS, "{\"Code\":\"AssumeRoleUnauthorizedAccess\"}", "'AssumeRoleUnauthorizedAccess'"},
    {JSON_IMDS, "{\"Code\":\"hush hush\"}", "its Code is not a word"},
    {JSON_IMDS, "{\"Code\":\"\"}", "its Code is not a word"},
};

static void test_bad(void **state)
{
    (void)state;
    for (const struct bad *b = bad; b < bad + LEN(bad); b++) {
        struct error e;
        assert_int_equal(read_form(b->text, b->form, &e), -1);
        if (!strstr(e.text, b->says))
            fail_msg("'%s': want '%s', got '%s'", b->text, b->says, e.text);
    }
}

/* A code is repeated, so it must not be long enough to be something else. */
static void test_a_long_code(void **state)
{
    char text[256];
    struct error e;
    (void)state;
    snprintf(text, sizeof(text), "{\"Code\":\"%0*d\"}", 10, 0);
    memset(strchr(text, '0'), 'a', 10);
    assert_int_equal(read_form(text, JSON_IMDS, &e), -1);
    assert_non_null(strstr(e.text, "aaaaaaaaaa"));
    snprintf(text, sizeof(text), "{\"Code\":\"%0*d\"}", 81, 0);
    memset(strchr(text, '0'), 'a', 81);
    assert_int_equal(read_form(text, JSON_IMDS, &e), -1);
    assert_string_equal(e.text, "its Code is not a word");
}

static void test_no_text_at_all(void **state)
{
    struct credentials c = {0};
    struct error e;
    (void)state;
    assert_int_equal(credentials_json_read(VIEW_NONE, JSON_CONTAINER, &c, &e), -1);
    assert_non_null(strstr(e.text, "it is not JSON"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_a_long_code),
        cmocka_unit_test(test_no_text_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
