/* SPDX-License-Identifier: MIT */
/*
 * check.c: a run of a database, account after account, through the rules:
 *
 *     open the database, find the run -> open the output
 *        |
 *     load an account -> judge it itself, then its users -> the output, when it has room
 *        |                                (again for each account)
 *     the table, if it is for people -> finish the output
 *
 * Nothing is written under the output's name before the whole run has been judged.
 */
#include "app/check.h"

#include "app/check_settings.h"
#include "app/command.h"
#include "app/command_output.h"
#include "app/exit_status.h"
#include "base/log.h"
#include "output/finding_table.h"
#include "store/loading.h"

struct check {
    const struct check_work *work;
    struct command_output out;
    struct database database;
    struct stored_run run;
    struct finding_run finding_run;
    struct checker checker;
    struct finding_table table;
};

static void check_on_finding(void *arg, const struct finding *finding)
{
    struct check *c = arg;
    if (c->work->format)
        c->work->format->finding(&c->finding_run, finding, &c->out.rows);
    else
        finding_table_add(&c->table, finding);
}

static int judge_account(struct check *c, const struct account *account, struct error *e)
{
    size_t count = account->outcome == OUTCOME_FAILED ? 0 : account->user_count;
    checker_account_itself(&c->checker, account, check_on_finding, c);
    for (size_t i = 0; i < count; i++) {
        checker_user(&c->checker, account, account->users[i], check_on_finding, c);
        if (command_output_flush_piece(&c->out, e) != 0)
            return -1;
    }
    return 0;
}

static int judge_run(struct check *c, struct error *e)
{
    const struct account *account;
    struct loading *loading = loading_begin(&c->database, &c->run, e);
    if (!loading)
        return -1;
    int result = loading_next(loading, &account, e);
    while (result == 0 && account) {
        result = judge_account(c, account, e);
        if (result == 0)
            result = loading_next(loading, &account, e);
    }
    loading_free(loading);
    return result;
}

static int finish(struct check *c, struct error *e)
{
    if (!c->work->format)
        finding_table_write(&c->table, &c->checker, c->work->framework, &c->out.rows);
    return command_output_finish(&c->out, e);
}

/* Finds what is to be judged, and opens the output. */
static int open_all(struct check *c, struct error *e)
{
    const struct check_work *w = c->work;
    struct check_options options = w->options;
    if (database_open(&c->database, w->database, DATABASE_READ, e) != 0 ||
        stored_run_find(&c->database, w->run, &c->run, e) != 0)
        return -1;
    options.started_s = c->run.started_s;
    checker_init(&c->checker, &options);
    check_settings_warn(options.suppressions, options.started_s);
    c->finding_run = (struct finding_run){.run_id = c->run.run_id, .started_s = options.started_s};
    if (command_output_apart(w->output, w->database, e) != 0 ||
        command_output_open(&c->out, w->output, e) != 0)
        return -1;
    if (w->format && w->format->begin)
        w->format->begin(&c->out.rows);
    return 0;
}

static void warn_unmatched(const struct check *c)
{
    size_t count;
    const struct suppression *lines = suppressions_lines(c->work->options.suppressions, &count);
    for (size_t i = 0; i < count; i++)
        if (lines[i].matched == 0 && !suppression_has_expired(&lines[i], c->run.started_s))
            log_event(LOG_WARN, "suppression matched nothing",
                      FIELD_NUMBER("line", (int64_t)lines[i].line),
                      FIELD_VIEW("reason", lines[i].reason));
}

static int status_of(const struct check *c)
{
    bool is_whole = check_counts_all(&c->checker.counts, STATUS_UNKNOWN) == 0 &&
                    c->checker.counts.accounts_failed == 0;
    if (checker_fails(&c->checker))
        return EXIT_FINDINGS;
    return is_whole ? EXIT_ALL_READ : EXIT_SOME_MISSING;
}

static void release(struct check *c)
{
    command_output_release(&c->out);
    checker_release(&c->checker);
    finding_table_release(&c->table);
    stored_run_release(&c->run);
    database_close(&c->database);
}

int check_run(const struct check_work *w)
{
    struct check c = {.work = w};
    struct error e;
    int status;
    finding_table_init(&c.table);
    c.table.coloured = command_output_coloured(w->output);
    if (open_all(&c, &e) != 0 || judge_run(&c, &e) != 0 || finish(&c, &e) != 0) {
        status = command_complain(&e, e.kind == ERROR_CONFIG ? EXIT_USAGE : EXIT_NOTHING);
    } else {
        if (w->options.suppressions)
            warn_unmatched(&c);
        status = status_of(&c);
    }
    release(&c);
    return status;
}
