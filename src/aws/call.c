/* SPDX-License-Identifier: MIT */
/*
 * A call goes through these states; the function that begins each stands below it:
 *
 *   IDLE -> WAITING_CREDENTIALS ---> WAITING_RATE ---> READY ------> IN_FLIGHT -> IDLE, 'done'
 *         call_want_credentials  call_want_rate   call_ready   call_send   |
 *              ^                                                           | call_failed: another
 *              +------------------------- BACKING_OFF <--------------------+ attempt is worth it
 *
 * A call passes through a state at once if there is nothing to wait for. READY is a place in the
 * client's queue (client.c), which hands the call to call_go when a slot is free. Credentials may
 * expire while the call stands in the queue, so call_go looks at them again. A request that can't
 * be signed goes from there to FAILING, and ends at the loop's next turn.
 */
#include "aws/call.h"

#include "aws/answer.h"
#include "aws/client.h"
#include "base/log.h"
#include "base/timestamp.h"

#include <stdio.h>
#include <stdlib.h>

/* How often one call is sent again with the time corrected by the Date of an answer. */
#define CLOCK_TRIALS_MAX 2

static void call_want_credentials(struct aws_call *call);
static void call_want_rate(void *arg);

/*
 * 'e' with the name of this call's operation; an error in getting credentials has its own already.
 */
static struct error with_operation(const struct aws_call *call, const struct error *e)
{
    struct error named = *e;
    if (named.operation[0] == '\0')
        snprintf(named.operation, sizeof(named.operation), "%s", call->request.operation);
    return named;
}

static void call_finish(struct aws_call *call, const struct error *e)
{
    call->state = CALL_IDLE;
    client_room_grew(call->client);
    if (!e) {
        call->done(call->arg, NULL);
        return;
    }
    const struct error named = with_operation(call, e);
    call->done(call->arg, &named);
}

/*
 * Reported before the call itself fails: whoever owns the credentials may end more than this call.
 */
static void tell_refusal(struct aws_call *call, const struct error *e)
{
    const struct error named = with_operation(call, e);
    credentials_cache_refuse(call->request.target.credentials, call->generation, &named);
}

static void call_ready(void *arg)
{
    struct aws_call *call = arg;
    call->state = CALL_READY;
    call->gone_at_ms = loop_now_ms(call->client->loop);
    client_enqueue(call);
    client_pump(call->client);
}

static void call_want_rate(void *arg)
{
    struct aws_call *call = arg;
    if (!call->request.target.rate || rate_take(call->request.target.rate)) {
        call_ready(call);
        return;
    }
    call->state = CALL_WAITING_RATE;
    rate_wait(call->request.target.rate, &call->rate_waiter, call_ready, call);
}

static void call_on_credentials(void *arg, const struct error *e)
{
    struct aws_call *call = arg;
    if (e)
        call_finish(call, e);
    else
        call_want_rate(call);
}

static void call_want_credentials(struct aws_call *call)
{
    struct credentials_cache *cache = call->request.target.credentials;
    if (!cache || credentials_cache_peek(cache)) {
        call_want_rate(call);
        return;
    }
    call->state = CALL_WAITING_CREDENTIALS;
    credentials_cache_wait(cache, &call->credentials_waiter, call_on_credentials, call);
}

static void call_on_backed_off(void *arg)
{
    call_want_credentials(arg);
}

/* Retry-After is a number of seconds, or an HTTP date (RFC 9110 section 10.2.3). */
static int64_t retry_after_ms(const struct aws_call *call, const struct http_response *response)
{
    struct view text = http_response_header(response, "Retry-After");
    int64_t now_s = client_wall_s(call->client) + call->clock->skew_s;
    int64_t at_s;
    if (!text.ptr)
        return 0;
    if (timestamp_parse_http(text, &at_s) == 0)
        return at_s > now_s ? (at_s - now_s) * 1000 : 0;
    long seconds = strtol(text.ptr, NULL, 10);
    return seconds <= 0 ? 0 : seconds < 86400 ? seconds * 1000 : INT64_C(86400000);
}

static struct clock_reading reading_of(const struct aws_call *call)
{
    return (struct clock_reading){.sent_s = call->sent_at_s,
                                  .received_s = client_wall_s(call->client),
                                  .signed_skew_s = call->signed_skew_s};
}

