/* SPDX-License-Identifier: MIT */
/* The system and the libraries refuse, one call after the other: a clean error, never a crash. */
#include "call_scene.h"

#include "app/libraries.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdarg.h>
#include <sys/resource.h>
#include <sys/wait.h>

/* What fails, from which call of it on, and how often. */
static const char *failing;
static int fail_after, fail_count, calls;
static int fail_errno;

static bool fails(const char *name)
{
    if (!failing || strcmp(failing, name) != 0)
        return false;
    calls++;
    return calls > fail_after && calls <= fail_after + fail_count;
}

/* ---- what is wrapped ---- */

static int server_port;

/* The server of the test waits on the same loop, and does not fail. */
static bool is_servers(int fd)
{
    struct sockaddr_in address;
    socklen_t size = sizeof(address);
    return getsockname(fd, (struct sockaddr *)&address, &size) != 0 ||
           address.sin_family != AF_INET || ntohs(address.sin_port) == server_port;
}

int __real_epoll_ctl(int epoll_fd, int op, int fd, struct epoll_event *event);
int __wrap_epoll_ctl(int epoll_fd, int op, int fd, struct epoll_event *event);
int __wrap_epoll_ctl(int epoll_fd, int op, int fd, struct epoll_event *event)
{
    if (op == EPOLL_CTL_DEL || is_servers(fd) || !fails("epoll_ctl"))
        return __real_epoll_ctl(epoll_fd, op, fd, event);
    errno = fail_errno;
    return -1;
}

CURLcode __real_curl_easy_setopt(CURL *easy, CURLoption option, void *value);
CURLcode __wrap_curl_easy_setopt(CURL *easy, CURLoption option, ...);
CURLcode __wrap_curl_easy_setopt(CURL *easy, CURLoption option, ...)
{
    va_list args;
    va_start(args, option);
    void *value = va_arg(args, void *); /* as libcurl itself takes a long and a pointer */
    va_end(args);
    return fails("curl_easy_setopt") ? CURLE_OUT_OF_MEMORY
                                     : __real_curl_easy_setopt(easy, option, value);
}

#undef curl_multi_setopt
CURLMcode __real_curl_multi_setopt(CURLM *multi, CURLMoption option, void *value);
CURLMcode __wrap_curl_multi_setopt(CURLM *multi, CURLMoption option, ...);
CURLMcode __wrap_curl_multi_setopt(CURLM *multi, CURLMoption option, ...)
{
    va_list args;
    va_start(args, option);
    void *value = va_arg(args, void *);
    va_end(args);
    return fails("curl_multi_setopt") ? CURLM_OUT_OF_MEMORY
                                      : __real_curl_multi_setopt(multi, option, value);
}

CURLMcode __real_curl_multi_add_handle(CURLM *multi, CURL *easy);
CURLMcode __wrap_curl_multi_add_handle(CURLM *multi, CURL *easy);
CURLMcode __wrap_curl_multi_add_handle(CURLM *multi, CURL *easy)
{
    return fails("curl_multi_add_handle") ? CURLM_OUT_OF_MEMORY
                                          : __real_curl_multi_add_handle(multi, easy);
}

CURLMcode __real_curl_multi_assign(CURLM *multi, curl_socket_t fd, void *data);
CURLMcode __wrap_curl_multi_assign(CURLM *multi, curl_socket_t fd, void *data);
CURLMcode __wrap_curl_multi_assign(CURLM *multi, curl_socket_t fd, void *data)
{
    return fails("curl_multi_assign") ? CURLM_OUT_OF_MEMORY
                                      : __real_curl_multi_assign(multi, fd, data);
}

CURLMcode __real_curl_multi_socket_action(CURLM *multi, curl_socket_t fd, int what, int *running);
CURLMcode __wrap_curl_multi_socket_action(CURLM *multi, curl_socket_t fd, int what, int *running);
CURLMcode __wrap_curl_multi_socket_action(CURLM *multi, curl_socket_t fd, int what, int *running)
{
    return fails("curl_multi_socket_action")
               ? CURLM_INTERNAL_ERROR
               : __real_curl_multi_socket_action(multi, fd, what, running);
}

