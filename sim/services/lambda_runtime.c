#include "services/lambda_runtime.h"

#include "services/sim.h"
#include "wire/exchange.h"
#include "world/moment.h"
#include "world/random.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RUNTIME_PATH  "/2018-06-01/runtime/"
#define DEADLINE_MOST (15 * 60 * 1000)
#define FUNCTION_NAME "iam-census"

struct invocation {
    struct sim *sim;
    struct invocation *next;
    char id[REQUEST_ID_SIZE];
    char *event;
    size_t length;
    int64_t timeout_ms;
    bool running;
    struct exchange *asker; /* NULL: an event of the command line */
    bool from_file;
    struct timer timer; /* runs out at the deadline */
};

static void invocation_timed_out(struct timer *timer);

static struct invocation *invocation_add(struct sim *sim, const char *event, size_t length,
                                         int64_t timeout_ms)
{
    struct invocation *invocation = memory_zeroed(1, sizeof(*invocation));
    struct invocation **end = &sim->lambda.invocations;
    uint64_t number = random_mix(sim->options.seed ^ 0x1A3B, sim->lambda.count++);
    uint64_t more = random_mix(number, 1);
    while (*end)
        end = &(*end)->next;
    *end = invocation;
    invocation->sim = sim;
    invocation->event = memory_grow(NULL, length + 1);
    memcpy(invocation->event, event, length);
    invocation->length = length;
    invocation->timeout_ms = timeout_ms;
    invocation->timer.fire = invocation_timed_out;
    snprintf(invocation->id, sizeof(invocation->id), "%08x-%04x-4%03x-b%03x-%08x%04x",
             (unsigned)(number >> 32), (unsigned)(number >> 16 & 0xFFFF),
             (unsigned)(number & 0xFFF), (unsigned)(more >> 52), (unsigned)(more & 0xFFFFFFFF),
             (unsigned)(more >> 32 & 0xFFFF));
    return invocation;
}

static void invocation_remove(struct invocation *invocation)
{
    struct invocation **place = &invocation->sim->lambda.invocations;
    while (*place != invocation)
        place = &(*place)->next;
    *place = invocation->next;
    timer_stop(&invocation->sim->timers, &invocation->timer);
    free(invocation->event);
    free(invocation);
}

static void set_reply(struct exchange *exchange, int status, const char *body, size_t length)
{
    exchange->call.reply.status = status;
    exchange->call.reply.content_type = "application/json";
    exchange->call.reply.body.length = 0;
    text_append(&exchange->call.reply.body, body, length);
    exchange->stage = EXCHANGE_READY;
}

/* The invocation is over: whoever asked for it gets the body, and it is gone. */
static void invocation_finish(struct invocation *invocation, const char *outcome, const char *body,
                              size_t length)
{
    struct lambda_runtime *lambda = &invocation->sim->lambda;
    bool failed = strcmp(outcome, "response") != 0;
    if (invocation->asker) {
        call_header(&invocation->asker->call, "X-Sim-Outcome", outcome);
        set_reply(invocation->asker, strcmp(outcome, "timeout") == 0 ? 504 : 200, body, length);
        exchange_resume(invocation->asker);
    }
    if (invocation->from_file) {
        fwrite(body, 1, length, stdout);
        fputc('\n', stdout);
        fflush(stdout);
        lambda->files_left--;
        lambda->failed = lambda->failed || failed;
    }
    invocation_remove(invocation);
}

static void invocation_timed_out(struct timer *timer)
{
    struct invocation *invocation =
        (struct invocation *)(void *)((char *)timer - offsetof(struct invocation, timer));
    static const char body[] = "{\"errorType\":\"Sandbox.Timedout\",\"errorMessage\":\"Task timed "
                               "out\"}";
    invocation_finish(invocation, "timeout", body, strlen(body));
}

/* Gives the function that waits the first event that none has. */
static void lambda_runtime_match(struct sim *sim)
{
    struct lambda_runtime *lambda = &sim->lambda;
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
    struct call *call = &exchange->call;
    int64_t deadline_ms = moment_now_ms() + invocation->timeout_ms;
    struct account function;
    world_account(&sim->world, sim->world.management, &call->arena, &function);
    invocation->running = true;
    timer_start(&sim->timers, &invocation->timer,
                moment_monotonic_us() + 1000 * invocation->timeout_ms);
    call_header(call, "Lambda-Runtime-Aws-Request-Id",
                arena_copy(&call->arena, invocation->id, strlen(invocation->id)));
    call_header(call, "Lambda-Runtime-Deadline-Ms",
                arena_printf(&call->arena, "%" PRId64, deadline_ms));
    call_header(call, "Lambda-Runtime-Invoked-Function-Arn",
                arena_printf(&call->arena, "arn:%s:lambda:us-east-1:%s:function:" FUNCTION_NAME,
                             sim->world.shape.partition, function.id));
    call_header(call, "Lambda-Runtime-Trace-Id",
                arena_printf(&call->arena,
                             "Root=1-%08" PRIx64 "-%.12s%.12s;Parent=%.8s%.8s;Sampled=0",
                             (uint64_t)moment_now() & 0xFFFFFFFF, "0123456789ab", "cdef01234567",
                             invocation->id, invocation->id));
    set_reply(exchange, 200, invocation->event, invocation->length);
    exchange_resume(exchange);
}

static struct invocation *invocation_find(struct sim *sim, const char *id, size_t length)
{
    struct invocation *invocation = sim->lambda.invocations;
    while (invocation && (strlen(invocation->id) != length ||
                          strncmp(invocation->id, id, length) != 0 || !invocation->running))
        invocation = invocation->next;
    return invocation;
}

