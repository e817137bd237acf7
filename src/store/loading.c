/* SPDX-License-Identifier: MIT */
#include "store/loading.h"

#include "base/alloc.h"
#include "store/unknown.h"
#include "store/user_loading.h"

#include <stdio.h>
#include <stdlib.h>

enum account_column {
    COLUMN_ID,
    COLUMN_NAME,
    COLUMN_ALIAS,
    COLUMN_OU,
    COLUMN_STATE,
    COLUMN_OUTCOME,
    COLUMN_STAGE,
    COLUMN_CODE,
    COLUMN_MESSAGE,
    COLUMN_ROOT_PASSWORD,
    COLUMN_ROOT_MFA,
    COLUMN_ROOT_MFA_KIND,
    COLUMN_ROOT_KEYS,
    COLUMN_ROOT_CERTIFICATES,
    COLUMN_ROOT_USED,
    COLUMN_ROOT_USED_BY,
    COLUMN_POLICY,
    COLUMN_POLICY_LENGTH,
    COLUMN_POLICY_REUSE,
    COLUMN_REPORT_AT,
    COLUMN_READ_AT,
    COLUMN_MANAGEMENT,
    COLUMN_PARTITION,
    COLUMN_UNKNOWN
};

static const char accounts_sql[] =
    "SELECT account_id, account_name, account_alias, account_ou, state, outcome, stage, code, "
    "message, root_password, root_mfa, root_mfa_kind, root_access_keys, root_certificates, "
    "root_last_used, root_last_used_by, password_policy, minimum_password_length, "
    "password_reuse_prevention, report_at, read_at, is_management, partition, unknown "
    "FROM account WHERE run_id = ? AND outcome <> 'skipped' ORDER BY account_id";

struct loading {
    char *run_id;
    struct statement accounts;
    struct user_loading users;
    struct account account; /* the one that was handed out last */
    int64_t left;           /* how many accounts are still to come, by the run's own count */
};

struct loading *loading_begin(struct database *d, const struct stored_run *run, struct error *e)
{
    struct loading *l = xcalloc(1, sizeof(*l));
    l->run_id = xstrdup(run->run_id);
    l->left = run->accounts - run->skipped;
    arena_init(&l->account.arena);
    if (user_loading_init(&l->users, d, view_of(l->run_id), e) != 0 ||
        statement_prepare(&l->accounts, d, "account", accounts_sql, e) != 0) {
        loading_free(l);
        return NULL;
    }
    statement_text(&l->accounts, view_of(l->run_id));
    return l;
}

void loading_free(struct loading *l)
{
    if (!l)
        return;
    statement_release(&l->accounts);
    user_loading_release(&l->users);
    arena_release(&l->account.arena);
    free(l->run_id);
    free(l);
}

static int read_id(const struct statement *s, struct account *a, struct error *e)
{
    struct view id = statement_get_text(s, COLUMN_ID);
    if (id.len != ACCOUNT_ID_LEN)
        return statement_bad(s, COLUMN_ID, "an account's id", e);
    memcpy(a->id, id.ptr, id.len);
    return 0;
}

static int read_outcome(const struct statement *s, struct account *a, struct error *e)
{
    static const char *const names[] = {[OUTCOME_SUCCEEDED] = "succeeded",
                                        [OUTCOME_PARTIAL] = "partial",
                                        [OUTCOME_FAILED] = "failed"};
    struct view name = statement_get_text(s, COLUMN_OUTCOME);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (view_is(name, names[i])) {
            a->outcome = (enum outcome)i;
            return 0;
        }
    }
    return statement_bad(s, COLUMN_OUTCOME, "an outcome", e);
}

static void read_failure(const struct statement *s, struct account *a)
{
    struct view stage = loading_text(s, COLUMN_STAGE, &a->arena);
    struct view code = statement_get_text(s, COLUMN_CODE);
    struct view message = statement_get_text(s, COLUMN_MESSAGE);
    a->failed_stage = stage.ptr ? stage.ptr : "";
    error_set(&a->failed, ERROR_SERVICE, "%.*s", VIEW_ARG(message));
    snprintf(a->failed.code, sizeof(a->failed.code), "%.*s", VIEW_ARG(code));
}

