/* SPDX-License-Identifier: MIT */
/*
 * run.c: one census, from its config to its output:
 *
 *     discovery (credentials, organization id, accounts, AWS's time)
 *        |            goals other than a census end here
 *     if the output goes to S3: HeadBucket, the suppressions
 *        |
 *     open the output                                                  STARTING until here
 *        |
 *     census: accounts in their order -> publication, result           READING
 *        |            ended early by run_stop, the deadline, or lost credentials
 *     finish the outputs, or abandon them if no account could be read  WRITING
 *        |
 *     put the result document beside the output, if it is in S3
 *        |
 *     done                                                             OVER
 *
 * An error while STARTING ends the run at once. run_abandon leads from any phase to WRITING, where
 * a half-written output is removed.
 */
#include "app/run.h"

#include "app/bucket_check.h"
#include "app/discovery.h"
#include "app/publication.h"
#include "app/result_object.h"
#include "app/services.h"
#include "aws/partition.h"
#include "base/alloc.h"
#include "base/log.h"

#include <stdlib.h>

/* For the accounts that are being read or are waiting to be written. */
#define MEMORY_BUDGET_BYTES ((size_t)16 * 1024 * 1024)
/* How long a credential report may take to be made; at most half the time to the deadline. */
#define REPORT_LIMIT_MS 600000
#define PATH_MAX_BYTES  4096 /* for a local path, or a key */
/* The time that is kept for writing the output before a deadline: a tenth, within these bounds. */
#define MARGIN_LEAST_MS 1000
#define MARGIN_MOST_MS  20000

enum phase {
    STARTING, /* credentials, organization id, accounts and time are being determined */
    READING,  /* the census runs */
    WRITING,  /* all accounts are done, the output is being completed or abandoned */
    OVER,     /* 'done' has been called */
};

struct run {
    struct platform *platform;
    const struct config *config;
    void (*done)(void *arg);
    void *arg;
    enum phase phase;
    enum run_status status;
    struct error error;
    struct run_options options;
    struct services services;
    struct discovery discovery;
    struct caller caller;
    struct buffer session_policy;
    struct census *census;
    struct s3_bucket *bucket;
    struct bucket_check bucket_check;
    struct buffer path; /* of the output, or its key */
    struct publication output;
    struct result result;
    struct result_object result_object;
    int64_t started_at_ms;
    int64_t report_limit_ms;
    int64_t deadline_at_ms; /* by the loop's clock; 0: none */
    struct error lost; /* why the caller's credentials were lost while READING; or ERROR_NONE */
    struct loop_timer deadline_timer, lost_timer, stop_timer;
};

/* The document in the bucket and the result must agree, so its own call is not counted. */
static void count_effort(struct run *run)
{
    run->result.duration_ms = loop_now_ms(run->platform->loop) - run->started_at_ms;
    run->result.counters = *aws_client_counters(run->services.client);
}

static void run_over(struct run *run)
{
    run->phase = OVER;
    loop_timer_stop(run->platform->loop, &run->deadline_timer);
    run->done(run->arg);
}

static void run_fail(struct run *run, const struct error *e)
{
    run->status = e->kind == ERROR_CONFIG ? RUN_CONFIG : RUN_FAILED;
    run->error = *e;
    error_add_origin(&run->error);
    count_effort(run);
    run_over(run);
}

static void run_on_result_put(void *arg)
{
    run_over(arg);
}

/*
 * A part of a larger output has none: the whole has. The document may take half the time to the
 * deadline, so that the answer is never late because of it.
 */
static void put_result(struct run *run)
{
    struct result_object_options options = {.loop = run->platform->loop,
                                            .bucket = run->bucket,
                                            .output_key = buffer_text(&run->path),
                                            .result = &run->result};
    count_effort(run);
    if (run->deadline_at_ms > 0) {
        int64_t left_ms = run->deadline_at_ms - loop_now_ms(run->platform->loop);
        options.limit_ms = left_ms > 2 ? left_ms / 2 : 1;
    }
    if (run->bucket && !run->options.part)
        result_object_put(&run->result_object, &options, run_on_result_put, run);
    else
        run_over(run);
}