/* The call was refused for its time. True if it can be sent again with another correction. */
static bool find_other_time(struct aws_call *call, const struct http_response *response)
{
    const struct clock_reading reading = reading_of(call);
    if (call->clock_trials < CLOCK_TRIALS_MAX &&
        clock_skew_of(response, &reading, &call->trial_skew_s)) {
        call->clock_trials++;
        call->on_trial = true;
        return true;
    }
    /* Another call may have found the right correction meanwhile. */
    return !call->on_trial && call->signed_skew_s != call->clock->skew_s;
}

static void count_outcome(struct aws_call *call, enum retry_class class, const struct error *e)
{
    bool throttled = class == RETRY_THROTTLED;
    call->client->counters.throttled += throttled;
    if (!call->request.target.rate)
        return;
    if (throttled)
        rate_throttled(call->request.target.rate, call->gone_at_ms);
    else if (!e || e->kind == ERROR_SERVICE)
        rate_served(call->request.target.rate, call->gone_at_ms);
}

static void log_retry(const struct aws_call *call, const struct error *e, int64_t delay_ms)
{
    log_event(LOG_DEBUG, "retry", FIELD("operation", call->request.operation),
              FIELD_NUMBER("attempt", call->attempt), FIELD_NUMBER("wait_ms", delay_ms),
              FIELD("code", e->code), FIELD("reason", e->text));
}

static void call_failed(struct aws_call *call, const struct http_response *response,
                        const struct error *e)
{
    enum retry_class class = retry_classify(e);
    struct credentials_cache *cache = call->request.target.credentials;
    count_outcome(call, class, e);
    if (class == RETRY_EXPIRED && cache)
        credentials_cache_expire(cache, call->generation);
    if (class == RETRY_NEW_KEY && !(cache && credentials_cache_is_new(cache)))
        class = RETRY_REFUSED;
    bool again =
        class != RETRY_NEVER && class != RETRY_REFUSED && call->attempt < RETRY_ATTEMPTS_MAX;
    if (class == RETRY_SKEWED)
        again = again && find_other_time(call, response);
    if (cache && (class == RETRY_REFUSED || (class == RETRY_NEW_KEY && !again)))
        tell_refusal(call, e);
    if (!again) {
        call_finish(call, e);
        return;
    }
    int64_t delay_ms =
        retry_delay_ms(class, call->attempt, retry_after_ms(call, response), &call->client->random);
    log_retry(call, e, delay_ms);
    call->state = CALL_BACKING_OFF;
    loop_timer_start(call->client->loop, &call->timer, delay_ms, call_on_backed_off, call);
    client_room_grew(call->client);
}

/* A success or a refusal for any other reason shows that the service accepted the time. */
static void note_clock(struct aws_call *call, const struct http_response *response,
                       const struct error *e)
{
    const struct clock_reading reading = reading_of(call);
    if (e->kind == ERROR_NONE || (e->kind == ERROR_SERVICE && retry_classify(e) != RETRY_SKEWED))
        clock_accepted(&call->client->clocks, call->clock, response, &reading);
}

/* Notes what an attempt shows about its connection and about the proxy. */
static void note_connection(struct aws_call *call, const struct http_response *response,
                            const struct error *e)
{
    struct aws_client *client = call->client;
    bool broken = e && (e->kind == ERROR_NETWORK || e->kind == ERROR_TIMEOUT);
    /* If one kept connection is dead, others may be too. */
    call->fresh = broken && http_response_status(response) == 0;
    if (e && e->kind == ERROR_PROXY && client->refused.kind == ERROR_NONE)
        client->refused = *e;
    else
        client->proven = true;
}

static int call_on_body(void *arg, const struct http_response *response, struct view piece,
                        struct error *e)
{
    return answer_add(arg, response, piece, e);
}

static void call_on_response_done(void *arg, const struct http_response *response,
                                  const struct error *e)
{
    struct aws_call *call = arg;
    struct error mine;
    call->exchange = NULL;
    call->client->in_flight--;
    note_connection(call, response, e);
    if (e)
        mine = *e;
    else if (answer_end(call, response, &mine) == 0)
        error_clear(&mine);
    answer_drop(call);
    if (mine.kind != ERROR_NONE)
        answer_complete_error(call, response, &mine);
    note_clock(call, response, &mine);
    client_pump(call->client);
    if (mine.kind != ERROR_NONE) {
        call_failed(call, response, &mine);
        return;
    }
    count_outcome(call, RETRY_NEVER, NULL);
    call_finish(call, NULL);
}

static void call_on_failing(void *arg)
{
    struct aws_call *call = arg;
    struct error e = call->failure;
    call_finish(call, &e);
}

