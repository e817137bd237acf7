/* SPDX-License-Identifier: MIT */
/*
 * probe.c: one account, in waves. A wave begins when the calls of the one before have all ended:
 *
 *     AssumeRole
 *        |      refused: done; or it is the caller's own account, asked with the caller's own keys
 *     ACCOUNT   ListUsers -> the probe user; and all calls about the whole account. If users can't
 *        |      be listed, GetAccountAuthorizationDetails shows one
 *     USER      the calls about the probe user -> one of its keys. What the census asks of each
 * user |      only if a call about the account fails (tags, groups) is asked only if that failed
 *     KEY       GetAccessKeyLastUsed of that key; none: not tried
 *        |
 *     done
 */
#include "doctor/probe.h"

#include "api/iam.h"
#include "auth/provider_assume_role.h"
#include "base/alloc.h"

#include <stdio.h>
#include <stdlib.h>

#define USER_NAME_SIZE 129 /* IAM allows 128 characters, each of one byte */
#define KEY_ID_SIZE    129

enum wave { WAVE_ACCOUNT, WAVE_USER, WAVE_KEY, WAVE_COUNT };

/*
 * The order in which calls are made, the most important first: the last ones are left out if there
 * are too many. 'unless' is the source whose success makes the call needless.
 */
static const struct step {
    enum wave wave;
    enum source_id source, unless;
} steps[] = {
    {WAVE_ACCOUNT, SOURCE_LIST_USERS, SOURCE_NONE},
    {WAVE_ACCOUNT, SOURCE_GET_ACCOUNT_AUTHORIZATION_DETAILS, SOURCE_NONE},
    {WAVE_ACCOUNT, SOURCE_GENERATE_CREDENTIAL_REPORT, SOURCE_NONE},
    {WAVE_ACCOUNT, SOURCE_GET_CREDENTIAL_REPORT, SOURCE_NONE},
    {WAVE_ACCOUNT, SOURCE_LIST_ACCOUNT_ALIASES, SOURCE_NONE},
    {WAVE_ACCOUNT, SOURCE_GET_ACCOUNT_SUMMARY, SOURCE_NONE},
    {WAVE_ACCOUNT, SOURCE_GET_ACCOUNT_PASSWORD_POLICY, SOURCE_NONE},
    {WAVE_ACCOUNT, SOURCE_LIST_VIRTUAL_MFA_DEVICES, SOURCE_NONE},
    {WAVE_ACCOUNT, SOURCE_LIST_SERVICE_CREDENTIALS, SOURCE_NONE},
    {WAVE_USER, SOURCE_LIST_ACCESS_KEYS, SOURCE_NONE},
    {WAVE_USER, SOURCE_GET_LOGIN_PROFILE, SOURCE_NONE},
    {WAVE_USER, SOURCE_LIST_MFA_DEVICES, SOURCE_NONE},
    {WAVE_USER, SOURCE_LIST_SIGNING_CERTIFICATES, SOURCE_NONE},
    {WAVE_USER, SOURCE_LIST_USER_TAGS, SOURCE_GET_ACCOUNT_AUTHORIZATION_DETAILS},
    {WAVE_USER, SOURCE_LIST_GROUPS_FOR_USER, SOURCE_GET_ACCOUNT_AUTHORIZATION_DETAILS},
    {WAVE_USER, SOURCE_LIST_SSH_PUBLIC_KEYS, SOURCE_NONE},
    {WAVE_USER, SOURCE_LIST_SERVICE_CREDENTIALS_OF_USER, SOURCE_LIST_SERVICE_CREDENTIALS},
    {WAVE_KEY, SOURCE_GET_ACCESS_KEY_LAST_USED, SOURCE_NONE},
};
#define STEP_COUNT (sizeof(steps) / sizeof(steps[0]))

/* Answers of the report's calls that only say that it is not there yet, or that there was one. */
static const char *const report_codes[] = {"LimitExceeded", "ReportNotPresent", "ReportExpired",
                                           "ReportInProgress"};

struct question { /* a call under way */
    struct probe *probe;
    enum source_id source;
    struct query_operation operation;
    char fixed[IAM_FIXED_SIZE];
    struct query *query;
    bool answered;
};

