#include "census/job_state.h"

#include "api/iam.h"
#include "base/log.h"

/* Facts that are about a user, not the account. */
#define USER_FACTS                                                                                 \
    ((FACT_BIT(FACT_COUNT) - 1) &                                                                  \
     ~(FACT_BIT(FACT_USERS) | FACT_BIT(FACT_ALIAS) | FACT_BIT(FACT_ACCOUNT_NAME)))
#define BIT(source) (1u << (source))

static struct job_user *of(struct user *user)
{
    return (struct job_user *)(void *)user;
}

struct aws_target job_target(struct job *job, enum source_id id)
{
    return (struct aws_target){.client = job->context->client,
                               .endpoint = job->context->iam,
                               .credentials = job->credentials,
                               .rate = &job->rates[id],
                               .requests = &job->account.calls};
}

static bool uses_report(const struct job *job)
{
    return job->context->strategy != STRATEGY_PER_USER;
}

static bool has_report(const struct job *job)
{
    return job->report.state == REPORT_READY;
}

static bool source_failed(const struct job *job, enum source_id id)
{
    return (job->failed_sources & BIT(id)) != 0;
}

/* What the report's line says of a fact, where it says anything. */
static bool line_tells(const struct job *job, const struct report_line *line, enum fact fact)
{
    switch (fact) {
    case FACT_PASSWORD:
    case FACT_PASSWORD_CHANGED:
        return line->password != REPORT_NOT_SAID;
    case FACT_PASSWORD_USED:
        /* N/A for who has no password any more: ListUsers may know better, where it may be used. */
        return line->password == REPORT_TRUE ||
               (line->password == REPORT_FALSE && job->context->strategy == STRATEGY_BULK);
    case FACT_MFA:
        return line->mfa != REPORT_NOT_SAID;
    default:
        return true;
    }
}

/* Whether the strategy lets this source be used, for this user or (NULL) for the account. */
static bool usable(const struct job *job, enum source_id id, struct user *user, enum fact fact)
{
    const struct source *source = &census_sources[id];
    enum strategy strategy = job->context->strategy;
    if (source_failed(job, id))
        return false;
    if (strategy == STRATEGY_PER_USER)
        return source_used_by(source, strategy);
    if (id == SOURCE_GET_CREDENTIAL_REPORT && user)
        return has_report(job) && of(user)->line && line_tells(job, of(user)->line, fact);
    if (strategy == STRATEGY_AUTO || source_used_by(source, strategy))
        return true;
    /* Bulk, and what the report does not tell: only where there is a report to be later than. */
    return (source->used_by & USED_BY_LATER) && user && has_report(job);
}

/* The source that a fact is read from; SOURCE_NONE where none is left. */
static enum source_id source_for(const struct job *job, struct user *user, enum fact fact)
{
    for (const enum source_id *s = census_facts[fact].sources; *s != SOURCE_NONE; s++)
        if (usable(job, *s, user, fact))
            return *s;
    return SOURCE_NONE;
}

static int on_page(void *arg, const void *answer, struct error *e)
{
    struct fetch *f = arg;
    struct job *job = f->subject.job;
    if (census_sources[f->source].page(&f->subject, answer, e) != 0)
        return -1;
    if (f->source == SOURCE_LIST_USERS && job->gate_open)
        job->context->changed(job->context->arg, job);
    return 0;
}

static void on_done(void *arg, const struct error *e);

static void start_fetch(struct job *job, enum source_id id, struct user *user,
                        struct access_key *key)
{
    static const struct query_handler handler = {on_page, on_done};
    const struct source *source = &census_sources[id];
    const struct aws_target target = job_target(job, id);
    struct fetch *f = job->spare;
    if (f)
        job->spare = f->next;
    else
        f = arena_alloc(job_arena(job), sizeof(*f));
    *f = (struct fetch){.next = job->running, .subject = {job, user, key}, .source = id};
    f->place = &job->running;
    if (job->running)
        job->running->place = &f->next;
    job->running = f;
    job->running_count++;
    if (user)
        of(user)->fetches++;
    if (source->scope == SCOPE_ACCOUNT) {
        job->account_running++;
        job->used_sources |= BIT(id);
        f->query = iam_start_account(&target, source->operation, &handler, f);
    } else if (user && !key) {
        f->query = iam_start_user(&target, source->operation, user->name, &handler, f);
    } else if (key) {
        f->query = iam_start_key(&target, source->operation, key->id, &handler, f);
    }
}

