/* SPDX-License-Identifier: MIT */
/* Credentials that are kept: fetched once for all who wait, and anew in time. */
#include "wire_scene.h"

struct waiting {
    struct scene *scene;
    struct credentials_waiter waiter;
    char name;
    int calls;
    struct error error;
    struct waiting *leaves, *again;
};

struct scene {
    struct wire *w;
    struct wire_keys keys;
    struct credentials_cache cache;
    struct waiting waiting[4];
    char log[64];
    int losses;
    struct error lost;
};

static void no_answer(struct wire *w, struct wire_request *r)
{
    (void)w, (void)r;
}

static int scene_begin(void **state)
{
    struct scene *s = xcalloc(1, sizeof(*s));
    s->w = wire_new(no_answer);
    wire_keys_init(&s->keys, s->w);
    s->keys.delay_ms = 100;
    credentials_cache_init(&s->cache, s->w->loop, &s->keys.base);
    for (size_t i = 0; i < 4; i++) {
        s->waiting[i].scene = s;
        s->waiting[i].name = (char)('a' + i);
    }
    *state = s;
    return 0;
}

static int scene_end(void **state)
{
    struct scene *s = *state;
    credentials_cache_release(&s->cache);
    wire_free(s->w);
    free(s);
    return 0;
}

static void on_told(void *arg, const struct error *e)
{
    struct waiting *x = arg;
    struct scene *s = x->scene;
    size_t len = strlen(s->log);
    assert_true(len + 1 < sizeof(s->log));
    s->log[len] = x->name;
    x->calls++;
    error_clear(&x->error);
    if (e)
        x->error = *e;
    else
        assert_non_null(credentials_cache_peek(&s->cache));
    if (x->leaves)
        credentials_cache_leave(&x->leaves->waiter);
    if (x->again)
        credentials_cache_wait(&s->cache, &x->again->waiter, on_told, x->again);
}

static void wait_for(struct scene *s, size_t which)
{
    int before = s->waiting[which].calls;
    credentials_cache_wait(&s->cache, &s->waiting[which].waiter, on_told, &s->waiting[which]);
    assert_int_equal(s->waiting[which].calls, before);
}

static void test_fetched_once_for_all(void **state)
{
    struct scene *s = *state;
    assert_null(credentials_cache_peek(&s->cache));
    for (size_t i = 0; i < 4; i++)
        wait_for(s, i);
    wire_pass(s->w, 200);
    assert_string_equal(s->log, "abcd");
    assert_int_equal(s->keys.starts, 1);
    assert_string_equal(credentials_cache_peek(&s->cache)->access_key_id, "AKIDEXAMPLE1");
    assert_int_equal(s->cache.generation, 1);
    /* Who comes late waits for nothing, but is not called at once either. */
    wait_for(s, 2);
    wait_for(s, 1);
    wire_pass(s->w, 10);
    assert_string_equal(s->log, "abcdcb");
    assert_int_equal(s->keys.starts, 1);
}

static void test_failure_is_not_kept(void **state)
{
    struct scene *s = *state;
    error_set(&s->keys.error, ERROR_CREDENTIALS, "lost");
    wait_for(s, 0);
    wait_for(s, 1);
    wire_pass(s->w, 200);
    assert_string_equal(s->log, "ab");
    assert_string_equal(s->waiting[0].error.text, "lost");
    assert_string_equal(s->waiting[1].error.text, "lost");
    assert_null(credentials_cache_peek(&s->cache));
    error_clear(&s->keys.error);
    wait_for(s, 0);
    wire_pass(s->w, 200);
    assert_int_equal(s->waiting[0].error.kind, ERROR_NONE);
    assert_int_equal(s->keys.starts, 2);
}

