/* SPDX-License-Identifier: MIT */
/*
 * census.c: all accounts of a run: opened while there is room, handed over in ascending order.
 *
 *   next_deliver                    scan_from                      next_open
 *        |                              |                              |
 *   ---- 1 ------- 2 ------- 3 -------- 4 ------- 5 ------- 6 -------- 7 ------> accounts
 *   ^    over?     over      reading    hungry    ready     asking     not opened yet
 *   handed over
 *
 *   pump     runs when the client has room, or a job has changed: feeds the first hungry job,
 *            else begins to read the first ready one, else opens the next account
 *   deliver  runs when a job is over, or the output has room again: hands over the next account
 *            in order, and those right after it that are over
 *
 * Both run from the loop, never from inside a job's callback.
 */
#include "census/census.h"

#include "base/alloc.h"

#include <stdlib.h>

/* The most open accounts: each costs memory even while it waits for its role, report or rate. */
#define OPEN_MAX 1024
/* So many accounts are read at once while nothing is known of their size. */
#define UNKNOWN_AT_FIRST 8
/* The size that an account is expected to need is the mean of about so many. */
#define SIZES_REMEMBERED 8

struct census {
    struct census_options options;
    struct job_context context;
    struct loop *loop;
    struct job **jobs; /* by number; NULL before it is opened and after it is handed over */
    size_t next_open, next_deliver, open;
    size_t users_delivered;
    size_t scan_from;     /* no account before this one can be fed */
    size_t account_bytes; /* what an account is expected to need */
    size_t sizes_known;   /* of so many accounts, at most SIZES_REMEMBERED */
    const char *stop_stage;
    struct error stop_error;
    bool finished;
    struct loop_timer deliver_timer, pump_timer;
};

/* What the open accounts hold, and what they will hold if each needs what accounts needed so far.
 */
struct memory {
    size_t held, expected;
};

static struct memory memory_of(const struct census *c)
{
    struct memory m = {0, 0};
    for (size_t i = c->next_deliver; i < c->next_open; i++) {
        if (!c->jobs[i])
            continue;
        size_t held = job_held_bytes(c->jobs[i]);
        m.held += held;
        m.expected += job_grows(c->jobs[i]) && held < c->account_bytes ? c->account_bytes : held;
    }
    return m;
}

/* The mean of the accounts that were read so far, of many the later ones have more weight. */
static void learn_size(struct census *c, const struct job *job)
{
    if (c->sizes_known < SIZES_REMEMBERED)
        c->sizes_known++;
    c->account_bytes -= c->account_bytes / c->sizes_known;
    c->account_bytes += job_held_bytes(job) / c->sizes_known;
}

/* The next account to hand over may always go on; otherwise too small a budget would stop all. */
static bool has_memory(const struct census *c, size_t number, size_t bytes)
{
    return number == c->next_deliver || bytes < c->options.memory_budget_bytes;
}

static struct job *open_next(struct census *c)
{
    size_t number = c->next_open++;
    const struct census_account *account = &c->options.accounts[number];
    struct job *job = job_new(&c->context, number, account);
    c->jobs[number] = job;
    c->open++;
    return job;
}

/* The first job that is hungry; if there is none, the first that may begin to read. */
static struct job *job_to_feed(struct census *c, const struct memory *m)
{
    struct job *ready = NULL;
    if (c->scan_from < c->next_deliver)
        c->scan_from = c->next_deliver;
    for (size_t i = c->scan_from; i < c->next_open; i++) {
        if (c->jobs[i] && job_hungry(c->jobs[i]) && has_memory(c, i, m->held)) {
            c->scan_from = ready ? job_number(ready) : i;
            return c->jobs[i];
        }
        if (c->jobs[i] && !ready && job_ready(c->jobs[i]) && has_memory(c, i, m->expected))
            ready = c->jobs[i];
    }
    c->scan_from = ready ? job_number(ready) : c->next_open;
    return ready;
}

static bool may_open(const struct census *c, const struct memory *m)
{
    return c->next_open < c->options.account_count && !c->stop_stage && c->open < OPEN_MAX &&
           has_memory(c, c->next_open, m->expected);
}

/*
 * If credential reports are used, accounts are opened first: each asks for its report at once, so
 * that IAM makes it while others are read. Otherwise open accounts are read first. Either way
 * earlier accounts come first, so that they are written and freed as early as possible.
 */
