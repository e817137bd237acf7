/* SPDX-License-Identifier: MIT */
#include "services/lambda_runtime.h"

#include "base/alloc.h"
#include "wire/form.h"
#include "wire/timer.h"
#include "world/clock.h"
#include "world/random.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEADLINE_MAX       (15 * 60 * 1000)
#define FUNCTION_NAME      "iam-census"
#define INVOCATION_ID_SIZE 37

struct invocation {
    struct lambda_runtime *lambda;
    struct invocation *next;
    char id[INVOCATION_ID_SIZE];
    char *event;
    size_t len;
    int64_t timeout_ms;
    bool running;
    struct exchange *asker; /* who posted the event; NULL: it came from the command line */
    bool from_file;
    struct timer timer; /* fires at the deadline */
};

static void invocation_timed_out(struct timer *timer);

static struct invocation *invocation_add(struct lambda_runtime *lambda, const char *event,
                                         size_t len, int64_t timeout_ms)
{
    struct invocation *invocation = xcalloc(1, sizeof(*invocation));
    struct invocation **end = &lambda->invocations;
    uint64_t number = random_mix(lambda->settings.seed ^ 0x1A3B, lambda->count++);
    uint64_t more = random_mix(number, 1);
    while (*end)
        end = &(*end)->next;
    *end = invocation;
    invocation->lambda = lambda;
    invocation->event = xmalloc(len + 1);
    memcpy(invocation->event, event, len);
    invocation->len = len;
    invocation->timeout_ms = timeout_ms;
    invocation->timer.fire = invocation_timed_out;
    snprintf(invocation->id, sizeof(invocation->id), "%08x-%04x-4%03x-b%03x-%08x%04x",
             (unsigned)(number >> 32), (unsigned)(number >> 16 & 0xFFFF),
             (unsigned)(number & 0xFFF), (unsigned)(more >> 52), (unsigned)(more & 0xFFFFFFFF),
             (unsigned)(more >> 32 & 0xFFFF));
    return invocation;
}

static void invocation_free(struct invocation *invocation)
{
    timer_stop(invocation->lambda->settings.timers, &invocation->timer);
    free(invocation->event);
    free(invocation);
}

static void invocation_remove(struct lambda_runtime *lambda, struct invocation *invocation)
{
    struct invocation **place = &lambda->invocations;
    while (*place != invocation)
        place = &(*place)->next;
    *place = invocation->next;
    invocation_free(invocation);
}

static void set_reply(struct exchange *exchange, int status, const char *body, size_t len)
{
    exchange->reply.status = status;
    exchange->reply.content_type = "application/json";
    buffer_clear(&exchange->reply.body);
    buffer_add(&exchange->reply.body, body, len);
    exchange->stage = EXCHANGE_READY;
}

/* Ends the invocation and sends the body to whoever requested it. */
static void invocation_finish(struct lambda_runtime *lambda, struct invocation *invocation,
                              const char *outcome, const char *body, size_t len)
{
    bool failed = strcmp(outcome, "response") != 0;
    if (invocation->asker) {
        reply_header(&invocation->asker->reply, "X-Sim-Outcome", outcome);
        set_reply(invocation->asker, strcmp(outcome, "timeout") == 0 ? 504 : 200, body, len);
        exchange_resume(invocation->asker);
    }
    if (invocation->from_file) {
        fwrite(body, 1, len, stdout);
        fputc('\n', stdout);
        fflush(stdout);
        lambda->files_left--;
        lambda->failed = lambda->failed || failed;
    }
    invocation_remove(lambda, invocation);
}

static void invocation_timed_out(struct timer *timer)
{
    struct invocation *invocation =
        (struct invocation *)(void *)((char *)timer - offsetof(struct invocation, timer));
    static const char body[] = "{\"errorType\":\"Sandbox.Timedout\",\"errorMessage\":\"Task timed "
                               "out\"}";
    invocation_finish(invocation->lambda, invocation, "timeout", body, strlen(body));
}

