/* SPDX-License-Identifier: MIT */
/*
 * report_csv.h: the text of a credential report, in the form that AWS gives it today: 22 columns,
 * times with Z, the root user first, users by name in whatever case, LF between lines and none
 * after the last. It was seen at AWS on 2026-09-11 (github.com/radkawar/stackd,
 * testdata/aws/iam/credential_report.json) and differs in places from "Generate credential reports
 * for your AWS account" in the IAM User Guide.
 */
#ifndef WORLD_REPORT_CSV_H
#define WORLD_REPORT_CSV_H

#include "wire/text.h"
#include "world/world.h"

#include <stdbool.h>

/* How a report differs from today's form. Zero-initialized, it does not. */
struct report_form {
    bool offset_times; /* +00:00 in place of Z */
    bool upper_case;   /* TRUE and FALSE, as in the guide */
    bool info_column;  /* additional_credentials_info also if no user has more than two */
    bool line_end;     /* after the last line */
    bool older_root;   /* not_supported also of the root user's password */
};

/* Appends the report of an account. */
void report_csv_write(const struct world *world, const struct account *account,
                      const struct report_form *form, struct buffer *csv);

#endif
