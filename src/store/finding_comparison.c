/* SPDX-License-Identifier: MIT */
#include "store/finding_comparison.h"

#include <stdlib.h>

static const char rows_sql[] = "SELECT finding_id, rule, status, user_name, user_arn, resource_id "
                               "FROM finding WHERE run_id = ? AND account_id = ? "
                               "ORDER BY finding_id";
static const char unknown_sql[] = "SELECT rule, user_arn FROM finding "
                                  "WHERE run_id = ? AND account_id = ? AND status = 'unknown'";
/* A run that does not say which rules were judged had all of them. */
static const char judged_rule_sql[] =
    "SELECT rules IS NULL OR EXISTS (SELECT 1 FROM json_each(rules) WHERE value = ?2) "
    "FROM run WHERE run_id = ?1";
static const char judged_sql[] =
    "SELECT EXISTS (SELECT 1 FROM finding WHERE run_id = ?1) OR "
    "(SELECT json_type(result, '$.findings') IS NOT NULL FROM run WHERE run_id = ?1)";

/* A row, copied into the arena of the comparison. */
struct stored_finding {
    struct view id, rule, status, user_name, user_arn, resource_id;
};

/* What was unknown: which rule, about which user (VIEW_NONE: the account). */
struct unknown_finding {
    struct view rule, user_arn;
};

struct unknown_findings {
    struct unknown_finding *items;
    size_t count;
};

static int was_judged(struct database *d, const struct stored_run *run, bool *judged,
                      struct error *e)
{
    struct statement s = {0};
    bool row = false;
    int result = statement_prepare(&s, d, "finding", judged_sql, e);
    if (result == 0) {
        statement_text(&s, view_of(run->run_id));
        result = statement_next(&s, &row, e);
    }
    *judged = result == 0 && row && statement_get_int(&s, 0) != 0;
    statement_release(&s);
    return result;
}

static int side_init(struct finding_side *side, struct database *d, const struct stored_run *run,
                     struct error *e)
{
    side->run_id = run->run_id;
    if (statement_prepare(&side->rows, d, "finding", rows_sql, e) != 0)
        return -1;
    if (statement_prepare(&side->unknown, d, "finding", unknown_sql, e) != 0)
        return -1;
    return statement_prepare(&side->judged, d, "run", judged_rule_sql, e);
}

int finding_comparison_init(struct finding_comparison *f, struct database *before_db,
                            const struct stored_run *before, struct database *after_db,
                            const struct stored_run *after, struct error *e)
{
    bool old = false, new = false;
    *f = (struct finding_comparison){.possible = false};
    if (was_judged(before_db, before, &old, e) != 0 || was_judged(after_db, after, &new, e) != 0)
        return -1;
    f->possible = old && new;
    if (side_init(&f->before, before_db, before, e) != 0)
        return -1;
    return side_init(&f->after, after_db, after, e);
}

static void side_release(struct finding_side *side)
{
    statement_release(&side->rows);
    statement_release(&side->unknown);
    statement_release(&side->judged);
}

void finding_comparison_release(struct finding_comparison *f)
{
    side_release(&f->before);
    side_release(&f->after);
}

static void ask(struct statement *s, const struct finding_side *side, const char *account_id)
{
    statement_text(s, view_of(side->run_id));
    statement_text(s, view_of(account_id));
}

static int compare_unknown(const void *a, const void *b)
{
    const struct unknown_finding *left = a, *right = b;
    int order = view_compare(left->rule, right->rule);
    return order != 0 ? order : view_compare(left->user_arn, right->user_arn);
}

/* Grows the list in the arena: what is left behind is freed with it. */
static struct unknown_finding *add_unknown(struct comparison *c, struct unknown_findings *list,
                                           size_t *room)
{
    if (list->count == *room) {
        size_t more = *room == 0 ? 64 : 2 * *room;
        struct unknown_finding *items = arena_alloc(&c->arena, more * sizeof(*items));
        if (list->count > 0)
            memcpy(items, list->items, list->count * sizeof(*items));
        list->items = items;
        *room = more;
    }
    return &list->items[list->count++];
}

static int read_unknown(struct finding_side *side, struct comparison *c,
                        struct unknown_findings *list, struct error *e)
{
    size_t room = 0;
    bool row;
    *list = (struct unknown_findings){0};
    ask(&side->unknown, side, c->account_id);
    for (;;) {
        if (statement_next(&side->unknown, &row, e) != 0)
            return -1;
        if (!row)
            break;
        struct unknown_finding *u = add_unknown(c, list, &room);
        u->rule = arena_copy(&c->arena, statement_get_text(&side->unknown, 0));
        u->user_arn = arena_copy(&c->arena, statement_get_text(&side->unknown, 1));
    }
    if (list->count > 0)
        qsort(list->items, list->count, sizeof(*list->items), compare_unknown);
    return 0;
}

