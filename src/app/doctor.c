/* SPDX-License-Identifier: MIT */
/*
 * doctor.c: what is asked; an error of one step is noted, and hides none of the others:
 *
 *     the caller's credentials -> GetCallerIdentity      without credentials: over
 *        |
 *        +-> the output: can it be written?
 *        |
 *        +-> the organization's id, if the output's name needs it -> the accounts
 *               |                                                       | each, as soon as it is
 * known |                                                       v | the survey (doctor/survey) all
 * of them are over: verdicts and fixes, as text or JSON
 */
#include "app/doctor.h"

#include "app/command.h"
#include "app/console.h"
#include "app/discovery.h"
#include "app/exit_status.h"
#include "app/output_check.h"
#include "app/shell_words.h"
#include "app/signals.h"
#include "aws/partition.h"
#include "aws/retry.h"
#include "base/alloc.h"
#include "base/colour.h"
#include "base/leftover.h"
#include "base/log.h"
#include "base/plural.h"
#include "doctor/doctor_json.h"
#include "doctor/doctor_text.h"
#include "doctor/survey.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define TEXT_MAX_BYTES    ((size_t)1024 * 1024 * 1024)
#define OPTIONS_MAX_BYTES ((size_t)64 * 1024)
#define TARGET_MAX_BYTES  8192
#define PROGRESS_EVERY_MS 500

struct doctor {
    struct settings *settings;
    struct platform platform;
    struct config config;
    struct services services;
    struct signals signals;
    struct console console;
    struct loop_timer progress_timer, start_timer;
    struct credentials_waiter credentials;
    struct sts_call *identity;
    struct organizations_call *describe;
    struct discovery discovery;
    struct s3_bucket *bucket;
    struct output_check output;
    struct buffer session_policy, options;
    struct caller caller;
    struct survey *survey;
    struct diagnosis diagnosis;
    struct error error; /* why nothing could be asked */
    bool output_known, accounts_known, surveyed;
    bool done, interrupted;
};

static const char *keep(struct doctor *d, const char *text)
{
    return arena_copy(&d->diagnosis.arena, view_of(text)).ptr;
}

static void give_up(struct doctor *d, const struct error *e)
{
    d->error = *e;
    error_add_origin(&d->error);
    d->done = true;
}

/* The last one of the three that are under way at the same time ends the work. */
static void one_is_over(struct doctor *d)
{
    if (d->output_known && d->accounts_known && d->surveyed)
        d->done = true;
}

static void doctor_on_surveyed(void *arg)
{
    struct doctor *d = arg;
    survey_take(d->survey);
    d->surveyed = true;
    one_is_over(d);
}

static int write_session_policy(struct doctor *d, struct error *e)
{
    if (d->config.session_policy)
        facts_write_policy(d->config.strategy, d->config.wanted, &d->session_policy);
    return buffer_check(&d->session_policy, "the session policy (--no-session-policy)", e);
}

static void start_survey(struct doctor *d)
{
    const struct probe_context context = {
        .client = d->services.client,
        .sts = &d->services.sts,
        .iam = &d->services.iam,
        .caller = &d->caller,
        .partition = d->diagnosis.partition,
        .session_policy = d->config.session_policy ? buffer_view(&d->session_policy) : VIEW_NONE,
        .external_id = secret_present(&d->config.external_id) ? &d->config.external_id : NULL,
        .uses_report = !d->diagnosis.no_report && d->config.strategy != STRATEGY_PER_USER,
        .diagnosis = &d->diagnosis,
    };
    d->survey = survey_start(&context, doctor_on_surveyed, d);
}

static void note_output(struct doctor *d, const struct error *e)
{
    struct diagnosis_output *output = &d->diagnosis.output;
    char action[DENIAL_ACTION_SIZE];
    output->ok = !e;
    if (!e)
        return;
    output->error = keep(d, e->text);
    output->code = e->kind == ERROR_SERVICE ? keep(d, error_code(e)) : NULL;
    if (!denial_is(e))
        return;
    denial_read(e->text, &output->denial);
    denial_action(e->text, action);
    output->action = action[0] ? keep(d, action) : NULL;
}

static void doctor_on_output(void *arg, const struct error *e)
{
    struct doctor *d = arg;
    note_output(d, e);
    d->output_known = true;
    if (d->interrupted)
        d->done = true;
    one_is_over(d);
}

static void check_output(struct doctor *d)
{
    struct error e;
    struct buffer target;
    buffer_init(&target, TARGET_MAX_BYTES);
    output_check_target(&d->config, &target);
    d->diagnosis.output.target = keep(d, buffer_text_cut(&target));
    d->diagnosis.output.key = d->config.destination.sse_kms_key_id;
    d->diagnosis.output.owner = d->config.destination.expected_bucket_owner;
    buffer_release(&target);
    if (d->config.destination.bucket &&
        !(d->bucket = services_bucket(&d->services, &d->config, &e)))
        doctor_on_output(d, &e);
    else
        output_check_start(&d->output, d->platform.loop, &d->config, d->bucket, doctor_on_output,
                           d);
}