/* Gives the waiting function, if there is one, the first event that no function has yet. */
static void lambda_runtime_match(struct lambda_runtime *lambda)
{
    const struct world *world = lambda->settings.world;
    struct exchange *exchange = lambda->asking;
    struct invocation *invocation = lambda->invocations;
    while (invocation && invocation->running)
        invocation = invocation->next;
    if (!exchange || !invocation)
        return;
    lambda->asking = NULL;
    if (exchange->suspended && exchange_peer_gone(exchange)) {
        set_reply(exchange, 500, "{}", 2);
        exchange_resume(exchange);
        return;
    }
    struct arena *arena = &exchange->arena;
    struct reply *reply = &exchange->reply;
    int64_t deadline_ms = clock_now_ms() + invocation->timeout_ms;
    struct account function;
    world_account(world, world->management, arena, &function);
    invocation->running = true;
    timer_start(lambda->settings.timers, &invocation->timer,
                timer_now_us() + 1000 * invocation->timeout_ms);
    reply_header(reply, "Lambda-Runtime-Aws-Request-Id", text_copy(arena, invocation->id));
    reply_header(reply, "Lambda-Runtime-Deadline-Ms", text_format(arena, "%" PRId64, deadline_ms));
    reply_header(reply, "Lambda-Runtime-Invoked-Function-Arn",
                 text_format(arena, "arn:%s:lambda:us-east-1:%s:function:" FUNCTION_NAME,
                             world->shape.partition, function.id));
    reply_header(reply, "Lambda-Runtime-Trace-Id",
                 text_format(arena, "Root=1-%08" PRIx64 "-%.12s%.12s;Parent=%.8s%.8s;Sampled=0",
                             (uint64_t)clock_now() & 0xFFFFFFFF, "0123456789ab", "cdef01234567",
                             invocation->id, invocation->id));
    set_reply(exchange, 200, invocation->event, invocation->len);
    exchange_resume(exchange);
}

static struct invocation *invocation_find(const struct lambda_runtime *lambda, const char *id,
                                          size_t len)
{
    struct invocation *invocation = lambda->invocations;
    while (invocation && (strlen(invocation->id) != len || strncmp(invocation->id, id, len) != 0 ||
                          !invocation->running))
        invocation = invocation->next;
    return invocation;
}

static void answer_error(struct exchange *exchange, int status, const char *type,
                         const char *message)
{
    char body[256];
    int len = snprintf(body, sizeof(body), "{\"errorMessage\":\"%s\",\"errorType\":\"%s\"}",
                       message, type);
    set_reply(exchange, status, body, (size_t)len);
}

static void handle_next(struct lambda_runtime *lambda, struct exchange *exchange)
{
    if (lambda->asking) {
        answer_error(exchange, 403, "InvalidStateTransition", "another next is waiting");
        return;
    }
    lambda->asking = exchange;
    exchange->stage = EXCHANGE_WAITING;
    lambda_runtime_match(lambda);
    if (exchange->stage == EXCHANGE_WAITING)
        exchange_suspend(exchange);
}

/* Handles POST invocation/ID/response and invocation/ID/error. */
static void handle_answer(struct lambda_runtime *lambda, struct exchange *exchange, const char *id)
{
    struct buffer *body = &exchange->request.body;
    const char *slash = strchr(id, '/');
    bool response = slash && strcmp(slash, "/response") == 0;
    bool error = slash && strcmp(slash, "/error") == 0;
    struct invocation *invocation =
        slash ? invocation_find(lambda, id, (size_t)(slash - id)) : NULL;
    if (!response && !error) {
        answer_error(exchange, 404, "NotFound", "no such path");
    } else if (!invocation) {
        answer_error(exchange, 400, "InvalidRequestID", "no such invocation");
    } else if (body->len > LAMBDA_EVENT_BYTES_MAX) {
        answer_error(exchange, 413, "RequestEntityTooLarge", "the answer is too large");
    } else {
        invocation_finish(lambda, invocation, response ? "response" : "error", buffer_text(body),
                          body->len);
        set_reply(exchange, 202, "{\"status\":\"OK\"}", 15);
    }
}

