/* SPDX-License-Identifier: MIT */
#include "page/run_list.h"

#include "page/chart.h"

#include <stdio.h>
#include <string.h>

#define LABEL_SIZE 24

struct newest {
    struct chart_row rows[RUN_LIST_SHOWN];
    char labels[RUN_LIST_SHOWN][LABEL_SIZE];
    size_t count;
};

static uint64_t counted(int64_t number)
{
    return number > 0 ? (uint64_t)number : 0;
}

static void run_list_on_run(void *arg, const struct stored_run *run)
{
    struct newest *n = arg;
    char moment[TIMESTAMP_TEXT_SIZE];
    if (n->count == RUN_LIST_SHOWN) {
        memmove(&n->rows[0], &n->rows[1], sizeof(n->rows) - sizeof(n->rows[0]));
        memmove(n->labels[0], n->labels[1], sizeof(n->labels) - sizeof(n->labels[0]));
        n->count--;
    }
    timestamp_format(run->started_s, moment);
    snprintf(n->labels[n->count], LABEL_SIZE, "%.10s %.5s", moment, moment + 11);
    n->rows[n->count++] = (struct chart_row){.values = {counted(run->users)}};
}

int run_list_write(struct database *database, struct buffer *out, struct error *e)
{
    static const struct chart_part parts[] = {{"users", "plain"}};
    struct newest n = {.count = 0};
    if (stored_runs_list(database, run_list_on_run, &n, e) != 0)
        return -1;
    for (size_t i = 0; i < n.count; i++)
        n.rows[i].label = view_of(n.labels[i]);
    chart_write(&(struct chart){.id = "runs",
                                .title = "Users over time",
                                .note = "The newest runs of the database, in UTC.",
                                .head = "Run",
                                .parts = parts,
                                .part_count = 1,
                                .rows = n.rows,
                                .row_count = n.count},
                out);
    return 0;
}