static void run_on_written(void *arg, const struct error *e)
{
    struct run *run = arg;
    if (e) {
        struct error mine = *e;
        services_explain_refusal(&run->services, &mine);
        error_prefix(&mine, "the output could not be written");
        run_fail(run, &mine);
        return;
    }
    result_log(&run->result);
    if (run->result.second_keys > 0 && config_hides_keys(run->config))
        log_event(LOG_WARN,
                  "users have a second active key, which the standard columns don't show (the "
                  "extended columns and jsonl do)",
                  FIELD_NUMBER("users", (int64_t)run->result.second_keys));
    run->status = RUN_OK;
    put_result(run);
}

/*
 * Ends the run: without the caller's credentials no role can be assumed. Complete accounts are
 * written.
 */
static void run_on_lost_timer(void *arg)
{
    struct run *run = arg;
    if (run->phase != READING)
        return;
    log_event(LOG_ERROR, "the caller's credentials are lost, ending the run",
              FIELD("reason", run->lost.text));
    census_stop(run->census, "AssumeRole", &run->lost);
}

/*
 * This matters only while accounts are read: before and after that, the failed call ends the run.
 */
static void run_on_credentials_lost(void *arg, const struct error *e)
{
    struct run *run = arg;
    if (run->phase != READING || run->lost.kind != ERROR_NONE)
        return;
    run->lost = *e;
    services_explain_refusal(&run->services, &run->lost);
    loop_soon(run->platform->loop, &run->lost_timer, run_on_lost_timer, run);
}

/* There is no output: one without rows would look as if there were no users. */
static void run_on_nothing_read(void *arg, const struct error *e UNUSED)
{
    struct run *run = arg;
    struct error mine;
    if (run->lost.kind != ERROR_NONE) {
        mine = run->lost;
        mine.kind = ERROR_SERVICE;
    } else {
        result_explain_nothing(&run->result, &mine);
    }
    run_fail(run, &mine);
}

static void run_on_census_done(void *arg)
{
    struct run *run = arg;
    run->phase = WRITING;
    count_effort(run); /* the document in a database has what was counted until here */
    if (result_has_read(&run->result) || run->options.part || publication_failed(&run->output))
        publication_finish(&run->output, &run->result, run_on_written, run);
    else
        publication_abandon(&run->output, run_on_nothing_read, run);
}

static void stop_census(struct run *run, const char *stage, const char *reason)
{
    struct error e;
    error_set(&e, ERROR_CANCELLED, "%s", reason);
    census_stop(run->census, stage, &e);
}

static bool run_on_account(void *arg, struct account *account)
{
    struct run *run = arg;
    if (publication_failed(&run->output))
        stop_census(run, "Interrupted", "the output failed");
    if (!publication_add_account(&run->output, account))
        return false;
    result_add(&run->result, account);
    return true;
}

static void run_on_output_ready(void *arg)
{
    struct run *run = arg;
    if (run->census)
        census_resume(run->census);
}

static int open_output(struct run *run, struct error *e)
{
    struct publication_options options = {.config = run->config,
                                          .run_id = run->result.run_id,
                                          .organization_id = run->discovery.organization_id,
                                          .started_s = run->result.started_s,
                                          .bare = run->options.part,
                                          .ready = run_on_output_ready,
                                          .arg = run};
    options.skipped = run_skipped(run, &options.skipped_count);
    options.bucket = run->bucket;
    options.suppressions =
        run->config->suppress_key ? run->bucket_check.suppressions : run->config->suppressions;
    if (run->options.key)
        buffer_add_text(&run->path, run->options.key);
    else
        run_output_path(run->config, run->discovery.organization_id, run->result.started_s,
                        &run->path);
    if (!buffer_complete(&run->path))
        return error_set(e, ERROR_CONFIG, "the output's name is longer than %d bytes",
                         PATH_MAX_BYTES);
    options.path = buffer_text(&run->path);
    return publication_open(&run->output, &options, e);
}

const struct census_account *run_accounts(const struct run *run, size_t *count)
{
    return discovery_accounts(&run->discovery, count);
}

const struct skipped_account *run_skipped(const struct run *run, size_t *count)
{
    *count = run->options.skipped_count;
    return run->options.skipped ? run->options.skipped : discovery_skipped(&run->discovery, count);
}

