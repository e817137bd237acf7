/* SPDX-License-Identifier: MIT */
/*
 * metrics.h: a run's metrics for CloudWatch, as one line of Embedded Metric Format on stdout.
 *
 * Source: CloudWatch User Guide, "Specification: Embedded metric format". Lambda sends stdout to
 * CloudWatch Logs, which turns the line into metrics in the namespace 'iam-census', with the
 * dimension 'FunctionName'.
 */
#ifndef APP_METRICS_H
#define APP_METRICS_H

#include "app/result.h"
#include "base/clock.h"

/*
 * Appends the line, with its line end. 'now_ms' is its time, milliseconds since 1970. If
 * 'function_name' is NULL the metrics have no dimension.
 */
void metrics_format(const struct result *result, const char *function_name, int64_t now_ms,
                    struct buffer *out);
/*
 * Writes the line to stdout in one piece, for the function in AWS_LAMBDA_FUNCTION_NAME, with the
 * time of 'clock'.
 */
void metrics_write(const struct result *result, const struct clock *clock);

#endif
