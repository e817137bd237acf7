/* SPDX-License-Identifier: MIT */
/*
 * organizations.h: the operations of AWS Organizations that find the accounts.
 *
 * Source: AWS Organizations API Reference, version 2016-11-28. Lists are paged to their end; a
 * page may be empty and still have a NextToken. A response that lacks what the API promises, or has
 * it of another type, is ERROR_PROTOCOL: half a list must not pass for a whole one.
 */
#ifndef API_ORGANIZATIONS_H
#define API_ORGANIZATIONS_H

#include "aws/call.h"

#define ORGANIZATIONS_PAGES_MAX 20000

/* "o-" and 10 to 32 lower-case letters or digits (Organizations API Reference, Organization). */
bool organizations_id_valid(struct view id);

#define ORGANIZATIONS_ACTIVE "ACTIVE" /* the one state of an account that can be read */

struct organizations_account {
    struct view id;    /* 12 digits */
    struct view name;  /* VIEW_NONE: the account has none */
    struct view state; /* "ACTIVE", "SUSPENDED", ...: State, or if that is absent Status, which AWS
                          has retired */
    struct view path;  /* the first of Paths, "o-.../r-.../ou-.../ID/"; VIEW_NONE: not told */
    struct view management; /* the management account's id, from the ARN; VIEW_NONE: not told */
};

struct organizations_handler {
    /* ListAccounts, ListAccountsForParent: one account, borrowed for the call. */
    void (*account)(void *arg, const struct organizations_account *account);
    /*
     * ListOrganizationalUnitsForParent: the id of a unit. DescribeOrganization: the id of the
     * organization, which is valid.
     */
    void (*id)(void *arg, struct view id);
    /* Called once, last; 'e' is NULL on success. */
    void (*done)(void *arg, const struct error *e);
};

struct organizations_call; /* an operation under way */

/*
 * Each of these starts an operation, runs it to its last page and calls 'handler' (copied), never
 * from within the call. The target is copied too; what it points to is borrowed until done.
 */
struct organizations_call *organizations_describe(const struct aws_target *target,
                                                  const struct organizations_handler *handler,
                                                  void *arg);
struct organizations_call *organizations_list_accounts(const struct aws_target *target,
                                                       const struct organizations_handler *handler,
                                                       void *arg);
/* The accounts right below 'parent' (a root's or a unit's id, copied). */
struct organizations_call *
organizations_list_accounts_for_parent(const struct aws_target *target, struct view parent,
                                       const struct organizations_handler *handler, void *arg);
/* The units right below 'parent'. */
struct organizations_call *
organizations_list_units_for_parent(const struct aws_target *target, struct view parent,
                                    const struct organizations_handler *handler, void *arg);
/* Ends one without calling back. 'call' may be NULL. */
void organizations_cancel(struct organizations_call *call);

#endif
