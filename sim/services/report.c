#include "services/report.h"

#include "services/call.h"
#include "services/failure.h"
#include "services/iam.h"
#include "services/sim.h"
#include "wire/digest.h"
#include "wire/text.h"
#include "wire/xml.h"
#include "world/moment.h"
#include "world/random.h"
#include "world/report_csv.h"

#include <stdlib.h>
#include <string.h>

#define SALT_EXISTING 901
#define SALT_DURATION 902
#define SALT_FORM     903

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

/*
 * How this account's report is written: as its own entry in the world says, else as the scenario
 * says of all; mixed forms are each account's own, the same ones every time.
 */
static struct report_form report_form_of(const struct call *call)
{
    static const struct report_form older = {true, true, true, true, true};
    enum report_forms forms = call->account.report_forms;
    uint64_t number = report_number(call, SALT_FORM);
    if (forms == REPORT_FORMS_UNSET)
        forms = call->sim->scenario.report_forms;
    if (forms == REPORT_FORMS_OLDER)
        return older;
    if (forms != REPORT_FORMS_MIXED)
        return (struct report_form){0};
    return (struct report_form){.offset_times = (number & 1) != 0,
                                .upper_case = (number & 6) == 0,
                                .info_column = (number & 8) != 0,
                                .line_end = (number & 16) != 0,
                                .older_root = (number & 32) != 0};
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
    struct report_form form = report_form_of(call);
    report_csv_write(call, &form, &csv);
    iam_begin(call);
    xml_open(&call->reply.body, "Content");
    base64_append(&call->reply.body, csv.data, csv.length);
    xml_close(&call->reply.body, "Content");
    xml_string(&call->reply.body, "ReportFormat", "text/csv");
    xml_moment(&call->reply.body, "GeneratedTime", call->account.report_time);
    iam_end(call);
    text_release(&csv);
}
