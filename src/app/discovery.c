/* SPDX-License-Identifier: MIT */
#include "app/discovery.h"

#include "aws/retry.h"
#include "base/log.h"

#include <stdio.h>

void discovery_init(struct discovery *d, struct services *services)
{
    *d = (struct discovery){.services = services};
    started_init(&d->started, &services->sts, &services->credentials);
}

/*
 * True if the service understood the request and refused it: then the run can go on without the
 * answer, or a setting can replace it. After a failed network, refused credentials or a busy
 * service the next call would fail the same way.
 */
static bool is_refusal(const struct error *e)
{
    return e->kind == ERROR_SERVICE && retry_classify(e) == RETRY_NEVER;
}

static void discovery_on_time(void *arg, const struct error *e)
{
    struct discovery *d = arg;
    struct error mine;
    /* If STS refuses the call, the roles may still work. */
    if (!e || is_refusal(e)) {
        d->done(d->arg, NULL);
        return;
    }
    mine = *e;
    if (!services_explain_refusal(d->services, &mine))
        error_prefix(&mine, "the first call to AWS failed (region '%s')",
                     d->services->platform->region);
    d->done(d->arg, &mine);
}

static void find_time(struct discovery *d)
{
    if (d->options.needs_time)
        started_find(&d->started, discovery_on_time, d);
    else
        d->done(d->arg, NULL);
}

static void accounts_failed(struct discovery *d, const struct error *e)
{
    struct error mine = *e;
    if (error_is_code(&mine, "ParentNotFoundException"))
        error_prefix(&mine, "the organization has no such organizational unit or root (--ou)");
    else if (is_refusal(&mine))
        error_prefix(&mine, "the organization's accounts could not be listed (--accounts names "
                            "them instead)");
    else if (!services_explain_refusal(d->services, &mine))
        error_prefix(&mine, "the organization's accounts could not be listed");
    d->done(d->arg, &mine);
}

static void discovery_on_accounts(void *arg, const struct error *e)
{
    struct discovery *d = arg;
    struct error mine;
    size_t count;
    if (e) {
        accounts_failed(d, e);
        return;
    }
    accounts_list(d->found, &count);
    if (count == 0) {
        error_set(&mine, ERROR_CONFIG,
                  "there is no account to read: each one is excluded, is not ACTIVE, or is in none "
                  "of the organizational units");
        d->done(d->arg, &mine);
        return;
    }
    log_event(LOG_INFO, "accounts found", FIELD_NUMBER("accounts", (int64_t)count));
    find_time(d);
}

static void discovery_on_found(void *arg, const struct census_account *account)
{
    struct discovery *d = arg;
    d->options.found(d->arg, account);
}

static void find_accounts(struct discovery *d)
{
    const struct config *config = d->options.config;
    const struct accounts_options options = {
        .organizations = services_organizations(d->services),
        .listed = config->scope.accounts,
        .listed_count = config->scope.account_count,
        .units = config->scope.units,
        .unit_count = config->scope.unit_count,
        .excluded = config->scope.excluded,
        .excluded_count = config->scope.excluded_count,
        .found = d->options.found ? discovery_on_found : NULL,
    };
    if (d->options.accounts)
        find_time(d);
    else
        d->found = accounts_find(&options, discovery_on_accounts, d);
}

static void discovery_on_organization_id(void *arg, struct view id)
{
    struct discovery *d = arg;
    snprintf(d->organization_id, sizeof(d->organization_id), "%.*s", VIEW_ARG(id));
}

static void discovery_on_described(void *arg, const struct error *e)
{
    struct discovery *d = arg;
    d->describe = NULL;
    if (!e) {
        find_accounts(d);
        return;
    }
    struct error mine = *e;
    if (is_refusal(&mine)) {
        error_prefix(&mine, "the organization id, which the output's name needs, can't be asked of "
                            "AWS Organizations (give --organization-id or ORGANIZATION_ID, or name "
                            "the file with --output)");
        mine.kind = ERROR_CONFIG;
    } else if (!services_explain_refusal(d->services, &mine)) {
        error_prefix(&mine, "AWS Organizations could not be asked for the organization id");
    }
    d->done(d->arg, &mine);
}

static void find_organization_id(struct discovery *d)
{
    static const struct organizations_handler handler = {NULL, discovery_on_organization_id,
                                                         discovery_on_described};
    const struct view given = d->options.config->organization_id;
    const struct aws_target target = services_organizations(d->services);
    if (given.ptr || !d->options.needs_organization_id) {
        discovery_on_organization_id(d, given);
        find_accounts(d);
    } else {
        d->describe = organizations_describe(&target, &handler, d);
    }
}

static void discovery_on_credentials(void *arg, const struct error *e)
{
    struct discovery *d = arg;
    if (!e) {
        find_organization_id(d);
        return;
    }
    struct error mine = *e;
    if (!services_explain_refusal(d->services, &mine) && mine.kind == ERROR_CREDENTIALS)
        mine.kind = ERROR_CONFIG;
    d->done(d->arg, &mine);
}

static void discovery_on_start(void *arg)
{
    struct discovery *d = arg;
    struct error e;
    if (services_resolve(d->services, &e) != 0)
        d->done(d->arg, &e);
    else
        credentials_cache_wait(&d->services->credentials, &d->credentials, discovery_on_credentials,
                               d);
}

void discovery_start(struct discovery *d, const struct discovery_options *options,
                     void (*done)(void *arg, const struct error *e), void *arg)
{
    d->options = *options;
    d->done = done;
    d->arg = arg;
    loop_soon(d->services->platform->loop, &d->timer, discovery_on_start, d);
}

const struct census_account *discovery_accounts(const struct discovery *d, size_t *count)
{
    *count = 0;
    if (d->found)
        return accounts_list(d->found, count);
    *count = d->options.account_count;
    return d->options.accounts;
}

const struct skipped_account *discovery_skipped(const struct discovery *d, size_t *count)
{
    *count = 0;
    return d->found ? accounts_skipped(d->found, count) : NULL;
}

void discovery_cancel(struct discovery *d)
{
    loop_timer_stop(d->services->platform->loop, &d->timer);
    credentials_cache_leave(&d->credentials);
    organizations_cancel(d->describe);
    d->describe = NULL;
    started_cancel(&d->started);
    accounts_free(d->found);
    d->found = NULL;
}
