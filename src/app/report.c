/* SPDX-License-Identifier: MIT */
/*
 * report.c: a run, account after account, into a page (page/page.h); the run before it, if there is
 * one, is only counted:
 *
 *     open the database, find the runs -> count the previous one -> the run: judge, count, keep
 *        |
 *     write the page -> it appears under its name, which is printed
 */
#include "app/report.h"

#include "app/check_settings.h"
#include "app/command.h"
#include "app/command_output.h"
#include "app/exit_status.h"
#include "base/printable.h"
#include "page/page.h"
#include "store/loading.h"

#define DEFAULT_OUTPUT "iam-census.html"

struct report {
    const struct report_work *work;
    struct command_output out;
    struct database database;
    struct stored_run run, previous;
    bool has_previous;
    struct checker checker;
    struct tally before;
    struct page *page;
};

/* Calls take(arg, account) for each account of the run. */
static int each_account(struct database *database, const struct stored_run *run,
                        void (*take)(void *arg, const struct account *account), void *arg,
                        struct error *e)
{
    const struct account *account;
    struct loading *loading = loading_begin(database, run, e);
    if (!loading)
        return -1;
    int result = loading_next(loading, &account, e);
    while (result == 0 && account) {
        take(arg, account);
        result = loading_next(loading, &account, e);
    }
    loading_free(loading);
    return result;
}

static void report_on_account(void *arg, const struct account *account)
{
    struct report *r = arg;
    page_account(r->page, account);
}

static void report_on_previous(void *arg, const struct account *account)
{
    struct report *r = arg;
    tally_account(&r->before, account);
}

/* Without --previous, the run before the one that is shown; none is no error. */
static int find_previous(struct report *r, struct error *e)
{
    if (r->work->previous) {
        r->has_previous = true;
        return stored_run_find(&r->database, r->work->previous, &r->previous, e);
    }
    return stored_run_before(&r->database, &r->run, &r->previous, &r->has_previous, e);
}

static const char *output_of(const struct report_work *w)
{
    return w->output ? w->output : DEFAULT_OUTPUT;
}

static int open_all(struct report *r, struct error *e)
{
    struct check_options options = r->work->options;
    if (database_open(&r->database, r->work->database, DATABASE_READ, e) != 0 ||
        stored_run_find(&r->database, r->work->run, &r->run, e) != 0 || find_previous(r, e) != 0)
        return -1;
    options.started_s = r->run.started_s;
    checker_init(&r->checker, &options);
    check_settings_warn(options.suppressions, options.started_s);
    return command_output_apart(output_of(r->work), r->work->database, e) == 0
               ? command_output_open(&r->out, output_of(r->work), e)
               : -1;
}

static int report_on_piece(void *arg, struct error *e)
{
    struct report *r = arg;
    return command_output_flush_piece(&r->out, e);
}

static int write_page(struct report *r, struct error *e)
{
    const struct page_options options = {
        .run = &r->run,
        .previous = r->has_previous ? &r->previous : NULL,
        .before = r->has_previous ? &r->before : NULL,
        .database = &r->database,
        .checker = &r->checker,
    };
    r->page = page_new(&options);
    tally_init(&r->before, r->previous.started_s);
    if (r->has_previous && each_account(&r->database, &r->previous, report_on_previous, r, e) != 0)
        return -1;
    if (each_account(&r->database, &r->run, report_on_account, r, e) != 0 ||
        page_write(r->page, &r->out.rows, report_on_piece, r, e) != 0)
        return -1;
    return command_output_finish(&r->out, e);
}

/* The name is the default's if none was given, so people must be told. */
static int print_place(const struct report_work *w)
{
    struct buffer text;
    if (w->quiet || strcmp(output_of(w), "-") == 0)
        return EXIT_ALL_READ;
    buffer_init(&text, (size_t)64 * 1024);
    buffer_add_text(&text, "written to ");
    printable_add(&text, view_of(output_of(w)));
    buffer_add_char(&text, '\n');
    int status = command_print(&text, "the page's name");
    buffer_release(&text);
    return status;
}

int report_run(const struct report_work *w)
{
    struct report r = {.work = w};
    struct error e;
    int status = EXIT_ALL_READ;
    if (open_all(&r, &e) != 0 || write_page(&r, &e) != 0)
        status = command_complain(&e, e.kind == ERROR_CONFIG ? EXIT_USAGE : EXIT_NOTHING);
    page_free(r.page);
    command_output_release(&r.out);
    checker_release(&r.checker);
    stored_run_release(&r.run);
    stored_run_release(&r.previous);
    database_close(&r.database);
    return status == EXIT_ALL_READ ? print_place(w) : status;
}
