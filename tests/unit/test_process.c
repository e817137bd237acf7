/* SPDX-License-Identifier: MIT */
/* Child processes: what they print, how they end, and that none is left behind. */
#include "net/process.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define OUT_MAX 1000

struct outcome {
    bool done;
    int status, signal;
    char out[OUT_MAX + 1], err[65];
    size_t out_len;
    struct error error;
};

struct scene {
    struct loop *loop;
    struct outcome outcome;
};

static int interruptions; /* how many calls of poll() a signal ends before they begin to wait */

/* It takes the place of poll(), whose own name stands for an inline function of the C library. */
int interrupted_poll(struct pollfd *fds, nfds_t count, int timeout_ms) __asm__("poll");

int interrupted_poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
    const struct timespec timeout = {timeout_ms / 1000, timeout_ms % 1000 * 1000000L};
    if (interruptions > 0) {
        interruptions--;
        errno = EINTR;
        return -1;
    }
    return ppoll(fds, count, timeout_ms < 0 ? NULL : &timeout, NULL);
}

static int begin(void **state)
{
    struct scene *s = calloc(1, sizeof(*s));
    assert_non_null(s);
    s->loop = loop_new(clock_system(), NULL);
    assert_non_null(s->loop);
    *state = s;
    return 0;
}

/* Whatever a test did, nothing of its child remains. */
static int end(void **state)
{
    struct scene *s = *state;
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
    loop_free(s->loop);
    free(s);
    return 0;
}

static void on_done(void *arg, const struct process_result *result, const struct error *e)
{
    struct outcome *o = arg;
    assert_false(o->done);
    o->done = true;
    if (e) {
        assert_null(result);
        o->error = *e;
        return;
    }
    o->status = result->status;
    o->signal = result->signal;
    o->out_len = result->out.len;
    memcpy(o->out, result->out.ptr, result->out.len);
    assert_true(result->err.len < sizeof(o->err));
    memcpy(o->err, result->err.ptr, result->err.len);
}

static struct process *start(struct scene *s, const char *const *argv, const char *shell,
                             int64_t timeout_ms)
{
    const struct process_options options = {
        .argv = argv,
        .shell = shell,
        .stdout_max = OUT_MAX,
        .stderr_max = 64,
        .timeout_ms = timeout_ms,
    };
    return process_start(s->loop, &options, on_done, &s->outcome, &s->outcome.error);
}

static struct outcome *run(struct scene *s, const char *shell)
{
    struct error e;
    assert_non_null(start(s, NULL, shell, 20000));
    assert_false(s->outcome.done);
    assert_int_equal(loop_run(s->loop, &s->outcome.done, &e), 0);
    return &s->outcome;
}

static int64_t now_ms(void)
{
    return clock_steady_ms(clock_system());
}

static void test_output_and_status(void **state)
{
    struct outcome *o = run(*state, "printf 'a\\0b'; printf oops >&2; exit 7");
    assert_int_equal(o->status, 7);
    assert_int_equal(o->signal, 0);
    assert_int_equal(o->out_len, 3);
    assert_memory_equal(o->out, "a\0b", 3);
    assert_string_equal(o->err, "oops");
}

static void test_arguments_are_not_split(void **state)
{
    struct scene *s = *state;
    const char *const argv[] = {"printf", "<%s>", "a b", "$HOME;`id`", NULL};
    struct error e;
    assert_non_null(start(s, argv, NULL, 20000));
    assert_int_equal(loop_run(s->loop, &s->outcome.done, &e), 0);
    assert_int_equal(s->outcome.status, 0);
    assert_string_equal(s->outcome.out, "<a b><$HOME;`id`>");
}

static void test_no_input(void **state)
{
    struct outcome *o = run(*state, "cat; echo end");
    assert_string_equal(o->out, "end\n");
}

static void test_signal(void **state)
{
    struct outcome *o = run(*state, "kill -KILL $$");
    assert_int_equal(o->status, -1);
    assert_int_equal(o->signal, SIGKILL);
}

/* What we ignore and block is not the child's to inherit. */
static void test_signals_are_reset(void **state)
{
    sigset_t term, old;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    sigprocmask(SIG_BLOCK, &term, &old);
    void (*pipe_was)(int) = signal(SIGPIPE, SIG_IGN);
    struct outcome *o = run(*state, "sh -c 'kill -PIPE $$; echo alive'; echo $?; "
                                    "sh -c 'kill -TERM $$; echo alive'; echo $?");
    signal(SIGPIPE, pipe_was);
    sigprocmask(SIG_SETMASK, &old, NULL);
    assert_string_equal(o->out, "141\n143\n");
}