/* Told of a failure it tries again at once: that is another fetch, and the others hear too. */
static void test_again_from_the_callback(void **state)
{
    struct scene *s = *state;
    error_set(&s->keys.error, ERROR_CREDENTIALS, "lost");
    s->waiting[0].again = &s->waiting[0];
    wait_for(s, 0);
    wait_for(s, 1);
    wire_pass(s->w, 150);
    assert_string_equal(s->log, "ab");
    assert_int_equal(s->keys.starts, 2);
    s->waiting[0].again = NULL;
    error_clear(&s->keys.error);
    wire_pass(s->w, 150);
    assert_string_equal(s->log, "aba");
    assert_int_equal(s->waiting[0].error.kind, ERROR_NONE);
}

static void test_leave(void **state)
{
    struct scene *s = *state;
    for (size_t i = 0; i < 4; i++)
        wait_for(s, i);
    credentials_cache_leave(&s->waiting[0].waiter);
    credentials_cache_leave(&s->waiting[0].waiter);
    s->waiting[1].leaves = &s->waiting[2]; /* while all are being told */
    wire_pass(s->w, 200);
    assert_string_equal(s->log, "bd");
    /* The fetch went on all the same. */
    assert_non_null(credentials_cache_peek(&s->cache));
}

static void test_all_leave(void **state)
{
    struct scene *s = *state;
    wait_for(s, 0);
    credentials_cache_leave(&s->waiting[0].waiter);
    wire_pass(s->w, 200);
    assert_string_equal(s->log, "");
    assert_non_null(credentials_cache_peek(&s->cache));
    assert_int_equal(s->keys.starts, 1);
}

static void test_waiting_twice_is_once(void **state)
{
    struct scene *s = *state;
    wait_for(s, 0);
    wait_for(s, 0);
    wire_pass(s->w, 200);
    assert_string_equal(s->log, "a");
}

/* A minute before they expire they are fetched anew; short ones are used to their end. */
static void assert_fresh_for(struct scene *s, int64_t lifetime_s, int64_t fresh_s)
{
    s->keys.lifetime_s = lifetime_s;
    s->keys.delay_ms = 0;
    credentials_cache_expire(&s->cache, s->cache.generation);
    wait_for(s, 0);
    wire_pass(s->w, 10);
    assert_non_null(credentials_cache_peek(&s->cache));
    s->w->wall_off_ms += (fresh_s - 1) * 1000;
    assert_non_null(credentials_cache_peek(&s->cache));
    s->w->wall_off_ms += 1000;
    assert_null(credentials_cache_peek(&s->cache));
}

static void test_refreshed_in_time(void **state)
{
    struct scene *s = *state;
    assert_fresh_for(s, 3600, 3540);
    assert_fresh_for(s, 121, 61);
    assert_fresh_for(s, 120, 120);
    assert_fresh_for(s, 30, 30);
    assert_int_equal(s->keys.starts, 4);
}

static void test_never_expire(void **state)
{
    struct scene *s = *state;
    wait_for(s, 0);
    wire_pass(s->w, 200);
    s->w->wall_off_ms += INT64_C(86400000) * 365 * 100;
    assert_non_null(credentials_cache_peek(&s->cache));
}

static void test_expired_already(void **state)
{
    struct scene *s = *state;
    s->keys.lifetime_s = -1;
    wait_for(s, 0);
    wire_pass(s->w, 200);
    assert_int_equal(s->waiting[0].error.kind, ERROR_CREDENTIALS);
    assert_string_equal(s->waiting[0].error.text, "the credentials from test have expired already");
    assert_null(credentials_cache_peek(&s->cache));
    assert_int_equal(s->keys.starts, 1);
}

/* Only the generation that the service complained of is given up. */
static void test_expire(void **state)
{
    struct scene *s = *state;
    wait_for(s, 0);
    wire_pass(s->w, 200);
    unsigned first = s->cache.generation;
    credentials_cache_expire(&s->cache, first);
    assert_null(credentials_cache_peek(&s->cache));
    wait_for(s, 0);
    wire_pass(s->w, 200);
    assert_string_equal(credentials_cache_peek(&s->cache)->access_key_id, "AKIDEXAMPLE2");
    credentials_cache_expire(&s->cache, first);
    assert_non_null(credentials_cache_peek(&s->cache));
    assert_int_equal(s->cache.generation, first + 1);
}

