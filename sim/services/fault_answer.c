/* SPDX-License-Identifier: MIT */
#include "services/fault_answer.h"

#include "services/failure.h"
#include "services/sim.h"
#include "wire/moment.h"

#include <stdio.h>

static void answer_error(struct call *call, const struct rule *rule)
{
    if (rule)
        failure_custom(call, rule->status, rule->code, "%s", rule->message);
}

/* Answers as if the clocks differed by the rule's date_skew_s, or by an hour. */
static void answer_skew(struct call *call)
{
    char date[MOMENT_SIZE];
    char bound[MOMENT_SIZE];
    char now[MOMENT_SIZE];
    int64_t moment =
        sim_now(&call->sim->clock) +
        (call->plan.date_skew_seconds ? call->plan.date_skew_seconds : SECONDS_AN_HOUR);
    if (call->service == SERVICE_S3) {
        failure_answer(call, FAILURE_SKEWED, NULL);
    } else {
        const char *given = request_header(&call->http.request, "x-amz-date");
        snprintf(date, sizeof(date), "%.20s", given ? given : "");
        failure_answer(call, FAILURE_SKEWED,
                       "Signature expired: %s is now earlier than %s (%s - 5 min.)", date,
                       moment_basic(moment - 300, bound), moment_basic(moment, now));
    }
    /* Clients correct their clock by the answer's Date. */
    call_header(call, "Date", text_format(&call->http.arena, "%s", moment_http(moment, now)));
}

static void answer_vanished(struct call *call)
{
    const char *key = call_parameter(call, "AccessKeyId");
    if (key)
        failure_answer(call, FAILURE_NO_SUCH_ENTITY, "The Access Key with id %s cannot be found.",
                       key);
    else
        failure_answer(call, FAILURE_NO_SUCH_ENTITY, "The user with name %s cannot be found.",
                       call->user_name);
}

bool fault_answer(struct call *call)
{
    const struct rule *rule = call->plan.rule;
    if (rule && rule->retry_after_seconds >= 0 && call->plan.kind != FAULT_NONE)
        call_header(call, "Retry-After",
                    text_format(&call->http.arena, "%d", rule->retry_after_seconds));
    if (rule)
        call->error_form = rule->form;
    switch (call->plan.kind) {
    case FAULT_THROTTLE:
        if (rule && rule->code)
            answer_error(call, rule);
        else
            failure_answer(call, FAILURE_THROTTLED, NULL);
        return true;
    case FAULT_ERROR:
        answer_error(call, rule);
        return true;
    case FAULT_INTERNAL_ERROR:
        failure_answer(call, FAILURE_INTERNAL, NULL);
        return true;
    case FAULT_UNAVAILABLE:
        failure_answer(call, FAILURE_UNAVAILABLE, NULL);
        return true;
    case FAULT_ACCESS_DENIED:
        failure_denied(call, "identity-based");
        return true;
    case FAULT_EXPIRED_TOKEN:
        failure_answer(call, FAILURE_EXPIRED_TOKEN, NULL);
        return true;
    case FAULT_CLOCK_SKEW:
        answer_skew(call);
        return true;
    case FAULT_LIMIT_EXCEEDED:
        failure_answer(call, FAILURE_LIMIT_EXCEEDED, NULL);
        return true;
    case FAULT_ERROR_IN_200:
        failure_answer(call, FAILURE_INTERNAL, NULL);
        call->http.reply.status = 200;
        return true;
    case FAULT_VANISH:
        if (!call->user_name && !call_parameter(call, "AccessKeyId"))
            return false;
        answer_vanished(call);
        return true;
    default:
        return false;
    }
}
