/* SPDX-License-Identifier: MIT */
/*
 * accounts.c: makes the list of accounts to read, as the options ask for.
 *
 *   units given      next_unit --> ListAccountsForParent --> ListOrganizationalUnitsForParent --+
 *                        ^                                                                      |
 *                        +------------- units that are found join the end of the list ----------+
 *   only a list      taken as it is
 *   neither          ListAccounts
 *
 * Then 'settle' sorts the accounts, drops duplicates and excluded ones, and, if both a list and
 * units were given, keeps only accounts that are in both. Accounts that are not ACTIVE are kept
 * apart.
 */
#include "census/accounts.h"

#include "api/organizations.h"
#include "base/alloc.h"
#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>

#define UNITS_MAX 10000 /* AWS allows 2,000 in an organization */

struct accounts {
    struct aws_target target;
    void (*tell)(void *arg, const struct census_account *account);
    void (*done)(void *arg, const struct error *e);
    void *arg;
    struct arena arena;
    struct census_account *found;
    size_t count, capacity;
    struct skipped_account *skipped;
    size_t skipped_count, skipped_capacity;
    struct view *listed, *excluded; /* ascending */
    struct view *units;             /* grows while they are searched */
    size_t listed_count, excluded_count, unit_count, unit_next;
    bool too_many_units;
    struct organizations_call *call;
    struct loop_timer timer;
};

bool account_id_valid(struct view id)
{
    if (id.len != ACCOUNT_ID_LEN)
        return false;
    for (size_t i = 0; i < id.len; i++)
        if (id.ptr[i] < '0' || id.ptr[i] > '9')
            return false;
    return true;
}

static enum membership membership_of(const struct organizations_account *account)
{
    if (!account->management.ptr)
        return MEMBERSHIP_UNKNOWN;
    return view_equal(account->id, account->management) ? MEMBERSHIP_MANAGEMENT : MEMBERSHIP_MEMBER;
}

static void accounts_add(struct accounts *a, const struct organizations_account *account)
{
    if (a->count == a->capacity) {
        a->capacity = a->capacity ? a->capacity * 2 : 64;
        a->found = xrealloc(a->found, a->capacity * sizeof(*a->found));
    }
    struct census_account *added = &a->found[a->count++];
    *added = (struct census_account){.name = arena_copy(&a->arena, account->name),
                                     .ou = arena_copy(&a->arena, account->path),
                                     .state = arena_copy(&a->arena, account->state),
                                     .membership = membership_of(account)};
    snprintf(added->id, sizeof(added->id), "%.*s", VIEW_ARG(account->id));
}

static void skip(struct accounts *a, const struct organizations_account *account)
{
    if (a->skipped_count == a->skipped_capacity) {
        a->skipped_capacity = a->skipped_capacity ? a->skipped_capacity * 2 : 16;
        a->skipped = xrealloc(a->skipped, a->skipped_capacity * sizeof(*a->skipped));
    }
    struct skipped_account *added = &a->skipped[a->skipped_count++];
    *added = (struct skipped_account){.state = arena_copy(&a->arena, account->state),
                                      .name = arena_copy(&a->arena, account->name),
                                      .ou = arena_copy(&a->arena, account->path),
                                      .membership = membership_of(account)};
    snprintf(added->id, sizeof(added->id), "%.*s", VIEW_ARG(account->id));
}

static int compare_views(const void *left, const void *right)
{
    return view_compare(*(const struct view *)left, *(const struct view *)right);
}

/* 'ids' must be in ascending order. */
static bool contains(const struct view *ids, size_t count, const char *id)
{
    const struct view wanted = view_of(id);
    return count > 0 && bsearch(&wanted, ids, count, sizeof(*ids), compare_views) != NULL;
}

/*
 * Compares accounts of either kind, or an account with a bare id: both structs begin with the id.
 */
static int compare_ids(const void *left, const void *right)
{
    return strcmp(left, right);
}

_Static_assert(offsetof(struct census_account, id) == 0 &&
                   offsetof(struct skipped_account, id) == 0,
               "compare_ids takes an account for its id");

