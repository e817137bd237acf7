/* SPDX-License-Identifier: MIT */
/*
 * process.h: a child process on the event loop.
 *
 * It has no input (/dev/null), inherits the environment, and what it prints is collected up to a
 * bound. Its end is seen through a pidfd (Linux 5.3), or by polling every 20 ms if there is none.
 * If there is a controlling terminal it stays in our process group, so that it may ask a person
 * there and an interrupt reaches it too; if there is none it has a group of its own, which is
 * killed as a whole.
 */
#ifndef NET_PROCESS_H
#define NET_PROCESS_H

#include "base/error.h"
#include "base/view.h"
#include "net/loop.h"

struct process;

/* All borrowed for the call. Exactly one of 'argv' and 'shell' is set. */
struct process_options {
    const char *const *argv; /* NULL-terminated; argv[0] is looked up on the PATH */
    const char *shell;       /* a command for /bin/sh -c */
    size_t stdout_max;       /* bytes; more is ERROR_LIMIT */
    size_t stderr_max;       /* bytes kept; what comes after them is dropped */
    int64_t timeout_ms;
};

/* Both views are good until the callback returns; the memory is then wiped. */
struct process_result {
    int status; /* exit status, or -1 if a signal ended it */
    int signal; /* that signal, else 0 */
    struct view out, err;
};

/* What error.code holds if argv[0] is not on the PATH (ENOENT). */
#define PROCESS_NOT_FOUND "NotFound"

/*
 * Starts a child on 'loop' (borrowed). 'done' is called once, never from within this call: with
 * 'e' NULL once the child has ended, whatever its status; with ERROR_TIMEOUT or ERROR_LIMIT if
 * it was killed for that ('result' is then NULL). The handle is good until then. It is the child's
 * end that counts: what grandchildren print later is lost. Returns NULL with 'e' (ERROR_SYSTEM)
 * if it can't be started.
 */
struct process *process_start(struct loop *loop, const struct process_options *options,
                              void (*done)(void *arg, const struct process_result *result,
                                           const struct error *e),
                              void *arg, struct error *e);
/*
 * Kills the child and reaps it, without calling back. Waits for its end, but 100 ms at most: a
 * child that hangs in the kernel is left to init. 'process' may be NULL.
 */
void process_cancel(struct process *process);

#endif
