/* SPDX-License-Identifier: MIT */
#include "services/control.h"

#include "services/sim.h"

#include <string.h>

static void reset(struct sim *sim)
{
    counters_reset(&sim->counters);
    fault_reset(&sim->faults);
    report_reset(&sim->reports);
    s3_store_clear(&sim->store);
}

void control_handle(struct call *call)
{
    struct reply *reply = &call->http.reply;
    const char *path = call->http.request.path + strlen(CONTROL_PATH);
    bool get = strcmp(call->http.request.method, "GET") == 0;
    call->http.stage = EXCHANGE_READY;
    reply->status = 200;
    reply->content_type = "application/json";
    if (get && strcmp(path, "counters") == 0) {
        counters_write(&call->sim->counters, &reply->body);
    } else if (!get && strcmp(path, "reset") == 0) {
        reset(call->sim);
        buffer_add_text(&reply->body, "{}\n");
    } else if (!get && strcmp(path, "invoke") == 0) {
        lambda_runtime_invoke(&call->sim->lambda, &call->http);
    } else {
        reply->status = 404;
        buffer_add_text(&reply->body, "{\"error\":\"no such path\"}\n");
    }
}