static void call_fail_soon(struct aws_call *call, const struct error *e)
{
    call->failure = *e;
    call->state = CALL_FAILING;
    loop_soon(call->client->loop, &call->timer, call_on_failing, call);
}

/* Computed once, for all attempts. */
static void call_hash_body(struct aws_call *call)
{
    if (call->request.body_hash.ptr)
        return;
    sigv4_hash_hex(call->request.body, call->body_hash);
    call->request.body_hash = view_of(call->body_hash);
}

static int call_make_head(struct aws_call *call, struct error *e)
{
    const struct aws_request *request = &call->request;
    call->signed_skew_s = call->on_trial ? call->trial_skew_s : call->clock->skew_s;
    if (request->target.credentials) {
        call->generation = request->target.credentials->generation;
        call_hash_body(call);
    }
    return head_make(&call->client->head, request,
                     client_wall_s(call->client) + call->signed_skew_s, e);
}

static void call_send(struct aws_call *call)
{
    static const struct http_handler handler = {call_on_body, call_on_response_done};
    struct aws_client *client = call->client;
    const struct aws_request *request = &call->request;
    struct error e;
    if (client->refused.kind != ERROR_NONE) {
        call_fail_soon(call, &client->refused);
        return;
    }
    if (call_make_head(call, &e) != 0) {
        head_wipe(&client->head);
        call_fail_soon(call, &e);
        return;
    }
    client->counters.requests++;
    if (request->target.requests)
        ++*request->target.requests;
    client->counters.retries += call->attempt > 0;
    client->in_flight++;
    call->attempt++;
    call->answered = false;
    call->sent_at_s = client_wall_s(client);
    call->state = CALL_IN_FLIGHT;
    const struct http_request http = {
        .method = request->method,
        .url = buffer_text(&client->head.url),
        .headers = client->head.list,
        .header_count = client->head.count,
        .body = request->body,
        .fresh = call->fresh,
        .max_response_bytes = request->max_response_bytes,
        .read_timeout_ms = request->read_timeout_ms,
        .total_timeout_ms = request->total_timeout_ms,
    };
    call->exchange = http_start(client->http, &http, &handler, call);
    head_wipe(&client->head);
}

/* The credentials may have expired while the call waited in the queue. */
void call_go(struct aws_call *call)
{
    struct credentials_cache *cache = call->request.target.credentials;
    if (!cache || credentials_cache_peek(cache)) {
        call_send(call);
        return;
    }
    call->state = CALL_WAITING_CREDENTIALS;
    credentials_cache_wait(cache, &call->credentials_waiter, call_on_credentials, call);
}

static void call_init(struct aws_call *call, const struct aws_request *request,
                      void (*done)(void *arg, const struct error *e), void *arg)
{
    call->client = request->target.client;
    call->request = *request;
    call->done = done;
    call->arg = arg;
    call->attempt = 0;
    call->fresh = false;
    call->clock = clocks_find(&call->client->clocks, request->target.endpoint->host);
    call->clock_trials = 0;
    call->on_trial = false;
    call->signed_skew_s = call->clock->skew_s;
}

void aws_call_start(struct aws_call *call, const struct aws_request *request,
                    void (*done)(void *arg, const struct error *e), void *arg)
{
    call_init(call, request, done, arg);
    call_want_credentials(call);
}

void aws_call_fail(struct aws_call *call, const struct aws_request *request, const struct error *e,
                   void (*done)(void *arg, const struct error *e), void *arg)
{
    call_init(call, request, done, arg);
    call_fail_soon(call, e);
}

void aws_call_cancel(struct aws_call *call)
{
    struct aws_client *client = call->client;
    switch (call->state) {
    case CALL_IDLE:
        return;
    case CALL_WAITING_CREDENTIALS:
        credentials_cache_leave(&call->credentials_waiter);
        break;
    case CALL_WAITING_RATE:
        rate_leave(call->request.target.rate, &call->rate_waiter);
        break;
    case CALL_READY:
        client_dequeue(call);
        break;
    case CALL_IN_FLIGHT:
        http_cancel(call->exchange);
        call->exchange = NULL;
        answer_drop(call);
        client->in_flight--;
        client_pump_soon(client);
        break;
    case CALL_BACKING_OFF:
    case CALL_FAILING:
        loop_timer_stop(client->loop, &call->timer);
        break;
    }
    call->state = CALL_IDLE;
    client_room_grew(client);
}
