/* SPDX-License-Identifier: MIT */
/*
 * reading.c: what is read of one account, and in which order.
 *
 *   reading_ask        asks IAM to make the credential report; the job then waits for its turn
 *        |
 *   reading_start      calls for the list of users and the alias, and fetches the report
 *        |
 *   GATE_LISTING       until both are complete: then lines of the report are matched with users
 *        |
 *   GATE_SIGN_INS      if only ListUsers has some user's last sign-in: ListUsers is called
 *        |
 *   GATE_OPEN          reading_next_user, once for each user: calls for what neither the list
 *        |             nor the report says about this user
 *   reading_on_keys_listed: once the user's keys are known, calls for the last use of each
 *
 * A job without a report skips the first step. With 'per-user' the gate is open from the first page
 * of the list on, unless a call about all users is wanted (service-specific credentials). If a
 * source fails for the account, it is marked as failed, and the next source of each of its facts
 * takes its place.
 */
#include "census/reading.h"

#include "base/log.h"
#include "census/calls.h"
#include "census/causes.h"
#include "census/ending.h"
#include "census/sources.h"

/* Now, in seconds, by AWS's clock. */
static int64_t now_s(const struct job *job)
{
    const struct aws_client *client = job->context->client;
    return clock_wall_ms(loop_clock(aws_client_loop(client))) / 1000 + aws_client_ahead_s(client);
}

static void user_settled(struct job *job, struct user *user)
{
    job->users_settled++;
    if (!user->gone)
        log_event(LOG_INFO, "user processed", FIELD("account_id", job->account.id),
                  FIELD_VIEW("user", user->name));
}

static void reading_on_user_call_done(struct job *job, struct user *user)
{
    if (listed_user_of(user)->calls == 0)
        user_settled(job, user);
    ending_check(job);
}

static void copy_use(struct job *job, struct access_key *key, const struct report_key *slot)
{
    key->last_used_s = slot->used_s;
    key->last_used_service = arena_copy(&job->account.arena, slot->service);
    key->last_used_region = arena_copy(&job->account.arena, slot->region);
}

static bool same_second(const struct user *user, const struct access_key *key)
{
    for (const struct access_key *k = user->keys; k; k = k->next)
        if (k != key && k->created_s == key->created_s)
            return true;
    return false;
}

/* The report has no key ids: a key that can't be identified by its creation date needs a call. */
static void read_key_use(struct job *job, struct user *user, struct access_key *key)
{
    const struct report_line *line = listed_user_of(user)->line;
    enum source_id id = choice_for_user(&job->choice, line, FACT_KEYS_USED);
    if (census_sources[id].scope == SCOPE_REPORT) {
        const struct report_key *slot = report_find_key(line, key->created_s);
        if (slot && !same_second(user, key)) {
            copy_use(job, key, slot);
            return;
        }
        id = choice_for_user(&job->choice, NULL, FACT_KEYS_USED);
    }
    if (id == SOURCE_NONE) {
        key->use_unknown = key->use_place_unknown = true;
        user->unknown |= FACT_BIT(FACT_KEYS_USED);
    } else {
        calls_start(job, id, user, key);
    }
}

static void reading_on_keys_listed(struct job *job, struct user *user)
{
    if (user->gone)
        return;
    for (struct access_key *key = user->keys; key; key = key->next)
        read_key_use(job, user, key);
}

static void take_line(struct job *job, struct user *user, const struct report_line *line)
{
    int64_t generated_s = job->report.report.generated_s;
    listed_user_of(user)->line = line;
    if (generated_s < user->data_as_of_s)
        user->data_as_of_s = generated_s;
    if (line->password == SAID_TRUE) {
        user->has_password = true;
        user->password_set_s = user->password_changed_s = line->password_changed_s;
    }
    /* ListUsers may have been read as well: the later date of the two is right. */
    if (line->password_used_s > user->password_used_s)
        user->password_used_s = line->password_used_s;
    user->has_mfa = line->mfa == SAID_TRUE;
    if (line->tells_rotation)
        user->password_rotation_s = line->password_rotation_s;
}

