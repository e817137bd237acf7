/* SPDX-License-Identifier: MIT */
#include "doctor/diagnosis.h"

#include "census/effort.h"

/* The exit statuses of the program (app/exit_status.h). */
enum { STATUS_ALL = 0, STATUS_NONE = 1, STATUS_SOME = 3 };

const char *const probe_result_names[PROBE_RESULT_COUNT] = {
    [PROBE_NOT_TRIED] = "not_tried",
    [PROBE_ALLOWED] = "allowed",
    [PROBE_DENIED] = "denied",
    [PROBE_FAILED] = "failed",
};

const char *const verdict_names[VERDICT_COUNT] = {
    [VERDICT_READY] = "ready",
    [VERDICT_PER_USER] = "per_user",
    [VERDICT_PARTIAL] = "partial",
    [VERDICT_BLOCKED] = "blocked",
};

/*
 * A user who has everything and one who has nothing, as a credential report shows them: most
 * accounts have both. What only other users need (those who are missing from the report) does not
 * make an account partial.
 */
static const struct report_line lines[] = {
    {.password = SAID_TRUE, .mfa = SAID_TRUE, .has_key = true, .has_certificate = true},
    {.password = SAID_FALSE, .mfa = SAID_FALSE},
};

#define LINE_COUNT (sizeof(lines) / sizeof(lines[0]))

const struct action_result *diagnosis_result(const struct account_diagnosis *a, enum source_id id)
{
    const char *permission = census_sources[id].permission;
    if (a->actions[id].result != PROBE_NOT_TRIED)
        return &a->actions[id];
    for (enum source_id other = SOURCE_NONE + 1; other < SOURCE_COUNT; other++)
        if (a->actions[other].result != PROBE_NOT_TRIED &&
            strcmp(census_sources[other].permission, permission) == 0)
            return &a->actions[other];
    return &a->actions[id];
}

static bool is_usable(const struct account_diagnosis *a, enum source_id id)
{
    enum source_scope scope = census_sources[id].scope;
    enum probe_result result = diagnosis_result(a, id)->result;
    return result == PROBE_ALLOWED ||
           (result == PROBE_NOT_TRIED && (scope == SCOPE_USER || scope == SCOPE_KEY));
}

static bool uses_report(const struct diagnosis *d)
{
    return d->strategy != STRATEGY_PER_USER && !d->no_report;
}

/* True if the census may call the source: the others were not tried, and have not failed. */
static bool is_asked(const struct diagnosis *d, enum source_id id)
{
    return source_needed(id, d->strategy, d->wanted) &&
           (census_sources[id].scope != SCOPE_REPORT || uses_report(d));
}

/* How the census would choose its sources if nothing were denied. */
static struct choice choice_at_best(const struct diagnosis *d)
{
    return (struct choice){.strategy = d->strategy,
                           .report = uses_report(d) ? REPORT_USED : REPORT_SET_ASIDE};
}

static struct choice choice_of(const struct diagnosis *d, const struct account_diagnosis *a)
{
    struct choice choice = choice_at_best(d);
    for (enum source_id id = SOURCE_NONE + 1; id < SOURCE_COUNT; id++)
        if (is_asked(d, id) && !is_usable(a, id))
            choice.failed_sources |= SOURCE_BIT(id);
    /* Without a request there is no report. */
    if (choice.failed_sources & SOURCE_BIT(SOURCE_GENERATE_CREDENTIAL_REPORT))
        choice.failed_sources |= SOURCE_BIT(SOURCE_GET_CREDENTIAL_REPORT);
    if (choice.report == REPORT_USED &&
        (choice.failed_sources & SOURCE_BIT(SOURCE_GET_CREDENTIAL_REPORT)))
        choice.report = REPORT_MISSING;
    return choice;
}

static bool is_about_users(enum source_id id)
{
    return census_sources[id].scope == SCOPE_USER || census_sources[id].scope == SCOPE_KEY;
}

