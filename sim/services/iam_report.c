/* SPDX-License-Identifier: MIT */
/* The credential report of IAM: GenerateCredentialReport and GetCredentialReport. */
#include "services/call.h"
#include "services/failure.h"
#include "services/iam.h"
#include "services/services.h"
#include "services/sim.h"
#include "wire/digest.h"
#include "wire/xml.h"

static enum report_state state_of(const struct call *call)
{
    return report_state(&call->sim->reports, call->account.index,
                        call->plan.kind == FAULT_REPORT_STUCK);
}

static void write_state(struct call *call, const char *state, const char *description)
{
    iam_begin(call);
    xml_string(&call->http.reply.body, "State", state);
    xml_string(&call->http.reply.body, "Description", description);
    iam_end(call);
}

void iam_generate_credential_report(struct call *call)
{
    switch (state_of(call)) {
    case REPORT_ABSENT:
        report_start(&call->sim->reports, call->account.index);
        write_state(call, "STARTED", "No report exists. Starting a new report generation task");
        break;
    case REPORT_PENDING:
        write_state(call, "INPROGRESS", NULL);
        break;
    case REPORT_READY:
        write_state(call, "COMPLETE", NULL);
        break;
    }
}

static void write_report(struct call *call)
{
    const struct sim *sim = call->sim;
    struct buffer *body = &call->http.reply.body;
    struct buffer csv = {.max = TEXT_MAX};
    struct report_form form =
        report_form(&sim->reports, &call->account, sim->faults.scenario.report_forms);
    report_csv_write(&sim->world, &call->account, &form, &csv);
    iam_begin(call);
    xml_open(body, "Content");
    base64_append(body, csv.data, csv.len);
    xml_close(body, "Content");
    xml_string(body, "ReportFormat", "text/csv");
    xml_moment(body, "GeneratedTime", call->account.report_time);
    iam_end(call);
    buffer_release(&csv);
}

void iam_get_credential_report(struct call *call)
{
    switch (state_of(call)) {
    case REPORT_ABSENT:
        failure_answer(call, FAILURE_REPORT_NOT_PRESENT, NULL);
        break;
    case REPORT_PENDING:
        failure_answer(call, FAILURE_REPORT_IN_PROGRESS, NULL);
        break;
    case REPORT_READY:
        write_report(call);
        break;
    }
}
