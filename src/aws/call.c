#include "aws/call.h"

#include "base/alloc.h"
#include "base/log.h"
#include "base/timestamp.h"

#include <stdio.h>
#include <stdlib.h>

#define URL_MAX_BYTES     ((size_t)16 * 1024)
#define HEADERS_MAX_BYTES ((size_t)64 * 1024)
#define HEADERS_MAX       24
/* How often one call is sent again by the time of another answer's Date. */
#define CLOCK_TRIALS_MAX 2

struct queue {
    struct aws_call *first, **last;
};

struct aws_client {
    struct http_client *http;
    struct loop *loop;
    struct random random;
    size_t max_in_flight, in_flight, ready;
    struct queue urgent, usual;
    struct aws_counters counters;
    struct service_clocks clocks;
    struct loop_timer room_timer;
    void (*on_room)(void *arg);
    void *on_room_arg;
    /* Used and left within one function; kept to spare allocations. */
    struct buffer url, lines, path;
};

struct aws_client *aws_client_new(struct http_client *http,
                                  const struct aws_client_options *options)
{
    struct aws_client *client = xcalloc(1, sizeof(*client));
    client->http = http;
    client->loop = http_client_loop(http);
    client->max_in_flight = options->max_in_flight;
    client->urgent.last = &client->urgent.first;
    client->usual.last = &client->usual.first;
    random_init(&client->random, options->seed);
    buffer_init(&client->url, URL_MAX_BYTES);
    buffer_init(&client->path, URL_MAX_BYTES);
    buffer_init(&client->lines, HEADERS_MAX_BYTES);
    return client;
}

void aws_client_free(struct aws_client *client)
{
    if (!client)
        return;
    loop_timer_stop(client->loop, &client->room_timer);
    secret_wipe(client->lines.data, client->lines.capacity);
    buffer_release(&client->url);
    buffer_release(&client->path);
    buffer_release(&client->lines);
    clocks_release(&client->clocks);
    free(client);
}

struct loop *aws_client_loop(const struct aws_client *client)
{
    return client->loop;
}

struct http_client *aws_client_http(const struct aws_client *client)
{
    return client->http;
}

struct random *aws_client_random(struct aws_client *client)
{
    return &client->random;
}

static int64_t wall_s(const struct aws_client *client)
{
    return clock_wall_ms(loop_clock(client->loop)) / 1000;
}

int64_t aws_client_ahead_s(const struct aws_client *client)
{
    return clocks_ahead_s(&client->clocks);
}

const int64_t *aws_client_skew_s(struct aws_client *client, const struct endpoint *endpoint)
{
    return &clocks_find(&client->clocks, endpoint->host)->skew_s;
}

const struct aws_counters *aws_client_counters(const struct aws_client *client)
{
    return &client->counters;
}

long aws_client_room(const struct aws_client *client)
{
    return (long)client->max_in_flight - (long)client->in_flight - (long)client->ready;
}

void aws_client_on_room(struct aws_client *client, void (*fn)(void *arg), void *arg)
{
    client->on_room = fn;
    client->on_room_arg = arg;
}

static void tell_room(void *arg)
{
    struct aws_client *client = arg;
    if (client->on_room)
        client->on_room(client->on_room_arg);
}

static void room_grew(struct aws_client *client)
{
    if (client->on_room && client->room_timer.heap_place == 0)
        loop_timer_start(client->loop, &client->room_timer, 0, tell_room, client);
}

static void queue_remove(struct queue *q, struct aws_call *call)
{
    *call->place = call->next;
    if (call->next)
        call->next->place = call->place;
    else
        q->last = call->place;
    call->next = NULL;
    call->place = NULL;
}

static struct queue *queue_of(struct aws_call *call)
{
    return call->request.urgent ? &call->client->urgent : &call->client->usual;
}

static void client_pump(struct aws_client *client);
static void call_want_credentials(struct aws_call *call);
static void call_want_rate(void *arg);

static void call_finish(struct aws_call *call, const struct error *e)
{
    struct error named;
    call->state = CALL_IDLE;
    room_grew(call->client);
    if (!e) {
        call->done(call->arg, NULL);
        return;
    }
    named = *e;
    if (named.operation[0] == '\0') /* an error of credentials names its own */
        snprintf(named.operation, sizeof(named.operation), "%s", call->request.operation);
    call->done(call->arg, &named);
}