static void on_lost(void *arg, const struct error *e)
{
    struct scene *s = arg;
    s->losses++;
    s->lost = *e;
}

static void later(struct scene *s, int64_t seconds)
{
    s->w->wall_off_ms += seconds * 1000;
}

/* Waits, which must end well and with these keys. */
static void assert_serves(struct scene *s, const char *id)
{
    wait_for(s, 0);
    wire_pass(s->w, 200);
    if (s->waiting[0].error.kind != ERROR_NONE)
        fail_msg("%s", s->waiting[0].error.text);
    assert_string_equal(credentials_cache_peek(&s->cache)->access_key_id, id);
}

static void assert_lost(struct scene *s, const char *part)
{
    wait_for(s, 0);
    wire_pass(s->w, 200);
    assert_int_equal(s->waiting[0].error.kind, ERROR_CREDENTIALS);
    if (!strstr(s->waiting[0].error.text, part))
        fail_msg("'%s' is not in '%s'", part, s->waiting[0].error.text);
    assert_null(credentials_cache_peek(&s->cache));
}

/* Within their last minute they can't be renewed: used to their end, and no longer. */
static void test_old_ones_serve_on(void **state)
{
    struct scene *s = *state;
    credentials_cache_on_lost(&s->cache, on_lost, s);
    s->keys.lifetime_s = 3600;
    assert_serves(s, "AKIDEXAMPLE1");
    error_set(&s->keys.error, ERROR_CREDENTIALS, "lost");
    later(s, 3550);
    assert_serves(s, "AKIDEXAMPLE1");
    assert_int_equal(s->keys.starts, 2);
    /* Not for every call: some seconds later. */
    assert_serves(s, "AKIDEXAMPLE1");
    assert_int_equal(s->keys.starts, 2);
    later(s, 11);
    assert_serves(s, "AKIDEXAMPLE1");
    assert_int_equal(s->keys.starts, 3);
    assert_int_equal(s->losses, 0);
    later(s, 60);
    assert_lost(s, "lost");
    assert_int_equal(s->losses, 1);
    error_clear(&s->keys.error);
    assert_serves(s, "AKIDEXAMPLE5");
}

/* Whatever the provider says: what a service has called expired is not used on. */
static void test_refused_ones_do_not_serve_on(void **state)
{
    struct scene *s = *state;
    credentials_cache_on_lost(&s->cache, on_lost, s);
    s->keys.lifetime_s = 3600;
    s->keys.stays_good = true;
    assert_serves(s, "AKIDEXAMPLE1");
    credentials_cache_expire(&s->cache, s->cache.generation);
    error_set(&s->keys.error, ERROR_CREDENTIALS, "gone");
    assert_lost(s, "gone");
    assert_int_equal(s->losses, 1);
}

/* The environment gives the same keys for ever. */
static void test_the_same_once_more(void **state)
{
    struct scene *s = *state;
    credentials_cache_on_lost(&s->cache, on_lost, s);
    s->keys.id = "AKIDOFTHEENVIRONMENT";
    assert_serves(s, "AKIDOFTHEENVIRONMENT");
    credentials_cache_expire(&s->cache, s->cache.generation);
    assert_lost(s, "the credentials from test have expired, and it returned no newer ones");
    assert_int_equal(s->losses, 1);
    assert_non_null(strstr(s->lost.text, "no newer ones"));
    s->keys.id = NULL;
    assert_serves(s, "AKIDEXAMPLE3");
}

