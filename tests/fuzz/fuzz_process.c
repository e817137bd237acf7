/* SPDX-License-Identifier: MIT */
/*
 * A child that does anything: what it writes to its two outputs, in which pieces, which of them it
 * closes, what it leaves behind, and how it ends, or that it does not (child_script.h). The first
 * byte of the input says who runs it: process.c, with bounds, or credential_process; the second,
 * when it is cancelled.
 *
 * Whatever it does: there is one end, or after a cancel none; the status, the signal and both
 * outputs are those of the script, within the bounds; no child and no descriptor is left; no
 * message shows what was written to standard output, or the arguments.
 */
#include "auth/provider_command.h"
#include "child_script.h"
#include "net/process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SCRIPT_MAX     300 /* bytes; each may write 31,000 */
#define KEPT_MAX       ((size_t)128 * 1024)
#define HANGS_MS       30
#define PATIENCE_MS    20000
#define SECRET         "SECRETSECRET"
#define MANY           "mmmmmmmmmmmm"
#define ARGUMENT_SHOWN 12 /* so much of the arguments in a message is too much */

/* An output as it must come: its length, and of its beginning the bytes. */
struct output {
    char bytes[KEPT_MAX];
    size_t len;
    bool closed;
};

struct expected {
    struct output out, err;
    int status, signal;
    bool hangs;
};

struct run {
    struct loop_timer timer;
    bool over, ended;
    size_t out_max, err_max;
};

static struct loop *loop;
static struct expected expected;
static char arguments[2 * SCRIPT_MAX + 1];
static char command[sizeof(FUZZ_CHILD) + sizeof(arguments) + 8];

static void fail(const char *what)
{
    fprintf(stderr, "fuzz_process: %s\n", what);
    abort();
}

/* ---- what must come of the script ---- */

static void expect_bytes(struct output *o, const uint8_t *bytes, size_t len)
{
    if (o->closed)
        return;
    for (size_t i = 0; i < len && o->len + i < KEPT_MAX; i++)
        o->bytes[o->len + i] = (char)(bytes ? bytes[i] : MANY[0]);
    o->len += len;
}

/* False if it is the last step. */
static bool expect_step(struct child_script *s, enum child_step step, unsigned number)
{
    size_t len = 0;
    bool is_err =
        step == CHILD_ERR || step == CHILD_MANY_ERR || (step == CHILD_CLOSE && number % 2 == 1);
    struct output *o = is_err ? &expected.err : &expected.out;
    if (step == CHILD_OUT || step == CHILD_ERR) {
        const uint8_t *bytes = child_take(s, number, &len);
        expect_bytes(o, bytes, len);
    } else if (step == CHILD_MANY_OUT || step == CHILD_MANY_ERR) {
        expect_bytes(o, NULL, number * (size_t)CHILD_MANY);
    } else if (step == CHILD_CLOSE) {
        o->closed = true;
    } else if (step == CHILD_SIGNAL) {
        expected.hangs = number == CHILD_FOREVER;
        expected.signal = child_signal(number);
        expected.status = -1;
    } else if (step == CHILD_EXIT) {
        expected.status = (int)child_byte(s);
    }
    return step != CHILD_SIGNAL && step != CHILD_EXIT;
}

static void expect(struct child_script s)
{
    enum child_step step;
    unsigned number;
    expected.out.len = expected.err.len = 0;
    expected.out.closed = expected.err.closed = false;
    expected.signal = 0;
    expected.hangs = false;
    do
        step = child_next(&s, &number);
    while (expect_step(&s, step, number));
}

/* ---- process.c ---- */

static void check_output(struct view got, const struct output *o, size_t max, const char *what)
{
    size_t len = o->len < max ? o->len : max;
    if (got.len != len || memcmp(got.ptr, o->bytes, len) != 0)
        fail(what);
}

static void check_failure(const struct run *r, const struct error *e)
{
    bool too_much = expected.out.len > r->out_max;
    if (e->kind == ERROR_LIMIT && too_much && strcmp(e->text, "it prints too much") == 0)
        return;
    if (e->kind != ERROR_TIMEOUT || !expected.hangs ||
        strcmp(e->text, "it did not end within 0 s") != 0)
        fail(e->text);
}

static void on_process_end(void *arg, const struct process_result *result, const struct error *e)
{
    struct run *r = arg;
    if (r->over || !result == !e)
        fail("there is more than one end");
    r->over = r->ended = true;
    if (e) {
        check_failure(r, e);
        return;
    }
    if (expected.hangs || expected.out.len > r->out_max)
        fail("it ended well");
    if (result->status != expected.status || result->signal != expected.signal)
        fail("it ended otherwise");
    check_output(result->out, &expected.out, r->out_max, "another standard output");
    check_output(result->err, &expected.err, r->err_max, "another standard error");
}

