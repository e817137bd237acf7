/* SPDX-License-Identifier: MIT */
/* Which account the caller's credentials belong to: asked once, for all who want to know. */
#include "wire_scene.h"

#include "base/log.h"
#include "census/caller.h"

#define WAITERS 3

struct scene {
    struct wire *w;
    struct wire_keys keys;
    struct credentials_cache cache;
    struct rate rate;
    struct sts sts;
    struct caller caller;
    struct caller_waiter waiters[WAITERS];
    int calls;
    char account[32];
    bool refuse, nameless, over;
};

static void answer(struct wire *w, struct wire_request *r)
{
    const struct scene *s = w->arg;
    assert_non_null(strstr(r->body, "Action=GetCallerIdentity"));
    if (s->refuse)
        wire_reply(r->peer, 403, "",
                   "<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>");
    else if (s->nameless)
        wire_reply(r->peer, 200, "",
                   "<GetCallerIdentityResponse><GetCallerIdentityResult><Account></Account>"
                   "</GetCallerIdentityResult></GetCallerIdentityResponse>");
    else
        wire_reply(r->peer, 200, "",
                   "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>999999999999"
                   "</Account><Arn>arn:aws:iam::999999999999:user/me</Arn><UserId>AIDA</UserId>"
                   "</GetCallerIdentityResult></GetCallerIdentityResponse>");
}

static int begin(void **state)
{
    struct scene *s = xcalloc(1, sizeof(*s));
    log_configure(LOG_ERROR, LOG_TEXT, NULL);
    s->w = wire_new(answer);
    s->w->arg = s;
    wire_client(s->w, 4);
    wire_endpoint(s->w, SERVICE_STS);
    wire_keys_init(&s->keys, s->w);
    credentials_cache_init(&s->cache, s->w->loop, &s->keys.base);
    rate_init(&s->rate, s->w->loop);
    s->sts = (struct sts){s->w->client, &s->w->endpoint, &s->rate};
    caller_init(&s->caller, &s->sts, &s->cache);
    *state = s;
    return 0;
}

static int end(void **state)
{
    struct scene *s = *state;
    caller_release(&s->caller);
    credentials_cache_release(&s->cache);
    rate_release(&s->rate);
    wire_free(s->w);
    free(s);
    return 0;
}

static void on_account(void *arg, const char *account)
{
    struct scene *s = arg;
    snprintf(s->account, sizeof(s->account), "%s", account);
    s->over = ++s->calls == WAITERS;
}

static void test_once_for_all(void **state)
{
    struct scene *s = *state;
    for (size_t i = 0; i < WAITERS; i++)
        caller_account(&s->caller, &s->waiters[i], on_account, s);
    assert_int_equal(s->calls, 0);
    wire_run(s->w, &s->over);
    assert_string_equal(s->account, "999999999999");
    assert_int_equal(s->w->count, 1);
}

/* Who asks later is told from the loop, too, without another call. */
static void test_known(void **state)
{
    struct scene *s = *state;
    test_once_for_all(state);
    s->account[0] = '\0';
    s->calls = WAITERS - 1;
    s->over = false;
    caller_account(&s->caller, &s->waiters[0], on_account, s);
    assert_int_equal(s->calls, WAITERS - 1);
    wire_run(s->w, &s->over);
    assert_string_equal(s->account, "999999999999");
    assert_int_equal(s->w->count, 1);
}

static void test_not_known(void **state)
{
    struct scene *s = *state;
    s->refuse = true;
    s->calls = WAITERS - 1;
    caller_account(&s->caller, &s->waiters[0], on_account, s);
    wire_run(s->w, &s->over);
    assert_string_equal(s->account, "");
}

/* An answer that names no account is none. */
static void test_nameless(void **state)
{
    struct scene *s = *state;
    s->nameless = true;
    s->calls = WAITERS - 1;
    snprintf(s->account, sizeof(s->account), "not called");
    caller_account(&s->caller, &s->waiters[0], on_account, s);
    wire_run(s->w, &s->over);
    assert_string_equal(s->account, "");
}

/* Who has left is not called; the others are. */
static void test_left(void **state)
{
    struct scene *s = *state;
    s->calls = 1;
    for (size_t i = 0; i < WAITERS; i++)
        caller_account(&s->caller, &s->waiters[i], on_account, s);
    caller_leave(&s->caller, &s->waiters[1]);
    caller_leave(&s->caller, &s->waiters[1]);
    wire_run(s->w, &s->over);
    assert_int_equal(s->calls, WAITERS);
}

/* Released while the call is under way: nobody is called any more. */
static void test_released(void **state)
{
    struct scene *s = *state;
    caller_account(&s->caller, &s->waiters[0], on_account, s);
    caller_release(&s->caller);
    wire_pass(s->w, 1000);
    assert_int_equal(s->calls, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_once_for_all), TEST(test_known), TEST(test_not_known),
        TEST(test_nameless),     TEST(test_left),  TEST(test_released),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
