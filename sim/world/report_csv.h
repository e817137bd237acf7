/* SPDX-License-Identifier: MIT */
/*
 * report_csv.h: the text of a credential report, in AWS's form of today: 22 columns, times with Z,
 * the root user first, users sorted by name ignoring case, LF between lines but not after the last.
 * It was seen at AWS on 2026-09-11 (github.com/radkawar/stackd,
 * testdata/aws/iam/credential_report.json) and differs in places from "Generate credential reports
 * for your AWS account" in the IAM User Guide.
 */
#ifndef WORLD_REPORT_CSV_H
#define WORLD_REPORT_CSV_H

#include "wire/text.h"
#include "world/world.h"

#include <stdbool.h>

/* How a report differs from today's form. If zero-initialized, it does not. */
struct report_form {
    bool offset_times; /* +00:00 instead of Z */
    bool upper_case;   /* TRUE and FALSE, as in the guide */
    bool info_column;  /* has additional_credentials_info even if no user has more than two */
    bool line_end;     /* LF after the last line */
    bool older_root;   /* not_supported for the root user's password too */
};

/* Appends the report of an account. */
void report_csv_write(const struct world *world, const struct account *account,
                      const struct report_form *form, struct buffer *csv);

#endif
