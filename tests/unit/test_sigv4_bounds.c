/* SPDX-License-Identifier: MIT */
/* Signing: what cannot be signed, and what is too large. */
#include "signing_scene.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* In a child process, which has not looked the algorithm up yet. */
static int sign_without_libcrypto(void)
{
    static const struct sigv4_key empty;
    static const char hash[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    struct sigv4_key cache = {.date = "20150830"};
    struct example x;
    if (EVP_set_default_properties(NULL, "provider=none") != 1)
        return 1;
    example_init(&x);
    if (x.payload_hash[0] != '\0')
        return 2;
    x.request.payload_hash = view_of(x.payload_hash);
    if (example_sign(&x, &cache) != -1 || !strstr(x.error.text, "body is missing"))
        return 3;
    x.request.payload_hash = view_of(hash);
    if (example_sign(&x, &cache) != -1 || x.error.kind != ERROR_SYSTEM ||
        !strstr(x.error.text, "libcrypto"))
        return 4;
    if (x.out.authorization.data || memcmp(&cache, &empty, sizeof(empty)) != 0)
        return 5;
    example_release(&x);
    return 0;
}

static void test_libcrypto_that_fails(void **state)
{
    int status = 0;
    (void)state;
    pid_t child = fork();
    if (child == 0)
        _exit(sign_without_libcrypto());
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void test_credentials_that_lack_a_part(void **state)
{
    struct example x;
    char secret[258];
    (void)state;
    example_init(&x);
    set_credentials(&x, "", "secret", NULL);
    example_fails(&x, ERROR_CREDENTIALS, "no access key id");
    set_credentials(&x, "AKIDEXAMPLE", NULL, NULL);
    example_fails(&x, ERROR_CREDENTIALS, "no secret access key");
    set_credentials(&x, "AKIDEXAMPLE", "", NULL);
    example_fails(&x, ERROR_CREDENTIALS, "no secret access key");
    memset(secret, 's', sizeof(secret));
    secret[256] = '\0';
    set_credentials(&x, "AKIDEXAMPLE", secret, NULL);
    assert_int_equal(example_sign(&x, NULL), 0);
    secret[256] = 's';
    secret[257] = '\0';
    set_credentials(&x, "AKIDEXAMPLE", secret, NULL);
    example_fails(&x, ERROR_CREDENTIALS, "over 256 characters");
    assert_null(strstr(x.error.text, "sss"));
    example_release(&x);
}

static void test_scope_and_time_that_cannot_be_signed(void **state)
{
    struct example x;
    (void)state;
    example_init(&x);
    x.scope.region = VIEW_LITERAL("");
    example_fails(&x, ERROR_CONFIG, "signing region ''");
    x.scope.region = VIEW_LITERAL("a-region-of-thirty-two-characters");
    x.scope.region.len = 32;
    example_fails(&x, ERROR_CONFIG, "signing region");
    x.scope.region.len = 31;
    assert_int_equal(example_sign(&x, NULL), 0);
    x.scope.service = VIEW_NONE;
    example_fails(&x, ERROR_CONFIG, "signing name");
    x.scope.service = VIEW_LITERAL("a-service-of-thirty-two-characters");
    x.scope.service.len = 32;
    example_fails(&x, ERROR_CONFIG, "signing name");
    x.scope.service.len = 31;
    x.now_s = 253402300799; /* 9999-12-31T23:59:59Z */
    assert_int_equal(example_sign(&x, NULL), 0);
    assert_string_equal(x.out.date, "99991231T235959Z");
    x.now_s++;
    example_fails(&x, ERROR_SYSTEM, "clock");
    x.now_s = INT64_MAX;
    example_fails(&x, ERROR_SYSTEM, "clock");
    example_release(&x);
}

static void test_headers_that_cannot_be_signed(void **state)
{
    static const char *const own[] = {"X-Amz-Date", "x-amz-security-token", "X-AMZ-CONTENT-SHA256"};
    struct example x;
    (void)state;
    example_init(&x);
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
        x.headers[1] = (struct sigv4_header){view_of(own[i]), VIEW_LITERAL("x")};
        x.request.header_count = 2;
        example_fails(&x, ERROR_CONFIG, "is added by signing alone");
    }
    x.request.header_count = 0;
    example_fails(&x, ERROR_CONFIG, "no 'Host' header");
    for (size_t i = 1; i <= SIGV4_HEADERS_MAX; i++)
        x.headers[i] = (struct sigv4_header){VIEW_LITERAL("X-Many"), VIEW_LITERAL("v")};
    x.request.header_count = SIGV4_HEADERS_MAX;
    set_credentials(&x, "AKIDEXAMPLE", "secret", "token");
    x.scope.sign_payload_header = true;
    assert_int_equal(example_sign(&x, NULL), 0);
    x.request.header_count = SIGV4_HEADERS_MAX + 1;
    example_fails(&x, ERROR_CONFIG, "more than 32 headers");
    x.request.header_count = 1;
    x.request.payload_hash = VIEW_LITERAL("");
    example_fails(&x, ERROR_SYSTEM, "body is missing");
    example_release(&x);
}

static void test_names_of_headers_are_bounded(void **state)
{
    static char name[9000];
    struct example x;
    (void)state;
    example_init(&x);
    memset(name, 'n', sizeof(name));
    x.headers[1] = (struct sigv4_header){{name, sizeof(name)}, VIEW_LITERAL("v")};
    x.request.header_count = 2;
    example_fails(&x, ERROR_CONFIG, "authorization header is over");
    example_release(&x);
}

static void test_path_and_query_are_bounded(void **state)
{
    static char text[SIGV4_QUERY_MAX + 2];
    struct example x;
    (void)state;
    example_init(&x);
    for (size_t i = 0; i < sizeof(text) - 1; i++)
        text[i] = i % 2 ? 'a' : '/';
    x.request.path = (struct view){text, (size_t)2 * SIGV4_SEGMENTS_MAX};
    assert_int_equal(example_sign(&x, NULL), 0);
    x.request.path.len += 2;
    example_fails(&x, ERROR_CONFIG, "more than 64 segments");
    x.scope.normalize_path = false; /* no bound: nothing is taken back */
    assert_int_equal(example_sign(&x, NULL), 0);
    x.request.path = VIEW_LITERAL("/");
    for (size_t i = 0; i < sizeof(text) - 1; i++)
        text[i] = i % 2 ? '&' : 'q';
    x.request.query = (struct view){text, (size_t)2 * SIGV4_PARAMETERS_MAX};
    assert_int_equal(example_sign(&x, NULL), 0);
    x.request.query.len += 2;
    example_fails(&x, ERROR_CONFIG, "more than 64 parameters");
    memset(text, '/', sizeof(text) - 1);
    x.request.query = (struct view){text, SIGV4_QUERY_MAX};
    assert_int_equal(example_sign(&x, NULL), 0);
    x.request.query.len++;
    example_fails(&x, ERROR_CONFIG, "over 4096 bytes");
    example_release(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_libcrypto_that_fails), /* first: see there */
        cmocka_unit_test(test_credentials_that_lack_a_part),
        cmocka_unit_test(test_scope_and_time_that_cannot_be_signed),
        cmocka_unit_test(test_headers_that_cannot_be_signed),
        cmocka_unit_test(test_names_of_headers_are_bounded),
        cmocka_unit_test(test_path_and_query_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
