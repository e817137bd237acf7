/* SPDX-License-Identifier: MIT */
/*
 * lambda.c: the loop of one sandbox, one invocation at a time.
 *
 *     GET .../invocation/next     waits, perhaps frozen for hours
 *        | event, request id, deadline
 *     configure -- wrong: POST .../response with status 500
 *        |
 *     a run (a census), or a step of the fan-out
 *        |                        SIGTERM: abandoned within 400 ms, then the process ends
 *     POST .../response  the result document, or the step's answer
 *     POST .../error     a step that failed, which Step Functions tries again
 *        |
 *     everything of the invocation is freed; again from the top
 *
 * Five failures of the Runtime API in a row end the process.
 */
#include "app/lambda.h"

#include "app/event.h"
#include "app/exit_status.h"
#include "app/fanout/fanout.h"
#include "app/lambda_answer.h"
#include "app/metrics.h"
#include "app/run.h"
#include "app/signals.h"
#include "base/alloc.h"
#include "base/environ.h"
#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>

#define EVENT_MAX_BYTES    ((size_t)8 * 1024 * 1024) /* Lambda's own limit is 6 MB */
#define RESPONSE_MAX_BYTES ((size_t)1024 * 1024 * 1024)
#define API_ERRORS_MAX     5
/*
 * Lambda kills the process half a second after SIGTERM (Developer Guide, "Lambda execution
 * environment").
 */
#define SIGNAL_MS         400
#define API_ERROR_WAIT_MS 200
#define REQUEST_ID_SIZE   128

/* Asks for an event, runs it, answers, asks for the next: one thing at a time. */
struct lambda {
    struct settings process_settings; /* from the environment, for what a process has only once */
    struct platform platform;
    struct signals signals;
    char *base_url; /* "http://127.0.0.1:9001/2018-06-01/runtime" */
    bool done;
    bool ending; /* a signal came while a census ran */
    int status;
    struct error
        broken; /* why no event can be served, which is then every event's answer; or ERROR_NONE */
    unsigned api_errors;
    struct http_exchange *exchange;
    struct loop_timer next_timer;   /* when to ask for the next event */
    struct loop_timer signal_timer; /* when to stop waiting for an abandoned run or step */

    /* The current invocation. */
    char request_id[REQUEST_ID_SIZE];
    int64_t deadline_ms; /* milliseconds since 1970; 0: none */
    struct buffer event;
    struct buffer answer;
    struct settings settings;
    struct config config;
    json_t *event_json;
    const struct step_kind *kind; /* NULL: a whole census in this invocation */
    struct run *run;              /* that census */
    struct step *step;            /* or a step of a census in several invocations */
};

static void lambda_ask_next(void *arg);

static int lambda_on_event_data(void *arg, const struct http_response *response UNUSED,
                                struct view piece, struct error *e)
{
    struct lambda *l = arg;
    buffer_add_view(&l->event, piece);
    return buffer_check(&l->event, "the event", e);
}

static void end_invocation(struct lambda *l)
{
    run_free(l->run);
    l->run = NULL;
    step_free(l->step);
    l->step = NULL;
    json_decref(l->event_json);
    l->event_json = NULL;
    config_release(&l->config);
    l->config = (struct config){0};
    settings_release(&l->settings);
    buffer_release(&l->event);
    buffer_release(&l->answer);
}

/* Without the Runtime API there is nothing to do: after a few tries the process ends, and Lambda
 * starts a new sandbox. */
static void api_failed(struct lambda *l, const char *what, const struct error *e, int status)
{
    log_event(LOG_ERROR, "Lambda Runtime API failed", FIELD("request", what),
              FIELD_NUMBER("status", status), FIELD("reason", e ? e->text : ""));
    if (++l->api_errors < API_ERRORS_MAX) {
        loop_timer_start(l->platform.loop, &l->next_timer, API_ERROR_WAIT_MS, lambda_ask_next, l);
        return;
    }
    l->status = EXIT_NOTHING;
    l->done = true;
}

static void lambda_on_answer_taken(void *arg, const struct http_response *response,
                                   const struct error *e)
{
    struct lambda *l = arg;
    int status = http_response_status(response);
    l->exchange = NULL;
    end_invocation(l);
    if (e || status / 100 != 2) {
        api_failed(l, "response", e, status);
        return;
    }
    l->api_errors = 0;
    loop_soon(l->platform.loop, &l->next_timer, lambda_ask_next, l);
}

/* POST to ".../invocation/ID/response" or ".../invocation/ID/error". */
static void post(struct lambda *l, const char *path, const char *error_type)
{
    static const struct http_handler handler = {NULL, lambda_on_answer_taken};
    char url[1024];
    char type[128];
    const char *headers[] = {"Content-Type: application/json", type};
    snprintf(url, sizeof(url), "%s/%s", l->base_url, path);
    snprintf(type, sizeof(type), "Lambda-Runtime-Function-Error-Type: %s",
             error_type ? error_type : "");
    const struct http_request request = {.method = "POST",
                                         .url = url,
                                         .headers = headers,
                                         .header_count = error_type ? 2 : 1,
                                         .body = buffer_view(&l->answer),
                                         .max_response_bytes = 65536,
                                         .no_proxy = true};
    l->exchange = http_start(l->platform.http, &request, &handler, l);
}

