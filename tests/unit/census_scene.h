/* SPDX-License-Identifier: MIT */
/*
 * What the tests of jobs and of the census share: an IAM and an STS in this process. Calls are
 * answered by the loop, time passes as fast as the loop waits, and nothing touches a network:
 * query_start, sts_... and epoll_wait are replaced at link time (tests/CMakeLists.txt).
 */
#ifndef TESTS_CENSUS_SCENE_H
#define TESTS_CENSUS_SCENE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/iam.h"
#include "base/alloc.h"
#include "census/census.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>

/* What the extended columns show; tests of further facts set the rest. */
#define FACTS_OF_COLUMNS ((FACT_BIT(FACT_ACCOUNT_NAME) << 1) - 1)

#define FAULTS_MAX  8
#define CALLS_MAX   512
#define CREATED_S   1600000000
#define GENERATED_S 1700000000
#define NOW_S       1700003600

struct fake_user {
    const char *name;
    int64_t created_s;
    const char *key; /* NULL: no key */
    bool password;
    int64_t signed_in_s; /* 0: never */
};

/* A call that is refused, so many times (0: always). */
struct fake_fault {
    const char *action, *user, *code, *message;
    unsigned times;
};

struct query;

struct fake {
    struct loop *loop;
    struct clock clock;
    int64_t now_ms;
    struct http_client *http;
    struct aws_client *client;
    struct endpoint endpoint;
    struct sts sts;
    struct caller caller;
    struct credentials_cache caller_keys;
    struct job_context context;
    const struct fake_user *users;
    size_t user_count;
    const char *report; /* lines about users; NULL: GetCredentialReport is refused */
    struct fake_fault faults[FAULTS_MAX];
    size_t fault_count;
    const char *refused_role;   /* the account whose role can't be assumed */
    const char *caller_account; /* NULL: it can't be asked for */
    /*
     * Answers of a test's own: NULL, or returns NULL, if the usual answer is fine. It may put
     * another operation into the query, whose usual answer is then given.
     */
    const void *(*answer)(struct query *q);
    char calls[CALLS_MAX][64]; /* "ListGroupsForUser ann", in their order */
    size_t call_count;
    unsigned under_way;
    bool done;
};

static struct fake *fake;

/* ---- time ---- */

static inline int64_t fake_wall_ms(void *arg)
{
    return NOW_S * INT64_C(1000) + ((struct fake *)arg)->now_ms;
}

static inline int64_t fake_steady_ms(void *arg)
{
    return ((struct fake *)arg)->now_ms;
}

int __wrap_epoll_wait(int fd, struct epoll_event *events, int max, int timeout_ms);
int __wrap_epoll_wait(int fd, struct epoll_event *events, int max, int timeout_ms)
{
    (void)fd, (void)events, (void)max;
    if (timeout_ms < 0)
        fail_msg("nothing is under way, and nothing will ever happen");
    fake->now_ms += timeout_ms;
    return 0;
}

/* ---- IAM ---- */

struct query {
    struct loop_timer timer;
    const struct query_operation *operation;
    struct query_handler handler;
    void *arg;
    char about[64]; /* the user or the key; "" of calls about the account */
    struct arena arena;
};

static inline void *fake_item(struct query *q, struct xml_list *list, size_t size)
{
    struct xml_record *record = arena_alloc(&q->arena, size);
    struct xml_record **last = list->last ? list->last : &list->first;
    *last = record;
    list->last = &record->next;
    list->count++;
    return record;
}

static inline const struct fake_user *fake_user_of(const struct query *q)
{
    for (size_t i = 0; i < fake->user_count; i++)
        if (strcmp(fake->users[i].name, q->about) == 0 ||
            (fake->users[i].key && strcmp(fake->users[i].key, q->about) == 0))
            return &fake->users[i];
    fail_msg("nobody is called %s", q->about);
    return NULL;
}

static inline int fake_list_users(struct query *q, struct error *e)
{
    struct iam_users page = {0};
    for (size_t i = 0; i < fake->user_count; i++) {
        struct iam_user *item = fake_item(q, &page.users, sizeof(*item));
        item->name = view_of(fake->users[i].name);
        item->path = VIEW_LITERAL("/");
        item->arn = VIEW_LITERAL("arn");
        item->created_s = fake->users[i].created_s;
        bool tells = q->operation == &iam_list_users && fake->users[i].signed_in_s;
        item->password_last_used_s = tells ? fake->users[i].signed_in_s : TIMESTAMP_NONE;
    }
    return q->handler.page(q->arg, &page, e);
}