struct probe {
    const struct probe_context *context;
    struct account_diagnosis *account;
    char *role_arn;
    struct credentials_cache session;
    struct credentials_cache *credentials; /* the session's, or the caller's own */
    struct credentials_waiter credentials_waiter;
    struct caller_waiter caller_waiter;
    struct question questions[SOURCE_COUNT];
    enum wave wave;
    unsigned running, calls;
    char user[USER_NAME_SIZE], key[KEY_ID_SIZE]; /* "": none */
    char detailed[USER_NAME_SIZE];               /* the user that authorization details show */
};

static struct loop *loop_of(const struct probe *p)
{
    return aws_client_loop(p->context->client);
}

static const char *keep(struct probe *p, const char *text)
{
    return arena_copy(&p->context->diagnosis->arena, view_of(text)).ptr;
}

static void set_result(struct probe *p, struct action_result *r, const struct error *e)
{
    *r = (struct action_result){.result = PROBE_ALLOWED};
    if (!e)
        return;
    r->result = denial_is(e) ? PROBE_DENIED : PROBE_FAILED;
    r->code = keep(p, error_code(e));
    r->message = keep(p, e->text);
    if (r->result == PROBE_DENIED)
        denial_read(e->text, &r->denial);
}

static bool is_one_of(const struct error *e, const char *const *codes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (error_is_code(e, codes[i]))
            return true;
    return false;
}

/* True if the error shows that the call was allowed. */
static bool shows_allowed(enum source_id id, const struct error *e)
{
    const struct source *source = &census_sources[id];
    if (source->scope == SCOPE_REPORT)
        return is_one_of(e, report_codes, sizeof(report_codes) / sizeof(report_codes[0]));
    return error_is_code(e, "NoSuchEntity") && (source->scope == SCOPE_USER || source->absent);
}

static void next_wave(struct probe *p);

static void copy_user(const struct iam_users *users, char user[USER_NAME_SIZE])
{
    if (users->users.first)
        snprintf(user, USER_NAME_SIZE, "%.*s",
                 VIEW_ARG(((const struct iam_user *)(const void *)users->users.first)->name));
}

static int probe_on_page(void *arg, const void *answer, struct error *e)
{
    struct question *q = arg;
    struct probe *p = q->probe;
    const struct iam_access_keys *keys = answer;
    q->answered = true;
    if (q->source == SOURCE_LIST_USERS)
        copy_user(answer, p->user);
    if (q->source == SOURCE_GET_ACCOUNT_AUTHORIZATION_DETAILS)
        copy_user(answer, p->detailed);
    if (q->source == SOURCE_LIST_ACCESS_KEYS && keys->keys.first)
        snprintf(p->key, sizeof(p->key), "%.*s",
                 VIEW_ARG(((const struct iam_access_key *)(const void *)keys->keys.first)->id));
    /* One page tells enough. */
    return error_set(e, ERROR_CANCELLED, "the first page was read");
}

static void probe_on_answer(void *arg, const struct error *e)
{
    struct question *q = arg;
    struct probe *p = q->probe;
    q->query = NULL;
    if (q->answered || (e && shows_allowed(q->source, e)))
        e = NULL;
    set_result(p, &p->account->actions[q->source], e);
    if (--p->running == 0)
        next_wave(p);
}

static void ask(struct probe *p, enum source_id id)
{
    static const struct query_handler handler = {probe_on_page, probe_on_answer, NULL};
    struct question *q = &p->questions[id];
    const struct aws_target target = {
        .client = p->context->client, .endpoint = p->context->iam, .credentials = p->credentials};
    *q = (struct question){.probe = p, .source = id};
    q->operation = iam_one_item(census_sources[id].operation, q->fixed);
    p->running++;
    p->calls++;
    if (census_sources[id].scope == SCOPE_KEY)
        q->query = iam_start_key(&target, &q->operation, view_of(p->key), &handler, q);
    else if (census_sources[id].scope == SCOPE_USER)
        q->query = iam_start_user(&target, &q->operation,
                                  view_of(p->user[0] ? p->user : PROBE_USER), &handler, q);
    else
        q->query = iam_start_account(&target, &q->operation, &handler, q);
}

