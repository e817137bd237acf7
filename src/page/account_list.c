/* SPDX-License-Identifier: MIT */
#include "page/account_list.h"

#include "base/alloc.h"
#include "page/chart.h"
#include "page/html.h"

#include <inttypes.h>
#include <stdlib.h>

#define UNITS_SHOWN    20
#define ACCOUNTS_SHOWN 1000
#define BAR_WIDTH      100

struct account_line {
    char id[ACCOUNT_ID_LEN + 1];
    struct view name, unit; /* in the arena */
    enum outcome outcome;
    uint64_t users, no_mfa, failures, unknown;
};

struct unit_line {
    struct view unit;
    uint64_t failures, unknown;
};

void account_list_init(struct account_list *l)
{
    *l = (struct account_list){.count = 0};
    arena_init(&l->arena);
}

void account_list_release(struct account_list *l)
{
    arena_release(&l->arena);
    free(l->lines);
}

/* The id of the unit: the last part but one of the account's path, "o-.../r-.../ou-.../ID/". */
static struct view unit_of(struct view path)
{
    size_t end = path.len, begin = 0;
    for (int part = 0; part < 2; part++) {
        if (end > 0 && path.ptr[end - 1] == '/')
            end--;
        for (begin = end; begin > 0 && path.ptr[begin - 1] != '/';)
            begin--;
        if (part == 0)
            end = begin;
    }
    return end > 1 ? (struct view){path.ptr + begin, end - begin} : path;
}

void account_list_add(struct account_list *l, const struct account *account, uint64_t no_mfa)
{
    if (l->count == l->room) {
        l->room = l->room > 0 ? 2 * l->room : 64;
        l->lines = xrealloc(l->lines, l->room * sizeof(*l->lines));
    }
    bool failed = account->outcome == OUTCOME_FAILED;
    l->lines[l->count++] =
        (struct account_line){.name = arena_copy(&l->arena, account->name),
                              .unit = arena_copy(&l->arena, unit_of(account->ou)),
                              .outcome = account->outcome,
                              .users = failed ? 0 : account->user_count,
                              .no_mfa = no_mfa};
    memcpy(l->lines[l->count - 1].id, account->id, sizeof(account->id));
}

void account_list_finding(struct account_list *l, const struct finding *finding)
{
    struct account_line *line = &l->lines[l->count - 1];
    line->failures += finding->status == STATUS_FAIL;
    line->unknown += finding->status == STATUS_UNKNOWN;
}

static int compare_units(const void *a, const void *b)
{
    const struct unit_line *x = a, *y = b;
    return view_compare(x->unit, y->unit);
}

static int compare_failures(const void *a, const void *b)
{
    const struct unit_line *x = a, *y = b;
    if (x->failures != y->failures)
        return x->failures > y->failures ? -1 : 1;
    return view_compare(x->unit, y->unit);
}

/* Adds up neighbours of the same unit; returns how many units there are. */
static size_t merge_units(struct unit_line *units, size_t count)
{
    size_t merged = 0;
    for (size_t i = 0; i < count; i++) {
        if (merged > 0 && view_equal(units[merged - 1].unit, units[i].unit)) {
            units[merged - 1].failures += units[i].failures;
            units[merged - 1].unknown += units[i].unknown;
        } else {
            units[merged++] = units[i];
        }
    }
    return merged;
}

static size_t find_units(const struct account_list *l, struct unit_line *units)
{
    for (size_t i = 0; i < l->count; i++)
        units[i] = (struct unit_line){l->lines[i].unit.ptr ? l->lines[i].unit
                                                           : VIEW_LITERAL("unit not known"),
                                      l->lines[i].failures, l->lines[i].unknown};
    qsort(units, l->count, sizeof(*units), compare_units);
    size_t count = merge_units(units, l->count);
    qsort(units, count, sizeof(*units), compare_failures);
    return count;
}

