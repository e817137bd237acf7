/* SPDX-License-Identifier: MIT */
/* Signals reach the loop; if the pipe to it fails, they still end the process, and leave nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "app/signals.h"
#include "base/leftover.h"
#include "net/loop.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* How the pipe fails: an error's number for so many calls, in place of each. */
static int write_error, write_failures, read_error;

ssize_t __real_write(int fd, const void *bytes, size_t len);
ssize_t __wrap_write(int fd, const void *bytes, size_t len);
ssize_t __wrap_write(int fd, const void *bytes, size_t len)
{
    if (write_failures == 0)
        return __real_write(fd, bytes, len);
    write_failures--;
    errno = write_error;
    return -1;
}

ssize_t __real_read(int fd, void *bytes, size_t len);
ssize_t __wrap_read(int fd, void *bytes, size_t len);
ssize_t __wrap_read(int fd, void *bytes, size_t len)
{
    if (read_error == 0)
        return __real_read(fd, bytes, len);
    errno = read_error;
    return -1;
}

struct heard {
    bool done;
    int signal;
};

static void on_signal(void *arg, int signal)
{
    struct heard *h = arg;
    h->signal = signal;
    h->done = true;
}

/* Raises SIGTERM, and ends with status 0 if the loop hears of it; 1 otherwise. */
static void hear(void)
{
    struct heard h = {0};
    struct signals s;
    struct error e;
    struct loop *loop = loop_new(clock_system(), &e);
    if (!loop || signals_start(&s, loop, on_signal, &h, &e) != 0)
        _exit(1);
    alarm(10); /* a loop that never ends is ended */
    raise(SIGTERM);
    if (loop_run(loop, &h.done, &e) != 0)
        _exit(1);
    signals_stop(&s);
    loop_free(loop);
    _exit(h.signal == SIGTERM ? 0 : 1);
}

/* The status of a child that is sent a SIGTERM while the file at 'path' is not complete. */
static int status_of_child(const char *path)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        leftover_note(path);
        hear();
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    write_failures = read_error = 0;
    return status;
}

static void make(char path[32])
{
    snprintf(path, 32, "/tmp/signals.XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
}

static void assert_heard(void)
{
    char path[32];
    make(path);
    int status = status_of_child(path);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_int_equal(unlink(path), 0);
}

static void test_heard(void **state)
{
    (void)state;
    assert_heard();
}

/* A write that is interrupted, by another signal, is repeated. */
static void test_interrupted(void **state)
{
    (void)state;
    write_error = EINTR;
    write_failures = 1;
    assert_heard();
}

/* The loop can't be told: the signal ends the process, which leaves no part of a file. */
static void test_not_passed_on(void **state)
{
    char path[32];
    (void)state;
    make(path);
    write_error = EIO;
    write_failures = 2;
    int status = status_of_child(path);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGTERM);
    assert_int_not_equal(access(path, F_OK), 0);
}

/* A pipe that can't be read would be ready for ever, and the loop would turn and turn. */
static void test_not_readable(void **state)
{
    (void)state;
    read_error = EIO;
    assert_heard();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_heard),
        cmocka_unit_test(test_interrupted),
        cmocka_unit_test(test_not_passed_on),
        cmocka_unit_test(test_not_readable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