static inline int fake_names(struct query *q, const char *name, struct error *e)
{
    struct iam_names page = {0};
    if (name)
        ((struct xml_text *)fake_item(q, &page.names, sizeof(struct xml_text)))->text =
            view_of(name);
    return q->handler.page(q->arg, &page, e);
}

static inline int fake_keys(struct query *q, struct error *e)
{
    struct iam_access_keys page = {0};
    const char *id = fake_user_of(q)->key;
    if (id) {
        struct iam_access_key *key = fake_item(q, &page.keys, sizeof(*key));
        key->id = view_of(id);
        key->status = VIEW_LITERAL("Active");
        key->created_s = CREATED_S;
    }
    return q->handler.page(q->arg, &page, e);
}

static inline int fake_profile(struct query *q, struct error *e)
{
    const struct iam_login_profile page = {.created_s = CREATED_S};
    if (fake_user_of(q)->password)
        return q->handler.page(q->arg, &page, e);
    error_set(e, ERROR_SERVICE, "Login Profile for User %s cannot be found.", q->about);
    snprintf(e->code, sizeof(e->code), "NoSuchEntity");
    return -1;
}

static inline int fake_report(struct query *q, struct error *e)
{
    char text[4096];
    snprintf(text, sizeof(text),
             "user,user_creation_time,password_enabled,password_last_used,password_last_changed,"
             "mfa_active,access_key_1_last_rotated,access_key_1_last_used_date,"
             "access_key_1_last_used_region,access_key_1_last_used_service,"
             "access_key_2_last_rotated,access_key_2_last_used_date,"
             "access_key_2_last_used_region,access_key_2_last_used_service,"
             "cert_1_last_rotated,cert_2_last_rotated\n%s",
             fake->report);
    unsigned char *content = arena_alloc(&q->arena, sizeof(text) * 2);
    int len = EVP_EncodeBlock(content, (const unsigned char *)text, (int)strlen(text));
    const struct iam_credential_report page = {.content = {(char *)content, (size_t)len},
                                               .generated_s = GENERATED_S};
    return q->handler.page(q->arg, &page, e);
}

static inline int fake_refusal(struct query *q, struct error *e)
{
    const char *action = q->operation->action;
    for (struct fake_fault *f = fake->faults; f < fake->faults + fake->fault_count; f++) {
        if (strcmp(f->action, action) != 0 || (f->user && strcmp(f->user, q->about) != 0))
            continue;
        if (f->times > 0 && --f->times == 0)
            f->action = ""; /* it was the last time */
        error_set(e, ERROR_SERVICE, "%s", f->message ? f->message : "refused");
        snprintf(e->code, sizeof(e->code), "%s", f->code);
        return -1;
    }
    return 0;
}

/* The usual answers about the account: no password policy, and lists that are empty. */
static inline int fake_account(struct query *q, struct error *e)
{
    const struct iam_summary summary = {0};
    const struct iam_names names = {0};
    const struct iam_service_credentials credentials = {0};
    const struct query_operation *o = q->operation;
    if (o == &iam_get_account_summary)
        return q->handler.page(q->arg, &summary, e);
    if (o == &iam_list_virtual_mfa_devices)
        return q->handler.page(q->arg, &names, e);
    if (o != &iam_get_account_password_policy)
        return q->handler.page(q->arg, &credentials, e);
    error_set(e, ERROR_SERVICE, "The Password Policy with domain name 1 cannot be found.");
    snprintf(e->code, sizeof(e->code), "NoSuchEntity");
    return -1;
}

