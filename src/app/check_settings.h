/* SPDX-License-Identifier: MIT */
/*
 * check_settings.h: the settings about findings, checked and typed: for 'collect' and 'check'.
 */
#ifndef APP_CHECK_SETTINGS_H
#define APP_CHECK_SETTINGS_H

#include "app/settings.h"
#include "rules/check_options.h"

/*
 * Reads rules, limits and --fail-on into 'o', which borrows texts of the settings. -1 with
 * ERROR_CONFIG, which names the setting.
 */
int check_settings_read(const struct settings *s, struct check_options *o,
                        struct error *e) MUST_CHECK;
/*
 * Reads the file of --suppress, if there is one; *out, NULL or what suppressions_free frees. -1
 * with ERROR_CONFIG, which names the file, and the line if one is wrong.
 */
int check_settings_suppressions(const struct settings *s, struct suppressions **out,
                                struct error *e) MUST_CHECK;
/* Logs lines that have expired: they suppress nothing any more. 's' may be NULL. */
void check_settings_warn(const struct suppressions *s, int64_t started_s);
/*
 * Returns 0 if no flag about findings is given; otherwise -1 with ERROR_CONFIG: they mean nothing
 * without findings.
 */
int check_settings_unused(const struct settings *s, struct error *e) MUST_CHECK;

#endif