static void pump(void *arg)
{
    struct census *c = arg;
    bool ask_first = job_uses_report(&c->context);
    struct memory m = memory_of(c);
    while (aws_client_room(c->context.client) > 0) {
        struct job *job = ask_first && may_open(c, &m) ? NULL : job_to_feed(c, &m);
        bool grew = job && job_grows(job);
        if (job)
            job_feed(job);
        else if (may_open(c, &m))
            job_start(job = open_next(c));
        else
            return;
        if (!grew && job_grows(job))
            m.expected += c->account_bytes;
    }
}

static void pump_later(struct census *c)
{
    if (!loop_timer_running(&c->pump_timer))
        loop_soon(c->loop, &c->pump_timer, pump, c);
}

/* After a stop, accounts that were never opened are handed over too, as failed for that reason. */
static struct job *job_in_turn(struct census *c)
{
    if (c->next_deliver == c->next_open && c->stop_stage) {
        struct job *job = open_next(c);
        c->open--;
        job_stop(job, c->stop_stage, &c->stop_error);
    }
    return c->jobs[c->next_deliver];
}

static void deliver(void *arg)
{
    struct census *c = arg;
    while (c->next_deliver < c->options.account_count) {
        struct job *job = job_in_turn(c);
        if (!job || !job_over(job))
            break;
        size_t users = job_account(job)->user_count;
        if (!c->options.account(c->options.arg, job_account(job)))
            return;
        c->users_delivered += users;
        c->jobs[c->next_deliver++] = NULL;
        job_free(job);
        c->scan_from = c->next_deliver; /* accounts that waited for memory may begin */
    }
    pump_later(c);
    if (c->next_deliver == c->options.account_count && !c->finished) {
        c->finished = true;
        c->options.done(c->options.arg);
    }
}

static void deliver_later(struct census *c)
{
    if (!loop_timer_running(&c->deliver_timer))
        loop_soon(c->loop, &c->deliver_timer, deliver, c);
}

void census_resume(struct census *census)
{
    deliver_later(census);
}

static void census_on_job_done(void *arg, struct job *job)
{
    struct census *c = arg;
    c->open--;
    learn_size(c, job);
    c->scan_from = c->next_deliver; /* it may have needed less than it was expected to */
    deliver_later(c);
    pump_later(c);
}

static void census_on_job_changed(void *arg, struct job *job)
{
    struct census *c = arg;
    if (job_number(job) < c->scan_from)
        c->scan_from = job_number(job);
    pump_later(c);
}

/* An account that has begun to be read may list more users only while memory is left. */
static bool census_may_grow(void *arg, const struct job *job)
{
    const struct census *c = arg;
    return has_memory(c, job_number(job), memory_of(c).held);
}

struct census *census_new(const struct census_options *options)
{
    struct census *c = xcalloc(1, sizeof(*c));
    c->options = *options;
    c->context = options->job;
    c->context.done = census_on_job_done;
    c->context.changed = census_on_job_changed;
    c->context.may_grow = census_may_grow;
    c->context.arg = c;
    c->loop = aws_client_loop(c->context.client);
    c->account_bytes = options->memory_budget_bytes / UNKNOWN_AT_FIRST;
    c->jobs = xcalloc(options->account_count, sizeof(struct job *));
    aws_client_on_room(c->context.client, pump, c);
    deliver_later(c); /* calls 'done' even if there are no accounts */
    return c;
}

void census_stop(struct census *census, const char *stage, const struct error *why)
{
    if (census->stop_stage || census->finished)
        return;
    census->stop_stage = stage;
    census->stop_error = *why;
    for (size_t i = census->next_deliver; i < census->next_open; i++)
        if (census->jobs[i] && !job_over(census->jobs[i])) {
            job_stop(census->jobs[i], stage, &census->stop_error);
            census->open--;
        }
    deliver_later(census);
}

void census_progress(const struct census *census, struct census_progress *progress)
{
    *progress = (struct census_progress){.accounts_total = census->options.account_count,
                                         .accounts_done = census->next_deliver,
                                         .users_done = census->users_delivered};
    for (size_t i = census->next_deliver; i < census->next_open; i++) {
        if (!census->jobs[i])
            continue;
        progress->accounts_done += job_over(census->jobs[i]);
        progress->users_done += job_users_settled(census->jobs[i]);
    }
}

void census_free(struct census *census)
{
    if (!census)
        return;
    aws_client_on_room(census->context.client, NULL, NULL);
    loop_timer_stop(census->loop, &census->deliver_timer);
    loop_timer_stop(census->loop, &census->pump_timer);
    for (size_t i = 0; i < census->next_open; i++)
        job_free(census->jobs[i]);
    free(census->jobs);
    free(census);
}