/* Some schedulers ignore it for all that they start: then the kernel would reap the child. */
static void test_children_are_ours_to_reap(void **state)
{
    void (*child_was)(int) = signal(SIGCHLD, SIG_IGN);
    struct outcome *o = run(*state, "exit 7");
    signal(SIGCHLD, child_was);
    assert_int_equal(o->status, 7);
}

static void test_output_at_its_bound(void **state)
{
    struct outcome *o = run(*state, "head -c 1000 /dev/zero");
    assert_int_equal(o->error.kind, ERROR_NONE);
    assert_int_equal(o->status, 0);
    assert_int_equal(o->out_len, 1000);
}

static void test_output_over_its_bound(void **state)
{
    struct outcome *o = run(*state, "head -c 1001 /dev/zero");
    assert_int_equal(o->error.kind, ERROR_LIMIT);
}

static void test_endless_output(void **state)
{
    struct outcome *o = run(*state, "exec cat /dev/zero");
    assert_int_equal(o->error.kind, ERROR_LIMIT);
}

/* More than a pipe holds, so the child would hang if nobody read it. */
static void test_long_stderr_is_cut(void **state)
{
    struct outcome *o =
        run(*state, "printf first >&2; head -c 300000 /dev/zero | tr '\\0' x >&2; echo out");
    assert_string_equal(o->out, "out\n");
    assert_int_equal(strlen(o->err), 64);
    assert_memory_equal(o->err, "firstxxx", 8);
}

static void test_timeout(void **state)
{
    struct scene *s = *state;
    struct error e;
    int64_t began_ms = now_ms();
    assert_non_null(start(s, NULL, "exec sleep 30", 100));
    assert_int_equal(loop_run(s->loop, &s->outcome.done, &e), 0);
    assert_int_equal(s->outcome.error.kind, ERROR_TIMEOUT);
    assert_true(now_ms() - began_ms < 10000);
}

/* It is the child that is waited for, not all who hold its output open. */
static void test_grandchild_keeps_the_pipe(void **state)
{
    int64_t began_ms = now_ms();
    struct outcome *o = run(*state, "sleep 5 & echo here");
    assert_string_equal(o->out, "here\n");
    assert_int_equal(o->status, 0);
    assert_true(now_ms() - began_ms < 4000);
}

static void test_closed_output_is_no_end(void **state)
{
    struct outcome *o = run(*state, "echo x; exec >&- 2>&-; sleep 0.2; exit 3");
    assert_int_equal(o->status, 3);
    assert_string_equal(o->out, "x\n");
}

static void test_not_found(void **state)
{
    struct scene *s = *state;
    const char *const argv[] = {"no-such-program-anywhere", NULL};
    assert_null(start(s, argv, NULL, 1000));
    assert_int_equal(s->outcome.error.kind, ERROR_SYSTEM);
    assert_string_equal(s->outcome.error.code, PROCESS_NOT_FOUND);
    assert_non_null(strstr(s->outcome.error.text, "no-such-program-anywhere"));
    const char *const nowhere[] = {"/nowhere/at/all", NULL};
    assert_null(start(s, nowhere, NULL, 1000));
    assert_string_equal(s->outcome.error.code, PROCESS_NOT_FOUND);
    const char *const no_program[] = {"/etc/passwd", NULL};
    assert_null(start(s, no_program, NULL, 1000));
    assert_string_equal(s->outcome.error.code, "");
    assert_non_null(strstr(s->outcome.error.text, "Permission denied"));
}

/* The shell's own children go with it: what they hold open is closed. */
static void test_timeout_kills_the_group(void **state)
{
    struct scene *s = *state;
    struct error e;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_non_null(start(s, NULL, "sleep 30 & sleep 30; echo", 200));
    close(ends[1]);
    assert_int_equal(loop_run(s->loop, &s->outcome.done, &e), 0);
    assert_int_equal(s->outcome.error.kind, ERROR_TIMEOUT);
    struct pollfd closed = {ends[0], POLLIN, 0};
    assert_int_equal(poll(&closed, 1, 10000), 1);
    assert_true(closed.revents & POLLHUP);
    close(ends[0]);
}

static void set_true(void *arg)
{
    *(bool *)arg = true;
}

static void wait_ms(struct scene *s, int64_t ms)
{
    struct loop_timer timer = {0};
    bool over = false;
    struct error e;
    loop_timer_start(s->loop, &timer, ms, set_true, &over);
    assert_int_equal(loop_run(s->loop, &over, &e), 0);
}