static bool holds(const struct unknown_findings *list, const struct stored_finding *f)
{
    const struct unknown_finding key = {.rule = f->rule, .user_arn = f->user_arn};
    return list->count > 0 &&
           bsearch(&key, list->items, list->count, sizeof(key), compare_unknown) != NULL;
}

/* *f is NULL at the end. */
static int next_finding(struct finding_side *side, struct comparison *c, struct stored_finding **f,
                        struct error *e)
{
    struct statement *s = &side->rows;
    bool row;
    *f = NULL;
    if (statement_next(s, &row, e) != 0)
        return -1;
    if (!row)
        return 0;
    *f = arena_alloc(&c->arena, sizeof(**f));
    **f = (struct stored_finding){.id = arena_copy(&c->arena, statement_get_text(s, 0)),
                                  .rule = arena_copy(&c->arena, statement_get_text(s, 1)),
                                  .status = arena_copy(&c->arena, statement_get_text(s, 2)),
                                  .user_name = arena_copy(&c->arena, statement_get_text(s, 3)),
                                  .user_arn = arena_copy(&c->arena, statement_get_text(s, 4)),
                                  .resource_id = arena_copy(&c->arena, statement_get_text(s, 5))};
    return 0;
}

/* Users are in ascending order of their names. */
static const struct user *find_user(const struct account *account, struct view name)
{
    size_t low = 0, high = account->user_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = view_compare(account->users[middle]->name, name);
        if (order == 0)
            return account->users[middle];
        low = order < 0 ? middle + 1 : low;
        high = order < 0 ? high : middle;
    }
    return NULL;
}

static bool is_open(const struct stored_finding *f)
{
    return f && view_is(f->status, "fail");
}

/* One of the runs, and the account as it was there. */
struct finding_place {
    struct finding_side *side;
    const struct account *account;
    struct unknown_findings unknown;
};

/* Whether the rule of a finding, which is open in the other run, was judged in this one. */
static int was_rule_judged(struct finding_side *side, const struct stored_finding *f, bool *judged,
                           struct error *e)
{
    struct statement *s = &side->judged;
    bool row;
    *judged = false;
    statement_text(s, view_of(side->run_id));
    statement_text(s, f->rule);
    for (;;) {
        if (statement_next(s, &row, e) != 0)
            return -1;
        if (!row)
            return 0;
        *judged = statement_get_int(s, 0) != 0;
    }
}

/* A finding that is open in one run, 'here', and not in the other. */
static int add_difference(struct comparison *c, const struct finding_place *here,
                          const struct finding_place *there, const struct stored_finding *f,
                          bool is_opened, struct error *e)
{
    bool judged;
    if (was_rule_judged(there->side, f, &judged, e) != 0)
        return -1;
    if (!judged || holds(&there->unknown, f)) {
        c->unknown++;
        return 0;
    }
    const struct user *user = f->user_name.ptr ? find_user(here->account, f->user_name) : NULL;
    comparison_add(c, is_opened ? DIFFERENCE_FINDING_OPENED : DIFFERENCE_FINDING_CLOSED, user,
                   f->resource_id, is_opened ? VIEW_NONE : f->rule,
                   is_opened ? f->rule : VIEW_NONE);
    return 0;
}

/* One finding on both sides; one of them may be NULL. */
static int compare_finding(struct comparison *c, const struct finding_place *before,
                           const struct finding_place *after, const struct stored_finding *old,
                           const struct stored_finding *new, struct error *e)
{
    bool was = is_open(old), is = is_open(new);
    if (was == is)
        return 0;
    return is ? add_difference(c, after, before, new, true, e)
              : add_difference(c, before, after, old, false, e);
}

int finding_comparison_account(struct finding_comparison *f, struct comparison *c,
                               const struct account *before, const struct account *after,
                               struct error *e)
{
    struct finding_place older = {.side = &f->before, .account = before},
                         newer = {.side = &f->after, .account = after};
    struct stored_finding *old, *new;
    if (!f->possible)
        return 0;
    if (read_unknown(&f->before, c, &older.unknown, e) != 0 ||
        read_unknown(&f->after, c, &newer.unknown, e) != 0)
        return -1;
    ask(&f->before.rows, &f->before, c->account_id);
    ask(&f->after.rows, &f->after, c->account_id);
    if (next_finding(&f->before, c, &old, e) != 0 || next_finding(&f->after, c, &new, e) != 0)
        return -1;
    while (old || new) {
        int order = !old ? 1 : !new ? -1 : view_compare(old->id, new->id);
        if (compare_finding(c, &older, &newer, order <= 0 ? old : NULL, order >= 0 ? new : NULL,
                            e) != 0)
            return -1;
        if ((order <= 0 && next_finding(&f->before, c, &old, e) != 0) ||
            (order >= 0 && next_finding(&f->after, c, &new, e) != 0))
            return -1;
    }
    return 0;
}
