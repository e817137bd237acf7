/* SPDX-License-Identifier: MIT */
#include "app/print.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

/* Needed because another process that shares the descriptor may have made it non-blocking. */
static bool wait_writable(void)
{
    struct pollfd writable = {.fd = STDOUT_FILENO, .events = POLLOUT};
    return poll(&writable, 1, -1) == 1 || errno == EINTR;
}

int print_text(struct view text, struct error *e)
{
    while (text.len > 0) {
        ssize_t count = write(STDOUT_FILENO, text.ptr, text.len);
        if (count < 0 && errno == EAGAIN && wait_writable())
            continue;
        if (count < 0 && errno == EPIPE) {
            return error_set(e, ERROR_SYSTEM,
                             "can't write to standard output: its reader has gone away");
        } else if (count < 0 && errno != EINTR) {
            return error_set_errno(e, "can't write to standard output");
        } else if (count > 0) {
            text.ptr += count;
            text.len -= (size_t)count;
        }
    }
    return 0;
}
