/* SPDX-License-Identifier: MIT */
#include "census/causes.h"

void causes_note(struct account *account, const char *operation, const struct error *e)
{
    const char *code = error_code(e);
    struct call_failure **place = &account->failures;
    for (; *place; place = &(*place)->next)
        if (strcmp((*place)->operation, operation) == 0 && view_is((*place)->code, code)) {
            (*place)->count++;
            return;
        }
    struct call_failure *failure = arena_alloc(&account->arena, sizeof(*failure));
    failure->operation = operation;
    failure->code = arena_copy(&account->arena, view_of(code));
    failure->message = arena_copy(&account->arena, view_of(e->text));
    failure->count = 1;
    *place = failure;
}

/* A failed GenerateCredentialReport counts as a failure to get the report. */
static enum source_id report_or(enum source_id id)
{
    return census_sources[id].scope == SCOPE_REPORT ? SOURCE_GET_CREDENTIAL_REPORT : id;
}

/*
 * True if this is a source of the fact and no later one can be used instead. If the fact is about
 * the account, a later one was used, and did not tell it either.
 */
static bool was_last(enum source_id id, enum fact fact, const struct choice *choice)
{
    bool later_counts = census_facts[fact].about != ABOUT_ACCOUNT;
    const enum source_id *s = census_facts[fact].sources;
    while (*s != id && *s != SOURCE_NONE)
        s++;
    if (*s == SOURCE_NONE)
        return false;
    for (s++; *s != SOURCE_NONE; s++)
        if (later_counts && choice_may_use(choice, *s))
            return false;
    return true;
}

static bool explains(enum source_id id, const struct account *account, const struct choice *choice)
{
    for (enum fact fact = 0; fact < FACT_COUNT; fact++)
        if ((account->partial & FACT_BIT(fact)) && was_last(id, fact, choice))
            return true;
    return false;
}

/* Two sources may have the same operation: one of them is enough. */
static bool is_cause(const struct call_failure *failure, const struct account *account,
                     const struct choice *choice)
{
    for (enum source_id id = SOURCE_NONE + 1; id < SOURCE_COUNT; id++)
        if (strcmp(census_sources[id].operation->action, failure->operation) == 0 &&
            explains(report_or(id), account, choice))
            return true;
    return false;
}

void causes_keep(struct account *account, const struct choice *choice)
{
    struct call_failure **place = &account->failures;
    while (*place) {
        if (is_cause(*place, account, choice))
            place = &(*place)->next;
        else
            *place = (*place)->next;
    }
}
