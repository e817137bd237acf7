/* SPDX-License-Identifier: MIT */
#include "app/collect.h"

#include "app/command.h"
#include "app/console.h"
#include "app/document.h"
#include "app/estimate.h"
#include "app/exit_status.h"
#include "app/run.h"
#include "app/signals.h"
#include "app/summary.h"
#include "base/colour.h"
#include "base/log.h"
#include "base/plural.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define DOCUMENT_MAX_BYTES ((size_t)1024 * 1024 * 1024)
#define PROGRESS_EVERY_MS  500
/* How long S3 may take to remove what was sent of an abandoned output. */
#define ABANDON_MS 3000

struct collect {
    struct settings *settings;
    struct platform platform;
    struct config config;
    struct signals signals;
    struct run *run;
    struct console console;
    struct loop_timer progress_timer, abandon_timer;
    bool done;
    unsigned interrupts;
};

/* Writes "" if there is nothing to show yet. */
static void write_progress(const struct run *run, char text[PROGRESS_SIZE])
{
    struct census_progress p;
    size_t found = run_accounts_found(run);
    text[0] = '\0';
    if (run_progress(run, &p))
        snprintf(text, PROGRESS_SIZE, "%zu of %zu account%s, %zu user%s", p.accounts_done,
                 p.accounts_total, plural_s(p.accounts_total), p.users_done,
                 plural_s(p.users_done));
    else if (found > 0)
        snprintf(text, PROGRESS_SIZE, "looking for accounts: %zu found", found);
}

static void collect_on_progress(void *arg)
{
    struct collect *c = arg;
    char text[PROGRESS_SIZE];
    write_progress(c->run, text);
    progress_show(&c->console.progress, text);
    loop_timer_start(c->platform.loop, &c->progress_timer, PROGRESS_EVERY_MS, collect_on_progress,
                     c);
}

/* No progress is shown if rows are printed on a terminal: the two would be mixed up. */
static bool shows_progress(const struct collect *c)
{
    bool rows_printed =
        c->config.destination.output && strcmp(c->config.destination.output, "-") == 0;
    return progress_is_possible() && !settings_switch(c->settings, SETTING_QUIET) &&
           !(rows_printed && isatty(STDOUT_FILENO));
}

static void collect_on_done(void *arg)
{
    struct collect *c = arg;
    c->done = true;
}

/*
 * The first signal ends the run in an orderly way: complete accounts are written. The second
 * abandons the run and removes what was written. The third ends the program without waiting for
 * that.
 */
static void collect_on_signal(void *arg, int signal UNUSED)
{
    struct collect *c = arg;
    if (++c->interrupts > 2) {
        c->done = true;
        return;
    }
    if (c->interrupts == 2) {
        loop_timer_start(c->platform.loop, &c->abandon_timer, ABANDON_MS, collect_on_done, c);
        run_abandon(c->run);
        return;
    }
    progress_echoed(&c->console.progress);
    console_say(&c->console,
                "interrupted: writing completed accounts (interrupt again to give up)");
    run_stop(c->run, "Interrupted", "the run was interrupted");
}

static int prepare(struct collect *c, struct error *e)
{
    if (config_make(c->settings, false, &c->config, e) != 0)
        return -1;
    return platform_init(&c->platform, c->settings, e);
}

/* Writes the summary, or with --json the document, without details if it would be too long. */
static void write_result(const struct collect *c, bool on_stdout, struct buffer *text)
{
    bool coloured = colour_wanted(on_stdout ? STDOUT_FILENO : STDERR_FILENO);
    const struct result *result = run_result(c->run);
    if (!settings_switch(c->settings, SETTING_JSON))
        summary_write(result, config_hides_keys(&c->config), coloured, text);
    else if (document_write_within(result, DOCUMENT_MAX_BYTES - 1, text))
        buffer_add_char(text, '\n');
    else
        buffer_spoil(text);
}

static int print_result(const struct collect *c)
{
    int status = EXIT_ALL_READ;
    struct buffer text;
    bool on_stdout =
        !(c->config.destination.output && strcmp(c->config.destination.output, "-") == 0);
    buffer_init(&text, DOCUMENT_MAX_BYTES);
    write_result(c, on_stdout, &text);
    if (on_stdout)
        status = command_print(&text, "the result");
    else
        fputs(buffer_text_cut(&text), stderr);
    buffer_release(&text);
    return status;
}

