/* SPDX-License-Identifier: MIT */
/*
 * doctor_scene.h: a diagnosis made by hand: all is allowed, until a test says otherwise.
 */
#ifndef TESTS_DOCTOR_SCENE_H
#define TESTS_DOCTOR_SCENE_H

#include "base/timestamp.h"
#include "doctor/diagnosis.h"
#include "output/account_fields.h"
#include "output/fields.h"

#include <stdio.h>

#define SCENE_ACCOUNTS 1000

/* The facts of the standard columns. */
static inline fact_set standard_facts(void)
{
    fact_set facts = FACT_BIT(FACT_USERS);
    for (enum field_id id = 0; id < FIELD_COUNT; id++)
        if (output_fields[id].column && output_fields[id].set == COLUMNS_STANDARD)
            facts |= field_wants(id);
    return facts;
}

static inline void scene_allow(struct diagnosis *d, struct account_diagnosis *a)
{
    a->assume_role = (struct action_result){.result = PROBE_ALLOWED};
    a->probe_user = "jane";
    for (enum source_id id = SOURCE_NONE + 1; id < SOURCE_COUNT; id++) {
        bool needed = source_needed(id, d->strategy, d->wanted);
        a->actions[id].result = needed ? PROBE_ALLOWED : PROBE_NOT_TRIED;
    }
}

/* Accounts 000000000001, ...: the first is the management account and the caller's own. */
static inline void scene_begin_with(struct diagnosis *d, struct account_diagnosis *accounts,
                                    size_t count)
{
    *d = (struct diagnosis){.role_name = "census",
                            .partition = "aws",
                            .session_policy = true,
                            .strategy = STRATEGY_AUTO,
                            .connections = 64,
                            .now_s = 1700000000,
                            .wanted = standard_facts(),
                            .caller = {.arn = "arn:aws:iam::000000000001:user/auditor",
                                       .account_id = "000000000001",
                                       .expires_at_s = TIMESTAMP_NONE,
                                       .region = "us-east-1"},
                            .organization = {.id = "o-abcdefghij"},
                            .output = {.ok = true, .target = "s3://reports/iam-census/"},
                            .accounts = accounts,
                            .account_count = count};
    for (size_t i = 0; i < count; i++) {
        accounts[i] = (struct account_diagnosis){
            .account = {.membership = i == 0 ? MEMBERSHIP_MANAGEMENT : MEMBERSHIP_MEMBER}};
        snprintf(accounts[i].account.id, sizeof(accounts[i].account.id), "%012zu", i + 1);
        scene_allow(d, &accounts[i]);
    }
}

/* A policy denies the action. */
static inline struct action_result scene_denied(enum policy_type type, bool is_explicit,
                                                const char *arn)
{
    struct action_result r = {.result = PROBE_DENIED,
                              .code = "AccessDenied",
                              .message = "User is not authorized",
                              .denial = {.type = type, .is_explicit = is_explicit}};
    snprintf(r.denial.policy_arn, sizeof(r.denial.policy_arn), "%s", arn);
    return r;
}

static inline struct action_result scene_failed(const char *code, const char *message)
{
    return (struct action_result){.result = PROBE_FAILED, .code = code, .message = message};
}

/* The role can't be assumed, so nothing else was tried. */
static inline void scene_block(struct account_diagnosis *a, struct action_result why)
{
    memset(a->actions, 0, sizeof(a->actions));
    a->assume_role = why;
    a->probe_user = NULL;
}

#endif
