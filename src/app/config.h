/* SPDX-License-Identifier: MIT */
/*
 * config.h: the settings of one run, parsed, checked and typed. No service is contacted for that.
 */
#ifndef APP_CONFIG_H
#define APP_CONFIG_H

#include "app/destination.h"
#include "app/scope.h"
#include "base/arena.h"
#include "census/facts.h"
#include "output/finding_format.h"
#include "output/writer.h"
#include "rules/check_options.h"

struct config {
    struct arena arena; /* holds what the views below point to */
    struct scope scope;
    struct view organization_id; /* VIEW_NONE: ask Organizations, if the output's name needs it */
    struct view role;            /* without a leading '/' */
    struct secret external_id;
    struct destination destination;
    const struct writer_format *format;
    enum column_set columns;
    bool csv_raw;
    bool session_policy;
    enum strategy strategy;
    size_t max_connections;
    int64_t max_report_age_s; /* older credential reports are not used; 0: no report is used */
    int64_t keep_runs;        /* how many runs a database keeps; 0: all */
    fact_set wanted;          /* the facts that the outputs need */
    /* Only if findings are wanted: */
    struct check_options check; /* without the start of the run */
    const struct finding_format *findings_format;
    struct suppressions *suppressions; /* owned; NULL: none */
    const char *suppress_key;          /* the object of the bucket that holds them; NULL: none */
};

/*
 * Makes a config from 'settings', which are borrowed until the config is released. If 'in_lambda',
 * there must be a bucket. Reads files of account ids, or standard input, if a flag names them. -1
 * with ERROR_CONFIG, which names the setting; the config must be released in that case too.
 */
int config_make(const struct settings *settings, bool in_lambda, struct config *config,
                struct error *e) MUST_CHECK;
void config_release(struct config *config);
/* True if the rows show at most one active key of each user, even if there are more. */
bool config_hides_keys(const struct config *config);

#endif