const char *run_organization_id(const struct run *run)
{
    return run->discovery.organization_id;
}

static void start_census(struct run *run)
{
    const struct config *config = run->config;
    struct census_options options = {
        .job = {.client = run->services.client,
                .sts = &run->services.sts,
                .iam = &run->services.iam,
                .caller = &run->caller,
                .partition = partition_of_region(view_of(run->platform->region))->id,
                .role = config->role,
                .external_id = secret_present(&config->external_id) ? &config->external_id : NULL,
                .session_policy = VIEW_NONE,
                .strategy = config->strategy,
                .wanted = config->wanted,
                .calls_at_once = (unsigned)(2 * config->max_connections + 16),
                .report_limit_ms = run->report_limit_ms,
                .max_report_age_s = config->max_report_age_s},
        .memory_budget_bytes = MEMORY_BUDGET_BYTES,
        .account = run_on_account,
        .done = run_on_census_done,
        .arg = run,
    };
    if (config->session_policy)
        options.job.session_policy = buffer_view(&run->session_policy);
    options.accounts = run_accounts(run, &options.account_count);
    run->phase = READING;
    run->census = census_new(&options);
}

/*
 * AWS accepts 2,048 characters. A longer policy is an error: cut short, it would not be the same.
 */
static int write_session_policy(struct run *run, struct error *e)
{
    if (run->config->session_policy)
        facts_write_policy(run->config->strategy, run->config->wanted, &run->session_policy);
    return buffer_check(&run->session_policy, "the session policy (--no-session-policy)", e);
}

static void open_and_start(struct run *run)
{
    struct error e;
    if (open_output(run, &e) != 0)
        run_fail(run, &e);
    else
        start_census(run);
}

static void run_on_bucket_checked(void *arg, const struct error *e)
{
    struct run *run = arg;
    if (e)
        run_fail(run, e);
    else
        open_and_start(run);
}

/*
 * Checks the bucket first, so that no census is made for one that can't be used, then opens the
 * output.
 */
static void begin_reading(struct run *run)
{
    const struct config *config = run->config;
    struct error e;
    if (write_session_policy(run, &e) != 0 ||
        (config->destination.bucket &&
         !(run->bucket = services_bucket(&run->services, config, &e))))
        run_fail(run, &e);
    else if (run->bucket)
        bucket_check_start(&run->bucket_check, run->bucket, config->suppress_key,
                           run_on_bucket_checked, run);
    else
        open_and_start(run);
}

static void run_on_discovered(void *arg, const struct error *e)
{
    struct run *run = arg;
    size_t count;
    const struct skipped_account *skipped = discovery_skipped(&run->discovery, &count);
    result_add_skipped(&run->result, skipped, count);
    if (!run->options.started_s)
        run->result.started_s = run->discovery.started.at_s;
    if (e)
        run_fail(run, e);
    else if (run->options.goal == RUN_CENSUS)
        begin_reading(run);
    else {
        count_effort(run);
        run_over(run);
    }
}

/*
 * The organization id is part of the output's default name. A dry run needs neither name nor time,
 * so it contacts no service if its accounts are given.
 */
static void discover(struct run *run)
{
    const struct run_options *o = &run->options;
    const struct discovery_options options = {
        .config = run->config,
        .accounts = o->accounts,
        .account_count = o->account_count,
        .needs_organization_id = o->goal != RUN_DRY && !o->key && !run->config->destination.output,
        .needs_time = o->goal != RUN_DRY && !o->started_s,
    };
    discovery_start(&run->discovery, &options, run_on_discovered, run);
}

