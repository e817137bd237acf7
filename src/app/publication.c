/* SPDX-License-Identifier: MIT */
/*
 * publication.c: the volumes of a census, from their opening to their end.
 *
 *     finish: none has failed --> finish one after the other --> done, no error
 *                |                        | one fails
 *                | one has failed         v
 *                +------------> abandon the others, done with its error
 *     abandon:  abandon all --> done with what is left behind
 */
#include "app/publication.h"

#include "app/run_name.h"
#include "base/alloc.h"

#include <stdio.h>
#include <stdlib.h>

/*
 * The kinds, in the order in which they are finished. The output itself comes last: who finds it
 * finds the others.
 */
static const struct volume_kind *const kinds[] = {&accounts_volume, &findings_volume,
                                                  &database_volume, &users_volume};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

_Static_assert(KINDS <= PUBLICATION_VOLUMES_MAX, "a publication has no room for all kinds");

void publication_init(struct publication *p, struct loop *loop)
{
    *p = (struct publication){.loop = loop};
}

static void prefix(struct error *e, const struct volume_kind *kind)
{
    if (kind->what)
        error_prefix(e, "the %s", kind->what);
}

static void free_volumes(struct publication *p)
{
    for (size_t i = 0; i < p->count; i++)
        p->volumes[i]->kind->free(p->volumes[i]);
    p->count = 0;
}

int publication_open(struct publication *p, const struct publication_options *options,
                     struct error *e)
{
    for (size_t i = 0; i < KINDS; i++) {
        if (!kinds[i]->wanted(options))
            continue;
        struct volume *v = kinds[i]->open(p->loop, options, e);
        if (!v) {
            prefix(e, kinds[i]);
            free_volumes(p);
            return -1;
        }
        p->volumes[p->count++] = v;
    }
    p->skipped = options->skipped;
    p->skipped_count = options->skipped_count;
    return 0;
}

static struct volume *output_itself(const struct publication *p)
{
    return p->volumes[p->count - 1];
}

const char *publication_name(const struct publication *p)
{
    return p->count > 0 ? output_itself(p)->name : NULL;
}

/*
 * Accounts.
 */

static void add_skipped(struct publication *p, const struct skipped_account *skipped)
{
    struct account account = {
        .name = skipped->name,
        .ou = skipped->ou,
        .state = skipped->state,
        .is_management = skipped->membership == MEMBERSHIP_MANAGEMENT,
        .unknown = ~(FACT_BIT(FACT_ACCOUNT_NAME) | FACT_BIT(FACT_OU) | FACT_BIT(FACT_MANAGEMENT)),
    };
    memcpy(account.id, skipped->id, sizeof(account.id));
    for (size_t i = 0; i < p->count; i++)
        if (p->volumes[i]->kind->skipped)
            p->volumes[i]->kind->skipped(p->volumes[i], &account);
}

/* Adds the accounts that were left out and come before the one with this id; NULL: all others. */
static void add_skipped_before(struct publication *p, const char *id)
{
    for (; p->skipped_count > 0 && (!id || strcmp(p->skipped->id, id) < 0); p->skipped_count--)
        add_skipped(p, p->skipped++);
}

bool publication_add_account(struct publication *p, const struct account *account)
{
    bool everywhere = true;
    add_skipped_before(p, account->id);
    for (size_t i = 0; i < p->count; i++) {
        struct volume *v = p->volumes[i];
        v->has_account = v->has_account || v->kind->account(v, account);
        everywhere &= v->has_account;
    }
    for (size_t i = 0; i < p->count && everywhere; i++)
        p->volumes[i]->has_account = false;
    return everywhere;
}

void publication_set_skipped(struct publication *p, const struct skipped_account *skipped,
                             size_t count)
{
    p->skipped = skipped;
    p->skipped_count = count;
}

void publication_add_skipped(struct publication *p)
{
    add_skipped_before(p, NULL);
}

/*
 * Parts.
 */

size_t publication_volumes(const struct publication *p)
{
    return p->count;
}

void publication_add_rows(struct publication *p, size_t nth, struct view rows)
{
    p->volumes[nth]->kind->rows(p->volumes[nth], rows);
}

bool publication_busy(const struct publication *p, size_t nth)
{
    return p->volumes[nth]->kind->busy(p->volumes[nth]);
}

