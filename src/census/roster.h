/* SPDX-License-Identifier: MIT */
/*
 * roster.h: the users of one account while it is read: in the order of the list, and by name.
 *
 * A roster is filled page by page and closed when the list is complete. Until then users can be
 * taken from it in order; only a closed one finds users by name. Everything lives in the account's
 * arena.
 */
#ifndef CENSUS_ROSTER_H
#define CENSUS_ROSTER_H

#include "census/model.h"

struct report_line;

/* A user, and what is recorded about the user while the account is read. */
struct listed_user {
    struct user user;
    unsigned calls;                 /* calls about this user that are under way */
    const struct report_line *line; /* the user's, in the credential report; NULL: none */
    bool listed_again;              /* the list that was read for the sign-ins has the user too */
    bool admin_unsure;              /* a policy of the user was not told, or can't be read */
    fact_set sourceless; /* unknown because there is no source, not because a call failed */
};

struct roster {
    struct account *account; /* borrowed: whose users they are */
    struct user *first, **end;
    struct user *next; /* the first one not taken yet; NULL: all have been taken so far */
    size_t count;
    bool closed;
    struct user **places; /* a hash table; NULL entries are empty */
    size_t mask;
};

/* Makes an empty roster of 'account'. It need not be released. */
void roster_init(struct roster *r, struct account *account);
/*
 * Adds a user with everything but the name (copied) unset. Not allowed once the roster is closed.
 */
struct user *roster_add(struct roster *r, struct view name);
/*
 * Drops all users: the list could not be read to its end, and another one is read from its start.
 */
void roster_forget(struct roster *r);
/*
 * Closes the roster: the list is complete. If several users have the same name, the one created
 * last is kept (the one listed first, if in the same second) and the others are marked as
 * superseded: a list that is read page by page may show a user twice, or a deleted user and a new
 * one of the same name.
 */
void roster_close(struct roster *r);
/* The next user in the order of the list, or NULL. */
struct user *roster_take(struct roster *r);
/* The user with this name, or NULL; also NULL if the roster is not closed. */
struct user *roster_find(const struct roster *r, struct view name);
/*
 * The same for a user in a second list; records that the user was listed again. Also NULL if the
 * user of that name was created at another time: then it is not the same user.
 */
struct user *roster_find_again(const struct roster *r, struct view name, int64_t created_s);

/* What the roster has recorded about one of its users. */
static inline struct listed_user *listed_user_of(struct user *user)
{
    return (struct listed_user *)(void *)user;
}

#endif
