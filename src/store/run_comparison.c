/* SPDX-License-Identifier: MIT */
/*
 * run_comparison.c: walks both runs in ascending order of account ids:
 *
 *     next account of each run --+-- in both, both read --> compare, hand over
 *            ^                   +-- in both, one failed -> not compared
 *            |                   +-- in one only ---------> account_added, account_gone, or left
 * out
 *            +-----------------------------------------------'
 */
#include "store/run_comparison.h"

#include "store/comparison.h"
#include "store/finding_comparison.h"
#include "store/loading.h"
#include "store/statement.h"

#include <stdio.h>

/* The accounts that were left out, which are not loaded. */
static const char skipped_sql[] = "SELECT account_id, account_name FROM account "
                                  "WHERE run_id = ? AND outcome = 'skipped' ORDER BY account_id";

/* One of the two runs while it is walked: accounts that were loaded, and those left out, in order.
 */
struct side {
    struct loading *loading;
    const struct account *loaded; /* the next one; NULL: no more */
    struct statement skipped;
    struct account left_out; /* the next one that was left out: id and name alone */
    bool has_left_out;
    const struct account *account; /* where the walk is; NULL: at the end */
};

struct walk {
    struct run_comparison *run;
    struct side before, after;
    struct comparison comparison;
    struct finding_comparison findings;
};

static int next_left_out(struct side *s, struct error *e)
{
    if (statement_next(&s->skipped, &s->has_left_out, e) != 0)
        return -1;
    if (!s->has_left_out)
        return 0;
    arena_clear(&s->left_out.arena);
    snprintf(s->left_out.id, sizeof(s->left_out.id), "%.*s",
             VIEW_ARG(statement_get_text(&s->skipped, 0)));
    s->left_out.name = arena_copy(&s->left_out.arena, statement_get_text(&s->skipped, 1));
    return 0;
}

static void choose(struct side *s)
{
    bool is_loaded = s->loaded && (!s->has_left_out || strcmp(s->loaded->id, s->left_out.id) < 0);
    s->account = is_loaded ? s->loaded : s->has_left_out ? &s->left_out : NULL;
}

static bool is_left_out(const struct side *s)
{
    return s->account == &s->left_out;
}

static int side_begin(struct side *s, struct database *d, const struct stored_run *run,
                      struct error *e)
{
    arena_init(&s->left_out.arena);
    s->loading = loading_begin(d, run, e);
    if (!s->loading || statement_prepare(&s->skipped, d, "account", skipped_sql, e) != 0)
        return -1;
    statement_text(&s->skipped, view_of(run->run_id));
    if (loading_next(s->loading, &s->loaded, e) != 0 || next_left_out(s, e) != 0)
        return -1;
    choose(s);
    return 0;
}

static int side_next(struct side *s, struct error *e)
{
    int result = is_left_out(s) ? next_left_out(s, e) : loading_next(s->loading, &s->loaded, e);
    choose(s);
    return result;
}

static void side_release(struct side *s)
{
    loading_free(s->loading);
    statement_release(&s->skipped);
    arena_release(&s->left_out.arena);
}

static void leave_out(struct walk *w, const char *account_id, const char *why)
{
    w->run->not_compared(w->run->arg, account_id, why);
}

static void only_in_one(struct walk *w, const struct account *account, bool is_added)
{
    comparison_begin(&w->comparison, account->id);
    comparison_add(&w->comparison, is_added ? DIFFERENCE_ACCOUNT_ADDED : DIFFERENCE_ACCOUNT_GONE,
                   NULL, view_of(account->id), is_added ? VIEW_NONE : account->name,
                   is_added ? account->name : VIEW_NONE);
    comparison_hand_over(&w->comparison, w->run->take, w->run->arg);
    leave_out(w, account->id,
              is_added ? "not planned in the older run" : "not planned in the newer run");
}

/* Why the account can't be compared; NULL: it can. */
static const char *why_not(const struct walk *w)
{
    static const char *const not_active[] = {NULL, "not ACTIVE in the newer run",
                                             "not ACTIVE in the older run",
                                             "not ACTIVE in both runs"};
    static const char *const failed[] = {NULL, "failed in the newer run", "failed in the older run",
                                         "failed in both runs"};
    unsigned skipped = (is_left_out(&w->before) ? 2u : 0) + (is_left_out(&w->after) ? 1u : 0);
    unsigned fails = (w->before.account->outcome == OUTCOME_FAILED ? 2u : 0) +
                     (w->after.account->outcome == OUTCOME_FAILED ? 1u : 0);
    return not_active[skipped] ? not_active[skipped] : failed[fails];
}

static int in_both(struct walk *w, struct error *e)
{
    const struct account *before = w->before.account, *after = w->after.account;
    const char *why = why_not(w);
    if (why) {
        leave_out(w, after->id, why);
        return 0;
    }
    comparison_begin(&w->comparison, after->id);
    comparison_accounts(&w->comparison, before, after);
    if (finding_comparison_account(&w->findings, &w->comparison, before, after, e) != 0)
        return -1;
    comparison_hand_over(&w->comparison, w->run->take, w->run->arg);
    w->run->compared++;
    return 0;
}

static int walk_step(struct walk *w, struct error *e)
{
    const struct account *before = w->before.account, *after = w->after.account;
    int order = !before ? 1 : !after ? -1 : strcmp(before->id, after->id);
    if (order == 0 && in_both(w, e) != 0)
        return -1;
    if (order != 0)
        only_in_one(w, order < 0 ? before : after, order > 0);
    if (order <= 0 && side_next(&w->before, e) != 0)
        return -1;
    return order >= 0 ? side_next(&w->after, e) : 0;
}

int run_comparison_run(struct run_comparison *r, struct error *e)
{
    struct walk w = {.run = r};
    comparison_init(&w.comparison, r->with_use);
    int result = side_begin(&w.before, r->before_db, r->before, e) != 0 ||
                         side_begin(&w.after, r->after_db, r->after, e) != 0 ||
                         finding_comparison_init(&w.findings, r->before_db, r->before, r->after_db,
                                                 r->after, e) != 0
                     ? -1
                     : 0;
    while (result == 0 && (w.before.account || w.after.account))
        result = walk_step(&w, e);
    r->unknown = w.comparison.unknown;
    r->findings = w.findings.possible;
    finding_comparison_release(&w.findings);
    side_release(&w.before);
    side_release(&w.after);
    comparison_release(&w.comparison);
    return result;
}