static void end_fetch(struct fetch *f)
{
    struct job *job = f->subject.job;
    *f->place = f->next;
    if (f->next)
        f->next->place = f->place;
    f->next = job->spare;
    job->spare = f;
    job->running_count--;
    job->account_running -= census_sources[f->source].scope == SCOPE_ACCOUNT;
}

void reading_cancel(struct job *job)
{
    for (struct fetch *f = job->running; f; f = f->next)
        query_cancel(f->query);
    job->running = NULL;
    job->running_count = job->account_running = 0;
}

/* What a call that failed for good leaves unknown. */
static void mark_unknown(struct subject *s, const struct source *source)
{
    fact_set facts = source->facts & (s->user ? USER_FACTS : FACT_BIT(FACT_ALIAS));
    if (facts & FACT_BIT(FACT_KEYS))
        facts |= FACT_BIT(FACT_KEYS_USED);
    if (source->discard)
        source->discard(s);
    /* The devices' list also tells whether there is any; where the report told that, it stands. */
    if ((facts & FACT_BIT(FACT_MFA)) && of(s->user)->line &&
        line_tells(s->job, of(s->user)->line, FACT_MFA)) {
        facts &= ~FACT_BIT(FACT_MFA);
        s->user->has_mfa = of(s->user)->line->mfa == REPORT_TRUE;
    }
    if (s->key)
        s->key->use_unknown = s->key->use_place_unknown = true;
    if (s->user)
        s->user->unknown |= facts;
    else
        s->job->account.unknown |= facts;
}

static void user_gone(struct subject *s)
{
    if (s->user->gone)
        return;
    s->user->gone = true;
    log_event(LOG_INFO, "user was deleted meanwhile", FIELD("account_id", s->job->account.id),
              FIELD_VIEW("user", s->user->name));
}

static void user_fetch_failed(struct fetch *f, const struct error *e)
{
    const struct source *source = &census_sources[f->source];
    if (error_is_code(e, "NoSuchEntity") && source->absent) {
        source->absent(&f->subject);
    } else if (error_is_code(e, "NoSuchEntity")) {
        user_gone(&f->subject);
    } else {
        mark_unknown(&f->subject, source);
        job_note_failure(f->subject.job, source->operation->action, e);
    }
}

static void user_settled(struct job *job, struct user *user)
{
    job->users_settled++;
    if (!user->gone)
        log_event(LOG_INFO, "user processed", FIELD("account_id", job->account.id),
                  FIELD_VIEW("user", user->name));
}

static void copy_use(struct job *job, struct access_key *key, const struct report_key *slot)
{
    key->last_used_s = slot->used_s;
    key->last_used_service = arena_copy(job_arena(job), slot->service);
    key->last_used_region = arena_copy(job_arena(job), slot->region);
}

static bool same_second(const struct user *user, const struct access_key *key)
{
    for (const struct access_key *k = user->keys; k; k = k->next)
        if (k != key && k->created_s == key->created_s)
            return true;
    return false;
}

/* The report tells keys apart by their creation alone: where that does not do, the API is asked. */
static void read_key_use(struct job *job, struct user *user, struct access_key *key)
{
    enum source_id id = source_for(job, user, FACT_KEYS_USED);
    if (id == SOURCE_GET_CREDENTIAL_REPORT) {
        const struct report_key *slot = report_find_key(of(user)->line, key->created_s);
        if (slot && !same_second(user, key)) {
            copy_use(job, key, slot);
            return;
        }
        id = SOURCE_GET_ACCESS_KEY_LAST_USED;
    }
    if (id == SOURCE_NONE) {
        key->use_unknown = key->use_place_unknown = true;
        user->unknown |= FACT_BIT(FACT_KEYS_USED);
    } else {
        start_fetch(job, id, user, key);
    }
}

static void read_keys_use(struct job *job, struct user *user)
{
    if (user->gone)
        return;
    for (struct access_key *key = user->keys; key; key = key->next)
        read_key_use(job, user, key);
}

static void take_line(struct job *job, struct user *user, const struct report_line *line)
{
    of(user)->line = line;
    user->data_as_of_s = job->report.report.generated_s;
    /* Where there is no password (any more), what ListUsers may have said of sign-ins stands. */
    if (line->password == REPORT_TRUE) {
        user->has_password = true;
        user->password_set_s = user->password_changed_s = line->password_changed_s;
        user->password_used_s = line->password_used_s;
    }
    user->has_mfa = line->mfa == REPORT_TRUE;
}