/* end() sees that it has been reaped. */
static void test_cancel(void **state)
{
    struct scene *s = *state;
    struct process *p = start(s, NULL, "exec sleep 30", 60000);
    assert_non_null(p);
    wait_ms(s, 50);
    int64_t began_ms = now_ms();
    process_cancel(p);
    assert_true(now_ms() - began_ms < 5000);
    wait_ms(s, 50);
    assert_false(s->outcome.done);
    process_cancel(NULL);
}

/* A signal that comes while it waits does not leave the child behind. */
static void test_cancel_is_interrupted(void **state)
{
    for (int i = 0; i < 20; i++) {
        struct process *p = start(*state, NULL, "exec sleep 30", 60000);
        assert_non_null(p);
        interruptions = 2;
        process_cancel(p);
        assert_int_equal(interruptions, 0);
    }
}

static int count_descriptors(void)
{
    DIR *dir = opendir("/proc/self/fd");
    int count = 0;
    assert_non_null(dir);
    while (readdir(dir))
        count++;
    closedir(dir);
    return count;
}

static void test_no_descriptor_is_left(void **state)
{
    struct scene *s = *state;
    const char *const missing[] = {"no-such-program-anywhere", NULL};
    int before = count_descriptors();
    run(s, "echo x");
    assert_null(start(s, missing, NULL, 1000));
    process_cancel(start(s, NULL, "exec sleep 30", 60000));
    assert_int_equal(count_descriptors(), before);
}

/*
 * Not even those of another child that runs beside it, or of a library that does not mark its own:
 * three, and the folder that ls lists.
 */
static void test_child_inherits_no_descriptor(void **state)
{
    struct scene *s = *state;
    int unmarked = socket(AF_INET, SOCK_STREAM, 0);
    struct process *other = start(s, NULL, "exec sleep 30", 60000);
    assert_true(unmarked > STDERR_FILENO);
    assert_non_null(other);
    struct outcome *o = run(s, "ls /proc/self/fd | wc -l");
    process_cancel(other);
    close(unmarked);
    assert_int_equal(atoi(o->out), 4);
}

static void test_several_at_once(void **state)
{
    struct scene *s = *state;
    struct outcome many[8] = {0};
    struct error e;
    for (int i = 0; i < 8; i++) {
        char command[64];
        snprintf(command, sizeof(command), "echo %d; exit %d", i, i);
        const struct process_options options = {
            .shell = command, .stdout_max = 16, .stderr_max = 16, .timeout_ms = 20000};
        assert_non_null(process_start(s->loop, &options, on_done, &many[i], &e));
    }
    for (int i = 0; i < 8; i++) {
        if (!many[i].done)
            assert_int_equal(loop_run(s->loop, &many[i].done, &e), 0);
        assert_int_equal(many[i].status, i);
        assert_int_equal(atoi(many[i].out), i);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

/* In a session of its own, so that all is the same with and without a terminal. */
static void leave_terminal(void)
{
    int status = 0;
    pid_t pid = fork();
    if (pid > 0) {
        waitpid(pid, &status, 0);
        _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
    }
    if (pid < 0 || setsid() < 0)
        _exit(1);
}

/* From here on this process has no pidfd_open, as on an old kernel or in a strict sandbox. */
static void lose_pidfd(void)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_pidfd_open, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog program = {sizeof(filter) / sizeof(filter[0]), filter};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
        printf("skipped: no seccomp here, so pidfd_open may still work below\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_output_and_status),
        TEST(test_arguments_are_not_split),
        TEST(test_no_input),
        TEST(test_signal),
        TEST(test_signals_are_reset),
        TEST(test_children_are_ours_to_reap),
        TEST(test_output_at_its_bound),
        TEST(test_output_over_its_bound),
        TEST(test_endless_output),
        TEST(test_long_stderr_is_cut),
        TEST(test_timeout),
        TEST(test_timeout_kills_the_group),
        TEST(test_grandchild_keeps_the_pipe),
        TEST(test_closed_output_is_no_end),
        TEST(test_not_found),
        TEST(test_cancel),
        TEST(test_cancel_is_interrupted),
        TEST(test_no_descriptor_is_left),
        TEST(test_child_inherits_no_descriptor),
        TEST(test_several_at_once),
    };
    leave_terminal();
    int failed = cmocka_run_group_tests_name("with a pidfd", tests, NULL, NULL);
    lose_pidfd();
    return failed + cmocka_run_group_tests_name("without a pidfd", tests, NULL, NULL);
}
