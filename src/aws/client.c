/* SPDX-License-Identifier: MIT */
#include "aws/client.h"

#include "base/alloc.h"

#include <stdlib.h>

struct aws_client *aws_client_new(struct http_client *http,
                                  const struct aws_client_options *options)
{
    struct aws_client *client = xcalloc(1, sizeof(*client));
    client->http = http;
    client->loop = http_client_loop(http);
    client->max_in_flight = options->max_in_flight;
    client->proven = !http_client_has_proxy(http);
    TAILQ_INIT(&client->urgent);
    TAILQ_INIT(&client->usual);
    random_init(&client->random, options->seed);
    head_init(&client->head);
    return client;
}

void aws_client_free(struct aws_client *client)
{
    if (!client)
        return;
    loop_timer_stop(client->loop, &client->room_timer);
    loop_timer_stop(client->loop, &client->pump_timer);
    if (client->kept)
        client->free_kept(client->kept);
    head_release(&client->head);
    clocks_release(&client->clocks);
    free(client);
}

struct loop *aws_client_loop(const struct aws_client *client)
{
    return client->loop;
}

int64_t client_wall_s(const struct aws_client *client)
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

void **aws_client_store(struct aws_client *client, void (*free_kept)(void *kept))
{
    client->free_kept = free_kept;
    return &client->kept;
}

static void client_tell_room(void *arg)
{
    struct aws_client *client = arg;
    if (client->on_room)
        client->on_room(client->on_room_arg);
}

void client_room_grew(struct aws_client *client)
{
    if (client->on_room && !loop_timer_running(&client->room_timer))
        loop_soon(client->loop, &client->room_timer, client_tell_room, client);
}

static struct call_queue *queue_of(struct aws_call *call)
{
    return call->request.target.urgent ? &call->client->urgent : &call->client->usual;
}

void client_enqueue(struct aws_call *call)
{
    TAILQ_INSERT_TAIL(queue_of(call), call, link);
    call->client->ready++;
}

void client_dequeue(struct aws_call *call)
{
    TAILQ_REMOVE(queue_of(call), call, link);
    call->client->ready--;
}

static size_t in_flight_most(const struct aws_client *client)
{
    bool waiting = !client->proven && client->refused.kind == ERROR_NONE;
    return waiting ? 1 : client->max_in_flight;
}

void client_pump(struct aws_client *client)
{
    while (client->in_flight < in_flight_most(client) && client->ready > 0) {
        struct aws_call *call =
            TAILQ_FIRST(TAILQ_EMPTY(&client->urgent) ? &client->usual : &client->urgent);
        client_dequeue(call);
        call_go(call);
    }
}

static void client_on_pump(void *arg)
{
    client_pump(arg);
}

void client_pump_soon(struct aws_client *client)
{
    if (!loop_timer_running(&client->pump_timer))
        loop_soon(client->loop, &client->pump_timer, client_on_pump, client);
}