static void call_ready(void *arg)
{
    struct aws_call *call = arg;
    struct queue *q = queue_of(call);
    call->state = CALL_READY;
    call->next = NULL;
    call->place = q->last;
    *q->last = call;
    q->last = &call->next;
    call->client->ready++;
    client_pump(call->client);
}

static void call_want_rate(void *arg)
{
    struct aws_call *call = arg;
    if (!call->request.rate || rate_take(call->request.rate)) {
        call_ready(call);
        return;
    }
    call->state = CALL_WAITING_RATE;
    rate_wait(call->request.rate, &call->rate_waiter, call_ready, call);
}

static void on_credentials(void *arg, const struct error *e)
{
    struct aws_call *call = arg;
    if (e)
        call_finish(call, e);
    else
        call_want_rate(call);
}

static void call_want_credentials(struct aws_call *call)
{
    struct credentials_cache *cache = call->request.credentials;
    if (!cache || credentials_cache_peek(cache)) {
        call_want_rate(call);
        return;
    }
    call->state = CALL_WAITING_CREDENTIALS;
    credentials_cache_wait(cache, &call->credentials_waiter, on_credentials, call);
}

static void on_backed_off(void *arg)
{
    call_want_credentials(arg);
}

/* Seconds, or an HTTP date (RFC 9110 section 10.2.3). */
static int64_t retry_after_ms(const struct aws_call *call, const struct http_response *response)
{
    struct view text = http_response_header(response, "Retry-After");
    int64_t now_s = wall_s(call->client) + call->clock->skew_s;
    int64_t at_s;
    if (!text.ptr)
        return 0;
    if (timestamp_parse_http(text, &at_s) == 0)
        return at_s > now_s ? (at_s - now_s) * 1000 : 0;
    long seconds = strtol(text.ptr, NULL, 10);
    return seconds <= 0 ? 0 : seconds < 86400 ? seconds * 1000 : INT64_C(86400000);
}

static struct clock_reading clock_reading(const struct aws_call *call)
{
    return (struct clock_reading){.sent_s = call->sent_at_s,
                                  .received_s = wall_s(call->client),
                                  .signed_skew_s = call->signed_skew_s};
}

/* The call was refused for its time. True if there is another time to send it by. */
static bool find_other_time(struct aws_call *call, const struct http_response *response)
{
    const struct clock_reading reading = clock_reading(call);
    if (call->clock_trials < CLOCK_TRIALS_MAX &&
        clock_skew_of(response, &reading, &call->trial_skew_s)) {
        call->clock_trials++;
        call->on_trial = true;
        return true;
    }
    /* Another call may have found out meanwhile. */
    return !call->on_trial && call->signed_skew_s != call->clock->skew_s;
}

static void count_outcome(struct aws_call *call, enum retry_class class, const struct error *e)
{
    bool throttled = class == RETRY_THROTTLED;
    call->client->counters.throttled += throttled;
    if (!call->request.rate)
        return;
    if (throttled)
        rate_throttled(call->request.rate, call->sent_at_ms);
    else if (!e || e->kind == ERROR_SERVICE)
        rate_served(call->request.rate);
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
    struct credentials_cache *cache = call->request.credentials;
    count_outcome(call, class, e);
    if (class == RETRY_EXPIRED && cache)
        credentials_cache_expire(cache, call->generation);
    bool again = class != RETRY_NEVER && call->attempt < RETRY_ATTEMPTS_MAX;
    if (class == RETRY_SKEWED)
        again = again && find_other_time(call, response);
    if (!again) {
        call_finish(call, e);
        return;
    }
    int64_t delay_ms =
        retry_delay_ms(class, call->attempt, retry_after_ms(call, response), &call->client->random);
    log_retry(call, e, delay_ms);
    call->state = CALL_BACKING_OFF;
    loop_timer_start(call->client->loop, &call->timer, delay_ms, on_backed_off, call);
    room_grew(call->client);
}

static void begin_answer(struct aws_call *call, const struct http_response *response)
{
    if (call->answered)
        return;
    call->answered = true;
    call->request.decoder->begin(call->request.decoder_arg, http_response_status(response));
}

static int on_data(void *arg, const struct http_response *response, struct view piece,
                   struct error *e)
{
    struct aws_call *call = arg;
    begin_answer(call, response);
    return call->request.decoder->data(call->request.decoder_arg, piece, e);
}

