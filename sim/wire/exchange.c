/* SPDX-License-Identifier: MIT */
#include "wire/exchange.h"

#include <sys/socket.h>

static int exchange_socket(const struct exchange *exchange)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(exchange->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info ? info->connect_fd : -1;
}

void exchange_suspend(struct exchange *exchange)
{
    if (exchange->suspended)
        return;
    exchange->suspended = true;
    MHD_suspend_connection(exchange->connection);
}

void exchange_resume(struct exchange *exchange)
{
    if (!exchange->suspended)
        return;
    exchange->suspended = false;
    MHD_resume_connection(exchange->connection);
}

static void delay_over(struct timer *timer)
{
    exchange_resume((struct exchange *)(void *)((char *)timer - offsetof(struct exchange, timer)));
}

void exchange_sleep_until(struct exchange *exchange, int64_t due_us)
{
    exchange->timer.fire = delay_over;
    timer_start(exchange->timers, &exchange->timer, due_us);
    exchange_suspend(exchange);
}

void exchange_delay(struct exchange *exchange, int64_t delay_us)
{
    exchange_sleep_until(exchange, timer_now_us() + delay_us);
}

bool exchange_peer_gone(const struct exchange *exchange)
{
    char byte;
    return recv(exchange_socket(exchange), &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

void exchange_reset_connection(const struct exchange *exchange)
{
    /* On Linux, connecting to AF_UNSPEC sends an RST to the peer and drops unsent bytes. */
    struct sockaddr nowhere = {.sa_family = AF_UNSPEC};
    int ignored = connect(exchange_socket(exchange), &nowhere, sizeof(nowhere));
    (void)ignored;
}