static inline int fake_answer(struct query *q, struct error *e)
{
    const struct iam_report_state complete = {.state = VIEW_LITERAL("COMPLETE")};
    const struct iam_key_use use = {
        .date_s = CREATED_S + 1, .service = VIEW_LITERAL("s3"), .region = VIEW_LITERAL("N/A")};
    const struct iam_tags no_tags = {0};
    const struct iam_certificates no_certificates = {0};
    if (fake_refusal(q, e) != 0)
        return -1;
    const void *own = fake->answer ? fake->answer(q) : NULL;
    if (own)
        return q->handler.page(q->arg, own, e);
    const struct query_operation *o = q->operation;
    if (o == &iam_list_users || o == &iam_get_account_authorization_details ||
        o == &iam_get_account_authorization_details_wide)
        return fake_list_users(q, e);
    if (o == &iam_get_account_summary || o == &iam_get_account_password_policy ||
        o == &iam_list_virtual_mfa_devices || o == &iam_list_service_specific_credentials ||
        o == &iam_list_service_specific_credentials_of_user)
        return fake_account(q, e);
    if (o == &iam_list_account_aliases)
        return fake_names(q, "alias", e);
    if (o == &iam_list_groups_for_user)
        return fake_names(q, "group", e);
    if (o == &iam_list_mfa_devices)
        return fake_names(q, NULL, e);
    if (o == &iam_list_access_keys)
        return fake_keys(q, e);
    if (o == &iam_get_login_profile)
        return fake_profile(q, e);
    if (o == &iam_get_credential_report)
        return fake_report(q, e);
    return q->handler.page(q->arg,
                           o == &iam_generate_credential_report ? (const void *)&complete
                           : o == &iam_get_access_key_last_used ? (const void *)&use
                           : o == &iam_list_user_tags           ? (const void *)&no_tags
                                                                : (const void *)&no_certificates,
                           e);
}

static inline void fake_query_over(struct query *q)
{
    fake->under_way--;
    loop_timer_stop(fake->loop, &q->timer);
    arena_release(&q->arena);
    free(q);
}

static inline void fake_fire(void *arg)
{
    struct query *q = arg;
    struct error e;
    const struct query_handler handler = q->handler;
    void *handler_arg = q->arg;
    int result = fake_answer(q, &e);
    fake_query_over(q);
    handler.done(handler_arg, result == 0 ? NULL : &e);
}

struct query *__wrap_query_start(const struct aws_target *target,
                                 const struct query_operation *operation,
                                 const struct query_param *params, size_t param_count,
                                 const struct query_handler *handler, void *arg);
struct query *__wrap_query_start(const struct aws_target *target,
                                 const struct query_operation *operation,
                                 const struct query_param *params, size_t param_count,
                                 const struct query_handler *handler, void *arg)
{
    struct query *q = xcalloc(1, sizeof(*q));
    q->operation = operation;
    q->handler = *handler;
    q->arg = arg;
    arena_init(&q->arena);
    if (param_count > 0)
        snprintf(q->about, sizeof(q->about), "%.*s", VIEW_ARG(params[0].value));
    assert_true(fake->call_count < CALLS_MAX);
    snprintf(fake->calls[fake->call_count++], sizeof(fake->calls[0]), "%s%s%s", operation->action,
             q->about[0] ? " " : "", q->about);
    if (target->requests)
        ++*target->requests;
    fake->under_way++;
    loop_soon(fake->loop, &q->timer, fake_fire, q);
    return q;
}

void __wrap_query_cancel(struct query *q);
void __wrap_query_cancel(struct query *q)
{
    if (q)
        fake_query_over(q);
}

/* ---- STS ---- */

struct sts_call {
    struct loop_timer timer;
    char account[ACCOUNT_ID_LEN + 1];
    void (*assumed)(void *arg, const struct credentials *c, const struct error *e);
    void (*identified)(void *arg, const struct sts_identity *identity, const struct error *e);
    void *arg;
};

static inline void fake_sts_fire(void *arg)
{
    struct sts_call call = *(struct sts_call *)arg;
    struct credentials keys = {.access_key_id = "AKID", .expires_at_s = NOW_S + 86400};
    struct sts_identity identity = {0};
    struct error e;
    free(arg);
    error_set(&e, ERROR_SERVICE, "not for you");
    snprintf(e.code, sizeof(e.code), "AccessDenied");
    if (call.identified) {
        identity.account = fake->caller_account ? view_of(fake->caller_account) : VIEW_NONE;
        call.identified(call.arg, &identity, fake->caller_account ? NULL : &e);
        return;
    }
    bool refused = fake->refused_role && strcmp(fake->refused_role, call.account) == 0;
    secret_set(&keys.secret_access_key, VIEW_LITERAL("hush"));
    call.assumed(call.arg, refused ? NULL : &keys, refused ? &e : NULL);
    credentials_clear(&keys);
}