/*
 * A line is about a user of the same name only where the two were also created at the same time:
 * one who was deleted and made again since is not in the report.
 */
static void take_report(struct job *job)
{
    const struct report *report = &job->report.report;
    if (!has_report(job))
        return;
    job->account.report_at_s = report->generated_s;
    for (size_t i = 0; i < report->count; i++) {
        struct user *user = job_find_user(job, report->lines[i].user);
        if (user && user->created_s == report->lines[i].created_s && !of(user)->line)
            take_line(job, user, &report->lines[i]);
    }
}

/*
 * Sign-ins of users that the report does not hold are in ListUsers alone, and so are those of users
 * whose password has been removed: the report says N/A for them.
 */
static bool needs_sign_ins(const struct job *job)
{
    if (!uses_report(job) || (job->used_sources & BIT(SOURCE_LIST_USERS)))
        return false;
    for (struct user *user = job->users; user; user = user->next)
        if (source_for(job, user, FACT_PASSWORD_USED) == SOURCE_LIST_USERS ||
            (of(user)->line && of(user)->line->password == REPORT_FALSE))
            return true;
    return false;
}

/* Opens once the users and all that is known of the whole account are there. */
static void check_gate(struct job *job)
{
    bool report_over = !uses_report(job) || has_report(job) || job->report.state == REPORT_FAILED;
    if (job->gate_open || job->account_running > 0 || !report_over)
        return;
    if (!job->users_known) {
        job->users_known = true;
        index_build(&job->index, job_arena(job), job->users, job->users_listed);
        take_report(job);
        if (needs_sign_ins(job)) {
            start_fetch(job, SOURCE_LIST_USERS, NULL, NULL);
            return;
        }
    }
    job->gate_open = true;
}

static void forget_users(struct job *job)
{
    job->users = job->next_user = NULL;
    job->users_end = &job->users;
    job->users_listed = 0;
}

static void fall_back(struct job *job, enum source_id from, enum source_id to,
                      const struct error *e)
{
    log_event(LOG_INFO, "source can't be used, taking the next one",
              FIELD("account_id", job->account.id),
              FIELD("source", census_sources[from].operation->action),
              FIELD("next", census_sources[to].operation->action), FIELD("code", error_code(e)),
              FIELD("reason", e->text));
}

/* The list of users can't be had from 'id': the next source, or the account fails. */
static bool users_failed(struct job *job, enum source_id id, const struct error *e)
{
    enum source_id next = source_for(job, NULL, FACT_USERS);
    if (job->context->strategy != STRATEGY_AUTO || next == SOURCE_NONE) {
        job_fail(job, census_sources[id].operation->action, e);
        return false;
    }
    forget_users(job);
    job_note_failure(job, census_sources[id].operation->action, e);
    fall_back(job, id, next, e);
    start_fetch(job, next, NULL, NULL);
    return true;
}

/* False where the account failed by it. */
static bool account_fetch_failed(struct fetch *f, const struct error *e)
{
    struct job *job = f->subject.job;
    const struct source *source = &census_sources[f->source];
    job->failed_sources |= BIT(f->source);
    if ((source->facts & FACT_BIT(FACT_USERS)) && !job->users_known)
        return users_failed(job, f->source, e);
    job_note_failure(job, source->operation->action, e);
    mark_unknown(&f->subject, source);
    return true;
}

static void account_fetch_done(struct fetch *f, const struct error *e)
{
    struct job *job = f->subject.job;
    struct fetch ended = *f;
    end_fetch(f);
    if (e && !account_fetch_failed(&ended, e))
        return;
    if (!uses_report(job) && ended.source == SOURCE_LIST_USERS && !e)
        job->users_known = true;
    check_gate(job);
    job_check(job);
}

static void on_done(void *arg, const struct error *e)
{
    struct fetch *f = arg;
    struct subject s = f->subject;
    enum source_id id = f->source;
    if (!s.user) {
        account_fetch_done(f, e);
        return;
    }
    if (e)
        user_fetch_failed(f, e);
    end_fetch(f);
    if (id == SOURCE_LIST_ACCESS_KEYS && !e)
        read_keys_use(s.job, s.user);
    if (--of(s.user)->fetches == 0)
        user_settled(s.job, s.user);
    job_check(s.job);
}

