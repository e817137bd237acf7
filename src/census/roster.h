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

/* A user with what is noted of it while the account is read. */
struct listed_user {
    struct user user;
    unsigned calls;                 /* about this user, under way */
    const struct report_line *line; /* the credential report's; NULL: it holds none */
    bool listed_again;              /* also by the list that was read for the sign-ins */
    fact_set sourceless; /* unknown, and nothing failed: this user has no source for them */
};

struct roster {
    struct account *account; /* borrowed: whose users they are */
    struct user *first, **end;
    struct user *next; /* the first one that has not been taken; NULL: all have, so far */
    size_t count;
    bool closed;
    struct user **places; /* a hash table; NULL entries are empty */
    size_t mask;
};

/* An empty roster of 'account'. Nothing has to be released. */
void roster_init(struct roster *r, struct account *account);
/* A new user with everything unset. 'name' is copied. Not allowed once the roster is closed. */
struct user *roster_add(struct roster *r, struct view name);
/* The list could not be read to its end: it begins anew, without any user. */
void roster_forget(struct roster *r);
/*
 * The list is complete. Of users of one name the one created later is kept (of one second, the one
 * listed first) and the others are marked as superseded: a list that is read page by page may show
 * a user who was deleted and made again meanwhile, or one twice.
 */
void roster_close(struct roster *r);
/* The next user in the order of the list, or NULL. */
struct user *roster_take(struct roster *r);
/* The user with this name, or NULL; also NULL if the roster is not closed. */
struct user *roster_find(const struct roster *r, struct view name);
/*
 * The same, of a user whom a second list holds, which is noted. NULL also if the user of that name
 * was created at another time: one of the two was deleted, and the name given to somebody else.
 */
struct user *roster_find_again(const struct roster *r, struct view name, int64_t created_s);

/* What is noted of a user who is in a roster. */
static inline struct listed_user *listed_user_of(struct user *user)
{
    return (struct listed_user *)(void *)user;
}

#endif