static int print_estimate(const struct collect *c)
{
    struct buffer text;
    size_t accounts;
    buffer_init(&text, 16384);
    run_accounts(c->run, &accounts);
    estimate_write(&c->config, accounts, settings_switch(c->settings, SETTING_JSON), &text);
    int status = command_print(&text, "the estimate");
    buffer_release(&text);
    return status;
}

/* The exit status of a run that wrote its output. */
static int outcome(const struct collect *c)
{
    const struct result *result = run_result(c->run);
    if (findings_tally_fails(&result->findings, &c->config.check))
        return EXIT_FINDINGS;
    bool is_whole = result->partial.count + result->failed.count == 0 &&
                    findings_tally_unknown(&result->findings) == 0;
    return is_whole ? EXIT_ALL_READ : EXIT_SOME_MISSING;
}

/* --quiet leaves out the summary of a run in which all is well; --json asks for a document. */
static bool prints_summary(const struct collect *c)
{
    return !settings_switch(c->settings, SETTING_QUIET) ||
           settings_switch(c->settings, SETTING_JSON) || outcome(c) != EXIT_ALL_READ;
}

/*
 * With --json, the document is printed even if no output was written, if it lists failed accounts.
 */
static int report(const struct collect *c)
{
    const struct error *e;
    const struct result *result = run_result(c->run);
    enum run_status status = run_status(c->run, &e);
    int printed = EXIT_ALL_READ;
    if (status == RUN_OK && settings_switch(c->settings, SETTING_DRY_RUN))
        return print_estimate(c);
    if (status != RUN_OK && c->interrupts > 1) /* the result does not have all accounts */
        return command_complain(e, EXIT_NOTHING);
    if (status == RUN_OK ? prints_summary(c)
                         : settings_switch(c->settings, SETTING_JSON) && result->failed.count > 0)
        printed = print_result(c);
    if (status == RUN_CONFIG)
        return command_complain(e, EXIT_USAGE);
    if (status == RUN_FAILED)
        return command_complain(e, EXIT_NOTHING);
    if (printed != EXIT_ALL_READ)
        return printed;
    return outcome(c);
}

/* Reports a run that did not end: a third signal came, or abandoning it took too long. */
static int report_cut(const struct collect *c)
{
    struct error e;
    if (!run_unsettled(c->run, &e))
        error_set(&e, ERROR_CANCELLED, "nothing was written");
    error_prefix(&e, "the run was given up");
    return command_complain(&e, EXIT_NOTHING);
}

/* Reports that the loop has failed, and with it whatever was under way. */
static int report_broken(const struct collect *c, const struct error *why)
{
    struct error e;
    if (!run_unsettled(c->run, &e))
        return command_complain(why, EXIT_NOTHING);
    error_prefix(&e, "%s", why->text);
    return command_complain(&e, EXIT_NOTHING);
}

static int run_to_end(struct collect *c)
{
    bool dry = settings_switch(c->settings, SETTING_DRY_RUN);
    const struct run_options options = {.goal = dry ? RUN_DRY : RUN_CENSUS};
    struct error e;
    int status;
    if (signals_start(&c->signals, c->platform.loop, collect_on_signal, c, &e) != 0)
        return command_complain(&e, EXIT_NOTHING);
    c->run = run_start(&c->platform, &c->config, &options, collect_on_done, c);
    if (shows_progress(c))
        loop_timer_start(c->platform.loop, &c->progress_timer, PROGRESS_EVERY_MS,
                         collect_on_progress, c);
    int waited = loop_run(c->platform.loop, &c->done, &e);
    loop_timer_stop(c->platform.loop, &c->progress_timer);
    loop_timer_stop(c->platform.loop, &c->abandon_timer);
    /* Printing may block until it is read, so from here on a signal simply ends the program. */
    signals_stop(&c->signals);
    console_end(&c->console);
    if (waited != 0)
        status = report_broken(c, &e);
    else
        status = run_finished(c->run) ? report(c) : report_cut(c);
    run_free(c->run);
    return status;
}

int collect_run(struct settings *settings)
{
    struct collect c = {.settings = settings};
    struct error e;
    int status;
    console_configure(&c.console, c.settings);
    if (prepare(&c, &e) != 0)
        status = command_complain(&e, e.kind == ERROR_SYSTEM ? EXIT_NOTHING : EXIT_USAGE);
    else
        status = run_to_end(&c);
    console_end(&c.console);
    config_release(&c.config);
    platform_release(&c.platform);
    return status;
}
