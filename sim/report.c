#include "report.h"

#include "call.h"
#include "digest.h"
#include "failure.h"
#include "iam.h"
#include "moment.h"
#include "random.h"
#include "sim.h"
#include "text.h"
#include "xml.h"

#include <stdlib.h>
#include <string.h>

/* The report has two places for keys and two for certificates. */
#define REPORT_SLOTS  2
#define SALT_EXISTING 901
#define SALT_DURATION 902
#define SALT_ODDITY   903

static const char report_header[] =
    "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,"
    "password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,"
    "access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,"
    "access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,"
    "access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,"
    "cert_1_last_rotated,cert_2_active,cert_2_last_rotated,additional_credentials_info\n";

/* How one account's report is written: AWS has been seen to write it in more than one way. */
struct report_style {
    bool upper_case; /* TRUE and FALSE */
    bool zulu;       /* times end in Z */
};

void report_open(struct reports *reports, size_t accounts)
{
    reports->accounts = accounts;
    reports->ready_us = memory_zeroed(accounts, sizeof(int64_t));
}

void report_reset(struct reports *reports)
{
    memset(reports->ready_us, 0, reports->accounts * sizeof(int64_t));
}

void report_release(struct reports *reports)
{
    free(reports->ready_us);
    *reports = (struct reports){0};
}

static uint64_t report_number(const struct call *call, uint64_t salt)
{
    return random_mix(random_mix(call->sim->options.seed, call->account.index), salt);
}

/* Half of the accounts have a report that somebody else asked for within the last four hours. */
static bool report_exists(const struct call *call)
{
    return report_number(call, SALT_EXISTING) % 2 == 0;
}

static void report_write_state(struct call *call, const char *state, const char *description)
{
    iam_begin(call);
    xml_string(&call->reply.body, "State", state);
    xml_string(&call->reply.body, "Description", description);
    iam_end(call);
}

void report_generate(struct call *call)
{
    int64_t *ready_us = &call->sim->reports.ready_us[call->account.index];
    int64_t now_us = moment_monotonic_us();
    bool stuck = call->plan.kind == FAULT_REPORT_STUCK;
    if (*ready_us == 0 && (stuck || !report_exists(call))) {
        uint64_t share = 500 + random_below(report_number(call, SALT_DURATION), 1000);
        *ready_us = now_us + call->sim->options.report_ms * (int64_t)share + 1;
        report_write_state(call, "STARTED",
                           "No report exists. Starting a new report generation task");
    } else if (stuck || *ready_us > now_us) {
        report_write_state(call, "INPROGRESS", NULL);
    } else {
        report_write_state(call, "COMPLETE", NULL);
    }
}

static void report_moment(struct text *csv, int64_t moment, const char *never,
                          const struct report_style *style)
{
    char printed[MOMENT_SIZE];
    if (moment == MOMENT_NEVER)
        text_put(csv, never);
    else
        text_put(csv, style->zulu ? moment_iso(moment, printed) : moment_offset(moment, printed));
    text_put_char(csv, ',');
}

static void report_bool(struct text *csv, bool value, const struct report_style *style)
{
    if (style->upper_case)
        text_put(csv, value ? "TRUE," : "FALSE,");
    else
        text_put(csv, value ? "true," : "false,");
}

/* Names may hold commas; AWS quotes such a field. */
static void report_field(struct text *csv, const char *value)
{
    bool quoted = strpbrk(value, ",\"\n") != NULL;
    if (quoted)
        text_put_char(csv, '"');
    for (; *value; value++) {
        if (*value == '"')
            text_put_char(csv, '"');
        text_put_char(csv, *value);
    }
    text_put(csv, quoted ? "\"," : ",");
}

static void report_password(struct text *csv, const struct user *user,
                            const struct report_style *style)
{
    report_bool(csv, user->has_password, style);
    if (!user->has_password) {
        text_put(csv, "N/A,N/A,N/A,");
        return;
    }
    report_moment(csv, user->password_last_used, "no_information", style);
    report_moment(csv, user->password_last_changed, "N/A", style);
    text_put(csv, "N/A,");
}

/* The slots' order says nothing about age: some users have their keys the other way round. */
static void report_keys(struct text *csv, const struct user *user, bool swapped,
                        const struct report_style *style)
{
    for (size_t slot = 0; slot < REPORT_SLOTS; slot++) {
        size_t index = swapped && user->key_count >= REPORT_SLOTS ? REPORT_SLOTS - 1 - slot : slot;
        if (index >= user->key_count) {
            report_bool(csv, false, style);
            text_put(csv, "N/A,N/A,N/A,N/A,");
            continue;
        }
        const struct access_key *key = &user->keys[index];
        bool used = key->last_used != MOMENT_NEVER;
        report_bool(csv, key->active, style);
        report_moment(csv, key->created, "N/A", style);
        report_moment(csv, key->last_used, "N/A", style);
        report_field(csv, used && key->last_used_region ? key->last_used_region : "N/A");
        report_field(csv, used && key->last_used_service ? key->last_used_service : "N/A");
    }
}

