/* SPDX-License-Identifier: MIT */
/*
 * rule.h: the table of rules: what is judged about an organization's users and accounts.
 *
 * A rule is one row of the table in rules.c and one function of three values (judgement.h). The
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

/* A control of a framework that a rule answers: {"cis-5.0", "1.13"}. */
struct control {
    const char *framework, *number;
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
    int64_t limit, least, most;     /* of a number: the default and what is allowed */
    fact_set facts;                 /* that it needs */
    const char *title;              /* a sentence for people: what the rule asks for */
    const char *mend;               /* a sentence for people: what to do about a failure */
    const struct control *controls; /* ends with a framework that is NULL; NULL: none */
    void (*judge)(const struct judging *j, struct judgement *out);
};

#define RULES_MAX 64
extern const struct rule rules_table[];
extern const size_t rules_count;

/* The rule with this id, or NULL. */
const struct rule *rule_find(struct view id);
/* "info" ... "critical"; static. */
const char *severity_name(enum severity severity);
/* Reads such a name. False if it is not one. */
bool severity_parse(struct view name, enum severity *severity);
/* "user", "access_key", "service_credential", "certificate", "account"; static. */
const char *resource_type_name(enum resource_type type);
/* The names of all frameworks, as in struct control; ends with NULL. */
extern const char *const rule_frameworks[];

#endif
