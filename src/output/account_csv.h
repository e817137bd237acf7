/* SPDX-License-Identifier: MIT */
/*
 * account_csv.h: the accounts file: one row for every account of the plan, read or not, as CSV.
 * What each column holds is in docs/output.md.
 */
#ifndef OUTPUT_ACCOUNT_CSV_H
#define OUTPUT_ACCOUNT_CSV_H

#include "base/buffer.h"
#include "output/account_fields.h"

extern const char account_csv_content_type[];

/* Appends the header line. */
void account_csv_begin(struct buffer *out);
/* Appends the account's row. If 'raw', names are written even if a spreadsheet would run them. */
void account_csv_write(const struct account *account, bool skipped, bool raw, struct buffer *out);

#endif