CURLM *__real_curl_multi_init(void);
CURLM *__wrap_curl_multi_init(void);
CURLM *__wrap_curl_multi_init(void)
{
    return fails("curl_multi_init") ? NULL : __real_curl_multi_init();
}

EVP_MD *__real_EVP_MD_fetch(OSSL_LIB_CTX *context, const char *name, const char *properties);
EVP_MD *__wrap_EVP_MD_fetch(OSSL_LIB_CTX *context, const char *name, const char *properties);
EVP_MD *__wrap_EVP_MD_fetch(OSSL_LIB_CTX *context, const char *name, const char *properties)
{
    return fails("EVP_MD_fetch") ? NULL : __real_EVP_MD_fetch(context, name, properties);
}

EVP_MD_CTX *__real_EVP_MD_CTX_new(void);
EVP_MD_CTX *__wrap_EVP_MD_CTX_new(void);
EVP_MD_CTX *__wrap_EVP_MD_CTX_new(void)
{
    return fails("EVP_MD_CTX_new") ? NULL : __real_EVP_MD_CTX_new();
}

int __real_EVP_DigestUpdate(EVP_MD_CTX *context, const void *bytes, size_t len);
int __wrap_EVP_DigestUpdate(EVP_MD_CTX *context, const void *bytes, size_t len);
int __wrap_EVP_DigestUpdate(EVP_MD_CTX *context, const void *bytes, size_t len)
{
    return fails("EVP_DigestUpdate") ? 0 : __real_EVP_DigestUpdate(context, bytes, len);
}

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_malloc(size_t size)
{
    return fails("malloc") ? NULL : __real_malloc(size);
}

/* ---- each in turn ---- */

static void fail_from(const char *name, int after, int count)
{
    failing = name;
    fail_after = after;
    fail_count = count;
    calls = 0;
}

/* Calls while it fails from its 'after'th call on: an error that says what, or none; then none. */
static void run_failing(const char *name, int after, int count)
{
    struct call_scene *s = call_scene_new(4);
    server_port = (int)strtol(strrchr(s->w->origin, ':') + 1, NULL, 10);
    fail_from(name, after, count);
    for (size_t i = 0; i < 3; i++)
        call_start(s, i);
    for (size_t i = 0; i < 3; i++) {
        struct caller *c = &s->callers[i];
        if (!c->over)
            wire_run(s->w, &c->over);
        if (c->error.kind != ERROR_NONE && c->error.text[0] == '\0')
            fail_msg("%s after %d: no text", name, after);
    }
    int seen = calls;
    fail_from(NULL, 0, 0);
    if (seen > after)
        assert_true(s->callers[0].error.kind != ERROR_NONE ||
                    s->callers[1].error.kind != ERROR_NONE ||
                    s->callers[2].error.kind != ERROR_NONE || count == 1);
    assert_fine(call_run(s));
    call_scene_free(s);
}

static void test_each_in_turn(void **state)
{
    static const char *const names[] = {
        "epoll_ctl",         "curl_easy_setopt",         "curl_multi_add_handle",
        "curl_multi_assign", "curl_multi_socket_action", "EVP_MD_CTX_new",
        "EVP_DigestUpdate"};
    static const int numbers[] = {ENOMEM, ENOSPC};
    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        for (int after = 0; after < 40; after++) {
            fail_errno = numbers[after % 2];
            run_failing(names[i], after, 1);
            run_failing(names[i], after, 1000000);
        }
}