static void complete_error(struct error *e, const struct http_response *response)
{
    struct view id = http_response_header(response, "x-amzn-RequestId");
    if (!id.ptr)
        id = http_response_header(response, "x-amz-request-id");
    if (e->request_id[0] == '\0' && id.ptr)
        snprintf(e->request_id, sizeof(e->request_id), "%.*s", VIEW_ARG(id));
    e->http_status = http_response_status(response);
}

/* What tells of anything but the time was accepted, as far as the time goes. */
static void note_clock(struct aws_call *call, const struct http_response *response,
                       const struct error *e)
{
    const struct clock_reading reading = clock_reading(call);
    if (!e || (e->kind == ERROR_SERVICE && retry_classify(e) != RETRY_SKEWED))
        clock_accepted(&call->client->clocks, call->clock, response, &reading);
}

static void on_done(void *arg, const struct http_response *response, const struct error *e)
{
    struct aws_call *call = arg;
    struct error mine;
    call->exchange = NULL;
    call->client->in_flight--;
    if (e) {
        mine = *e;
    } else {
        begin_answer(call, response);
        error_clear(&mine);
        if (call->request.decoder->end(call->request.decoder_arg, response, &mine) == 0) {
            note_clock(call, response, NULL);
            count_outcome(call, RETRY_NEVER, NULL);
            client_pump(call->client);
            call_finish(call, NULL);
            return;
        }
        complete_error(&mine, response);
        note_clock(call, response, &mine);
    }
    client_pump(call->client);
    call_failed(call, response, &mine);
}

static void fail_signing(void *arg)
{
    struct error e;
    error_set(&e, ERROR_CREDENTIALS, "the request can't be signed with these credentials");
    call_finish(arg, &e);
}

/* The lines of the request's head, one after the other in client->lines, each with its NUL. */
struct head {
    size_t starts[HEADERS_MAX];
    size_t count;
};

static void head_add(struct aws_client *client, struct head *head, const char *name,
                     struct view value)
{
    if (!value.ptr)
        return;
    /* A line end in a value would begin a header of its own: such a request is not sent. */
    if (head->count == HEADERS_MAX || memchr(value.ptr, '\n', value.len) ||
        memchr(value.ptr, '\r', value.len)) {
        client->lines.overflowed = true;
        return;
    }
    head->starts[head->count++] = client->lines.len;
    buffer_add_text(&client->lines, name);
    buffer_add_text(&client->lines, ": ");
    buffer_add_view(&client->lines, value);
    buffer_add_char(&client->lines, '\0');
}

static void build_url(struct aws_call *call)
{
    struct aws_client *client = call->client;
    const struct aws_request *request = &call->request;
    buffer_clear(&client->path);
    buffer_add_text(&client->path, request->endpoint->path);
    buffer_add_view(&client->path, request->path);
    buffer_clear(&client->url);
    buffer_add_text(&client->url, request->endpoint->url);
    buffer_add_view(&client->url, request->path);
    if (request->query.len > 0) {
        buffer_add_char(&client->url, '?');
        buffer_add_view(&client->url, request->query);
    }
}

static int sign(struct aws_call *call, struct head *head)
{
    struct aws_client *client = call->client;
    const struct aws_request *request = &call->request;
    struct credentials_cache *cache = request->credentials;
    struct sigv4_header signed_headers[HEADERS_MAX];
    char payload_hash[SIGV4_HASH_HEX_SIZE];
    size_t count = 0;
    bool s3 = request->service == SERVICE_S3;
    const struct sigv4_scope scope = {
        .region = view_of(request->endpoint->signing_region),
        .service = view_of(request->endpoint->signing_name),
        .normalize_path = !s3,
        .double_encode = !s3,
        .sign_payload_header = s3,
    };
    signed_headers[count++] =
        (struct sigv4_header){VIEW_LITERAL("host"), view_of(request->endpoint->host)};
    for (size_t i = 0; i < request->header_count && count < HEADERS_MAX; i++)
        if (request->headers[i].value.ptr)
            signed_headers[count++] =
                (struct sigv4_header){view_of(request->headers[i].name), request->headers[i].value};
    sigv4_hash_hex(request->body.ptr ? request->body : VIEW_LITERAL(""), payload_hash);
    const struct sigv4_request to_sign = {.method = request->method,
                                          .path = buffer_view(&client->path),
                                          .query = request->query,
                                          .headers = signed_headers,
                                          .header_count = count,
                                          .payload_hash = view_of(payload_hash)};
    struct sigv4_signature signature;
    struct error e;
    call->signed_skew_s = call->on_trial ? call->trial_skew_s : call->clock->skew_s;
    if (sigv4_sign(&to_sign, &scope, &cache->current, wall_s(client) + call->signed_skew_s,
                   &cache->signing_key, &signature, NULL, NULL, &e) != 0)
        return -1;
    head_add(client, head, "X-Amz-Date", view_of(signature.date));
    head_add(client, head, "X-Amz-Security-Token", secret_reveal(&cache->current.session_token));
    if (s3)
        head_add(client, head, "X-Amz-Content-Sha256", view_of(signature.content_sha256));
    head_add(client, head, "Authorization", buffer_view(&signature.authorization));
    buffer_release(&signature.authorization);
    call->generation = cache->generation;
    return 0;
}

