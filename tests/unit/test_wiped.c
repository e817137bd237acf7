/* SPDX-License-Identifier: MIT */
/* After a call has ended and its credentials are gone, no copy of them is left in the process. */
#include "api/sts.h"
#include "app/libraries.h"
#include "auth/credentials_json.h"
#include "aws/json_rpc.h"
#include "aws/query.h"
#include "wire_scene.h"

#include <fcntl.h>
#include <sys/mman.h>

/* Written so that the test itself holds no copy: each byte is one off. */
#define SECRET_OFF "tfdsfu.xKbmsYVuoGFNJ0L8NEFOH0cQySgjDZFYBNQMFLFZ"
#define TOKEN_OFF  "uplfo.GxpHAYKwZYe{FOe}{FYBNQMFUPLFO1234567890beh"

static char decoded(const char *off, size_t i)
{
    return (char)(off[i] - 1);
}

static void reveal(const char *off, char *out)
{
    size_t len = strlen(off);
    for (size_t i = 0; i < len; i++)
        out[i] = decoded(off, i);
    out[len] = '\0';
}

/* ---- a look at all of the process's memory ---- */

/* A good piece of it: copies that are cut count too. */
static bool is_at(const char *bytes, const char *off)
{
    for (size_t i = 0; i < 24; i++)
        if (bytes[i] != decoded(off, i + 8))
            return false;
    return true;
}

static size_t count_in(const char *bytes, size_t len, const char *off)
{
    size_t count = 0;
    for (size_t i = 0; i + 24 <= len; i++)
        count += bytes[i] == decoded(off, 8) && is_at(bytes + i, off);
    return count;
}

/* Outside of the heap, so that the look does not disturb what it looks at. */
static char *map(size_t size)
{
    char *room = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(room != MAP_FAILED);
    return room;
}

/* How often a secret stands in what the process may write to (proc(5), maps and mem). */
static size_t count_copies(const char *off)
{
    size_t count = 0;
    unsigned long from, to;
    char line[512], flags[8];
    FILE *maps = fopen("/proc/self/maps", "r");
    int mem = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
    assert_non_null(maps);
    assert_true(mem >= 0);
    while (fgets(line, sizeof(line), maps)) {
        if (sscanf(line, "%lx-%lx %7s", &from, &to, flags) != 3 || flags[0] != 'r' ||
            flags[1] != 'w')
            continue;
        size_t size = to - from;
        char *copy = map(size);
        if (pread(mem, copy, size, (off_t)from) == (ssize_t)size)
            count += count_in(copy, size, off);
        munmap(copy, size);
    }
    fclose(maps);
    close(mem);
    return count;
}

/* ---- a service that gives credentials and repeats what it is sent ---- */

static void answer(struct wire *w, struct wire_request *r)
{
    char body[2048], secret[64], token[64];
    int status = 200;
    reveal(SECRET_OFF, secret);
    reveal(TOKEN_OFF, token);
    if (r->body && strstr(r->body, "Action=AssumeRole")) {
        snprintf(body, sizeof(body),
                 "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>"
                 "ASIAEXAMPLEEXAMPLE12</AccessKeyId><SecretAccessKey>%s</SecretAccessKey>"
                 "<SessionToken>%s</SessionToken><Expiration>2024-01-31T13:00:00Z</Expiration>"
                 "</Credentials></AssumeRoleResult></AssumeRoleResponse>",
                 secret, token);
    } else if (++w->step % 3 == 0) {
        snprintf(body, sizeof(body), "{}");
    } else {
        status = 403;
        snprintf(body, sizeof(body),
                 w->step % 3 == 1
                     ? "<Error><Code>Odd</Code><Message>got %s and %s</Message></Error>"
                     : "{\"Code\":\"Odd\",\"message\":\"got %s and %s\"}",
                 token, secret);
    }
    wire_reply(r->peer, status, "", body);
    explicit_bzero(body, sizeof(body));
    explicit_bzero(secret, sizeof(secret));
    explicit_bzero(token, sizeof(token));
}

/* The server's copies are not what the test is about. */
static void forget_requests(struct wire *w)
{
    for (size_t i = 0; i < w->count; i++) {
        explicit_bzero(w->requests[i].head, strlen(w->requests[i].head));
        explicit_bzero(w->requests[i].body, WIRE_BODY_KEPT < w->requests[i].body_len
                                                ? WIRE_BODY_KEPT
                                                : w->requests[i].body_len);
    }
    for (size_t i = 0; i < w->peer_count; i++) {
        buffer_wipe(&w->peers[i]->in);
        buffer_wipe(&w->peers[i]->out);
    }
}