struct sts_call *__wrap_sts_assume_role(const struct sts *sts, struct credentials_cache *caller,
                                        const struct sts_assume_role_input *input,
                                        void (*done)(void *arg, const struct credentials *c,
                                                     const struct error *e),
                                        void *arg);
struct sts_call *__wrap_sts_assume_role(const struct sts *sts, struct credentials_cache *caller,
                                        const struct sts_assume_role_input *input,
                                        void (*done)(void *arg, const struct credentials *c,
                                                     const struct error *e),
                                        void *arg)
{
    struct sts_call *call = xcalloc(1, sizeof(*call));
    (void)sts, (void)caller;
    snprintf(call->account, sizeof(call->account), "%.12s",
             input->role_arn.ptr + strlen("arn:aws:iam::"));
    call->assumed = done;
    call->arg = arg;
    loop_soon(fake->loop, &call->timer, fake_sts_fire, call);
    return call;
}

struct sts_call *__wrap_sts_get_caller_identity(
    const struct sts *sts, struct credentials_cache *caller,
    void (*done)(void *arg, const struct sts_identity *identity, const struct error *e), void *arg);
struct sts_call *__wrap_sts_get_caller_identity(
    const struct sts *sts, struct credentials_cache *caller,
    void (*done)(void *arg, const struct sts_identity *identity, const struct error *e), void *arg)
{
    struct sts_call *call = xcalloc(1, sizeof(*call));
    (void)sts, (void)caller;
    call->identified = done;
    call->arg = arg;
    loop_soon(fake->loop, &call->timer, fake_sts_fire, call);
    return call;
}

void __wrap_sts_cancel(struct sts_call *call);
void __wrap_sts_cancel(struct sts_call *call)
{
    if (!call)
        return;
    loop_timer_stop(fake->loop, &call->timer);
    free(call);
}

/* ---- the scene ---- */

static inline void fake_begin(const struct fake_user *users, size_t user_count,
                              enum strategy strategy)
{
    struct error e;
    const struct http_options http = {.user_agent = "test", .max_connections = 4};
    const struct aws_client_options client = {.max_in_flight = 4, .seed = 42};
    fake = xcalloc(1, sizeof(*fake));
    fake->clock = (struct clock){fake_wall_ms, fake_steady_ms, fake};
    fake->loop = loop_new(&fake->clock, &e);
    fake->http = http_client_new(fake->loop, &http, &e);
    assert_non_null(fake->http);
    fake->client = aws_client_new(fake->http, &client);
    fake->sts = (struct sts){.client = fake->client, .endpoint = &fake->endpoint};
    fake->users = users;
    fake->user_count = user_count;
    caller_init(&fake->caller, &fake->sts, &fake->caller_keys);
    fake->context = (struct job_context){
        .client = fake->client,
        .sts = &fake->sts,
        .iam = &fake->endpoint,
        .caller = &fake->caller,
        .partition = "aws",
        .role = VIEW_LITERAL("census"),
        .strategy = strategy,
        .wanted = FACTS_OF_COLUMNS,
        .calls_at_once = 64,
        .report_limit_ms = 60000,
        .max_report_age_s = strategy == STRATEGY_PER_USER ? 0 : 7200,
    };
}

/* Ends the scene; whatever was started has ended by then, too. */
static inline void fake_end(void)
{
    caller_release(&fake->caller);
    assert_int_equal(fake->under_way, 0);
    aws_client_free(fake->client);
    http_client_free(fake->http);
    loop_free(fake->loop);
    free(fake);
    fake = NULL;
}

static inline void fake_refuse(const char *action, const char *user, const char *code,
                               unsigned times)
{
    assert_true(fake->fault_count < FAULTS_MAX);
    fake->faults[fake->fault_count++] = (struct fake_fault){action, user, code, NULL, times};
}

static inline void fake_run(void)
{
    struct error e;
    if (loop_run(fake->loop, &fake->done, &e) != 0)
        fail_msg("%s", e.text);
}

/* How many of the calls that were made begin with 'text': "ListGroupsForUser ann". */
static inline unsigned fake_count(const char *text)
{
    unsigned count = 0;
    for (size_t i = 0; i < fake->call_count; i++)
        count += strncmp(fake->calls[i], text, strlen(text)) == 0;
    return count;
}

#endif
