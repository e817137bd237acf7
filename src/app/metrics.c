/* SPDX-License-Identifier: MIT */
#include "app/metrics.h"

#include "base/environ.h"
#include "base/json_writer.h"
#include "base/log.h"

#include <unistd.h>

#define LINE_MAX_BYTES 4096

struct metric {
    const char *name, *unit;
    int64_t value;
};

/* The only dimension is the function, so that two functions in an account have separate metrics. */
static void write_dimensions(struct json_writer *w, const char *function_name)
{
    json_key(w, "Dimensions");
    json_array_begin(w);
    json_array_begin(w);
    if (function_name)
        json_text(w, VIEW_LITERAL("FunctionName"));
    json_array_end(w);
    json_array_end(w);
}

static void write_definitions(struct json_writer *w, const struct metric *metrics, size_t count,
                              const char *function_name)
{
    json_key(w, "CloudWatchMetrics");
    json_array_begin(w);
    json_object_begin(w);
    json_key(w, "Namespace");
    json_text(w, VIEW_LITERAL("iam-census"));
    write_dimensions(w, function_name);
    json_key(w, "Metrics");
    json_array_begin(w);
    for (size_t i = 0; i < count; i++) {
        json_object_begin(w);
        json_key(w, "Name");
        json_text(w, view_of(metrics[i].name));
        json_key(w, "Unit");
        json_text(w, view_of(metrics[i].unit));
        json_object_end(w);
    }
    json_array_end(w);
    json_object_end(w);
    json_array_end(w);
}

void metrics_format(const struct result *result, const char *function_name, int64_t now_ms,
                    struct buffer *out)
{
    const struct findings_tally *findings = &result->findings;
    const struct metric metrics[] = {
        {"AccountsSucceeded", "Count", (int64_t)result->successful.count},
        {"AccountsPartial", "Count", (int64_t)result->partial.count},
        {"AccountsFailed", "Count", (int64_t)result->failed.count},
        {"Users", "Count", (int64_t)result->rows},
        {"ApiCalls", "Count", (int64_t)result->counters.requests},
        {"Throttled", "Count", (int64_t)result->counters.throttled},
        {"DurationMs", "Milliseconds", result->duration_ms},
        {"FindingsCritical", "Count", (int64_t)findings_tally_failed(findings, SEVERITY_CRITICAL)},
        {"FindingsHigh", "Count", (int64_t)findings_tally_failed(findings, SEVERITY_HIGH)},
        {"FindingsUnknown", "Count", (int64_t)findings_tally_unknown(findings)},
    };
    /* Without findings there is no metric of them: 0 would say that nothing is wrong. */
    const size_t of_findings = 3;
    const size_t all = sizeof(metrics) / sizeof(metrics[0]);
    const size_t count = findings->judged ? all : all - of_findings;
    struct json_writer w;
    json_writer_init(&w, out);
    json_object_begin(&w);
    json_key(&w, "_aws");
    json_object_begin(&w);
    json_key(&w, "Timestamp");
    json_int(&w, now_ms);
    write_definitions(&w, metrics, count, function_name);
    json_object_end(&w);
    if (function_name) {
        json_key(&w, "FunctionName");
        json_text(&w, view_of(function_name));
    }
    json_key(&w, "run_id");
    json_text(&w, view_of(result->run_id));
    for (size_t i = 0; i < count; i++) {
        json_key(&w, metrics[i].name);
        json_int(&w, metrics[i].value);
    }
    json_object_end(&w);
    buffer_add_char(out, '\n');
}

void metrics_write(const struct result *result, const struct clock *clock)
{
    struct buffer line;
    buffer_init(&line, LINE_MAX_BYTES);
    metrics_format(result, environ_get(environ_system(), "AWS_LAMBDA_FUNCTION_NAME"),
                   clock_wall_ms(clock), &line);
    if (buffer_complete(&line)) {
        /* If stdout is gone, nobody reads the metrics: the error is ignored. */
        ssize_t ignored = write(STDOUT_FILENO, buffer_text(&line), line.len);
        (void)ignored;
    } else {
        log_event(LOG_WARN, "metrics are left out, they are too long",
                  FIELD_NUMBER("bytes", LINE_MAX_BYTES));
    }
    buffer_release(&line);
}
