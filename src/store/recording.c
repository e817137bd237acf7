/* SPDX-License-Identifier: MIT */
#include "store/recording.h"

#include "base/alloc.h"
#include "output/account_fields.h"
#include "store/finding_recording.h"
#include "store/stored_run.h"
#include "store/user_recording.h"

#include <stdlib.h>

/* run_id, the fields, those of add_further, and unknown. */
#define ACCOUNT_COLUMNS   (1 + ACCOUNT_FIELD_COUNT + 6 + 1)
#define UNKNOWN_MAX_BYTES 4096

struct recording {
    struct database *d; /* borrowed */
    char *run_id;
    bool begun; /* the transaction is open */
    struct statement account;
    struct user_recording users;
    struct finding_recording findings;
    uint64_t outcomes[OUTCOME_FAILED + 1], skipped;
};

static const char begin_sql[] =
    "INSERT INTO run (run_id, started_at, organization_id, strategy, columns, version, rules) "
    "VALUES (?, ?, ?, ?, ?, ?, ?)";

static const char end_sql[] =
    "UPDATE run SET finished_at = ?, accounts = ?, succeeded = ?, partial = ?, failed = ?, "
    "skipped = ?, users = ?, oldest_report_at = ?, result = ? WHERE run_id = ?";

static int check_new(struct database *d, const struct recording_run *run, struct error *e)
{
    struct statement s;
    bool row = false;
    int result = statement_prepare(&s, d, "run", "SELECT 1 FROM run WHERE run_id = ?", e);
    if (result == 0) {
        statement_text(&s, view_of(run->run_id));
        result = statement_next(&s, &row, e);
    }
    statement_release(&s);
    if (result == 0 && row)
        result = error_set(e, ERROR_CONFIG, "'%s' has the run %s already", d->path, run->run_id);
    return result;
}

static int insert_run(struct database *d, const struct recording_run *run, struct error *e)
{
    struct statement s;
    int result = check_new(d, run, e);
    if (result != 0)
        return result;
    result = statement_prepare(&s, d, "run", begin_sql, e);
    if (result == 0) {
        statement_text(&s, view_of(run->run_id));
        statement_time(&s, run->started_s);
        statement_text(&s, view_of(run->organization_id));
        statement_text(&s, view_of(run->strategy));
        statement_text(&s, view_of(run->columns));
        statement_text(&s, view_of(run->version));
        statement_text(&s, view_of(run->rules));
        result = statement_run(&s, e);
    }
    statement_release(&s);
    return result;
}

struct recording *recording_begin(struct database *d, const struct recording_run *run,
                                  struct error *e)
{
    struct recording *r = xcalloc(1, sizeof(*r));
    r->d = d;
    r->run_id = xstrdup(run->run_id);
    if (database_begin(d, e) == 0) {
        r->begun = true;
        if (insert_run(d, run, e) == 0 &&
            statement_prepare_insert(&r->account, d, "account", ACCOUNT_COLUMNS, e) == 0 &&
            user_recording_init(&r->users, d, view_of(r->run_id), run->started_s, e) == 0 &&
            finding_recording_init(&r->findings, d, r->run_id, run->started_s, e) == 0)
            return r;
    }
    recording_free(r);
    return NULL;
}

static void write_unknown(const struct account_row *row, struct buffer *out)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_array_begin(&w);
    for (size_t i = 0; i < ACCOUNT_FIELD_COUNT; i++)
        if (row->lost & (UINT64_C(1) << i))
            json_text(&w, view_of(account_fields[i].json));
    if (row->account->unknown & FACT_BIT(FACT_MANAGEMENT))
        json_text(&w, VIEW_LITERAL("is_management"));
    json_array_end(&w);
}

static void add_unless_unknown(struct recording *r, const struct account *account, enum fact fact,
                               int64_t number)
{
    if (account->unknown & FACT_BIT(fact))
        statement_null(&r->account);
    else
        statement_int(&r->account, number);
}