/* What the report shows that there is none of is not asked for. */
static bool report_shows_none(struct user *user, enum source_id id)
{
    const struct report_line *line = of(user)->line;
    if (!line || line->has_more)
        return false;
    return (id == SOURCE_LIST_ACCESS_KEYS && !line->has_key) ||
           (id == SOURCE_LIST_MFA_DEVICES && line->mfa == REPORT_FALSE) ||
           (id == SOURCE_LIST_SIGNING_CERTIFICATES && !line->has_certificate);
}

/*
 * Who is newer than the report has no source for what only the report tells: nothing failed, and it
 * makes no account partial.
 */
static bool is_sourceless(const struct job *job, struct user *user, enum fact fact)
{
    if (!has_report(job) || of(user)->line)
        return false;
    for (const enum source_id *s = census_facts[fact].sources; *s != SOURCE_NONE; s++)
        if (source_failed(job, *s))
            return false;
    return true;
}

void reading_next_user(struct job *job)
{
    struct user *user = job->next_user;
    unsigned sources = 0;
    job->next_user = user->next;
    for (unsigned fact = 0; fact < FACT_COUNT; fact++) {
        if (!(USER_FACTS & FACT_BIT(fact)) || fact == FACT_KEYS_USED)
            continue;
        enum source_id id = source_for(job, user, (enum fact)fact);
        if (id == SOURCE_NONE) {
            user->unknown |= FACT_BIT(fact);
            if (is_sourceless(job, user, (enum fact)fact))
                of(user)->sourceless |= FACT_BIT(fact);
        } else if ((job->context->wanted & FACT_BIT(fact)) &&
                   census_sources[id].scope == SCOPE_USER && !report_shows_none(user, id))
            sources |= BIT(id);
    }
    for (unsigned id = 0; id < SOURCE_COUNT; id++)
        if (sources & BIT(id))
            start_fetch(job, (enum source_id)id, user, NULL);
    if (sources == 0) {
        user_settled(job, user);
        job_check(job);
    }
}

static void on_report(void *arg)
{
    struct job *job = arg;
    struct report_fetch *report = &job->report;
    if (report->state == REPORT_FAILED) {
        job->failed_sources |= BIT(SOURCE_GET_CREDENTIAL_REPORT);
        job_note_failure(job, report->operation, report->error);
        log_event(LOG_WARN,
                  job->context->strategy == STRATEGY_AUTO
                      ? "credential report can't be used, users are read one by one"
                      : "credential report can't be used",
                  FIELD("account_id", job->account.id), FIELD("operation", report->operation),
                  FIELD("code", error_code(report->error)), FIELD("reason", report->error->text));
    }
    check_gate(job);
    job_check(job);
}

/* One that could not even be asked for has failed by now; that is noted when the job reads. */
static void on_asked(void *arg)
{
    struct job *job = arg;
    job->state = JOB_READY;
    job->context->changed(job->context->arg, job);
}

void reading_ask(struct job *job)
{
    if (!uses_report(job)) {
        reading_start(job);
        return;
    }
    const struct aws_target target = job_target(job, SOURCE_GET_CREDENTIAL_REPORT);
    report_fetch_ask(&job->report, &target, job->context->report_limit_ms, on_asked, on_report,
                     job);
}

static unsigned account_sources(const struct job *job)
{
    unsigned sources = 0;
    for (unsigned fact = 0; fact < FACT_COUNT; fact++) {
        enum source_id id = source_for(job, NULL, (enum fact)fact);
        if (id != SOURCE_NONE && (job->context->wanted & FACT_BIT(fact)) &&
            census_sources[id].scope == SCOPE_ACCOUNT)
            sources |= BIT(id);
    }
    return sources;
}

void reading_start(struct job *job)
{
    unsigned sources = account_sources(job);
    job->state = JOB_READING;
    job->gate_open = !uses_report(job);
    for (unsigned id = 0; id < SOURCE_COUNT; id++)
        if (sources & BIT(id))
            start_fetch(job, (enum source_id)id, NULL, NULL);
    if (job->report.state == REPORT_FAILED)
        on_report(job); /* now: the account may settle before any timer */
    else if (uses_report(job))
        report_fetch_get(&job->report);
}
