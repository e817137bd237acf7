/* SPDX-License-Identifier: MIT */
#include "app/result.h"

#include "base/log.h"
#include "base/timestamp.h"
#include "output/fact_columns.h"

#include <stdio.h>
#include <stdlib.h>

#define REASON_SIZE   1024
#define WHY_MAX_BYTES 800

void result_init(struct result *r, int64_t started_s, const char *run_id)
{
    *r = (struct result){.started_s = started_s, .oldest_report_s = TIMESTAMP_NONE};
    snprintf(r->run_id, sizeof(r->run_id), "%s", run_id);
    STAILQ_INIT(&r->successful.list);
    STAILQ_INIT(&r->partial.list);
    STAILQ_INIT(&r->failed.list);
    STAILQ_INIT(&r->skipped.list);
    arena_init(&r->arena);
}

void result_release(struct result *r)
{
    free(r->output);
    arena_release(&r->arena);
    *r = (struct result){0};
}

struct account_outcome *result_append(struct result *r, struct account_outcomes *list,
                                      struct view id)
{
    struct account_outcome *o = arena_alloc(&r->arena, sizeof(*o));
    snprintf(o->id, sizeof(o->id), "%.*s", VIEW_ARG(id));
    STAILQ_INIT(&o->calls);
    STAILQ_INSERT_TAIL(&list->list, o, next);
    list->count++;
    return o;
}

void result_add_report(struct result *r, int64_t at_s)
{
    if (at_s != TIMESTAMP_NONE &&
        (r->oldest_report_s == TIMESTAMP_NONE || at_s < r->oldest_report_s))
        r->oldest_report_s = at_s;
}

bool result_role_refused(const struct account_outcome *o)
{
    return view_is(o->stage, "AssumeRole") && view_is(o->code, "AccessDenied");
}

void result_add_reason(struct result *r, const struct account_outcome *o, struct view why)
{
    char reason[REASON_SIZE];
    if (r->first_failure.ptr)
        return;
    snprintf(reason, sizeof(reason), "account %s, %.*s: %.*s%s", o->id, VIEW_ARG(o->stage),
             why.len < WHY_MAX_BYTES ? (int)why.len : WHY_MAX_BYTES, why.ptr ? why.ptr : "",
             result_role_refused(o) ? "; " RESULT_ROLE_ADVICE : "");
    r->first_failure = arena_copy(&r->arena, view_of(reason));
}

static void add_failed(struct result *r, const struct account *account)
{
    struct account_outcome *o = result_append(r, &r->failed, view_of(account->id));
    struct error why = account->failed;
    o->stage = view_of(account->failed_stage);
    o->code = arena_copy(&r->arena, view_of(error_code(&account->failed)));
    o->message = arena_copy(&r->arena, view_of(account->failed.text));
    error_add_origin(&why);
    result_add_reason(r, o, view_of(why.text));
}

static void add_unknown(struct result *r, struct account_outcome *o, fact_set facts)
{
    struct view names[FACT_COUNT * FACT_COLUMNS_MAX];
    for (enum fact fact = 0; fact < FACT_COUNT; fact++)
        if (facts & FACT_BIT(fact))
            o->unknown_count += fact_columns(fact, names + o->unknown_count);
    o->unknown = arena_alloc(&r->arena, (o->unknown_count + 1) * sizeof(*o->unknown));
    memcpy(o->unknown, names, o->unknown_count * sizeof(*o->unknown));
}

static void add_partial(struct result *r, const struct account *account)
{
    struct account_outcome *o = result_append(r, &r->partial, view_of(account->id));
    add_unknown(r, o, account->partial);
    for (const struct call_failure *f = account->failures; f; f = f->next) {
        struct failed_call *call = arena_alloc(&r->arena, sizeof(*call));
        call->operation = view_of(f->operation);
        call->code = arena_copy(&r->arena, f->code);
        call->message = arena_copy(&r->arena, f->message);
        call->count = f->count;
        STAILQ_INSERT_TAIL(&o->calls, call, next);
    }
}

void result_add(struct result *r, const struct account *account)
{
    if (account->outcome == OUTCOME_FAILED) {
        add_failed(r, account);
        return;
    }
    r->users_gone += account->users_gone;
    for (size_t i = 0; i < account->user_count; i++)
        r->ages_from_creation += account->users[i]->password_age_from_creation;
    result_add_report(r, account->report_at_s);
    if (account->outcome == OUTCOME_PARTIAL)
        add_partial(r, account);
    else
        result_append(r, &r->successful, view_of(account->id));
}

void result_add_skipped(struct result *r, const struct skipped_account *accounts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        result_append(r, &r->skipped, view_of(accounts[i].id))->state =
            arena_copy(&r->arena, accounts[i].state);
}

void result_add_further(struct result *r, const char *member, const char *what, const char *name)
{
    if (r->further_count < FURTHER_FILES_MAX)
        r->further[r->further_count++] = (struct further_file){
            .member = member, .what = what, .name = arena_copy(&r->arena, view_of(name))};
}

bool result_has_read(const struct result *r)
{
    return r->successful.count + r->partial.count > 0;
}

void result_explain_nothing(const struct result *r, struct error *e)
{
    error_set(e, ERROR_SERVICE, "no account could be read; the first to fail was %.*s",
              VIEW_ARG(r->first_failure));
}

void result_log(const struct result *r)
{
    char at[TIMESTAMP_TEXT_SIZE];
    log_event(LOG_INFO, "output written", FIELD("output", r->output),
              FIELD_NUMBER("rows", (int64_t)r->rows));
    for (size_t i = 0; i < r->further_count; i++)
        log_event(LOG_INFO, "further output written", FIELD("kind", r->further[i].member),
                  FIELD_VIEW("output", r->further[i].name));
    if (r->oldest_report_s == TIMESTAMP_NONE)
        return;
    timestamp_format(r->oldest_report_s, at);
    log_event(LOG_INFO, "oldest credential report used", FIELD("generated_at", at),
              FIELD_NUMBER("age_minutes", (r->started_s - r->oldest_report_s) / 60));
}

void result_message(const struct result *r, struct buffer *out)
{
    buffer_addf(out,
                "Processing completed successfully. Successfully processed accounts: %zu. "
                "Partially processed accounts: %zu. Failed to process accounts: %zu.",
                r->successful.count, r->partial.count, r->failed.count);
}
