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
    client->urgent.last = &client->urgent.first;
    client->usual.last = &client->usual.first;
    random_init(&client->random, options->seed);
    head_init(&client->head);
    return client;
}

void aws_client_free(struct aws_client *client)
{
    if (!client)
        return;
    loop_timer_stop(client->loop, &client->room_timer);
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

static void tell_room(void *arg)
{
    struct aws_client *client = arg;
    if (client->on_room)
        client->on_room(client->on_room_arg);
}

void client_room_grew(struct aws_client *client)
{
    if (client->on_room && !loop_timer_running(&client->room_timer))
        loop_soon(client->loop, &client->room_timer, tell_room, client);
}

static struct queue *queue_of(struct aws_call *call)
{
    return call->request.urgent ? &call->client->urgent : &call->client->usual;
}

void client_enqueue(struct aws_call *call)
{
    struct queue *q = queue_of(call);
    call->next = NULL;
    call->place = q->last;
    *q->last = call;
    q->last = &call->next;
    call->client->ready++;
}

void client_dequeue(struct aws_call *call)
{
    *call->place = call->next;
    if (call->next)
        call->next->place = call->place;
    else
        queue_of(call)->last = call->place;
    call->next = NULL;
    call->place = NULL;
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
        struct aws_call *call = client->urgent.first ? client->urgent.first : client->usual.first;
        client_dequeue(call);
        call_go(call);
    }
}