static void answer_failure(struct lambda *l, const struct error *e);

static void post_response(struct lambda *l)
{
    char path[REQUEST_ID_SIZE + 32];
    struct error e;
    if (buffer_check(&l->answer, "the answer", &e) != 0) {
        answer_failure(l, &e);
        return;
    }
    snprintf(path, sizeof(path), "invocation/%s/response", l->request_id);
    post(l, path, NULL);
}

static void post_error(struct lambda *l, const char *type, const char *message)
{
    char path[REQUEST_ID_SIZE + 32];
    lambda_answer_error(type, message, &l->answer);
    snprintf(path, sizeof(path), "invocation/%s/error", l->request_id);
    post(l, path, type);
}

static void answer_failure(struct lambda *l, const struct error *e)
{
    log_event(LOG_ERROR, "run failed", FIELD("reason", e->text));
    lambda_answer_failure(e->text, &l->answer);
    post_response(l);
}

static void answer_result(struct lambda *l)
{
    const struct result *result = run_result(l->run);
    metrics_write(result, loop_clock(l->platform.loop));
    lambda_answer_result(result, &l->answer);
    post_response(l);
}

static void lambda_on_run_done(void *arg)
{
    struct lambda *l = arg;
    const struct error *e;
    if (l->ending) { /* the sandbox is ending, so nobody waits for the answer */
        l->done = true;
        return;
    }
    if (run_status(l->run, &e) == RUN_OK)
        answer_result(l);
    else
        answer_failure(l, e);
}

static void lambda_on_step_done(void *arg)
{
    struct lambda *l = arg;
    const struct error *e = step_error(l->step);
    if (l->ending) {
        l->done = true;
        return;
    }
    if (e && e->kind == ERROR_CONFIG) {
        answer_failure(l, e);
        return;
    }
    if (e) { /* an error of the invocation, which Step Functions tries again */
        log_event(LOG_ERROR, "run failed", FIELD("reason", e->text));
        post_error(l, error_code(e), e->text);
        return;
    }
    if (step_result(l->step))
        metrics_write(step_result(l->step), loop_clock(l->platform.loop));
    lambda_answer_step(step_answer(l->step), &l->answer);
    post_response(l);
}

static int configure(struct lambda *l, struct error *e)
{
    json_error_t where;
    l->event_json = json_loadb(buffer_text(&l->event), l->event.len,
                               JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &where);
    if (!l->event_json)
        return error_set(e, ERROR_CONFIG, "the event is not JSON%s (line %d, column %d)",
                         json_error_code(&where) == json_error_duplicate_key
                             ? ": it has a duplicate member"
                             : "",
                         where.line, where.column);
    settings_from_environment(&l->settings);
    if (event_check(l->event_json, e) != 0 ||
        settings_from_event(&l->settings, l->event_json, e) != 0 ||
        fanout_find(l->event_json, &l->kind, e) != 0 ||
        config_make(&l->settings, true, &l->config, e) != 0)
        return -1;
    if (l->broken.kind == ERROR_NONE)
        return 0;
    *e = l->broken;
    return -1;
}

static void invoke(struct lambda *l)
{
    const struct run_options options = {.started_s = 0};
    struct error e;
    if (configure(l, &e) != 0) {
        answer_failure(l, &e);
        return;
    }
    int64_t delay_ms =
        l->deadline_ms > 0 ? l->deadline_ms - clock_wall_ms(loop_clock(l->platform.loop)) : 0;
    if (l->kind) {
        l->step = step_start(l->kind, &l->platform, &l->config, l->event_json, delay_ms,
                             lambda_on_step_done, l);
        return;
    }
    l->run = run_start(&l->platform, &l->config, &options, lambda_on_run_done, l);
    if (l->deadline_ms > 0)
        run_set_deadline(l->run, delay_ms);
}

static void lambda_on_event(void *arg, const struct http_response *response, const struct error *e)
{
    struct lambda *l = arg;
    struct view id = http_response_header(response, "Lambda-Runtime-Aws-Request-Id");
    l->exchange = NULL;
    snprintf(l->request_id, sizeof(l->request_id), "%.*s", VIEW_ARG(id));
    if (e || http_response_status(response) != 200 || id.len == 0) {
        end_invocation(l);
        api_failed(l, "next", e, http_response_status(response));
        return;
    }
    struct view deadline = http_response_header(response, "Lambda-Runtime-Deadline-Ms");
    l->deadline_ms = deadline.ptr ? strtoll(deadline.ptr, NULL, 10) : 0;
    log_event(LOG_INFO, "invoked", FIELD("request_id", l->request_id));
    invoke(l);
}

