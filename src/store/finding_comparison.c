/* SPDX-License-Identifier: MIT */
#include "store/finding_comparison.h"

#include <stdlib.h>

static const char rows_sql[] = "SELECT rule, status, user_name, user_arn, resource_id FROM finding "
                               "WHERE run_id = ? AND account_id = ? "
                               "AND status IN ('fail', 'unknown')";
/* A run that does not say which rules were judged had all of them. */
static const char judged_rule_sql[] =
    "SELECT rules IS NULL OR EXISTS (SELECT 1 FROM json_each(rules) WHERE value = ?2) "
    "FROM run WHERE run_id = ?1";
static const char judged_sql[] =
    "SELECT EXISTS (SELECT 1 FROM finding WHERE run_id = ?1) OR "
    "(SELECT json_type(result, '$.findings') IS NOT NULL FROM run WHERE run_id = ?1)";

/*
 * A finding that is open or unknown. A user is the same by its id, whatever its name and path are,
 * so a resource that is the user itself has no text here.
 */
struct stored_finding {
    struct view rule, user_id, resource;
    struct view resource_id; /* as it is reported */
    struct view user_name;   /* VIEW_NONE: about the account */
    bool is_unknown;
};

/* The findings of an account in one run, sorted. */
struct stored_findings {
    struct stored_finding *items;
    size_t count, room;
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

static int compare_subjects(const struct stored_finding *a, const struct stored_finding *b)
{
    int order = view_compare(a->rule, b->rule);
    return order != 0 ? order : view_compare(a->user_id, b->user_id);
}

static int compare_findings(const void *a, const void *b)
{
    const struct stored_finding *left = a, *right = b;
    int order = compare_subjects(left, right);
    return order != 0 ? order : view_compare(left->resource, right->resource);
}

/* Grows the list in the arena: what is left behind is freed with it. */
static struct stored_finding *append(struct comparison *c, struct stored_findings *list)
{
    if (list->count == list->room) {
        list->room = list->room == 0 ? 64 : 2 * list->room;
        struct stored_finding *items = arena_alloc(&c->arena, list->room * sizeof(*items));
        if (list->count > 0)
            memcpy(items, list->items, list->count * sizeof(*items));
        list->items = items;
    }
    return &list->items[list->count++];
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

static void read_finding(const struct statement *s, struct arena *arena,
                         const struct account *account, struct stored_finding *f)
{
    struct view arn = statement_get_text(s, 3), resource = statement_get_text(s, 4);
    f->rule = arena_copy(arena, statement_get_text(s, 0));
    f->is_unknown = view_is(statement_get_text(s, 1), "unknown");
    f->user_name = arena_copy(arena, statement_get_text(s, 2));
    f->resource_id = arena_copy(arena, resource);
    f->resource = arn.ptr && view_equal(arn, resource) ? VIEW_NONE : f->resource_id;
    const struct user *user = f->user_name.ptr ? find_user(account, f->user_name) : NULL;
    f->user_id = user ? user->id : arena_copy(arena, arn);
}

static int read_findings(struct finding_side *side, struct comparison *c,
                         const struct account *account, struct stored_findings *list,
                         struct error *e)
{
    struct statement *s = &side->rows;
    bool row;
    ask(s, side, c->account_id);
    for (;;) {
        if (statement_next(s, &row, e) != 0)
            return -1;
        if (!row)
            break;
        read_finding(s, &c->arena, account, append(c, list));
    }
    if (list->count > 0)
        qsort(list->items, list->count, sizeof(*list->items), compare_findings);
    return 0;
}

/* One of the runs, and the account as it was there. */
struct finding_place {
    struct finding_side *side;
    const struct account *account;
    struct stored_findings findings;
};

/* True if the rule was unknown there for the same user, perhaps for the user as a whole. */
static bool was_unknown(const struct stored_findings *list, const struct stored_finding *f)
{
    size_t low = 0, high = list->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_subjects(&list->items[middle], f) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < list->count && compare_subjects(&list->items[low], f) == 0; low++)
        if (list->items[low].is_unknown)
            return true;
    return false;
}

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

static const struct user *find_user_by_id(const struct account *account, struct view id)
{
    for (size_t i = 0; i < account->user_count; i++)
        if (view_equal(account->users[i]->id, id))
            return account->users[i];
    return NULL;
}

/* The user as the newer run has it, or else as the older one had it. */
static const struct user *user_of(const struct finding_place *here,
                                  const struct finding_place *newer, const struct stored_finding *f)
{
    if (!f->user_name.ptr)
        return NULL;
    const struct user *user = find_user(newer->account, f->user_name);
    if (!user || !view_equal(user->id, f->user_id))
        user = find_user_by_id(newer->account, f->user_id);
    return user ? user : find_user(here->account, f->user_name);
}

/* Two runs, seen from one of them. */
struct finding_view {
    const struct finding_place *here, *there, *newer;
};

/* A finding that is open here, and not there. */
static int add_difference(struct comparison *c, const struct finding_view *v,
                          const struct stored_finding *f, struct error *e)
{
    bool judged, is_opened = v->here == v->newer;
    if (was_rule_judged(v->there->side, f, &judged, e) != 0)
        return -1;
    if (!judged || was_unknown(&v->there->findings, f)) {
        c->unknown++;
        return 0;
    }
    comparison_add(c, is_opened ? DIFFERENCE_FINDING_OPENED : DIFFERENCE_FINDING_CLOSED,
                   user_of(v->here, v->newer, f), f->resource_id, is_opened ? VIEW_NONE : f->rule,
                   is_opened ? f->rule : VIEW_NONE);
    return 0;
}

static int look_from(struct comparison *c, const struct finding_view *v, struct error *e)
{
    const struct stored_findings *there = &v->there->findings;
    for (size_t i = 0; i < v->here->findings.count; i++) {
        const struct stored_finding *f = &v->here->findings.items[i];
        const struct stored_finding *other =
            there->count > 0 ? bsearch(f, there->items, there->count, sizeof(*f), compare_findings)
                             : NULL;
        if (f->is_unknown || (other && !other->is_unknown))
            continue;
        if (add_difference(c, v, f, e) != 0)
            return -1;
    }
    return 0;
}

int finding_comparison_account(struct finding_comparison *f, struct comparison *c,
                               const struct account *before, const struct account *after,
                               struct error *e)
{
    struct finding_place older = {.side = &f->before, .account = before},
                         newer = {.side = &f->after, .account = after};
    const struct finding_view from_older = {&older, &newer, &newer},
                              from_newer = {&newer, &older, &newer};
    if (!f->possible)
        return 0;
    if (read_findings(&f->before, c, before, &older.findings, e) != 0 ||
        read_findings(&f->after, c, after, &newer.findings, e) != 0 ||
        look_from(c, &from_older, e) != 0)
        return -1;
    return look_from(c, &from_newer, e);
}
