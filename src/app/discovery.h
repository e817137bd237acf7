/* SPDX-License-Identifier: MIT */
/*
 * discovery.h: what a run has to find out before it can read anything.
 *
 *     the caller's credentials -> organization id -> accounts -> when the run began, by AWS's clock
 *
 * Each of the last three is done only if it is needed and not given.
 */
#ifndef APP_DISCOVERY_H
#define APP_DISCOVERY_H

#include "api/organizations.h"
#include "app/services.h"
#include "app/started.h"
#include "census/accounts.h"

#define ORGANIZATION_ID_SIZE 80

struct discovery_options {
    const struct config *config;
    const struct census_account *accounts; /* NULL: find those of the config */
    size_t account_count;
    bool needs_organization_id; /* for the output's name, if the config does not have it */
    bool needs_time;            /* by AWS's clock; otherwise our own is used */
    /* As in struct accounts_options, with the argument of 'done'. */
    void (*found)(void *arg, const struct census_account *account);
};

struct discovery {
    struct services *services;
    struct discovery_options options;
    struct loop_timer timer;
    struct credentials_waiter credentials;
    struct organizations_call *describe; /* under way, or NULL */
    char organization_id[ORGANIZATION_ID_SIZE];
    struct accounts *found; /* the search or its result; or NULL */
    struct started started;
    void (*done)(void *arg, const struct error *e);
    void *arg;
};

/* Records when the run began. 'services' is borrowed until discovery_cancel. */
void discovery_init(struct discovery *d, struct services *services);
/*
 * Starts the discovery. The options are copied, what they point to is borrowed until
 * discovery_cancel. done(arg, e) is called once, from the loop; 'e' is NULL on success,
 * ERROR_CONFIG if there are no credentials, there is no account to read, or a setting is wrong or
 * missing.
 */
void discovery_start(struct discovery *d, const struct discovery_options *options,
                     void (*done)(void *arg, const struct error *e), void *arg);
/* The accounts, even while they are being searched for; valid until discovery_cancel. */
const struct census_account *discovery_accounts(const struct discovery *d, size_t *count);
/* Accounts that were left out because they are not ACTIVE. */
const struct skipped_account *discovery_skipped(const struct discovery *d, size_t *count);
/* Ends what is under way without calling back, and frees what was found. Allowed at any time. */
void discovery_cancel(struct discovery *d);

#endif
