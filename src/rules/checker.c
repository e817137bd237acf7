/* SPDX-License-Identifier: MIT */
#include "rules/checker.h"

#include "rules/judgement.h"

#define REASON_MAX_BYTES ((size_t)4 * 1024)

/* One account under judgement. */
struct session {
    struct checker *checker;
    const struct rule *rule;
    struct judging judging;
    int64_t data_as_of_s;
    finding_taker *take;
    void *arg;
};

void checker_init(struct checker *c, const struct check_options *options)
{
    *c = (struct checker){.options = *options};
    sha256_init(&c->hasher);
    buffer_init(&c->reason, REASON_MAX_BYTES);
}

void checker_release(struct checker *c)
{
    sha256_release(&c->hasher);
    buffer_release(&c->reason);
}

static struct finding make_finding(const struct session *s, enum resource_type type,
                                   struct view resource_id)
{
    const struct checker *c = s->checker;
    return (struct finding){
        .rule = s->rule,
        .account = s->judging.account,
        .user = s->judging.user,
        .resource_type = type,
        .resource_id = resource_id,
        .has_limit = s->rule->limit_kind == LIMIT_NUMBER,
        .limit = c->options.limits[rule_place(s->rule)],
        .limit_text = s->rule->limit_kind == LIMIT_KEYS ? c->options.tag_keys : VIEW_NONE,
        .since_s = TIMESTAMP_NONE,
        .data_as_of_s = s->data_as_of_s,
    };
}

/* Most findings pass, and are only counted unless somebody wants them. */
static bool is_only_counted(const struct session *s, enum finding_status status)
{
    bool is_quiet = status == STATUS_PASS || status == STATUS_NOT_APPLICABLE;
    return is_quiet && !s->checker->options.include_pass;
}

/* Counts a finding whose status is known, and hands it over. */
static void report(const struct session *s, struct finding *f, const char *reason)
{
    struct checker *c = s->checker;
    if (f->status == STATUS_FAIL) {
        f->suppression = suppressions_match(c->options.suppressions, f, s->judging.started_s);
        if (f->suppression)
            f->status = STATUS_SUPPRESSED;
    }
    c->counts.by[rule_place(s->rule)][f->status]++;
    finding_make_id(f, &c->hasher, c->id);
    f->id = c->id;
    buffer_clear(&c->reason);
    finding_make_reason(f, reason, &c->reason);
    f->reason = buffer_view_cut(&c->reason);
    s->take(s->arg, f);
}

static enum finding_status status_of(const struct judgement *judgement)
{
    if (judgement->not_applicable)
        return STATUS_NOT_APPLICABLE;
    switch (judgement->fails.is) {
    case TRUTH_NO:
        return STATUS_PASS;
    case TRUTH_YES:
        return STATUS_FAIL;
    default:
        return STATUS_UNKNOWN;
    }
}

/* Judges what 'judging' points to. */
static void judge(const struct session *s, enum resource_type type, struct view resource_id)
{
    struct judgement out = {.since_s = TIMESTAMP_NONE};
    s->rule->judge(&s->judging, &out);
    enum finding_status status = status_of(&out);
    if (is_only_counted(s, status)) {
        s->checker->counts.by[rule_place(s->rule)][status]++;
        return;
    }
    struct finding f = make_finding(s, type, resource_id);
    f.status = status;
    if (f.status == STATUS_UNKNOWN) {
        f.because = out.fails.missing;
    } else if (f.status != STATUS_NOT_APPLICABLE) {
        f.has_value = out.has_value;
        f.value = out.value;
    }
    if (f.status == STATUS_FAIL)
        f.since_s = out.since_s;
    report(s, &f, f.status == STATUS_UNKNOWN ? out.if_unknown : out.reason);
}

/* Something that could not be judged, because 'columns' are unknown. */
static void report_unknown(const struct session *s, enum resource_type type,
                           struct view resource_id, column_set columns)
{
    struct finding f = make_finding(s, type, resource_id);
    f.status = STATUS_UNKNOWN;
    f.because = columns;
    report(s, &f, NULL);
}

/* The key with the lowest id after 'last'; keys are listed by their age. */
static const struct access_key *next_key(const struct user *u, const struct access_key *last)
{
    const struct access_key *next = NULL;
    for (const struct access_key *k = u->keys; k; k = k->next)
        if ((!last || view_compare(k->id, last->id) > 0) &&
            (!next || view_compare(k->id, next->id) < 0))
            next = k;
    return next;
}

static void judge_keys(struct session *s)
{
    const struct user *u = s->judging.user;
    for (const struct access_key *k = next_key(u, NULL); k; k = next_key(u, k)) {
        s->judging.key = k;
        judge(s, RESOURCE_ACCESS_KEY, k->id);
    }
}

static void judge_service_credentials(struct session *s)
{
    for (const struct service_credential *c = s->judging.user->service_credentials; c;
         c = c->next) {
        s->judging.credential = c;
        judge(s, RESOURCE_SERVICE_CREDENTIAL, c->id);
    }
}