static void doctor_on_found(void *arg, const struct census_account *account)
{
    struct doctor *d = arg;
    survey_add(d->survey, account);
}

static void note_organization(struct doctor *d, const struct error *e)
{
    struct diagnosis_organization *organization = &d->diagnosis.organization;
    enum retry_class class = retry_classify(e);
    organization->error = keep(d, e->text);
    organization->refused = e->kind == ERROR_CREDENTIALS || class == RETRY_EXPIRED ||
                            class == RETRY_NEW_KEY || class == RETRY_REFUSED;
    organization->undenied = e->kind != ERROR_SERVICE || class != RETRY_NEVER ||
                             error_is_code(e, "ParentNotFoundException");
}

/* If not all accounts could be found, none counts: the census would not begin either. */
static void doctor_on_accounts(void *arg, const struct error *e)
{
    struct doctor *d = arg;
    size_t skipped;
    discovery_skipped(&d->discovery, &skipped);
    d->diagnosis.organization.skipped = skipped;
    d->accounts_known = true;
    if (e) {
        note_organization(d, e);
        survey_free(d->survey);
        d->survey = NULL;
        d->surveyed = true;
        one_is_over(d);
    } else {
        survey_close(d->survey);
    }
}

static void find_accounts(struct doctor *d)
{
    const struct discovery_options options = {.config = &d->config, .found = doctor_on_found};
    discovery_start(&d->discovery, &options, doctor_on_accounts, d);
}

static void doctor_on_organization(void *arg, struct view id)
{
    struct doctor *d = arg;
    d->diagnosis.organization.id = arena_copy(&d->diagnosis.arena, id).ptr;
}

static void doctor_on_described(void *arg, const struct error *e)
{
    struct doctor *d = arg;
    d->describe = NULL;
    if (e)
        note_organization(d, e);
    find_accounts(d);
}

/* The id is needed only for the name that the output gets by default. */
static void find_organization(struct doctor *d)
{
    static const struct organizations_handler handler = {NULL, doctor_on_organization,
                                                         doctor_on_described};
    const struct aws_target target = services_organizations(&d->services);
    if (d->config.organization_id.ptr)
        doctor_on_organization(d, d->config.organization_id);
    if (d->config.organization_id.ptr || d->config.destination.output)
        find_accounts(d);
    else
        d->describe = organizations_describe(&target, &handler, d);
}

static void note_caller(struct doctor *d, const struct sts_identity *identity,
                        const struct error *e)
{
    struct diagnosis_caller *caller = &d->diagnosis.caller;
    const struct credentials *credentials = credentials_cache_peek(&d->services.credentials);
    caller->region = d->platform.region;
    caller->expires_at_s = TIMESTAMP_NONE;
    if (credentials && credentials->expires_at_s != CREDENTIALS_NEVER_EXPIRE)
        caller->expires_at_s = credentials->expires_at_s;
    caller->clock_skew_s = aws_client_ahead_s(d->services.client);
    d->diagnosis.now_s = clock_wall_ms(loop_clock(d->platform.loop)) / 1000 + caller->clock_skew_s;
    if (identity) {
        caller->arn = arena_copy(&d->diagnosis.arena, identity->arn).ptr;
        caller->account_id = arena_copy(&d->diagnosis.arena, identity->account).ptr;
    } else {
        caller->code = keep(d, error_code(e));
        caller->error = keep(d, e->text);
    }
}

static void doctor_on_identity(void *arg, const struct sts_identity *identity,
                               const struct error *e)
{
    struct doctor *d = arg;
    struct error mine;
    d->identity = NULL;
    if (e) {
        mine = *e;
        if (services_explain_refusal(&d->services, &mine)) {
            give_up(d, &mine);
            return;
        }
    }
    note_caller(d, identity, e);
    if (write_session_policy(d, &mine) != 0) {
        give_up(d, &mine);
        return;
    }
    start_survey(d);
    check_output(d);
    find_organization(d);
}

static void doctor_on_credentials(void *arg, const struct error *e)
{
    struct doctor *d = arg;
    struct error mine;
    if (!e) {
        d->identity = sts_get_caller_identity(&d->services.sts, &d->services.credentials,
                                              doctor_on_identity, d);
        return;
    }
    mine = *e;
    if (!services_explain_refusal(&d->services, &mine) && mine.kind == ERROR_CREDENTIALS)
        mine.kind = ERROR_CONFIG;
    give_up(d, &mine);
}

static void doctor_on_start(void *arg)
{
    struct doctor *d = arg;
    struct error e;
    if (services_resolve(&d->services, &e) != 0)
        give_up(d, &e);
    else
        credentials_cache_wait(&d->services.credentials, &d->credentials, doctor_on_credentials, d);
}