static void handle_init_error(struct lambda_runtime *lambda, struct exchange *exchange)
{
    struct buffer *body = &exchange->request.body;
    while (lambda->invocations)
        invocation_finish(lambda, lambda->invocations, "init-error", buffer_text(body), body->len);
    set_reply(exchange, 202, "{\"status\":\"OK\"}", 15);
}

void lambda_runtime_handle(struct lambda_runtime *lambda, struct exchange *exchange)
{
    const char *path = exchange->request.path + strlen(LAMBDA_PATH);
    bool get = strcmp(exchange->request.method, "GET") == 0;
    if (get && strcmp(path, "invocation/next") == 0)
        handle_next(lambda, exchange);
    else if (!get && strncmp(path, "invocation/", 11) == 0)
        handle_answer(lambda, exchange, path + 11);
    else if (!get && strcmp(path, "init/error") == 0)
        handle_init_error(lambda, exchange);
    else
        answer_error(exchange, 404, "NotFound", "no such path");
}

void lambda_runtime_invoke(struct lambda_runtime *lambda, struct exchange *exchange)
{
    const struct request *request = &exchange->request;
    struct form form = {0};
    int64_t timeout_ms = lambda->settings.deadline_ms;
    form_parse(&form, &exchange->arena, request->query, strlen(request->query), 0);
    const char *deadline = form_get(&form, "deadline_ms");
    if (deadline)
        timeout_ms = strtoll(deadline, NULL, 10);
    if (timeout_ms < 1 || timeout_ms > DEADLINE_MAX) {
        answer_error(exchange, 400, "InvalidParameter", "deadline_ms is 1 to 900000");
        return;
    }
    struct invocation *invocation =
        invocation_add(lambda, buffer_text(&exchange->request.body), request->body.len, timeout_ms);
    invocation->asker = exchange;
    exchange->stage = EXCHANGE_WAITING;
    exchange_suspend(exchange);
    lambda_runtime_match(lambda);
}

static int queue_file(struct lambda_runtime *lambda, const char *path, struct error *error)
{
    struct buffer event = {.max = TEXT_MAX};
    char block[4096];
    size_t count;
    FILE *file = fopen(path, "rb");
    if (!file)
        return error_set(error, ERROR_CONFIG, "cannot read the event '%.300s'", path);
    while ((count = fread(block, 1, sizeof(block), file)) > 0 &&
           event.len <= LAMBDA_EVENT_BYTES_MAX)
        buffer_add(&event, block, count);
    fclose(file);
    struct invocation *invocation =
        invocation_add(lambda, buffer_text(&event), event.len, lambda->settings.deadline_ms);
    invocation->from_file = true;
    lambda->files_left++;
    buffer_release(&event);
    return 0;
}

int lambda_runtime_open(struct lambda_runtime *lambda, const struct lambda_settings *settings,
                        struct error *error)
{
    lambda->settings = *settings;
    for (size_t i = 0; i < settings->event_count; i++)
        if (queue_file(lambda, settings->events[i], error) != 0)
            return -1;
    return 0;
}

bool lambda_runtime_done(const struct lambda_runtime *lambda)
{
    return lambda->settings.event_count > 0 && lambda->files_left == 0;
}

void lambda_runtime_forget(struct lambda_runtime *lambda, const struct exchange *exchange)
{
    if (lambda->asking == exchange)
        lambda->asking = NULL;
    for (struct invocation *i = lambda->invocations; i; i = i->next)
        if (i->asker == exchange)
            i->asker = NULL;
}

void lambda_runtime_release(struct lambda_runtime *lambda)
{
    if (lambda->asking) {
        set_reply(lambda->asking, 500, "{}", 2);
        exchange_resume(lambda->asking);
        lambda->asking = NULL;
    }
    while (lambda->invocations) {
        struct invocation *invocation = lambda->invocations;
        lambda->invocations = invocation->next;
        if (invocation->asker) {
            set_reply(invocation->asker, 503, "{}", 2);
            exchange_resume(invocation->asker);
        }
        invocation_free(invocation);
    }
}