static void on_cancel_time(void *arg)
{
    ((struct run *)arg)->over = true;
}

/* Waits for its end or, if it is to be cancelled, so many milliseconds. */
static void run_until_over(struct run *r, unsigned cancel_ms)
{
    struct error e;
    if (cancel_ms > 0)
        loop_timer_start(loop, &r->timer, cancel_ms - 1, on_cancel_time, r);
    if (loop_run(loop, &r->over, &e) != 0)
        fail(e.text);
    loop_timer_stop(loop, &r->timer);
    r->over = true;
}

static bool run_process(unsigned how, unsigned cancel_ms)
{
    static const size_t out_bounds[] = {65536, 0, 100, 5000}, err_bounds[] = {16384, 0, 16, 300};
    static const char *const argv[] = {FUZZ_CHILD, arguments, NULL};
    struct run r = {.out_max = out_bounds[how / 4 % 4], .err_max = err_bounds[how / 16 % 4]};
    const struct process_options options = {
        .argv = how & 2 ? NULL : argv,
        .shell = how & 2 ? command : NULL,
        .stdout_max = r.out_max,
        .stderr_max = r.err_max,
        .timeout_ms = expected.hangs ? HANGS_MS : PATIENCE_MS,
    };
    struct error e;
    struct process *p = process_start(loop, &options, on_process_end, &r, &e);
    if (!p)
        fail(e.text);
    run_until_over(&r, cancel_ms);
    if (!r.ended)
        process_cancel(p);
    return r.ended;
}

/* ---- credential_process ---- */

static bool wrote(const struct output *o, const char *text)
{
    size_t len = o->len < KEPT_MAX ? o->len : KEPT_MAX;
    return memmem(o->bytes, len, text, strlen(text)) != NULL;
}

/* What it wrote to standard error may be shown, so nothing is said of what is in that. */
static void check_message(const char *text)
{
    static const char *const hidden[] = {SECRET, MANY};
    char beginning[ARGUMENT_SHOWN + 1];
    for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
        if (strstr(text, hidden[i]) && !wrote(&expected.err, hidden[i]))
            fail("a message shows what was printed");
    snprintf(beginning, sizeof(beginning), "%s", arguments);
    if (strlen(beginning) == ARGUMENT_SHOWN && strstr(text, beginning))
        fail("a message shows the arguments");
}

static void on_credentials(void *arg, const struct credentials *c, const struct error *e)
{
    struct run *r = arg;
    if (r->over || !c == !e)
        fail("there is more than one end");
    r->over = r->ended = true;
    if (c && (expected.status != 0 || c->access_key_id[0] == '\0' ||
              !secret_present(&c->secret_access_key)))
        fail("credentials of a process that failed, or half of them");
    if (e && (e->kind != ERROR_CREDENTIALS || e->text[0] == '\0'))
        fail("an error of another kind");
    if (e)
        check_message(e->text);
}

static bool run_provider(unsigned cancel_ms)
{
    struct run r = {.over = false};
    struct credentials_provider *p = provider_command_new(loop, view_of(command));
    provider_start(p, (struct provider_done){on_credentials, &r});
    run_until_over(&r, expected.hangs && cancel_ms == 0 ? HANGS_MS : cancel_ms);
    provider_free(p);
    return r.ended;
}

/* ---- both ---- */

static int lowest_descriptor(void)
{
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    close(fd);
    return fd;
}

/* A cancel waits 100 ms at most for what it has killed, which on a busy machine may be too short.
 */
static void check_no_child(int patience_ms)
{
    for (int i = 0; i <= patience_ms; i++) {
        pid_t ended = waitpid(-1, NULL, WNOHANG);
        if (ended < 0 && errno == ECHILD)
            return;
        usleep(1000);
    }
    fail("a child is left");
}

static void make_command(struct child_script s)
{
    for (size_t i = 0; i < s.left; i++)
        snprintf(arguments + 2 * i, 3, "%02x", s.bytes[i]);
    arguments[2 * s.left] = '\0';
    snprintf(command, sizeof(command), "exec %s %s", FUZZ_CHILD, arguments);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static int lowest;
    struct error e;
    if (!loop) {
        loop = loop_new(clock_system(), &e);
        lowest = lowest_descriptor();
    }
    struct child_script s = {bytes, len < SCRIPT_MAX ? len : SCRIPT_MAX};
    unsigned how = child_byte(&s), cancel_ms = child_byte(&s) % 8;
    expect(s);
    make_command(s);
    bool ended = how & 1 ? run_provider(cancel_ms) : run_process(how, cancel_ms);
    check_no_child(ended ? 0 : PATIENCE_MS);
    if (lowest_descriptor() != lowest)
        fail("a descriptor is left");
    return 0;
}