static void lambda_ask_next(void *arg)
{
    static const struct http_handler handler = {lambda_on_event_data, lambda_on_event};
    struct lambda *l = arg;
    char url[1024];
    /* The sandbox may be frozen for hours until the next event. */
    http_client_drop_idle(l->platform.http);
    buffer_init(&l->event, EVENT_MAX_BYTES);
    buffer_init(&l->answer, RESPONSE_MAX_BYTES);
    snprintf(url, sizeof(url), "%s/invocation/next", l->base_url);
    const struct http_request request = {.method = "GET",
                                         .url = url,
                                         .max_response_bytes = EVENT_MAX_BYTES,
                                         .no_proxy = true,
                                         .read_timeout_ms = -1,
                                         .total_timeout_ms = -1};
    l->exchange = http_start(l->platform.http, &request, &handler, l);
}

static void log_unsettled(const struct lambda *l)
{
    struct error e;
    if ((l->run && run_unsettled(l->run, &e)) || (l->step && step_unsettled(l->step, &e)))
        log_event(LOG_WARN, "function ended before its unfinished output could be removed",
                  FIELD("reason", e.text));
}

static void lambda_on_too_late(void *arg)
{
    struct lambda *l = arg;
    log_unsettled(l);
    l->done = true;
}

/* The sandbox is ending: a half-written output is removed, if there is time. */
static void lambda_on_signal(void *arg, int signal)
{
    struct lambda *l = arg;
    log_event(LOG_INFO, "ending on a signal", FIELD_NUMBER("signal", signal));
    bool working = (l->run && !run_finished(l->run)) || (l->step && !step_finished(l->step));
    if (!working || l->ending) {
        l->done = true;
        return;
    }
    l->ending = true;
    loop_timer_start(l->platform.loop, &l->signal_timer, SIGNAL_MS, lambda_on_too_late, l);
    if (l->run)
        run_abandon(l->run);
    else
        step_abandon(l->step);
}

/*
 * Makes a loop and an HTTP client without settings: enough to answer each event with what is wrong
 * with the settings.
 */
static int bare_platform(struct platform *p, struct error *e)
{
    const struct http_options options = {.user_agent = "iam-census",
                                         .max_connections = 1,
                                         .connect_timeout_ms = 5000,
                                         .read_timeout_ms = 5000,
                                         .total_timeout_ms = 10000};
    platform_release(p);
    p->loop = loop_new(clock_system(), e);
    p->http = p->loop ? http_client_new(p->loop, &options, e) : NULL;
    return p->http ? 0 : -1;
}

static void configure_log(const struct settings *s)
{
    const char *level = settings_text(s, SETTING_LOG_LEVEL);
    const char *format = settings_text(s, SETTING_LOG_FORMAT);
    log_configure(log_level_find(level, LOG_INFO),
                  format && strcmp(format, "text") == 0 ? LOG_TEXT : LOG_JSON, clock_system());
}

/* Without a loop, nobody can be answered: Lambda reports the end of the process, and the log says
 * why.
 */
static int not_started(const struct error *e)
{
    log_event(LOG_ERROR, "function can't start", FIELD("reason", e->text));
    return EXIT_NOTHING;
}

/*
 * An error in the environment is the answer to every event, just as an error in an event is that
 * event's answer: whoever invokes the function sees it, and Lambda does not start one sandbox after
 * another.
 */
static int serve(struct lambda *l)
{
    struct error e;
    settings_from_environment(&l->process_settings);
    configure_log(&l->process_settings);
    if (platform_init(&l->platform, &l->process_settings, &l->broken) == 0)
        error_clear(&l->broken);
    else if (bare_platform(&l->platform, &e) != 0)
        return not_started(&e);
    if (signals_start(&l->signals, l->platform.loop, lambda_on_signal, l, &e) != 0)
        return not_started(&e);
    lambda_ask_next(l);
    if (loop_run(l->platform.loop, &l->done, &e) != 0) {
        log_event(LOG_ERROR, "event loop failed", FIELD("reason", e.text));
        log_unsettled(l);
        l->status = EXIT_NOTHING;
    }
    http_cancel(l->exchange);
    end_invocation(l);
    signals_stop(&l->signals);
    return l->status;
}

int lambda_main(void)
{
    struct lambda l = {.status = EXIT_ALL_READ};
    const char *api = environ_get(environ_system(), "AWS_LAMBDA_RUNTIME_API");
    char url[512];
    if (!api) {
        fputs("iam-census: started as 'bootstrap' and AWS_LAMBDA_RUNTIME_API is not set: this "
              "name is for AWS Lambda\n",
              stderr);
        return EXIT_USAGE;
    }
    snprintf(url, sizeof(url), "http://%s/2018-06-01/runtime", api);
    l.base_url = url;
    int status = serve(&l);
    platform_release(&l.platform);
    settings_release(&l.process_settings);
    return status;
}