/*
 * A line is about a user of the same name only if both were also created at the same time: a user
 * who has been deleted and created again since is not in the report.
 */
static void take_report(struct job *job)
{
    const struct report *report = &job->report.report;
    if (job->choice.report != REPORT_USED)
        return;
    job->account.report_at_s = report->generated_s;
    for (size_t i = 0; i < report->count; i++) {
        struct user *user = roster_find(&job->roster, report->lines[i].user);
        if (user && user->created_s == report->lines[i].created_s && !listed_user_of(user)->line)
            take_line(job, user, &report->lines[i]);
    }
}

/*
 * True if a user is missing from the report, or has no password there: only ListUsers has the last
 * sign-in of such users.
 */
static bool needs_sign_ins(const struct job *job)
{
    if (job->used_sources & SOURCE_BIT(SOURCE_LIST_USERS))
        return false;
    for (struct user *user = job->roster.first; user; user = user->next)
        if (!user->superseded && choice_for_user(&job->choice, listed_user_of(user)->line,
                                                 FACT_PASSWORD_USED) == SOURCE_LIST_USERS)
            return true;
    return false;
}

static bool report_is_over(const struct job *job)
{
    return !job_uses_report(job->context) || job->report.state == FETCH_READY ||
           job->report.state == FETCH_FAILED;
}

static void check_gate(struct job *job)
{
    if (job->gate == GATE_OPEN || job->account_running > 0 || !report_is_over(job))
        return;
    if (job->gate == GATE_LISTING) {
        take_report(job);
        if (needs_sign_ins(job)) {
            job->gate = GATE_SIGN_INS;
            calls_start(job, SOURCE_LIST_USERS, NULL, NULL);
            return;
        }
    }
    gathered_apply(&job->gathered, &job->roster);
    job->gate = GATE_OPEN;
}

static void fall_back(struct job *job, enum source_id from, enum source_id to,
                      const struct error *e)
{
    log_event(LOG_INFO, "source can't be used, trying the next one",
              FIELD("account_id", job->account.id),
              FIELD("source", census_sources[from].operation->action),
              FIELD("next", census_sources[to].operation->action), FIELD("code", error_code(e)),
              FIELD("reason", e->text));
}

static struct subject account_subject(struct job *job)
{
    return (struct subject){.roster = &job->roster, .gathered = &job->gathered};
}

static void discard_pages(struct job *job, enum source_id id)
{
    struct subject subject = account_subject(job);
    if (census_sources[id].discard)
        census_sources[id].discard(&subject);
}

/*
 * The users could not be listed: the next source is tried. Returns false if none can be, so that
 * the account has failed.
 */
static bool users_failed(struct job *job, enum source_id id, const struct error *e)
{
    enum source_id next = choice_for_account(&job->choice, FACT_USERS);
    if (job->context->strategy != STRATEGY_AUTO || next == SOURCE_NONE) {
        ending_fail(job, census_sources[id].operation->action, e);
        return false;
    }
    roster_forget(&job->roster);
    discard_pages(job, id);
    causes_note(&job->account, census_sources[id].operation->action, e);
    fall_back(job, id, next, e);
    calls_start(job, next, NULL, NULL);
    return true;
}

/*
 * Marks as unknown what the failed call should have said about the account. The list of users is
 * complete already.
 */
static void account_facts_lost(struct job *job, enum source_id id)
{
    discard_pages(job, id);
    job->account.unknown |=
        census_sources[id].facts & facts_about(ABOUT_ACCOUNT) & ~FACT_BIT(FACT_USERS);
}

/* Returns false if this failed the whole account: the job is over, nothing more may touch it. */
static bool account_call_failed(struct job *job, enum source_id id, const struct error *e)
{
    job->choice.failed_sources |= SOURCE_BIT(id);
    if ((census_sources[id].facts & FACT_BIT(FACT_USERS)) && !job->roster.closed)
        return users_failed(job, id, e);
    causes_note(&job->account, census_sources[id].operation->action, e);
    account_facts_lost(job, id);
    return true;
}

