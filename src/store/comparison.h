/* SPDX-License-Identifier: MIT */
/*
 * comparison.h: compares one account as it is in two runs, and keeps the differences until they are
 * handed over in order.
 *
 * Works on the model alone. A field that is unknown on either side is no difference: it is counted.
 * Of a user who is only in one of the runs, the credentials are not listed one by one.
 */
#ifndef STORE_COMPARISON_H
#define STORE_COMPARISON_H

#include "census/model.h"
#include "store/difference.h"

struct comparison_item; /* a difference that is kept */

struct comparison {
    bool with_use;      /* last uses and sign-ins are differences too */
    uint64_t unknown;   /* fields that were not compared, of all accounts so far */
    uint64_t count;     /* differences that were handed over */
    struct arena arena; /* of the account that is being compared */
    const char *account_id;
    struct comparison_item *first;
    size_t kept;
};

/* Released by comparison_release. */
void comparison_init(struct comparison *c, bool with_use);
void comparison_release(struct comparison *c);
/* Begins with an account; everything that is added belongs to it. 'id' is borrowed. */
void comparison_begin(struct comparison *c, const char *account_id);
/* Compares the root user and the users. What is kept is borrowed from both until hand-over. */
void comparison_accounts(struct comparison *c, const struct account *before,
                         const struct account *after);
/* Keeps a difference; 'user' may be NULL. Texts are borrowed until hand-over. */
void comparison_add(struct comparison *c, enum difference_kind kind, const struct user *user,
                    struct view resource_id, struct view before, struct view after);
/* Hands over the differences of the account, ordered by user, kind, resource and value. */
void comparison_hand_over(struct comparison *c, difference_taker *take, void *arg);

/* For comparison_user.c: compares a user who is in both runs. */
struct user_pair {
    struct comparison *c;
    const struct user *before, *after;
    fact_set unknown; /* on either side */
};
void comparison_user(const struct user_pair *p);
/* True if the fact is known on both sides; otherwise counts one field that is not compared. */
bool comparison_knows(struct comparison *c, fact_set unknown, enum fact fact);
/* A time as text, in the arena of the account; VIEW_NONE for TIMESTAMP_NONE. */
struct view comparison_time(struct comparison *c, int64_t seconds);

#endif