size_t accounts_sort(struct census_account *accounts, size_t count)
{
    size_t kept = 0;
    if (count > 0)
        qsort(accounts, count, sizeof(*accounts), compare_ids);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || strcmp(accounts[kept - 1].id, accounts[i].id) != 0)
            accounts[kept++] = accounts[i];
    return kept;
}

/* True if the account is not excluded and, if both a list and units were given, is on the list. */
static bool is_wanted(const struct accounts *a, const char *id)
{
    return !contains(a->excluded, a->excluded_count, id) &&
           (!a->listed || a->unit_count == 0 || contains(a->listed, a->listed_count, id));
}

static void settle_found(struct accounts *a)
{
    size_t kept = 0;
    size_t count = accounts_sort(a->found, a->count);
    for (size_t i = 0; i < count; i++)
        if (is_wanted(a, a->found[i].id))
            a->found[kept++] = a->found[i];
    a->count = kept;
}

static bool is_found(const struct accounts *a, const char *id)
{
    return a->count > 0 && bsearch(id, a->found, a->count, sizeof(*a->found), compare_ids) != NULL;
}

static bool is_skipped(const struct accounts *a, const char *id)
{
    return a->skipped_count > 0 &&
           bsearch(id, a->skipped, a->skipped_count, sizeof(*a->skipped), compare_ids) != NULL;
}

/* An account that was ACTIVE on one page but not on another is read, so it is not skipped too. */
static void settle_skipped(struct accounts *a)
{
    size_t kept = 0;
    if (a->skipped_count > 0)
        qsort(a->skipped, a->skipped_count, sizeof(*a->skipped), compare_ids);
    for (size_t i = 0; i < a->skipped_count; i++) {
        const char *id = a->skipped[i].id;
        if (is_wanted(a, id) && !is_found(a, id) &&
            (kept == 0 || strcmp(a->skipped[kept - 1].id, id) != 0))
            a->skipped[kept++] = a->skipped[i];
    }
    a->skipped_count = kept;
}

/* Warns of listed accounts that are in none of the units, so that none is left out silently. */
static void tell_unplaced(const struct accounts *a)
{
    for (size_t i = 0; a->listed && a->unit_count > 0 && i < a->listed_count; i++) {
        char id[ACCOUNT_ID_LEN + 1];
        snprintf(id, sizeof(id), "%.*s", VIEW_ARG(a->listed[i]));
        if (is_wanted(a, id) && !is_found(a, id) && !is_skipped(a, id))
            log_event(LOG_WARN, "listed account is in none of the organizational units, left out",
                      FIELD("account_id", id));
    }
}

static void settle(struct accounts *a)
{
    settle_found(a);
    settle_skipped(a);
    tell_unplaced(a);
    for (size_t i = 0; i < a->skipped_count; i++)
        log_event(LOG_INFO, "account is not active, left out",
                  FIELD("account_id", a->skipped[i].id), FIELD_VIEW("state", a->skipped[i].state));
}

static void finish(struct accounts *a, const struct error *e)
{
    if (!e)
        settle(a);
    a->done(a->arg, e);
}

static void tell_of(const struct accounts *a, size_t nth)
{
    if (a->tell && is_wanted(a, a->found[nth].id))
        a->tell(a->arg, &a->found[nth]);
}

static void accounts_on_account(void *arg, const struct organizations_account *account)
{
    struct accounts *a = arg;
    if (view_is(account->state, ORGANIZATIONS_ACTIVE)) {
        accounts_add(a, account);
        tell_of(a, a->count - 1);
    } else {
        skip(a, account);
    }
}

static void accounts_on_unit(void *arg, struct view id)
{
    struct accounts *a = arg;
    for (size_t i = 0; i < a->unit_count; i++)
        if (view_equal(a->units[i], id))
            return;
    if (a->unit_count < UNITS_MAX)
        a->units[a->unit_count++] = arena_copy(&a->arena, id);
    else
        a->too_many_units = true;
}

static void next_unit(struct accounts *a);

static void accounts_on_all_accounts(void *arg, const struct error *e)
{
    struct accounts *a = arg;
    a->call = NULL;
    finish(a, e);
}