static void call_send(struct aws_call *call)
{
    static const struct http_handler handler = {on_data, on_done};
    struct aws_client *client = call->client;
    const struct aws_request *request = &call->request;
    struct head head = {.count = 0};
    const char *lines[HEADERS_MAX];
    build_url(call);
    buffer_clear(&client->lines);
    head_add(client, &head, "Host", view_of(request->endpoint->host));
    for (size_t i = 0; i < request->header_count; i++)
        head_add(client, &head, request->headers[i].name, request->headers[i].value);
    if ((request->credentials && sign(call, &head) != 0) || client->lines.overflowed ||
        client->url.overflowed) {
        loop_timer_start(client->loop, &call->timer, 0, fail_signing, call);
        call->state = CALL_BACKING_OFF;
        return;
    }
    for (size_t i = 0; i < head.count; i++)
        lines[i] = client->lines.data + head.starts[i];
    client->counters.requests++;
    if (request->requests)
        ++*request->requests;
    client->counters.retries += call->attempt > 0;
    client->in_flight++;
    call->attempt++;
    call->answered = false;
    call->sent_at_ms = loop_now_ms(client->loop);
    call->sent_at_s = wall_s(client);
    call->state = CALL_IN_FLIGHT;
    const struct http_request http = {
        .method = request->method,
        .url = buffer_text(&client->url),
        .headers = lines,
        .header_count = head.count,
        .body = request->body,
        .max_response_bytes = request->max_response_bytes,
        .first_byte_timeout_ms = request->first_byte_timeout_ms,
        .total_timeout_ms = request->total_timeout_ms,
    };
    call->exchange = http_start(client->http, &http, &handler, call);
}

static void client_pump(struct aws_client *client)
{
    while (client->in_flight < client->max_in_flight && client->ready > 0) {
        struct queue *q = client->urgent.first ? &client->urgent : &client->usual;
        struct aws_call *call = q->first;
        queue_remove(q, call);
        client->ready--;
        /* Credentials may have expired while it stood in line. */
        if (call->request.credentials && !credentials_cache_peek(call->request.credentials)) {
            call->state = CALL_WAITING_CREDENTIALS;
            credentials_cache_wait(call->request.credentials, &call->credentials_waiter,
                                   on_credentials, call);
            continue;
        }
        call_send(call);
    }
}

void aws_call_start(struct aws_client *client, struct aws_call *call,
                    const struct aws_request *request,
                    void (*done)(void *arg, const struct error *e), void *arg)
{
    call->client = client;
    call->request = *request;
    call->done = done;
    call->arg = arg;
    call->attempt = 0;
    call->clock = clocks_find(&client->clocks, request->endpoint->host);
    call->clock_trials = 0;
    call->on_trial = false;
    call->signed_skew_s = call->clock->skew_s;
    call_want_credentials(call);
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
        rate_leave(call->request.rate, &call->rate_waiter);
        break;
    case CALL_READY:
        queue_remove(queue_of(call), call);
        client->ready--;
        break;
    case CALL_IN_FLIGHT:
        http_cancel(call->exchange);
        call->exchange = NULL;
        client->in_flight--;
        client_pump(client);
        break;
    case CALL_BACKING_OFF:
        loop_timer_stop(client->loop, &call->timer);
        break;
    }
    call->state = CALL_IDLE;
    room_grew(client);
}
