/* SPDX-License-Identifier: MIT */
/*
 * census_account.h: an account that a census is to read, with what is known of it beforehand.
 */
#ifndef CENSUS_CENSUS_ACCOUNT_H
#define CENSUS_CENSUS_ACCOUNT_H

#include "census/model.h"

/* What an account is to its organization. */
enum membership {
    MEMBERSHIP_UNKNOWN, /* Organizations was not asked, or did not tell */
    MEMBERSHIP_MEMBER,
    MEMBERSHIP_MANAGEMENT
};

/* The texts are borrowed; each is VIEW_NONE if it is not known. */
struct census_account {
    char id[ACCOUNT_ID_LEN + 1];
    struct view name;
    struct view ou;    /* the account's path in the organization, as AWS writes it */
    struct view state; /* "ACTIVE" */
    enum membership membership;
};

/*
 * Gives 'account', which is zero, its id and what is known of it beforehand, copied into its arena,
 * which it makes. What is not known is marked as unknown.
 */
void census_account_begin(struct account *account, const struct census_account *from);

#endif