bool publication_part_key(const struct config *config, size_t nth, const char *part_key,
                          struct buffer *out)
{
    const struct publication_options options = {.config = config};
    for (size_t i = 0; i < KINDS; i++) {
        if (!kinds[i]->wanted(&options) || nth-- > 0)
            continue;
        if (kinds[i]->ending)
            run_path_beside(part_key, kinds[i]->ending(config), out);
        else
            buffer_add_text(out, part_key);
        return true;
    }
    return false;
}

static struct volume *find_failed(const struct publication *p)
{
    for (size_t i = 0; i < p->count; i++)
        if (p->volumes[i]->kind->failed(p->volumes[i]))
            return p->volumes[i];
    return NULL;
}

const struct error *publication_failed(const struct publication *p)
{
    const struct volume *v = find_failed(p);
    return v ? v->kind->failed(v) : NULL;
}

/*
 * The end.
 */

static void publication_on_abandoned(void *arg, const struct error *e);

/* Abandons the volumes from p->at on, and ends. */
static void abandon_next(struct publication *p)
{
    if (p->at < p->count) {
        p->volumes[p->at]->kind->abandon(p->volumes[p->at], publication_on_abandoned, p);
        return;
    }
    if (p->error.kind == ERROR_NONE)
        error_set(&p->error, ERROR_CANCELLED, "nothing was written");
    p->done(p->arg, &p->error);
}

/* The first error is reported: why a volume failed, or else what is left behind. */
static void publication_on_abandoned(void *arg, const struct error *e)
{
    struct publication *p = arg;
    if (e && p->error.kind == ERROR_NONE)
        p->error = *e;
    p->at++;
    abandon_next(p);
}

static void publication_on_never_open(void *arg)
{
    abandon_next(arg);
}

void publication_abandon(struct publication *p, sink_done *done, void *arg)
{
    p->done = done;
    p->arg = arg;
    p->at = 0;
    error_clear(&p->error);
    if (p->count > 0)
        abandon_next(p);
    else
        loop_soon(p->loop, &p->timer, publication_on_never_open, p);
}

static void keep_error(struct publication *p, const struct volume *v, const struct error *e)
{
    p->error = *e;
    prefix(&p->error, v->kind);
}

/* The volumes that were finished before stay. */
static void name_finished(struct publication *p)
{
    for (size_t i = 0; i < p->at; i++) {
        size_t len = strlen(p->error.text);
        snprintf(p->error.text + len, sizeof(p->error.text) - len, "; %s is written already",
                 p->volumes[i]->name);
    }
}

static void tell_result(struct publication *p)
{
    const struct volume *v = output_itself(p);
    for (size_t i = 0; i + 1 < p->count; i++)
        result_add_further(p->result, p->volumes[i]->kind->member, p->volumes[i]->kind->what,
                           p->volumes[i]->name);
    p->result->output = xstrdup(v->name);
    p->result->rows = v->rows + p->result->merged_rows;
    p->result->second_keys += v->second_keys;
}

static void finish_next(struct publication *p);

static void publication_on_finished(void *arg, const struct error *e)
{
    struct publication *p = arg;
    if (e) {
        keep_error(p, p->volumes[p->at], e);
        name_finished(p);
        p->at++;
        abandon_next(p);
    } else if (++p->at < p->count) {
        finish_next(p);
    } else {
        tell_result(p);
        p->done(p->arg, NULL);
    }
}

static void finish_next(struct publication *p)
{
    struct volume *v = p->volumes[p->at];
    v->kind->finish(v, p->result, publication_on_finished, p);
}

void publication_finish(struct publication *p, struct result *result, sink_done *done, void *arg)
{
    add_skipped_before(p, NULL);
    const struct volume *failed = find_failed(p);
    p->result = result;
    p->done = done;
    p->arg = arg;
    p->at = 0;
    if (failed) {
        keep_error(p, failed, failed->kind->failed(failed));
        abandon_next(p);
    } else {
        finish_next(p);
    }
}

bool publication_unsettled(const struct publication *p, struct error *e)
{
    struct error all = {0}, one;
    for (size_t i = 0; i < p->count; i++) {
        if (!p->volumes[i]->kind->unsettled(p->volumes[i], &one))
            continue;
        struct error before = all;
        error_set(&all, one.kind, "%s%s%s", before.text, before.text[0] ? "; " : "", one.text);
    }
    *e = all;
    return all.kind != ERROR_NONE;
}

void publication_release(struct publication *p)
{
    if (p->loop)
        loop_timer_stop(p->loop, &p->timer);
    free_volumes(p);
    *p = (struct publication){.loop = NULL};
}
