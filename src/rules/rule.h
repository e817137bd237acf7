/* SPDX-License-Identifier: MIT */
/*
 * rule.h: the table of rules: what is judged about an organization's users and accounts.
 *
 * A rule is one row of the table in rule.c and one function of three values (judgement.h). The
 * table is in the order of the rules' ids, which is the order of findings about one resource.
 * What each rule says, and why: docs/findings.md.
 */
#ifndef RULES_RULE_H
#define RULES_RULE_H

#include "base/view.h"
#include "census/model.h"

enum severity {
    SEVERITY_INFO,
    SEVERITY_LOW,
    SEVERITY_MEDIUM,
    SEVERITY_HIGH,
    SEVERITY_CRITICAL,
    SEVERITY_COUNT
};

/* What a rule judges: one judgement for each such thing of a user, or of an account. */
enum resource_type {
    RESOURCE_USER,
    RESOURCE_ACCESS_KEY,
    RESOURCE_SERVICE_CREDENTIAL,
    RESOURCE_CERTIFICATE,
    RESOURCE_ACCOUNT
};

enum framework {
    CIS_1_4,
    CIS_1_5,
    CIS_2_0,
    CIS_3_0,
    CIS_4_0_1,
    CIS_5_0,
    CIS_6_0,
    CIS_7_0,
    AWS_FSBP,
    PCI_DSS_4_0_1,
    NIST_800_53_R5,
    FRAMEWORK_COUNT
};

/* The limit of a rule. */
enum limit_kind {
    LIMIT_NONE,
    LIMIT_NUMBER, /* days, characters, passwords */
    LIMIT_KEYS    /* tag keys: --limit user-tag=a,b */
};

struct judging;   /* what a rule may look at (judgement.h) */
struct judgement; /* what it says */

struct rule {
    const char *id; /* "user-key-age" */
    enum severity severity;
    enum resource_type resource;
    bool off; /* only judged if --rules names it */
    enum limit_kind limit_kind;
    int64_t limit, least, most;            /* of a number: the default and what is allowed */
    fact_set facts;                        /* that it needs */
    const char *title;                     /* a sentence for people: what the rule asks for */
    const char *mend;                      /* a sentence for people: what to do about a failure */
    const char *controls[FRAMEWORK_COUNT]; /* the number of the control that it answers; NULL: none
                                            */
    const char *controls_at_90[FRAMEWORK_COUNT]; /* the same if the limit is 90; NULL: as above */
    void (*judge)(const struct judging *j, struct judgement *out);
};

#define RULES_MAX 64
extern const struct rule rules_table[];
extern const size_t rules_count;

/* The rule with this id, or NULL. */
const struct rule *rule_find(struct view id);
/* The id that was probably meant, as " (did you mean 'x'?)", or "". For messages. */
void rule_nearest(struct view given, char *out, size_t size);
/* Its place in rules_table. */
size_t rule_place(const struct rule *rule);
/* The number of the control of a framework that the rule answers with this limit, or NULL. */
const char *rule_control(const struct rule *rule, enum framework framework, int64_t limit);
/* "info" ... "critical"; static. */
const char *severity_name(enum severity severity);
/* Reads such a name. False if it is not one. */
bool severity_parse(struct view name, enum severity *severity);
/* "user", "access_key", "service_credential", "certificate", "account"; static. */
const char *resource_type_name(enum resource_type type);
/* "cis-5.0"; static. */
const char *framework_name(enum framework framework);
/* How a report names it: "CIS AWS Foundations Benchmark 5.0"; static. */
const char *framework_title(enum framework framework);
/* Reads such a name. False if it is not one. */
bool framework_parse(struct view name, enum framework *framework);

#endif