struct run *run_start(struct platform *platform, const struct config *config,
                      const struct run_options *options, void (*done)(void *arg), void *arg)
{
    struct run *run = xcalloc(1, sizeof(*run));
    char run_id[RUN_ID_SIZE];
    run->platform = platform;
    run->config = config;
    run->options = *options;
    run->report_limit_ms = REPORT_LIMIT_MS;
    run->done = done;
    run->arg = arg;
    services_init(&run->services, platform, config->max_connections);
    credentials_cache_on_lost(&run->services.credentials, run_on_credentials_lost, run);
    caller_init(&run->caller, &run->services.sts, &run->services.credentials);
    discovery_init(&run->discovery, &run->services);
    buffer_init(&run->session_policy, 2048);
    buffer_init(&run->path, PATH_MAX_BYTES);
    publication_init(&run->output, platform->loop);
    run_id_make(run_id);
    run->started_at_ms = clock_steady_ms(loop_clock(platform->loop));
    result_init(&run->result, options->started_s ? options->started_s : run->discovery.started.at_s,
                options->run_id ? options->run_id : run_id);
    discover(run);
    return run;
}

static void cancel_start(struct run *run)
{
    discovery_cancel(&run->discovery);
    bucket_check_release(&run->bucket_check);
}

static void run_on_stopped(void *arg)
{
    struct run *run = arg;
    const struct error e = run->error;
    run_fail(run, &e);
}

void run_stop(struct run *run, const char *stage, const char *reason)
{
    if (run->phase == READING) {
        stop_census(run, stage, reason);
    } else if (run->phase == STARTING) {
        cancel_start(run);
        error_set(&run->error, ERROR_CANCELLED, "%s before any account was read", reason);
        run->phase = WRITING;
        loop_soon(run->platform->loop, &run->stop_timer, run_on_stopped, run);
    }
}

static void run_on_given_up(void *arg, const struct error *e)
{
    struct run *run = arg;
    struct error mine = *e;
    error_prefix(&mine, "the run was given up");
    run_fail(run, &mine);
}

void run_abandon(struct run *run)
{
    if (run->phase == OVER)
        return;
    cancel_start(run);
    loop_timer_stop(run->platform->loop, &run->stop_timer);
    census_free(run->census);
    run->census = NULL;
    result_object_cancel(&run->result_object);
    run->phase = WRITING;
    publication_abandon(&run->output, run_on_given_up, run);
}

bool run_unsettled(const struct run *run, struct error *e)
{
    return publication_unsettled(&run->output, e);
}

static void run_on_deadline(void *arg)
{
    log_event(LOG_WARN, "deadline is near, ending the run", FIELD("stage", "Deadline"));
    run_stop(arg, "Deadline", "not reached before the function's deadline");
}

void run_set_deadline(struct run *run, int64_t delay_ms)
{
    int64_t margin_ms = delay_ms / 10;
    if (margin_ms < MARGIN_LEAST_MS)
        margin_ms = MARGIN_LEAST_MS;
    if (margin_ms > MARGIN_MOST_MS)
        margin_ms = MARGIN_MOST_MS;
    run->deadline_at_ms = loop_now_ms(run->platform->loop) + delay_ms;
    if (delay_ms / 2 < run->report_limit_ms)
        run->report_limit_ms = delay_ms > 0 ? delay_ms / 2 : 0;
    loop_timer_start(run->platform->loop, &run->deadline_timer, delay_ms - margin_ms,
                     run_on_deadline, run);
}

bool run_finished(const struct run *run)
{
    return run->phase == OVER;
}

enum run_status run_status(const struct run *run, const struct error **e)
{
    if (e)
        *e = run->status == RUN_OK ? NULL : &run->error;
    return run->status;
}

const struct result *run_result(const struct run *run)
{
    return &run->result;
}

size_t run_accounts_found(const struct run *run)
{
    size_t count;
    discovery_accounts(&run->discovery, &count);
    return count;
}

bool run_progress(const struct run *run, struct census_progress *progress)
{
    if (!run->census)
        return false;
    census_progress(run->census, progress);
    return true;
}

void run_free(struct run *run)
{
    if (!run)
        return;
    loop_timer_stop(run->platform->loop, &run->deadline_timer);
    loop_timer_stop(run->platform->loop, &run->lost_timer);
    loop_timer_stop(run->platform->loop, &run->stop_timer);
    census_free(run->census);
    result_object_cancel(&run->result_object);
    publication_release(&run->output);
    cancel_start(run);
    s3_bucket_free(run->bucket);
    caller_release(&run->caller);
    result_release(&run->result);
    buffer_release(&run->session_policy);
    buffer_release(&run->path);
    services_release(&run->services);
    free(run);
}