static void account_call_succeeded(struct job *job, enum source_id id)
{
    struct subject subject = account_subject(job);
    if (census_sources[id].whole)
        census_sources[id].whole(&subject);
    if ((census_sources[id].facts & FACT_BIT(FACT_USERS)) && !job->roster.closed)
        roster_close(&job->roster);
}

static void reading_on_account_call_done(struct job *job, enum source_id id, const struct error *e)
{
    struct subject subject = account_subject(job);
    if (!e)
        account_call_succeeded(job, id);
    else if (error_is_code(e, "NoSuchEntity") && census_sources[id].absent)
        census_sources[id].absent(&subject);
    else if (!account_call_failed(job, id, e))
        return;
    check_gate(job);
    ending_check(job);
}

/*
 * True if ListUsers, called after GetAccountAuthorizationDetails for the sign-ins alone, did not
 * list the user: either the user was deleted in between, or ListUsers does not know the new user
 * yet.
 */
static bool missed_by_list(const struct job *job, struct user *user)
{
    unsigned lists =
        SOURCE_BIT(SOURCE_GET_ACCOUNT_AUTHORIZATION_DETAILS) | SOURCE_BIT(SOURCE_LIST_USERS);
    return (job->used_sources & ~job->choice.failed_sources & lists) == lists &&
           !listed_user_of(user)->listed_again;
}

/*
 * Marks a fact as unknown because no call can provide it for this user. 'lost': a source of it
 * failed.
 */
static void fact_untold(struct user *user, enum fact fact, bool lost)
{
    user->unknown |= FACT_BIT(fact);
    if (!lost)
        listed_user_of(user)->sourceless |= FACT_BIT(fact);
}

/*
 * The sources to call about the user, a SOURCE_BIT each. Marks facts without a source as unknown.
 * For a user missed by ListUsers no call is skipped: the responses tell whether the user still
 * exists.
 */
static unsigned sources_for_user(struct job *job, struct user *user)
{
    const struct report_line *line = listed_user_of(user)->line;
    bool missed = missed_by_list(job, user);
    unsigned sources = 0;
    for (enum fact fact = 0; fact < FACT_COUNT; fact++) {
        if (census_facts[fact].about != ABOUT_USER || !(job->context->wanted & FACT_BIT(fact)))
            continue;
        enum source_id id = choice_for_user(&job->choice, line, fact);
        if (id == SOURCE_NONE)
            fact_untold(user, fact, choice_lost_source(&job->choice, fact));
        else if (id == SOURCE_LIST_USERS && missed)
            fact_untold(user, fact, false);
        else if (census_sources[id].scope == SCOPE_USER &&
                 (missed || !choice_shows_none(&job->choice, line, id)))
            sources |= SOURCE_BIT(id);
    }
    return sources;
}

void reading_next_user(struct job *job)
{
    struct user *user = roster_take(&job->roster);
    unsigned sources = user->superseded ? 0 : sources_for_user(job, user);
    for (enum source_id id = SOURCE_NONE; id < SOURCE_COUNT; id++)
        if (sources & SOURCE_BIT(id))
            calls_start(job, id, user, NULL);
    if (sources == 0)
        reading_on_user_call_done(job, user);
}

static void report_failed(struct job *job)
{
    const struct report_fetch *report = &job->report;
    job->choice.failed_sources |= SOURCE_BIT(SOURCE_GET_CREDENTIAL_REPORT);
    causes_note(&job->account, report->operation, report->error);
    log_event(LOG_WARN,
              job->context->strategy == STRATEGY_AUTO
                  ? "credential report can't be used, users are read one by one"
                  : "credential report can't be used",
              FIELD("account_id", job->account.id), FIELD("operation", report->operation),
              FIELD("code", error_code(report->error)), FIELD("reason", report->error->text));
}

