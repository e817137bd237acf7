/* SPDX-License-Identifier: MIT */
/*
 * user_loading.h: the part of a loading that reads the users of one account, and what they have.
 */
#ifndef STORE_USER_LOADING_H
#define STORE_USER_LOADING_H

#include "census/model.h"
#include "store/statement.h"

/* The table of users, and those of what a user has: user_loading.c. */
#define USER_LISTS 8

struct user_loading {
    struct statement users, lists[USER_LISTS];
    struct view run_id; /* borrowed */
};

/* Prepares the statements. Released by user_loading_release in any case. */
int user_loading_init(struct user_loading *l, struct database *d, struct view run_id,
                      struct error *e) MUST_CHECK;
void user_loading_release(struct user_loading *l);
/* Sets the users of 'account', whose id is set, in its arena. */
int user_loading_fill(struct user_loading *l, struct account *account, struct error *e) MUST_CHECK;

/* A copy of the column's text in the arena; VIEW_NONE for NULL. */
struct view loading_text(const struct statement *s, int column, struct arena *arena);
/*
 * Reads a truth; if it is NULL, the fact is unknown, whether or not the row's list names it.
 */
int loading_truth(const struct statement *s, int column, enum fact fact, bool *truth,
                  fact_set *unknown, struct error *e) MUST_CHECK;

#endif
