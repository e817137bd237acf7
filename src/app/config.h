/* SPDX-License-Identifier: MIT */
/*
 * config.h: the settings of one run, read, checked and typed. Nothing is contacted to make it.
 */
#ifndef APP_CONFIG_H
#define APP_CONFIG_H

#include "app/destination.h"
#include "app/scope.h"
#include "base/arena.h"
#include "census/facts.h"
#include "output/writer.h"

struct config {
    struct arena arena; /* holds what the views below point to */
    struct scope scope;
    struct view organization_id; /* VIEW_NONE: to be asked for, if the output's name needs it */
    struct view role;            /* without a leading '/' */
    struct secret external_id;
    struct destination destination;
    const struct writer_format *format;
    bool extended;
    bool csv_raw;
    bool session_policy;
    enum strategy strategy;
    size_t max_connections;
    int64_t max_report_age_s; /* of a credential report that is used; 0: none is */
    fact_set wanted;          /* by the format and the columns */
};

/*
 * Makes a config from 'settings', which are borrowed as long as the config lives. If 'in_lambda',
 * there must be a bucket. Reads files of account ids, and standard input, if a flag names them. -1
 * with ERROR_CONFIG, which names the setting; the config must be released in that case too.
 */
int config_make(const struct settings *settings, bool in_lambda, struct config *config,
                struct error *e) MUST_CHECK;
void config_release(struct config *config);
/* Whether the rows show one active key of each user alone, however many there are. */
bool config_hides_keys(const struct config *config);

#endif