static void report_ready(struct job *job)
{
    char generated[TIMESTAMP_TEXT_SIZE];
    int64_t generated_s = job->report.report.generated_s;
    int64_t age_s = now_s(job) - generated_s;
    job->choice.report = REPORT_USED;
    if (age_s <= job->context->max_report_age_s)
        return;
    job->choice.report = REPORT_SET_ASIDE;
    timestamp_format(generated_s, generated);
    log_event(LOG_WARN, "credential report is too old, users are read one by one",
              FIELD("account_id", job->account.id), FIELD("generated_at", generated),
              FIELD_NUMBER("age_minutes", age_s / 60));
}

static void reading_on_report(void *arg)
{
    struct job *job = arg;
    if (job->report.state == FETCH_FAILED)
        report_failed(job);
    else
        report_ready(job);
    check_gate(job);
    ending_check(job);
}

/*
 * If the request for a report failed, its state is FETCH_FAILED already; reading_start records it.
 */
static void reading_on_asked(void *arg)
{
    struct job *job = arg;
    job->state = JOB_READY;
    job->context->changed(job->context->arg, job);
}

static const struct call_handler call_handler = {
    .account_done = reading_on_account_call_done,
    .keys_listed = reading_on_keys_listed,
    .user_done = reading_on_user_call_done,
};

void reading_ask(struct job *job)
{
    job->handler = &call_handler;
    if (!job_uses_report(job->context)) {
        job->choice.report = REPORT_SET_ASIDE;
        reading_start(job);
        return;
    }
    const struct aws_target target = calls_target(job, SOURCE_GET_CREDENTIAL_REPORT);
    report_fetch_ask(&job->report, &target, job->context->report_limit_ms, reading_on_asked,
                     reading_on_report, job);
}

/*
 * True if one call about the account tells the fact, though it is about users. The lists of users
 * do not count: they are read anyway.
 */
static bool is_told_at_once(const struct job *job, enum fact fact)
{
    enum source_id id = choice_for_account(&job->choice, fact);
    return census_facts[fact].about == ABOUT_USER && (job->context->wanted & FACT_BIT(fact)) &&
           census_sources[id].scope == SCOPE_ACCOUNT &&
           !(census_sources[id].facts & FACT_BIT(FACT_USERS));
}

/*
 * Calls for the list of users, without which nothing can be read, and for whatever else one call
 * tells of the account or of all users.
 */
static void start_account_calls(struct job *job)
{
    fact_set wanted = (job->context->wanted | FACT_BIT(FACT_USERS)) & facts_about(ABOUT_ACCOUNT);
    for (enum fact fact = 0; fact < FACT_COUNT; fact++) {
        enum source_id id = choice_for_account(&job->choice, fact);
        if (((wanted & FACT_BIT(fact)) || is_told_at_once(job, fact)) && id != SOURCE_NONE &&
            census_sources[id].scope == SCOPE_ACCOUNT && !(job->used_sources & SOURCE_BIT(id)))
            calls_start(job, id, NULL, NULL);
    }
}

/*
 * Users may be read from the first page of the list on if there is no report to wait for, and no
 * call about all users: if that fails, each user is asked about.
 */
static enum gate first_gate(const struct job *job)
{
    enum gate gate = job->context->strategy == STRATEGY_PER_USER ? GATE_OPEN : GATE_LISTING;
    for (enum fact fact = 0; fact < FACT_COUNT; fact++)
        if (is_told_at_once(job, fact))
            gate = GATE_LISTING;
    return gate;
}

void reading_start(struct job *job)
{
    job->state = JOB_READING;
    job->account.read_at_s = now_s(job);
    job->gate = first_gate(job);
    start_account_calls(job);
    if (job->report.state == FETCH_FAILED)
        reading_on_report(job); /* at once: the account may be complete before a timer would run */
    else if (job_uses_report(job->context))
        report_fetch_get(&job->report);
}
