/* SPDX-License-Identifier: MIT */
/*
 * gathered.h: what calls about a whole account have told, until it can be put into the model.
 *
 * Some answers are about users who may not be listed yet, and what is known of the root user comes
 * from several sources. Everything lives in the account's arena.
 */
#ifndef CENSUS_GATHERED_H
#define CENSUS_GATHERED_H

#include "census/model.h"
#include "census/privileges.h"
#include "census/report.h"

/* A service-specific credential, and whose it is. */
struct gathered_credential {
    struct gathered_credential *next;
    struct view user;
    struct service_credential *credential;
};

struct gathered {
    fact_set wanted; /* nothing else is kept */
    /* Of the root user, by the account summary; SAID_NOTHING: it has no such entry. */
    enum report_said root_password, root_mfa, root_key, root_certificate;
    bool devices_listed;   /* the list of virtual MFA devices is whole */
    bool root_has_virtual; /* and one of them is the root user's */
    struct gathered_credential *credentials;
    struct privileges privileges;
};

void gathered_init(struct gathered *g, fact_set wanted);
/*
 * Puts into the model what is about users: to be called once, when the roster is closed and no call
 * about the account is under way.
 */
void gathered_apply(struct gathered *g, struct roster *roster);

#endif