/* "none" is written for an account without MFA, even if the devices could not be listed. */
static int read_mfa_kind(const struct statement *s, struct account *a, struct error *e)
{
    static const char *const names[] = {
        [ROOT_MFA_NONE] = "none", [ROOT_MFA_VIRTUAL] = "virtual", [ROOT_MFA_HARDWARE] = "hardware"};
    struct view name = statement_get_text(s, COLUMN_ROOT_MFA_KIND);
    if (!name.ptr) {
        a->unknown |= FACT_BIT(FACT_ROOT_MFA_KIND);
        return 0;
    }
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (view_is(name, names[i])) {
            a->root.mfa_kind = (enum root_mfa_kind)i;
            return 0;
        }
    }
    return statement_bad(s, COLUMN_ROOT_MFA_KIND, "a kind of device", e);
}

static int read_root(const struct statement *s, struct account *a, struct error *e)
{
    struct root_user *root = &a->root;
    const struct {
        enum account_column column;
        enum fact fact;
        bool *truth;
    } truths[] = {
        {COLUMN_ROOT_PASSWORD, FACT_ROOT_PASSWORD, &root->has_password},
        {COLUMN_ROOT_MFA, FACT_ROOT_MFA, &root->has_mfa},
        {COLUMN_ROOT_KEYS, FACT_ROOT_KEYS, &root->has_keys},
        {COLUMN_ROOT_CERTIFICATES, FACT_ROOT_CERTIFICATES, &root->has_certificates},
        {COLUMN_MANAGEMENT, FACT_MANAGEMENT, &a->is_management},
    };
    for (size_t i = 0; i < sizeof(truths) / sizeof(truths[0]); i++)
        if (loading_truth(s, (int)truths[i].column, truths[i].fact, truths[i].truth, &a->unknown,
                          e) != 0)
            return -1;
    root->used_by = loading_text(s, COLUMN_ROOT_USED_BY, &a->arena);
    return statement_get_time(s, COLUMN_ROOT_USED, &root->used_s, e) != 0 ? -1
                                                                          : read_mfa_kind(s, a, e);
}

static void read_password_policy(const struct statement *s, struct account *a)
{
    struct password_policy *p = &a->password_policy;
    p->text = loading_text(s, COLUMN_POLICY, &a->arena);
    p->is_default = view_is(p->text, "default");
    p->minimum_length = statement_get_int(s, COLUMN_POLICY_LENGTH);
    p->reuse_prevention = statement_get_int(s, COLUMN_POLICY_REUSE);
    if (!p->text.ptr)
        a->unknown |= FACT_BIT(FACT_PASSWORD_POLICY);
}

static int read_account(const struct statement *s, struct account *a, struct error *e)
{
    if (read_id(s, a, e) != 0 || read_outcome(s, a, e) != 0 ||
        unknown_of_account(s, COLUMN_UNKNOWN, &a->unknown, e) != 0 ||
        statement_get_time(s, COLUMN_REPORT_AT, &a->report_at_s, e) != 0 ||
        statement_get_time(s, COLUMN_READ_AT, &a->read_at_s, e) != 0 || read_root(s, a, e) != 0)
        return -1;
    a->name = loading_text(s, COLUMN_NAME, &a->arena);
    a->alias = loading_text(s, COLUMN_ALIAS, &a->arena);
    a->ou = loading_text(s, COLUMN_OU, &a->arena);
    a->state = loading_text(s, COLUMN_STATE, &a->arena);
    a->partition = loading_text(s, COLUMN_PARTITION, &a->arena);
    read_password_policy(s, a);
    if (a->outcome == OUTCOME_FAILED)
        read_failure(s, a);
    return 0;
}

/* A run that has lost accounts would pass for one in which nothing is wrong. */
static int check_all_came(const struct loading *l, struct error *e)
{
    if (l->left == 0)
        return 0;
    return error_set(e, ERROR_CONFIG,
                     "the database '%s' is damaged, or was changed by hand: run %s has %lld "
                     "accounts %s than its own count",
                     l->accounts.d->path, l->run_id, (long long)(l->left > 0 ? l->left : -l->left),
                     l->left > 0 ? "less" : "more");
}

int loading_next(struct loading *l, const struct account **account, struct error *e)
{
    bool row;
    *account = NULL;
    arena_release(&l->account.arena);
    l->account = (struct account){.report_at_s = TIMESTAMP_NONE};
    arena_init(&l->account.arena);
    if (statement_next(&l->accounts, &row, e) != 0)
        return -1;
    if (!row)
        return check_all_came(l, e);
    l->left--;
    if (read_account(&l->accounts, &l->account, e) != 0 ||
        user_loading_fill(&l->users, &l->account, e) != 0)
        return -1;
    *account = &l->account;
    return 0;
}