static void test_loop_is_full(void **state)
{
    struct call_scene *s = *state;
    server_port = (int)strtol(strrchr(s->w->origin, ':') + 1, NULL, 10);
    fail_from("epoll_ctl", 0, 1);
    fail_errno = ENOSPC;
    const struct caller *c = call_run(s);
    fail_from(NULL, 0, 0);
    assert_int_equal(c->error.kind, ERROR_SYSTEM);
    assert_non_null(strstr(c->error.text, "can't wait for descriptor"));
    assert_non_null(strstr(c->error.text, "No space left on device"));
    assert_fine(call_run(s));
}

static void test_no_multi(void **state)
{
    struct wire *w = wire_new(NULL);
    struct error e;
    const struct http_options options = {.user_agent = "test"};
    (void)state;
    fail_from("curl_multi_init", 0, 1);
    assert_null(http_client_new(w->loop, &options, &e));
    assert_int_equal(e.kind, ERROR_SYSTEM);
    for (int after = 0; after < 5; after++) {
        fail_from("curl_multi_setopt", after, 1);
        assert_null(http_client_new(w->loop, &options, &e));
        assert_int_equal(e.kind, ERROR_SYSTEM);
        assert_non_null(strstr(e.text, "libcurl can't start"));
    }
    fail_from(NULL, 0, 0);
    w->http = http_client_new(w->loop, &options, &e);
    assert_non_null(w->http);
    /* One that can't be opened again says so at each exchange. */
    fail_from("curl_multi_init", 0, 1);
    http_client_drop_idle(w->http);
    fail_from(NULL, 0, 0);
    wire_free(w);
}

/* What libcurl calls 'couldn't connect' is named as what it is, and may pass. */
static void test_no_descriptors(void **state)
{
    struct call_scene *s = *state;
    struct rlimit usual, few;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &usual), 0);
    int next = dup(STDERR_FILENO);
    close(next);
    few = (struct rlimit){(rlim_t)next, usual.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    const struct caller *c = call_run(s);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &usual), 0);
    assert_int_equal(c->error.kind, ERROR_NETWORK);
    assert_non_null(strstr(c->error.text, "no descriptor left for a connection"));
    assert_non_null(strstr(c->error.text, "--max-connections"));
    assert_fine(call_run(s));
}

/* Before anything of libcrypto's was ever used: this test comes first. */
static void test_no_sha256(void **state)
{
    struct call_scene *s = *state;
    fail_from("EVP_MD_fetch", 0, 1000000);
    const struct caller *c = call_run(s);
    fail_from(NULL, 0, 0);
    assert_int_equal(c->error.kind, ERROR_SYSTEM);
    assert_int_equal(s->w->count, 0);
    assert_fine(call_run(s));
}

/* ---- memory ---- */

/* In a process of its own, whose Nth allocation fails while the libraries start and a call is made:
 * the documented end (status 1), or none was asked for so late. */
static bool ends_well(int after)
{
    int status;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
        struct rlimit none = {0, 0};
        setrlimit(RLIMIT_CORE, &none);
        dup2(nowhere, STDERR_FILENO);
        signal(SIGSEGV, SIG_DFL);
        signal(SIGABRT, SIG_DFL);
        fail_from("malloc", after, 1000000);
        libraries_init();
        struct call_scene *s = call_scene_new(4);
        const struct caller *c = call_run(s);
        _exit(c->error.kind == ERROR_NONE ? 0 : 2);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    if (!WIFEXITED(status))
        fail_msg("without memory from allocation %d on: signal %d", after, WTERMSIG(status));
    assert_true(WEXITSTATUS(status) <= 1);
    return WEXITSTATUS(status) == 0;
}

static void test_no_memory(void **state)
{
    int after = 0;
    (void)state;
#ifdef __SANITIZE_ADDRESS__
    skip(); /* it has an allocator of its own */
#endif
    while (after < 20000 && !ends_well(after))
        after += after < 300 ? 1 : 37;
    assert_in_range(after, 100, 19999);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_memory), TEST(test_no_sha256),
        TEST(test_loop_is_full),          TEST(test_no_descriptors),
        cmocka_unit_test(test_no_multi),  cmocka_unit_test(test_each_in_turn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