static void fail_at_unit(struct accounts *a, const struct error *e)
{
    struct error mine = *e;
    error_prefix(&mine, "'%.*s'", VIEW_ARG(a->units[a->unit_next]));
    finish(a, &mine);
}

static void accounts_on_units_below(void *arg, const struct error *e)
{
    struct accounts *a = arg;
    a->call = NULL;
    if (e) {
        fail_at_unit(a, e);
        return;
    }
    if (a->too_many_units) {
        struct error mine;
        error_set(&mine, ERROR_LIMIT, "there are more than %d organizational units", UNITS_MAX);
        finish(a, &mine);
        return;
    }
    a->unit_next++;
    next_unit(a);
}

static void accounts_on_accounts_below(void *arg, const struct error *e)
{
    static const struct organizations_handler handler = {accounts_on_account, accounts_on_unit,
                                                         accounts_on_units_below};
    struct accounts *a = arg;
    a->call = NULL;
    if (e)
        fail_at_unit(a, e);
    else
        a->call =
            organizations_list_units_for_parent(&a->target, a->units[a->unit_next], &handler, a);
}

/* Searches breadth first: units that are found are added at the end of the list. */
static void next_unit(struct accounts *a)
{
    static const struct organizations_handler handler = {accounts_on_account, accounts_on_unit,
                                                         accounts_on_accounts_below};
    if (a->unit_next == a->unit_count)
        finish(a, NULL);
    else
        a->call =
            organizations_list_accounts_for_parent(&a->target, a->units[a->unit_next], &handler, a);
}

static void accounts_on_listed(void *arg)
{
    struct accounts *a = arg;
    for (size_t i = 0; i < a->count; i++)
        tell_of(a, i);
    finish(a, NULL);
}

static struct view *copy_views(struct arena *arena, const struct view *from, size_t count,
                               size_t room)
{
    struct view *to = xcalloc(room, sizeof(*to));
    for (size_t i = 0; i < count; i++)
        to[i] = arena_copy(arena, from[i]);
    return to;
}

static struct view *copy_sorted(struct arena *arena, const struct view *from, size_t count)
{
    struct view *to = copy_views(arena, from, count, count);
    if (count > 0)
        qsort(to, count, sizeof(*to), compare_views);
    return to;
}

struct accounts *accounts_find(const struct accounts_options *options,
                               void (*done)(void *arg, const struct error *e), void *arg)
{
    static const struct organizations_handler all = {accounts_on_account, accounts_on_unit,
                                                     accounts_on_all_accounts};
    struct accounts *a = xcalloc(1, sizeof(*a));
    a->target = options->organizations;
    a->tell = options->found;
    a->done = done;
    a->arg = arg;
    arena_init(&a->arena);
    if (options->listed)
        a->listed = copy_sorted(&a->arena, options->listed, options->listed_count);
    a->listed_count = options->listed_count;
    a->excluded = copy_sorted(&a->arena, options->excluded, options->excluded_count);
    a->excluded_count = options->excluded_count;
    if (options->unit_count > 0)
        a->units = copy_views(&a->arena, options->units, options->unit_count, UNITS_MAX);
    a->unit_count = options->unit_count;
    if (a->unit_count > 0) {
        next_unit(a);
    } else if (a->listed) {
        for (size_t i = 0; i < a->listed_count; i++)
            accounts_add(a, &(struct organizations_account){.id = a->listed[i]});
        loop_soon(aws_client_loop(a->target.client), &a->timer, accounts_on_listed, a);
    } else {
        a->call = organizations_list_accounts(&a->target, &all, a);
    }
    return a;
}

const struct census_account *accounts_list(const struct accounts *a, size_t *count)
{
    *count = a->count;
    return a->found;
}

const struct skipped_account *accounts_skipped(const struct accounts *a, size_t *count)
{
    *count = a->skipped_count;
    return a->skipped;
}

void accounts_free(struct accounts *a)
{
    if (!a)
        return;
    organizations_cancel(a->call);
    loop_timer_stop(aws_client_loop(a->target.client), &a->timer);
    arena_release(&a->arena);
    free(a->listed);
    free(a->excluded);
    free(a->units);
    free(a->found);
    free(a->skipped);
    free(a);
}