static void doctor_on_progress(void *arg)
{
    struct doctor *d = arg;
    char text[PROGRESS_SIZE] = "looking for accounts";
    if (d->survey)
        snprintf(text, sizeof(text), "asked %zu of %zu account%s", survey_asked(d->survey),
                 survey_known(d->survey), plural_s(survey_known(d->survey)));
    progress_show(&d->console.progress, text);
    loop_timer_start(d->platform.loop, &d->progress_timer, PROGRESS_EVERY_MS, doctor_on_progress,
                     d);
}

/* The first signal waits for the output's check, which would leave an upload; the second does not.
 */
static void doctor_on_signal(void *arg, int signal UNUSED)
{
    struct doctor *d = arg;
    progress_echoed(&d->console.progress);
    if (d->interrupted || !output_check_busy(&d->output))
        d->done = true;
    d->interrupted = true;
}

static void begin_diagnosis(struct doctor *d)
{
    struct diagnosis *diagnosis = &d->diagnosis;
    arena_init(&diagnosis->arena);
    diagnosis->role_name = arena_copy(&diagnosis->arena, d->config.role).ptr;
    diagnosis->partition = partition_of_region(view_of(d->platform.region))->id;
    diagnosis->external_id = secret_present(&d->config.external_id);
    diagnosis->session_policy = d->config.session_policy;
    diagnosis->strategy = d->config.strategy;
    diagnosis->no_report = d->config.max_report_age_s == 0;
    diagnosis->connections = d->config.max_connections;
    diagnosis->wanted = d->config.wanted;
    shell_words_of_settings(d->settings, &d->options);
    diagnosis->collect_options = keep(d, buffer_text_cut(&d->options));
}

static int report(struct doctor *d)
{
    struct buffer text;
    struct fixes fixes;
    struct error e;
    if (d->interrupted) {
        error_set(&e, ERROR_CANCELLED, "interrupted: nothing is diagnosed");
        return command_complain(&e, EXIT_NOTHING);
    }
    if (d->error.kind != ERROR_NONE)
        return command_complain(&d->error,
                                d->error.kind == ERROR_CONFIG ? EXIT_USAGE : EXIT_NOTHING);
    d->diagnosis.calls = aws_client_counters(d->services.client)->requests;
    diagnosis_conclude(&d->diagnosis);
    fixes_make(&d->diagnosis, &d->diagnosis.arena, &fixes);
    buffer_init(&text, TEXT_MAX_BYTES);
    if (settings_switch(d->settings, SETTING_JSON))
        doctor_json_write(&d->diagnosis, &fixes, &text);
    else
        doctor_text_write(&d->diagnosis, &fixes, colour_wanted(STDOUT_FILENO), &text);
    int printed = command_print(&text, "the diagnosis");
    buffer_release(&text);
    return printed != EXIT_ALL_READ ? printed : diagnosis_exit_status(&d->diagnosis);
}

static void release_run(struct doctor *d)
{
    loop_timer_stop(d->platform.loop, &d->start_timer);
    credentials_cache_leave(&d->credentials);
    sts_cancel(d->identity);
    organizations_cancel(d->describe);
    discovery_cancel(&d->discovery);
    output_check_release(&d->output);
    survey_free(d->survey);
    s3_bucket_free(d->bucket);
    caller_release(&d->caller);
    arena_release(&d->diagnosis.arena);
    buffer_release(&d->session_policy);
    buffer_release(&d->options);
    services_release(&d->services);
}

static int run_to_end(struct doctor *d)
{
    struct error e;
    struct loop *loop = d->platform.loop;
    int status;
    if (signals_start(&d->signals, loop, doctor_on_signal, d, &e) != 0)
        return command_complain(&e, EXIT_NOTHING);
    services_init(&d->services, &d->platform, d->config.max_connections);
    caller_init(&d->caller, &d->services.sts, &d->services.credentials);
    discovery_init(&d->discovery, &d->services);
    buffer_init(&d->session_policy, 2048);
    buffer_init(&d->options, OPTIONS_MAX_BYTES);
    begin_diagnosis(d);
    loop_soon(loop, &d->start_timer, doctor_on_start, d);
    if (progress_is_possible())
        loop_timer_start(loop, &d->progress_timer, PROGRESS_EVERY_MS, doctor_on_progress, d);
    int waited = loop_run(loop, &d->done, &e);
    loop_timer_stop(loop, &d->progress_timer);
    signals_stop(&d->signals);
    console_end(&d->console);
    status = waited != 0 ? command_complain(&e, EXIT_NOTHING) : report(d);
    if (waited != 0)
        leftovers_remove();
    release_run(d);
    return status;
}

int doctor_run(struct settings *settings)
{
    struct doctor d = {.settings = settings};
    struct error e;
    int status;
    console_configure(&d.console, settings);
    if (config_make(settings, false, &d.config, &e) != 0 ||
        platform_init(&d.platform, settings, &e) != 0)
        status = command_complain(&e, e.kind == ERROR_SYSTEM ? EXIT_NOTHING : EXIT_USAGE);
    else
        status = run_to_end(&d);
    console_end(&d.console);
    config_release(&d.config);
    platform_release(&d.platform);
    return status;
}
