/* SPDX-License-Identifier: MIT */
/* The child of fuzz_process.c: does what its argument says (child_script.h), in hexadecimal. */
#include "child_script.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ARGUMENT_MAX      8192
#define GRANDCHILDREN_MAX 2
#define REST_US           500
#define PATIENCE_MS       5000

static void write_all(int fd, const void *bytes, size_t len)
{
    const char *at = bytes;
    while (len > 0) {
        ssize_t written = write(fd, at, len);
        if (written <= 0)
            return;
        at += written;
        len -= (size_t)written;
    }
}

static void write_many(int fd, unsigned number)
{
    char many[CHILD_MANY];
    memset(many, 'm', sizeof(many));
    for (unsigned i = 0; i < number; i++)
        write_all(fd, many, sizeof(many));
}

/* Until nobody reads any more, which is told as an error. */
static void keep_open(void)
{
    static int left;
    struct pollfd reader = {STDOUT_FILENO, 0, 0};
    if (left++ >= GRANDCHILDREN_MAX || fork() != 0)
        return;
    poll(&reader, 1, PATIENCE_MS);
    _exit(0);
}

static void end_by(unsigned number)
{
    if (number == CHILD_FOREVER)
        poll(NULL, 0, PATIENCE_MS);
    raise(child_signal(number));
}

static void do_step(struct child_script *s, enum child_step step, unsigned number)
{
    size_t len = 0;
    const uint8_t *bytes;
    switch (step) {
    case CHILD_OUT:
    case CHILD_ERR:
        bytes = child_take(s, number, &len);
        write_all(step == CHILD_OUT ? STDOUT_FILENO : STDERR_FILENO, bytes, len);
        break;
    case CHILD_MANY_OUT:
    case CHILD_MANY_ERR:
        write_many(step == CHILD_MANY_OUT ? STDOUT_FILENO : STDERR_FILENO, number);
        break;
    case CHILD_CLOSE:
        close(number % 2 == 0 ? STDOUT_FILENO : STDERR_FILENO);
        break;
    case CHILD_GRANDCHILD:
        if (number % 2 == 1)
            keep_open();
        else
            usleep(REST_US);
        break;
    case CHILD_SIGNAL:
        end_by(number);
        break;
    case CHILD_EXIT:
        _exit((int)child_byte(s));
    }
}

static unsigned digit(char c)
{
    return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
}

int main(int argc, char **argv)
{
    static uint8_t bytes[ARGUMENT_MAX];
    const char *text = argc > 1 ? argv[1] : "";
    struct child_script s = {bytes, 0};
    for (; text[0] && text[1] && s.left < sizeof(bytes); text += 2)
        bytes[s.left++] = (uint8_t)(digit(text[0]) * 16 + digit(text[1]));
    for (;;) {
        unsigned number;
        enum child_step step = child_next(&s, &number);
        do_step(&s, step, number);
    }
}