static bool is_wanted(const struct probe *p, const struct step *step)
{
    const struct diagnosis *d = p->context->diagnosis;
    if (step->source == SOURCE_LIST_USERS)
        return true;
    if (!source_needed(step->source, d->strategy, d->wanted))
        return false;
    if (census_sources[step->source].scope == SCOPE_REPORT && !p->context->uses_report)
        return false;
    if (census_sources[step->source].scope == SCOPE_KEY && !p->key[0])
        return false;
    return step->unless == SOURCE_NONE || p->account->actions[step->unless].result != PROBE_ALLOWED;
}

static void leave_out(struct probe *p, enum source_id id)
{
    p->account->actions[id] =
        (struct action_result){.result = PROBE_FAILED,
                               .code = PROBE_NO_CALLS_LEFT,
                               .message = "it was not tried: an account is asked no more calls"};
}

static void start_wave(struct probe *p)
{
    for (size_t i = 0; i < STEP_COUNT; i++) {
        if (steps[i].wave != p->wave || !is_wanted(p, &steps[i]))
            continue;
        if (p->calls < PROBE_CALLS_MOST)
            ask(p, steps[i].source);
        else
            leave_out(p, steps[i].source);
    }
}

static void finish(struct probe *p)
{
    if (p->user[0])
        p->account->probe_user = keep(p, p->user);
    p->context->done(p->context->arg, p->account);
}

/* If the users can't be listed, the census fails; the other calls still tell what to mend. */
static void next_wave(struct probe *p)
{
    if (p->wave == WAVE_ACCOUNT && !p->user[0])
        snprintf(p->user, sizeof(p->user), "%s", p->detailed);
    while (p->running == 0 && ++p->wave < WAVE_COUNT)
        start_wave(p);
    if (p->running == 0)
        finish(p);
}

static void begin(struct probe *p)
{
    p->wave = WAVE_ACCOUNT;
    start_wave(p);
}

static void probe_on_caller(void *arg, const char *account)
{
    struct probe *p = arg;
    if (strcmp(account, p->account->account.id) != 0) {
        finish(p);
        return;
    }
    p->account->own_credentials = true;
    p->credentials = p->context->caller->credentials;
    begin(p);
}

static void probe_on_session(void *arg, const struct error *e)
{
    struct probe *p = arg;
    set_result(p, &p->account->assume_role, e);
    if (e)
        caller_account(p->context->caller, &p->caller_waiter, probe_on_caller, p);
    else
        begin(p);
}

struct probe *probe_start(const struct probe_context *context, struct account_diagnosis *account)
{
    struct probe *p = xcalloc(1, sizeof(*p));
    p->context = context;
    p->account = account;
    if (asprintf(&p->role_arn, "arn:%s:iam::%s:role/%s", context->partition, account->account.id,
                 context->diagnosis->role_name) < 0)
        out_of_memory();
    const struct assume_role_options options = {
        .sts = context->sts,
        .source = context->caller->credentials,
        .role_arn = view_of(p->role_arn),
        .session_name = VIEW_LITERAL("iam-census"),
        .external_id = context->external_id,
        .policy = context->session_policy,
    };
    credentials_cache_init(&p->session, loop_of(p), provider_assume_role_new(&options));
    p->session.skew_s = aws_client_skew_s(context->client, context->sts->endpoint);
    p->credentials = &p->session;
    p->calls = 1;
    credentials_cache_wait(&p->session, &p->credentials_waiter, probe_on_session, p);
    return p;
}

const struct account_diagnosis *probe_account(const struct probe *p)
{
    return p->account;
}

void probe_free(struct probe *p)
{
    if (!p)
        return;
    for (size_t i = 0; i < SOURCE_COUNT; i++)
        query_cancel(p->questions[i].query);
    caller_leave(p->context->caller, &p->caller_waiter);
    credentials_cache_leave(&p->credentials_waiter);
    credentials_cache_release(&p->session);
    free(p->role_arn);
    free(p);
}