static void answer_error(struct exchange *exchange, int status, const char *type,
                         const char *message)
{
    char body[256];
    int length = snprintf(body, sizeof(body), "{\"errorMessage\":\"%s\",\"errorType\":\"%s\"}",
                          message, type);
    set_reply(exchange, status, body, (size_t)length);
}

static void handle_next(struct exchange *exchange)
{
    struct sim *sim = exchange->call.sim;
    if (sim->lambda.asking) {
        answer_error(exchange, 403, "InvalidStateTransition", "another next is waiting");
        return;
    }
    sim->lambda.asking = exchange;
    exchange->stage = EXCHANGE_WAITING;
    lambda_runtime_match(sim);
    if (exchange->stage == EXCHANGE_WAITING)
        exchange_suspend(exchange);
}

/* POST invocation/ID/response and invocation/ID/error. */
static void handle_answer(struct exchange *exchange, const char *id)
{
    struct text *body = &exchange->call.request.body;
    const char *slash = strchr(id, '/');
    bool response = slash && strcmp(slash, "/response") == 0;
    bool error = slash && strcmp(slash, "/error") == 0;
    struct invocation *invocation =
        slash ? invocation_find(exchange->call.sim, id, (size_t)(slash - id)) : NULL;
    if (!response && !error) {
        answer_error(exchange, 404, "NotFound", "no such path");
    } else if (!invocation) {
        answer_error(exchange, 400, "InvalidRequestID", "no such invocation");
    } else if (body->length > LAMBDA_EVENT_BYTES_MOST) {
        answer_error(exchange, 413, "RequestEntityTooLarge", "the answer is too large");
    } else {
        invocation_finish(invocation, response ? "response" : "error", text_string(body),
                          body->length);
        set_reply(exchange, 202, "{\"status\":\"OK\"}", 15);
    }
}

static void handle_init_error(struct exchange *exchange)
{
    struct lambda_runtime *lambda = &exchange->call.sim->lambda;
    struct text *body = &exchange->call.request.body;
    while (lambda->invocations)
        invocation_finish(lambda->invocations, "init-error", text_string(body), body->length);
    set_reply(exchange, 202, "{\"status\":\"OK\"}", 15);
}

void lambda_runtime_handle(struct exchange *exchange)
{
    const char *path = exchange->call.request.path + strlen(RUNTIME_PATH);
    bool get = strcmp(exchange->call.request.method, "GET") == 0;
    if (get && strcmp(path, "invocation/next") == 0)
        handle_next(exchange);
    else if (!get && strncmp(path, "invocation/", 11) == 0)
        handle_answer(exchange, path + 11);
    else if (!get && strcmp(path, "init/error") == 0)
        handle_init_error(exchange);
    else
        answer_error(exchange, 404, "NotFound", "no such path");
}

void lambda_runtime_invoke(struct exchange *exchange)
{
    struct call *call = &exchange->call;
    struct sim *sim = call->sim;
    int64_t timeout_ms = sim->options.deadline_ms;
    form_parse(&call->form, &call->arena, call->request.query, strlen(call->request.query), 0);
    const char *deadline = call_parameter(call, "deadline_ms");
    if (deadline)
        timeout_ms = strtoll(deadline, NULL, 10);
    if (timeout_ms < 1 || timeout_ms > DEADLINE_MOST) {
        answer_error(exchange, 400, "InvalidParameter", "deadline_ms is 1 to 900000");
        return;
    }
    struct invocation *invocation = invocation_add(sim, text_string(&call->request.body),
                                                   call->request.body.length, timeout_ms);
    invocation->asker = exchange;
    exchange->stage = EXCHANGE_WAITING;
    exchange_suspend(exchange);
    lambda_runtime_match(sim);
}

static int queue_file(struct sim *sim, const char *path, struct error *error)
{
    struct text event = {0};
    char block[4096];
    size_t count;
    FILE *file = fopen(path, "rb");
    if (!file)
        return error_set(error, "cannot read the event '%.300s'", path);
    while ((count = fread(block, 1, sizeof(block), file)) > 0 &&
           event.length <= LAMBDA_EVENT_BYTES_MOST)
        text_append(&event, block, count);
    fclose(file);
    struct invocation *invocation =
        invocation_add(sim, text_string(&event), event.length, sim->options.deadline_ms);
    invocation->from_file = true;
    sim->lambda.files_left++;
    text_release(&event);
    return 0;
}

int lambda_runtime_open(struct sim *sim, struct error *error)
{
    sim->lambda.from_files = sim->options.event_count > 0;
    for (size_t i = 0; i < sim->options.event_count; i++)
        if (queue_file(sim, sim->options.events[i], error) != 0)
            return -1;
    return 0;
}

bool lambda_runtime_done(const struct lambda_runtime *lambda)
{
    return lambda->from_files && lambda->files_left == 0;
}

void lambda_runtime_forget(struct lambda_runtime *lambda, const struct exchange *exchange)
{
    if (lambda->asking == exchange)
        lambda->asking = NULL;
    for (struct invocation *i = lambda->invocations; i; i = i->next)
        if (i->asker == exchange)
            i->asker = NULL;
}

void lambda_runtime_release(struct sim *sim)
{
    if (sim->lambda.asking) {
        set_reply(sim->lambda.asking, 500, "{}", 2);
        exchange_resume(sim->lambda.asking);
        sim->lambda.asking = NULL;
    }
    while (sim->lambda.invocations) {
        struct invocation *invocation = sim->lambda.invocations;
        /* invocation_remove moves the head on. NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
        if (invocation->asker) {
            set_reply(invocation->asker, 503, "{}", 2);
            exchange_resume(invocation->asker);
        }
        invocation_remove(invocation);
    }
}
