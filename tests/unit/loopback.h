/* SPDX-License-Identifier: MIT */
/* loopback.h: a socket that listens on 127.0.0.1, for servers within a test. */
#ifndef TESTS_LOOPBACK_H
#define TESTS_LOOPBACK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>

#define ORIGIN_SIZE 64

/* 'flags' are socket(2)'s, beside its type. Writes "SCHEME://127.0.0.1:PORT" to 'origin'. */
static inline int listen_on_loopback(int flags, const char *scheme, char origin[ORIGIN_SIZE])
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof(address);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(fd, 128), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    snprintf(origin, ORIGIN_SIZE, "%s://127.0.0.1:%d", scheme, ntohs(address.sin_port));
    return fd;
}

#endif