/* ---- calls ---- */

/* A provider that asks STS for a role. */
struct role {
    struct credentials_provider base;
    struct sts sts;
    struct credentials_cache *caller;
    struct sts_call *call;
    struct provider_done done;
};

static void on_role(void *arg, const struct credentials *c, const struct error *e)
{
    struct role *role = arg;
    role->call = NULL;
    role->done.fn(role->done.arg, c, e);
}

static void role_start(struct credentials_provider *p, struct provider_done done)
{
    struct role *role = (struct role *)(void *)p;
    const struct sts_assume_role_input input = {
        .role_arn = VIEW_LITERAL("arn"), .session_name = VIEW_LITERAL("s"), .duration_s = 900};
    role->done = done;
    role->call = sts_assume_role(&role->sts, role->caller, &input, on_role, role);
}

static void role_cancel(struct credentials_provider *p)
{
    (void)p;
}

struct outcome {
    bool over;
    struct error error;
};

static void on_answer(void *arg, const json_t *value, const struct error *e)
{
    struct outcome *o = arg;
    (void)value;
    o->over = true;
    if (e)
        o->error = *e;
}

static void call_once(struct wire *w, struct credentials_cache *cache, struct outcome *o)
{
    const struct aws_target target = {
        .client = w->client, .endpoint = &w->endpoint, .credentials = cache};
    json_t *input = json_pack("{s:s}", "NextToken", "x");
    *o = (struct outcome){0};
    json_rpc_start(&target, SERVICE_ORGANIZATIONS, "P", "ListAccounts", input, on_answer, o);
    json_decref(input);
    wire_run(w, &o->over);
}

static void test_calls(void **state)
{
#ifdef __SANITIZE_ADDRESS__
    skip(); /* its memory of what was freed is terabytes to look at */
#endif
    static const struct provider_ops ops = {"role", role_start, role_cancel, role_cancel};
    struct wire *w = wire_new(answer);
    struct wire_keys keys;
    struct credentials_cache caller, session;
    struct outcome o;
    (void)state;
    wire_client(w, 4);
    wire_keys_init(&keys, w);
    credentials_cache_init(&caller, w->loop, &keys.base);
    struct role role = {
        .base.ops = &ops, .sts = {w->client, &w->endpoint, NULL}, .caller = &caller};
    credentials_cache_init(&session, w->loop, &role.base);
    for (int i = 0; i < 12; i++) {
        call_once(w, &session, &o);
        if (i % 3 != 2)
            assert_string_equal(o.error.text, "got *** and ***");
        if (i % 4 == 3) /* renewed */
            credentials_cache_expire(&session, session.generation);
    }
    forget_requests(w);
    /* While they are in use they are there: the look sees what there is to see. */
    assert_true(count_copies(TOKEN_OFF) > 0);
    assert_true(count_copies(SECRET_OFF) > 0);
    credentials_cache_release(&session);
    credentials_cache_release(&caller);
    size_t with_client = count_copies(TOKEN_OFF) + count_copies(SECRET_OFF);
    wire_free(w);
    assert_int_equal(count_copies(SECRET_OFF), 0);
    assert_int_equal(count_copies(TOKEN_OFF), 0);
    assert_int_equal(with_client, 0);
}

/* Credentials in JSON, as programs and metadata services print them. */
static void test_json(void **state)
{
#ifdef __SANITIZE_ADDRESS__
    skip();
#endif
    struct credentials c = {0};
    struct error e;
    char text[1024], secret[64];
    (void)state;
    reveal(SECRET_OFF, secret);
    /* Long enough for nobody else to take its place. */
    snprintf(text, sizeof(text),
             "{\"Version\":1,\"AccessKeyId\":\"AKIAEXAMPLEEXAMPLE12\",\"SecretAccessKey\":\"%s\","
             "\"Note\":\"%0300d%s\"}",
             secret, 0, secret);
    explicit_bzero(secret, sizeof(secret));
    assert_int_equal(credentials_json_read(view_of(text), JSON_PROCESS, &c, &e), 0);
    explicit_bzero(text, sizeof(text));
    assert_int_equal(count_copies(SECRET_OFF), 1);
    credentials_clear(&c);
    assert_int_equal(count_copies(SECRET_OFF), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_calls),
        cmocka_unit_test(test_json),
    };
    libraries_init();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    libraries_cleanup();
    return failed;
}