/* Static stability: the service of an instance or a container is late with newer ones. */
static void test_past_their_time(void **state)
{
    struct scene *s = *state;
    credentials_cache_on_lost(&s->cache, on_lost, s);
    s->keys.stays_good = true;
    s->keys.lifetime_s = -100;
    assert_serves(s, "AKIDEXAMPLE1");
    later(s, 290);
    assert_serves(s, "AKIDEXAMPLE1");
    assert_int_equal(s->keys.starts, 1);
    later(s, 12);
    s->keys.lifetime_s = 3600;
    assert_serves(s, "AKIDEXAMPLE2");
    /* And if it does not answer at all. */
    later(s, 4000);
    error_set(&s->keys.error, ERROR_CREDENTIALS, "no answer");
    assert_serves(s, "AKIDEXAMPLE2");
    later(s, 290);
    assert_serves(s, "AKIDEXAMPLE2");
    assert_int_equal(s->keys.starts, 3);
    later(s, 12);
    assert_serves(s, "AKIDEXAMPLE2");
    assert_int_equal(s->keys.starts, 4);
    assert_int_equal(s->losses, 0);
}

static void test_margin(void **state)
{
    struct scene *s = *state;
    s->cache.margin_s = 300;
    assert_fresh_for(s, 3600, 3300);
    assert_fresh_for(s, 600, 600);
}

/* Only while they are held: what could not be had at first is no loss. */
static void test_refused_for_good(void **state)
{
    struct scene *s = *state;
    struct error e;
    credentials_cache_on_lost(&s->cache, on_lost, s);
    error_set(&s->keys.error, ERROR_CREDENTIALS, "none");
    assert_lost(s, "none");
    assert_int_equal(s->losses, 0);
    error_clear(&s->keys.error);
    s->keys.new_session = true;
    assert_serves(s, "AKIDEXAMPLE2");
    assert_true(credentials_cache_is_new(&s->cache));
    error_set(&e, ERROR_SERVICE, "no such key");
    credentials_cache_refuse(&s->cache, s->cache.generation - 1, &e);
    assert_int_equal(s->losses, 0);
    credentials_cache_refuse(&s->cache, s->cache.generation, &e);
    assert_int_equal(s->losses, 1);
    assert_string_equal(s->lost.text, "no such key");
    later(s, 60);
    assert_false(credentials_cache_is_new(&s->cache));
    credentials_cache_expire(&s->cache, s->cache.generation);
    s->keys.new_session = false;
    assert_serves(s, "AKIDEXAMPLE3");
    assert_false(credentials_cache_is_new(&s->cache));
}

static void test_release(void **state)
{
    struct scene *s = *state;
    wait_for(s, 0);
    wait_for(s, 1);
    credentials_cache_release(&s->cache);
    assert_int_equal(s->keys.cancels, 1);
    assert_false(s->waiting[0].waiter.waits);
    assert_false(s->waiting[1].waiter.waits);
    wire_pass(s->w, 200);
    assert_string_equal(s->log, "");
    credentials_cache_release(&s->cache);
    struct credentials_cache never = {0};
    credentials_cache_release(&never);
    /* And once they are held: nothing of them is left in it. */
    credentials_cache_init(&s->cache, s->w->loop, &s->keys.base);
    wait_for(s, 0);
    wire_pass(s->w, 200);
    assert_string_equal(s->log, "a");
    wait_for(s, 0);
    credentials_cache_release(&s->cache);
    assert_string_equal(s->cache.current.access_key_id, "");
    assert_false(secret_present(&s->cache.current.secret_access_key));
    wire_pass(s->w, 200);
    assert_string_equal(s->log, "a");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_begin, scene_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_fetched_once_for_all),
        TEST(test_failure_is_not_kept),
        TEST(test_again_from_the_callback),
        TEST(test_leave),
        TEST(test_all_leave),
        TEST(test_waiting_twice_is_once),
        TEST(test_refreshed_in_time),
        TEST(test_never_expire),
        TEST(test_expired_already),
        TEST(test_expire),
        TEST(test_old_ones_serve_on),
        TEST(test_refused_ones_do_not_serve_on),
        TEST(test_the_same_once_more),
        TEST(test_past_their_time),
        TEST(test_margin),
        TEST(test_refused_for_good),
        TEST(test_release),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