static void judge_certificates(struct session *s)
{
    for (const struct certificate *c = s->judging.user->certificates; c; c = c->next) {
        s->judging.certificate = c;
        judge(s, RESOURCE_CERTIFICATE, c->id);
    }
}

/* Lists of credentials of a user: how they are judged, and what is missing if one is unknown. */
static const struct list {
    enum fact fact;
    enum column column;
    void (*judge)(struct session *s);
} lists[] = {
    [RESOURCE_ACCESS_KEY] = {FACT_KEYS, COLUMN_KEYS, judge_keys},
    [RESOURCE_SERVICE_CREDENTIAL] = {FACT_SERVICE_CREDENTIALS, COLUMN_SERVICE_CREDENTIALS,
                                     judge_service_credentials},
    [RESOURCE_CERTIFICATE] = {FACT_CERTIFICATES, COLUMN_CERTIFICATES, judge_certificates},
};

static void judge_user(struct session *s)
{
    const struct user *u = s->judging.user;
    const struct list *list = &lists[s->rule->resource];
    if (s->rule->resource == RESOURCE_USER)
        judge(s, RESOURCE_USER, u->arn);
    else if (!judging_knows(&s->judging, list->fact))
        report_unknown(s, RESOURCE_USER, u->arn, COLUMN_BIT(list->column));
    else
        list->judge(s);
}

/* Calls 'each' for the rules that are on, in order, and that are about accounts, or are not. */
static void for_rules(struct session *s, bool about_account, void (*each)(struct session *s))
{
    const struct check_options *o = &s->checker->options;
    for (size_t i = 0; i < rules_count; i++) {
        s->rule = &rules_table[i];
        s->judging.limit = o->limits[i];
        if (o->on[i] && (s->rule->resource == RESOURCE_ACCOUNT) == about_account)
            each(s);
    }
}

static void judge_account(struct session *s)
{
    judge(s, RESOURCE_ACCOUNT, view_of(s->judging.account->id));
}

static void report_failed(struct session *s)
{
    report_unknown(s, RESOURCE_ACCOUNT, view_of(s->judging.account->id), 0);
}

/*
 * What is known of the account itself comes from the report and from answers of this run, which
 * are not older than its start.
 */
static int64_t account_as_of(const struct account *a, int64_t started_s)
{
    bool has_report = a->report_at_s != TIMESTAMP_NONE && a->report_at_s < started_s;
    return has_report ? a->report_at_s : started_s;
}

static void begin(struct session *s, struct checker *c, const struct account *a)
{
    s->judging = (struct judging){.started_s = c->options.started_s,
                                  .tag_keys = c->options.tag_keys,
                                  .account = a,
                                  .unknown = a->unknown};
    s->data_as_of_s =
        a->outcome == OUTCOME_FAILED ? TIMESTAMP_NONE : account_as_of(a, c->options.started_s);
}

void checker_account_itself(struct checker *c, const struct account *account, finding_taker *take,
                            void *arg)
{
    struct session s = {.checker = c, .take = take, .arg = arg};
    begin(&s, c, account);
    if (account->outcome != OUTCOME_FAILED) {
        for_rules(&s, true, judge_account);
        return;
    }
    c->counts.accounts_failed++;
    for (size_t i = 0; i < rules_count; i++) {
        s.rule = &rules_table[i];
        if (c->options.on[i])
            report_failed(&s);
    }
}

void checker_user(struct checker *c, const struct account *account, const struct user *user,
                  finding_taker *take, void *arg)
{
    struct session s = {.checker = c, .take = take, .arg = arg};
    begin(&s, c, account);
    s.judging.user = user;
    s.judging.unknown = account->unknown | user->unknown;
    s.data_as_of_s = user->data_as_of_s;
    for_rules(&s, false, judge_user);
}

void checker_account(struct checker *c, const struct account *account, finding_taker *take,
                     void *arg)
{
    checker_account_itself(c, account, take, arg);
    for (size_t i = 0; account->outcome != OUTCOME_FAILED && i < account->user_count; i++)
        checker_user(c, account, account->users[i], take, arg);
}

uint64_t check_counts_of(const struct check_counts *counts, enum severity severity,
                         enum finding_status status)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < rules_count; i++)
        if (rules_table[i].severity == severity)
            sum += counts->by[i][status];
    return sum;
}

uint64_t check_counts_all(const struct check_counts *counts, enum finding_status status)
{
    uint64_t sum = 0;
    for (enum severity s = 0; s < SEVERITY_COUNT; s++)
        sum += check_counts_of(counts, s, status);
    return sum;
}

bool checker_fails(const struct checker *c)
{
    const struct check_options *o = &c->options;
    for (enum severity s = o->fail_on; o->fails && s < SEVERITY_COUNT; s++)
        if (check_counts_of(&c->counts, s, STATUS_FAIL) > 0 ||
            (o->fail_on_unknown && check_counts_of(&c->counts, s, STATUS_UNKNOWN) > 0))
            return true;
    return false;
}