/* The columns after the fields of the accounts file. */
static void add_further(struct recording *r, const struct account *account, bool skipped)
{
    bool is_failed = !skipped && account->outcome == OUTCOME_FAILED;
    bool is_read = !skipped && !is_failed;
    struct statement *s = &r->account;
    statement_text(s, is_failed ? view_of(account->failed.text) : VIEW_NONE);
    add_unless_unknown(r, account, FACT_MANAGEMENT, account->is_management);
    statement_text(s, account->partition);
    if (is_read) {
        add_unless_unknown(r, account, FACT_PASSWORD_POLICY,
                           account->password_policy.minimum_length);
        add_unless_unknown(r, account, FACT_PASSWORD_POLICY,
                           account->password_policy.reuse_prevention);
    } else {
        statement_null(s);
        statement_null(s);
    }
    statement_time(s, is_read ? account->read_at_s : TIMESTAMP_NONE);
}

static int add_account(struct recording *r, const struct account *account, bool skipped,
                       struct error *e)
{
    struct account_row row = {.account = account, .skipped = skipped};
    struct statement *s = &r->account;
    struct buffer unknown;
    buffer_init(&unknown, UNKNOWN_MAX_BYTES);
    statement_text(s, view_of(r->run_id));
    for (enum account_field_id id = 0; id < ACCOUNT_FIELD_COUNT; id++)
        statement_value(s, account_row_value(&row, id));
    add_further(r, account, skipped);
    write_unknown(&row, &unknown);
    statement_text(s, buffer_view(&unknown));
    int result = statement_run(s, e);
    buffer_release(&unknown);
    return result;
}

int recording_account(struct recording *r, const struct account *account, struct error *e)
{
    if (add_account(r, account, false, e) != 0)
        return -1;
    r->outcomes[account->outcome]++;
    for (size_t i = 0; i < account->user_count && account->outcome != OUTCOME_FAILED; i++)
        if (user_recording_add(&r->users, account, account->users[i], e) != 0)
            return -1;
    return 0;
}

int recording_skipped(struct recording *r, const struct account *account, struct error *e)
{
    r->skipped++;
    return add_account(r, account, true, e);
}

int recording_finding(struct recording *r, const struct finding *finding, struct error *e)
{
    return finding_recording_add(&r->findings, finding, e);
}

static int update_run(struct recording *r, const struct recording_end *end, struct error *e)
{
    const uint64_t *by = r->outcomes;
    struct statement s;
    int result = statement_prepare(&s, r->d, "run", end_sql, e);
    if (result == 0) {
        statement_time(&s, end->finished_s);
        statement_int(&s, (int64_t)(by[OUTCOME_SUCCEEDED] + by[OUTCOME_PARTIAL] +
                                    by[OUTCOME_FAILED] + r->skipped));
        statement_int(&s, (int64_t)by[OUTCOME_SUCCEEDED]);
        statement_int(&s, (int64_t)by[OUTCOME_PARTIAL]);
        statement_int(&s, (int64_t)by[OUTCOME_FAILED]);
        statement_int(&s, (int64_t)r->skipped);
        statement_int(&s, (int64_t)r->users.count);
        statement_time(&s, end->oldest_report_s);
        statement_text(&s, end->result);
        statement_text(&s, view_of(r->run_id));
        result = statement_run(&s, e);
    }
    statement_release(&s);
    return result;
}

int recording_finish(struct recording *r, const struct recording_end *end, struct error *e)
{
    if (update_run(r, end, e) != 0 ||
        (end->keep_runs > 0 && stored_runs_delete_old(r->d, end->keep_runs, NULL, e) != 0) ||
        database_commit(r->d, e) != 0)
        return -1;
    r->begun = false;
    return 0;
}

void recording_free(struct recording *r)
{
    if (!r)
        return;
    statement_release(&r->account);
    user_recording_release(&r->users);
    finding_recording_release(&r->findings);
    if (r->begun)
        database_rollback(r->d);
    free(r->run_id);
    free(r);
}
