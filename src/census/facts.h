/* SPDX-License-Identifier: MIT */
/*
 * facts.h: the table of facts and sources: what is read, by which call, with which permission.
 *
 * The heart of the program. A fact lists its sources in the order in which they are preferred; a
 * source says what it calls, for what (an account, a user, a key), and how a response becomes data.
 * A new fact or source is a row here and one small function in sources.c.
 */
#ifndef CENSUS_FACTS_H
#define CENSUS_FACTS_H

#include "aws/query.h"
#include "census/model.h"

enum strategy { STRATEGY_AUTO, STRATEGY_BULK, STRATEGY_PER_USER };

enum source_id {
    SOURCE_NONE, /* ends a list of sources */
    SOURCE_GET_ACCOUNT_AUTHORIZATION_DETAILS,
    SOURCE_GENERATE_CREDENTIAL_REPORT, /* only requests what the next one returns */
    SOURCE_GET_CREDENTIAL_REPORT,
    SOURCE_LIST_USERS,
    SOURCE_LIST_ACCOUNT_ALIASES,
    SOURCE_LIST_USER_TAGS,
    SOURCE_LIST_GROUPS_FOR_USER,
    SOURCE_GET_LOGIN_PROFILE,
    SOURCE_LIST_MFA_DEVICES,
    SOURCE_LIST_ACCESS_KEYS,
    SOURCE_GET_ACCESS_KEY_LAST_USED,
    SOURCE_LIST_SIGNING_CERTIFICATES,
    SOURCE_GET_ACCOUNT_SUMMARY,
    SOURCE_GET_ACCOUNT_PASSWORD_POLICY,
    SOURCE_LIST_VIRTUAL_MFA_DEVICES,
    SOURCE_LIST_SERVICE_CREDENTIALS,
    SOURCE_LIST_SERVICE_CREDENTIALS_OF_USER, /* the same operation, called for one user */
    SOURCE_LIST_SSH_PUBLIC_KEYS,
    SOURCE_COUNT
};

enum source_scope {
    SCOPE_ACCOUNT, /* called once for each account */
    SCOPE_REPORT,  /* the credential report, which IAM takes time to make (report_fetch.h) */
    SCOPE_USER,    /* once for each user */
    SCOPE_KEY      /* once for each access key */
};

/* Which strategies may use a source; 'auto' may use all. */
#define USED_BY_BULK     1u
#define USED_BY_PER_USER 2u
/*
 * Under 'bulk', only to fill gaps of the credential report: for users missing from it, for keys
 * that it cannot distinguish, and for all users if it is too old to be used.
 */
#define USED_BY_LATER 4u

/* The users for whom a list is requested; the credential report may show who they are. */
enum asked_of { ALL_USERS, USERS_WITH_KEYS, USERS_WITH_MFA, USERS_WITH_CERTIFICATES };

struct subject; /* what a response is about (sources.h) */

struct source {
    const struct query_operation *operation;
    const char *permission; /* "iam:ListUsers" */
    enum source_scope scope;
    unsigned used_by;
    enum asked_of asked_of;
    fact_set facts; /* that it provides */
    /*
     * A form of the operation that returns more and costs more; called instead if one of
     * 'wide_facts' is wanted. NULL: there is none.
     */
    const struct query_operation *wide;
    fact_set wide_facts;
    /* Adds one page to the model. -1 with 'e' if the response lacks what the API promises. */
    int (*page)(struct subject *s, const void *answer, struct error *e);
    /* Called once all pages have been added; may be NULL. */
    void (*whole)(struct subject *s);
    /* Drops the pages of a list that could not be read to its end; may be NULL. */
    void (*discard)(struct subject *s);
    /*
     * Called for a NoSuchEntity that means that there is no such thing (no password, no password
     * policy), because its message does not say that the user is gone. NULL: NoSuchEntity always
     * means that the user, or the key, is gone.
     */
    void (*absent)(struct subject *s);
};

#define FACT_SOURCES_MAX 3 /* of one fact */

extern const struct source census_sources[SOURCE_COUNT];
/* What a fact is about. A fact about a key is read after the list of the user's keys. */
enum fact_about { ABOUT_ACCOUNT, ABOUT_USER, ABOUT_KEY };

struct fact_row {
    enum fact_about about;
    enum source_id sources[FACT_SOURCES_MAX + 1]; /* the preferred one first; ends in SOURCE_NONE */
};

extern const struct fact_row census_facts[FACT_COUNT];

/* The facts about accounts, users or keys. */
fact_set facts_about(enum fact_about about);
/* The facts that have a source under 'strategy'. */
fact_set facts_with_source(enum strategy strategy);
/* The operation to call if 'wanted' is wanted. */
const struct query_operation *source_operation(const struct source *source, fact_set wanted);
/* True if 'strategy' may use the source for every user. */
bool source_used_by(const struct source *source, enum strategy strategy);
/* True if reading 'wanted' by 'strategy' can call the source, be it to fill a gap of the report. */
bool source_needed(enum source_id id, enum strategy strategy, fact_set wanted);
/*
 * Appends the IAM policy document that allows just the calls that reading 'wanted' by 'strategy'
 * can make: the session policy of an assumed role (at most 2,048 characters).
 */
void facts_write_policy(enum strategy strategy, fact_set wanted, struct buffer *out);

#endif