/* The facts that have lost their sources for one of the users above. Sets *per_user. */
static fact_set compare(const struct choice *now, const struct choice *best, fact_set wanted,
                        bool *per_user)
{
    fact_set unknown = 0;
    for (enum fact fact = 0; fact < FACT_COUNT; fact++) {
        if (!(wanted & FACT_BIT(fact)))
            continue;
        for (size_t i = 0; i < LINE_COUNT; i++) {
            enum source_id chosen = choice_for_user(now, &lines[i], fact);
            if (chosen == SOURCE_NONE && choice_lost_source(now, fact))
                unknown |= FACT_BIT(fact);
            else if (is_about_users(chosen) &&
                     !is_about_users(choice_for_user(best, &lines[i], fact)))
                *per_user = true;
        }
    }
    /* A key whose id is not known can't be asked about, and the report does not name keys. */
    if (unknown & FACT_BIT(FACT_KEYS))
        unknown |= wanted & facts_about(ABOUT_KEY);
    /* What kind of device it is can be told only if it is known that there is one. */
    if (unknown & FACT_BIT(FACT_ROOT_MFA))
        unknown |= wanted & FACT_BIT(FACT_ROOT_MFA_KIND);
    return unknown;
}

/* Nothing of an account can be read without its users. NULL: they can be listed. */
static const char *blocking_stage(const struct choice *choice, const struct account_diagnosis *a)
{
    const char *stage = NULL;
    bool tried = false;
    for (enum source_id id = SOURCE_NONE + 1; id < SOURCE_COUNT; id++)
        tried = tried || a->actions[id].result != PROBE_NOT_TRIED;
    /* In the caller's own account the census does without the role if it has to. */
    if (!tried)
        return "AssumeRole";
    for (const enum source_id *s = census_facts[FACT_USERS].sources; *s != SOURCE_NONE; s++) {
        if (!source_used_by(&census_sources[*s], choice->strategy))
            continue; /* 'bulk' uses ListUsers for sign-ins, but never for the list itself */
        if (choice_may_use(choice, *s))
            return NULL;
        stage = census_sources[*s].operation->action;
    }
    return stage;
}

void diagnosis_judge(const struct diagnosis *d, struct account_diagnosis *a)
{
    const struct choice best = choice_at_best(d), now = choice_of(d, a);
    fact_set sourced = facts_with_source(d->strategy) & d->wanted;
    a->per_user = false;
    a->unknown = 0;
    a->stage = blocking_stage(&now, a);
    if (a->stage) {
        a->verdict = VERDICT_BLOCKED;
        a->unknown = sourced;
        return;
    }
    a->unknown = compare(&now, &best, sourced, &a->per_user);
    if (a->unknown)
        a->verdict = VERDICT_PARTIAL;
    else
        a->verdict = a->per_user ? VERDICT_PER_USER : VERDICT_READY;
}

void diagnosis_conclude(struct diagnosis *d)
{
    memset(d->verdicts, 0, sizeof(d->verdicts));
    d->bulk_accounts = d->per_user_accounts = 0;
    d->estimate_calls = 0;
    for (size_t i = 0; i < d->account_count; i++) {
        struct account_diagnosis *a = &d->accounts[i];
        const struct choice choice = choice_of(d, a);
        diagnosis_judge(d, a);
        d->verdicts[a->verdict]++;
        if (a->verdict == VERDICT_BLOCKED)
            d->estimate_calls++; /* the one that fails */
        else
            d->estimate_calls += effort_calls(&choice, d->wanted, DIAGNOSIS_USERS);
        if (a->verdict != VERDICT_BLOCKED && d->strategy != STRATEGY_PER_USER && !a->per_user)
            d->bulk_accounts++;
        else if (a->verdict != VERDICT_BLOCKED)
            d->per_user_accounts++;
    }
    d->estimate_ms = effort_ms(d->estimate_calls, d->connections > 0 ? d->connections : 1);
}

int diagnosis_exit_status(const struct diagnosis *d)
{
    size_t blocked = d->verdicts[VERDICT_BLOCKED];
    /* Without an answer of Organizations there are no accounts, or no name for the output. */
    if (!d->output.ok || d->organization.error || blocked == d->account_count)
        return STATUS_NONE;
    return blocked > 0 || d->verdicts[VERDICT_PARTIAL] > 0 ? STATUS_SOME : STATUS_ALL;
}
