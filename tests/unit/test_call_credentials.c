/* SPDX-License-Identifier: MIT */
/* Calls whose credentials are refused: new sessions, keys that nobody knows, and who is told. */
#include "call_scene.h"

static const char *refusal;
static int refusals; /* so many, then the call is served */

static void answer_refused(struct call_scene *s, struct wire_request *r)
{
    (void)s;
    if (refusals-- > 0)
        answer_error(r, 403, "", refusal);
    else
        wire_reply(r->peer, 200, "", "fine");
}

static void refuse(struct call_scene *s, const char *answer, int times)
{
    refusal = answer;
    refusals = times;
    s->answer = answer_refused;
}

struct losses {
    int count;
    struct error error;
};

static void on_lost(void *arg, const struct error *e)
{
    struct losses *l = arg;
    l->count++;
    l->error = *e;
}

static const char *const unknown_keys[] = {"InvalidClientTokenId not yet",
                                           "UnrecognizedClientException not yet",
                                           "InvalidAccessKeyId not yet"};

/* What STS has just given is known to other services within seconds. */
static void test_new_session(void **state)
{
    struct call_scene *s = *state;
    s->keys.new_session = true;
    for (size_t i = 0; i < 3; i++) {
        refuse(s, unknown_keys[i], 3);
        credentials_cache_expire(&s->cache, s->cache.generation);
        size_t before = s->w->count;
        assert_fine(call_run(s));
        assert_int_equal(s->w->count - before, 4);
    }
}

static void test_new_session_to_the_end(void **state)
{
    struct call_scene *s = *state;
    struct losses losses = {.count = 0};
    s->keys.new_session = true;
    credentials_cache_on_lost(&s->cache, on_lost, &losses);
    refuse(s, unknown_keys[0], 100);
    assert_true(error_is_code(&call_run(s)->error, "InvalidClientTokenId"));
    assert_int_equal(s->w->count, 6);
    assert_int_equal(losses.count, 1);
    assert_true(error_is_code(&losses.error, "InvalidClientTokenId"));
}

static void test_old_session(void **state)
{
    struct call_scene *s = *state;
    s->keys.new_session = true;
    assert_fine(call_run(s));
    s->w->wall_off_ms += 61000;
    refuse(s, unknown_keys[0], 1);
    assert_true(error_is_code(&call_run(s)->error, "InvalidClientTokenId"));
    assert_int_equal(s->w->count, 2);
}

/* Of the environment, say: nobody knows how old they are, and waiting would not help. */
static void test_keys_of_somebody_else(void **state)
{
    struct call_scene *s = *state;
    refuse(s, unknown_keys[0], 1);
    assert_true(error_is_code(&call_run(s)->error, "InvalidClientTokenId"));
    assert_int_equal(s->w->count, 1);
}

/* Refusals of the credentials are told to their owner, others are not. */
static void test_who_is_told(void **state)
{
    static const struct {
        const char *answer;
        int losses;
    } rows[] = {
        {"SignatureDoesNotMatch x", 1},      {"IncompleteSignature x", 1}, {"InvalidToken x", 1},
        {"MissingAuthenticationToken x", 1}, {"AccessDenied x", 0},        {"NoSuchEntity x", 0},
    };
    struct call_scene *s = *state;
    struct losses losses = {.count = 0};
    credentials_cache_on_lost(&s->cache, on_lost, &losses);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t before = s->w->count;
        losses.count = 0;
        refuse(s, rows[i].answer, 100);
        assert_int_equal(call_run(s)->error.kind, ERROR_SERVICE);
        assert_int_equal(s->w->count - before, 1);
        assert_int_equal(losses.count, rows[i].losses);
    }
}

/* The keys of the environment: no newer ones come, so the call is not sent again with the same. */
static void test_expired_for_good(void **state)
{
    struct call_scene *s = *state;
    struct losses losses = {.count = 0};
    credentials_cache_on_lost(&s->cache, on_lost, &losses);
    s->keys.id = "AKIDOFTHEENVIRONMENT";
    refuse(s, "ExpiredToken old", 100);
    const struct caller *c = call_run(s);
    assert_int_equal(c->error.kind, ERROR_CREDENTIALS);
    assert_string_equal(c->error.text,
                        "the credentials from test have expired, and it returned no newer ones");
    assert_int_equal(s->w->count, 1);
    assert_int_equal(losses.count, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, call_scene_begin, call_scene_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_new_session), TEST(test_new_session_to_the_end),
        TEST(test_old_session), TEST(test_keys_of_somebody_else),
        TEST(test_who_is_told), TEST(test_expired_for_good),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
