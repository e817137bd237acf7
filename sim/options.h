/* SPDX-License-Identifier: MIT */
/* options.h: the command line of the simulator. */
#ifndef SIM_OPTIONS_H
#define SIM_OPTIONS_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OPTIONS_EVENTS_MAX 1000

enum options_result { OPTIONS_RUN, OPTIONS_HELP, OPTIONS_VERSION, OPTIONS_WRONG };

/* Strings are borrowed from the command line. */
struct options {
    char host[256];
    uint16_t port;
    const char *port_file;
    const char *certificate;
    const char *key;
    size_t accounts;
    size_t users;
    bool users_exact;
    bool all_active;
    unsigned keys_percent;
    uint64_t seed;
    int64_t latency_ms;
    double rate;
    double burst;
    double sts_rate;
    int64_t report_ms;
    const char *world;
    const char *scenario;
    int64_t now;
    const char *partition;
    const char *s3_dir;
    const char *log;
    bool strict_regions;
    bool dump_world;
    const char *events[OPTIONS_EVENTS_MAX];
    size_t event_count;
    int64_t deadline_ms;
};

/* Sets the defaults and reads the command line. OPTIONS_WRONG comes with the reason in 'error'. */
enum options_result options_parse(struct options *options, int count, char **args,
                                  struct error *error);

/* The text that --help prints. */
extern const char options_help[];

#endif