static void report_certificates(struct text *csv, const struct user *user,
                                const struct report_style *style)
{
    for (size_t slot = 0; slot < REPORT_SLOTS; slot++) {
        bool exists = slot < user->certificate_count;
        report_bool(csv, exists && user->certificates[slot].active, style);
        report_moment(csv, exists ? user->certificates[slot].uploaded : MOMENT_NEVER, "N/A", style);
    }
}

static void report_additional(struct text *csv, const struct user *user)
{
    size_t keys = user->key_count > REPORT_SLOTS ? user->key_count - REPORT_SLOTS : 0;
    size_t certificates =
        user->certificate_count > REPORT_SLOTS ? user->certificate_count - REPORT_SLOTS : 0;
    if (keys == 0 && certificates == 0) {
        text_put(csv, "N/A\n");
        return;
    }
    text_put_char(csv, '"');
    if (keys > 0)
        text_printf(csv, "%zu additional access key(s), use ListAccessKeys to see them. ", keys);
    if (certificates > 0)
        text_printf(csv, "%zu additional certificate(s), use ListSigningCertificates to see them. ",
                    certificates);
    text_put(csv, "\"\n");
}

static void report_root(struct call *call, struct text *csv, const struct report_style *style)
{
    text_printf(csv, "<root_account>,arn:%s:iam::%s:root,", call->sim->world.shape.partition,
                call->account.id);
    report_moment(csv, call->account.joined, "N/A", style);
    text_put(csv, "not_supported,no_information,not_supported,not_supported,");
    report_bool(csv, call->account.root_has_mfa, style);
    for (int slot = 0; slot < REPORT_SLOTS; slot++) {
        report_bool(csv, false, style);
        text_put(csv, "N/A,N/A,N/A,N/A,");
    }
    for (int slot = 0; slot < REPORT_SLOTS; slot++) {
        report_bool(csv, false, style);
        text_put(csv, "N/A,");
    }
    text_put(csv, "N/A\n");
}

static void report_write_csv(struct call *call, struct text *csv)
{
    uint64_t oddity = report_number(call, SALT_ODDITY);
    struct report_style style = {.upper_case = oddity % 4 == 0, .zulu = oddity / 4 % 4 == 0};
    struct arena arena = {0};
    text_put(csv, report_header);
    report_root(call, csv, &style);
    size_t count = call->account.user_count + call->account.report_only_count;
    for (size_t index = 0; index < count; index++) {
        struct user user;
        arena_reset(&arena);
        world_user(&call->sim->world, &call->account, index, &arena, &user);
        if (user.created_after_report)
            continue;
        report_field(csv, user.name);
        report_field(csv, arena_printf(&arena, "arn:%s:iam::%s:user%s%s",
                                       call->sim->world.shape.partition, call->account.id,
                                       user.path, user.name));
        report_moment(csv, user.created, "N/A", &style);
        report_password(csv, &user, &style);
        report_bool(csv, user.mfa_count > 0, &style);
        report_keys(csv, &user, random_mix(oddity, index) % 3 == 0, &style);
        report_certificates(csv, &user, &style);
        report_additional(csv, &user);
    }
    arena_release(&arena);
}

void report_get(struct call *call)
{
    int64_t ready_us = call->sim->reports.ready_us[call->account.index];
    if (call->plan.kind == FAULT_REPORT_STUCK && ready_us != 0) {
        failure_answer(call, FAILURE_REPORT_IN_PROGRESS, NULL);
        return;
    }
    if (ready_us == 0 && (call->plan.kind == FAULT_REPORT_STUCK || !report_exists(call))) {
        failure_answer(call, FAILURE_REPORT_NOT_PRESENT, NULL);
        return;
    }
    if (ready_us > moment_monotonic_us()) {
        failure_answer(call, FAILURE_REPORT_IN_PROGRESS, NULL);
        return;
    }
    struct text csv = {0};
    report_write_csv(call, &csv);
    iam_begin(call);
    xml_open(&call->reply.body, "Content");
    base64_append(&call->reply.body, csv.data, csv.length);
    xml_close(&call->reply.body, "Content");
    xml_string(&call->reply.body, "ReportFormat", "text/csv");
    xml_moment(&call->reply.body, "GeneratedTime", call->account.report_time);
    iam_end(call);
    text_release(&csv);
}