/* Those behind the last one that is shown are one row. */
static size_t fill_rows(const struct unit_line *units, size_t count, struct chart_row *rows)
{
    size_t shown = count > UNITS_SHOWN ? UNITS_SHOWN : count;
    for (size_t i = 0; i < shown; i++)
        rows[i] = (struct chart_row){units[i].unit, {units[i].failures, units[i].unknown}};
    if (count == shown)
        return shown;
    rows[shown] = (struct chart_row){.label = VIEW_LITERAL("all other units")};
    for (size_t i = shown; i < count; i++) {
        rows[shown].values[0] += units[i].failures;
        rows[shown].values[1] += units[i].unknown;
    }
    return shown + 1;
}

static void write_units(const struct account_list *l, struct buffer *out)
{
    static const struct chart_part parts[] = {{"failed", "bad"}, {"unknown", "unknown"}};
    struct chart_row rows[UNITS_SHOWN + 1];
    struct unit_line *units = xcalloc(l->count + 1, sizeof(*units));
    size_t count = find_units(l, units);
    chart_write(&(struct chart){.id = "units",
                                .title = "Findings by organizational unit",
                                .note = "The units with most failures.",
                                .head = "Unit",
                                .parts = parts,
                                .part_count = 2,
                                .rows = rows,
                                .row_count = fill_rows(units, count, rows)},
                out);
    free(units);
}

static int compare_lines(const void *a, const void *b)
{
    const struct account_line *x = *(const struct account_line *const *)a;
    const struct account_line *y = *(const struct account_line *const *)b;
    if (x->failures != y->failures)
        return x->failures > y->failures ? -1 : 1;
    return strcmp(x->id, y->id);
}

static const char *outcome_text(enum outcome outcome)
{
    static const char *const texts[] = {
        [OUTCOME_SUCCEEDED] = "whole", [OUTCOME_PARTIAL] = "partly", [OUTCOME_FAILED] = "not read"};
    return texts[outcome];
}

static void write_account(const struct account_line *line, uint64_t most, struct buffer *out)
{
    buffer_addf(out, "<tr><th scope=\"row\">%s</th><td>", line->id);
    html_text(out, line->name);
    buffer_add_text(out, "</td><td>");
    html_text(out, line->unit);
    buffer_addf(out,
                "</td><td>%s</td><td class=\"n\">%" PRIu64 "</td><td class=\"n\">%" PRIu64
                "</td><td class=\"n\">%" PRIu64 "</td><td class=\"n\">%" PRIu64
                "</td><td><svg class=\"bar\" viewBox=\"0 0 %d 10\" aria-hidden=\"true\"><rect "
                "width=\"%.1f\" height=\"10\" fill=\"url(#look-bad)\"/></svg></td></tr>\n",
                outcome_text(line->outcome), line->users, line->no_mfa, line->failures,
                line->unknown, BAR_WIDTH,
                (double)line->failures * BAR_WIDTH / (double)(most > 0 ? most : 1));
}

static void write_table(const struct account_list *l, struct buffer *out)
{
    const struct account_line **order = xcalloc(l->count + 1, sizeof(const struct account_line *));
    size_t shown = l->count > ACCOUNTS_SHOWN ? ACCOUNTS_SHOWN : l->count;
    for (size_t i = 0; i < l->count; i++)
        order[i] = &l->lines[i];
    qsort(order, l->count, sizeof(const struct account_line *), compare_lines);
    buffer_add_text(out, "<section id=\"accounts\"><h2>Accounts</h2>\n");
    if (shown < l->count)
        buffer_addf(out, "<p>The %zu of %zu accounts with most failures.</p>\n", shown, l->count);
    buffer_add_text(
        out, "<div class=\"wide scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Accounts\">"
             "<table class=\"sortable\"><thead><tr><th scope=\"col\">Account</th><th scope=\"col\">"
             "Name</th><th scope=\"col\">Unit</th><th scope=\"col\">Read</th><th scope=\"col\">"
             "Users</th><th scope=\"col\">People without MFA</th><th scope=\"col\">Failed</th><th "
             "scope=\"col\">Unknown</th><td></td></tr></thead><tbody>\n");
    for (size_t i = 0; i < shown; i++)
        write_account(order[i], order[0]->failures, out);
    buffer_add_text(out, "</tbody></table></div></section>\n");
    free(order);
}

void account_list_write(const struct account_list *l, struct buffer *out)
{
    write_units(l, out);
    write_table(l, out);
}
