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

static const char outcome_sql[] = "SELECT 1 FROM account WHERE run_id = ? AND account_id = ?";

/* One of the two runs while it is walked. */
struct side {
    struct loading *loading;
    const struct account *account; /* NULL: no more */
    const char *run_id;
    struct statement planned; /* whether an account is in the plan of this run */
};

struct walk {
    struct run_comparison *run;
    struct side before, after;
    struct comparison comparison;
    struct finding_comparison findings;
};

static int side_begin(struct side *s, struct database *d, const struct stored_run *run,
                      struct error *e)
{
    s->run_id = run->run_id;
    s->loading = loading_begin(d, run, e);
    if (!s->loading || statement_prepare(&s->planned, d, "account", outcome_sql, e) != 0)
        return -1;
    return loading_next(s->loading, &s->account, e);
}

static void side_release(struct side *s)
{
    loading_free(s->loading);
    statement_release(&s->planned);
}

/* An account that was not loaded may still have been planned: it was left out, not being ACTIVE. */
static int is_planned(struct side *s, const char *account_id, bool *planned, struct error *e)
{
    bool more = true;
    statement_text(&s->planned, view_of(s->run_id));
    statement_text(&s->planned, view_of(account_id));
    if (statement_next(&s->planned, planned, e) != 0)
        return -1;
    for (more = *planned; more;)
        if (statement_next(&s->planned, &more, e) != 0)
            return -1;
    return 0;
}

static void leave_out(struct walk *w, const char *account_id, const char *why)
{
    w->run->not_compared(w->run->arg, account_id, why);
}

static int only_in_one(struct walk *w, const struct account *account, struct side *other,
                       struct error *e)
{
    bool planned, is_added = other == &w->before;
    if (is_planned(other, account->id, &planned, e) != 0)
        return -1;
    if (planned) {
        leave_out(w, account->id,
                  is_added ? "not ACTIVE in the older run" : "not ACTIVE in the newer run");
        return 0;
    }
    comparison_begin(&w->comparison, account->id);
    comparison_add(&w->comparison, is_added ? DIFFERENCE_ACCOUNT_ADDED : DIFFERENCE_ACCOUNT_GONE,
                   NULL, view_of(account->id), is_added ? VIEW_NONE : account->name,
                   is_added ? account->name : VIEW_NONE);
    comparison_hand_over(&w->comparison, w->run->take, w->run->arg);
    leave_out(w, account->id,
              is_added ? "not planned in the older run" : "not planned in the newer run");
    return 0;
}

static int in_both(struct walk *w, struct error *e)
{
    const struct account *before = w->before.account, *after = w->after.account;
    if (before->outcome == OUTCOME_FAILED || after->outcome == OUTCOME_FAILED) {
        leave_out(w, after->id,
                  before->outcome != OUTCOME_FAILED  ? "failed in the newer run"
                  : after->outcome != OUTCOME_FAILED ? "failed in the older run"
                                                     : "failed in both runs");
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
    int result = order == 0  ? in_both(w, e)
                 : order < 0 ? only_in_one(w, before, &w->after, e)
                             : only_in_one(w, after, &w->before, e);
    if (result != 0 ||
        (order <= 0 && loading_next(w->before.loading, &w->before.account, e) != 0) ||
        (order >= 0 && loading_next(w->after.loading, &w->after.account, e) != 0))
        return -1;
    return 0;
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
