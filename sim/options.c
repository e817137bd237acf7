/* SPDX-License-Identifier: MIT */
#include "options.h"

#include "wire/moment.h"
#include "world/clock.h"
#include "world/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STS_RATE_DEFAULT 600 /* AWS's quota for the caller's account in a region */

const char options_help[] =
    "Usage: iam-census-sim [OPTION]...\n"
    "A simulated AWS organization: STS, IAM, Organizations, S3, Lambda Runtime API.\n"
    "\n"
    "Where it listens\n"
    "  --listen HOST:PORT   default 127.0.0.1:0; port 0 is any free one\n"
    "  --port-file FILE     write the port to FILE once it is ready\n"
    "  --certificate FILE   speak TLS, with this certificate (PEM) and\n"
    "  --key FILE           this key\n"
    "\n"
    "The world\n"
    "  --accounts N         accounts (default 50)\n"
    "  --users N            mean users an account (default 20)\n"
    "  --users-exact N      the same number of users in every account\n"
    "  --keys-percent N     share of users with access keys (default 55)\n"
    "  --all-active         no account is suspended or closed\n"
    "  --seed N             what the world is computed from (default 1)\n"
    "  --now TIME           the world's clock, 2026-01-31T00:00:00Z (default: now)\n"
    "  --partition NAME     aws, aws-cn, aws-us-gov, ... (default aws)\n"
    "  --world FILE         read the world from a JSON file instead\n"
    "  --dump-world         print the world as such a file, and end\n"
    "\n"
    "How it behaves\n"
    "  --latency-ms N       delay of every answer\n"
    "  --rate N             calls a second, by account and action (not of STS, S3)\n"
    "  --burst N            calls at once before that rate holds (default: the rate)\n"
    "  --sts-rate N         calls a second to STS (default 600 with --rate, or any)\n"
    "  --report-ms N        mean time to make a credential report (default 300)\n"
    "  --strict-regions     IAM, Organizations: signed for the partition's region\n"
    "  --scenario FILE      faults, as JSON\n"
    "  --s3-dir DIR         where objects lie (default: a temporary folder)\n"
    "  --log FILE           one JSON line a call\n"
    "\n"
    "The Lambda function\n"
    "  --event FILE         hand this event to the function that asks, print its\n"
    "                       answer, end when all were answered (repeatable)\n"
    "  --deadline-ms N      a function's time (default 900000)\n"
    "\n"
    "  --help, --version\n";

/* The kinds of values that flags have. */
enum kind { KIND_FLAG, KIND_STRING, KIND_SIZE, KIND_NUMBER, KIND_FRACTION, KIND_MOMENT };

struct flag {
    const char *name;
    enum kind kind;
    size_t offset;
};

#define FLAG(name, kind, field)                                                                    \
    {                                                                                              \
        name, kind, offsetof(struct options, field)                                                \
    }

static const struct flag flags[] = {
    FLAG("--port-file", KIND_STRING, port_file),
    FLAG("--certificate", KIND_STRING, certificate),
    FLAG("--key", KIND_STRING, key),
    FLAG("--accounts", KIND_SIZE, accounts),
    FLAG("--users", KIND_SIZE, users),
    FLAG("--users-exact", KIND_SIZE, users),
    FLAG("--all-active", KIND_FLAG, all_active),
    FLAG("--latency-ms", KIND_NUMBER, latency_ms),
    FLAG("--rate", KIND_FRACTION, rate),
    FLAG("--burst", KIND_FRACTION, burst),
    FLAG("--sts-rate", KIND_FRACTION, sts_rate),
    FLAG("--report-ms", KIND_NUMBER, report_ms),
    FLAG("--world", KIND_STRING, world),
    FLAG("--scenario", KIND_STRING, scenario),
    FLAG("--now", KIND_MOMENT, now),
    FLAG("--partition", KIND_STRING, partition),
    FLAG("--s3-dir", KIND_STRING, s3_dir),
    FLAG("--log", KIND_STRING, log),
    FLAG("--strict-regions", KIND_FLAG, strict_regions),
    FLAG("--dump-world", KIND_FLAG, dump_world),
    FLAG("--deadline-ms", KIND_NUMBER, deadline_ms),
};

static int set_value(struct options *options, const struct flag *flag, const char *value,
                     struct error *error)
{
    void *place = (char *)options + flag->offset;
    char *end = NULL;
    switch (flag->kind) {
    case KIND_FLAG:
        *(bool *)place = true;
        return 0;
    case KIND_STRING:
        *(const char **)place = value;
        return 0;
    case KIND_MOMENT:
        if (moment_parse(value, place) != 0)
            return error_set(error, ERROR_CONFIG,
                             "%s: '%s' is not a time such as 2026-01-31T00:00:00Z", flag->name,
                             value);
        return 0;
    case KIND_SIZE:
        *(size_t *)place = (size_t)strtoull(value, &end, 10);
        break;
    case KIND_NUMBER:
        *(int64_t *)place = strtoll(value, &end, 10);
        break;
    case KIND_FRACTION:
        *(double *)place = strtod(value, &end);
        break;
    }
    if (*value == '\0' || *value == '-' || *end != '\0')
        return error_set(error, ERROR_CONFIG, "%s: '%s' is not a number of zero or more",
                         flag->name, value);
    return 0;
}

static int set_listen(struct options *options, const char *value, struct error *error)
{
    const char *colon = strrchr(value, ':');
    char *end = NULL;
    size_t len = colon ? (size_t)(colon - value) : 0;
    unsigned long port = colon ? strtoul(colon + 1, &end, 10) : 0;
    if (!colon || len == 0 || len >= sizeof(options->host) || colon[1] == '\0' || *end != '\0' ||
        port > 65535)
        return error_set(error, ERROR_CONFIG, "--listen: '%s' is not HOST:PORT", value);
    if (value[0] == '[' && value[len - 1] == ']') {
        value++;
        len -= 2;
    }
    memcpy(options->host, value, len);
    options->host[len] = '\0';
    options->port = (uint16_t)port;
    return 0;
}

/* Handles flags that do more than store a value. Returns 1 if the flag is not one of them. */
static int set_special(struct options *options, const char *name, const char *value,
                       struct error *error)
{
    char *end;
    if (strcmp(name, "--listen") == 0)
        return set_listen(options, value, error);
    if (strcmp(name, "--seed") == 0) {
        options->seed = strtoull(value, &end, 10);
        return *value && !*end
                   ? 0
                   : error_set(error, ERROR_CONFIG, "--seed: '%s' is not a number", value);
    }
    if (strcmp(name, "--keys-percent") == 0) {
        unsigned long percent = strtoul(value, &end, 10);
        options->keys_percent = (unsigned)percent;
        return *value && !*end && percent <= 100
                   ? 0
                   : error_set(error, ERROR_CONFIG,
                               "--keys-percent: '%s' is not a number from 0 to 100", value);
    }
    if (strcmp(name, "--event") == 0) {
        if (options->event_count == OPTIONS_EVENTS_MAX)
            return error_set(error, ERROR_CONFIG, "too many --event: at most %d are allowed",
                             OPTIONS_EVENTS_MAX);
        options->events[options->event_count++] = value;
        return 0;
    }
    return 1;
}

static const struct flag *flag_find(const char *name)
{
    for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++)
        if (strcmp(flags[i].name, name) == 0)
            return &flags[i];
    return NULL;
}

static int options_check(struct options *options, struct error *error)
{
    if (options->accounts < 1 || options->accounts > WORLD_ACCOUNTS_MAX)
        return error_set(error, ERROR_CONFIG, "--accounts: 1 to %d", WORLD_ACCOUNTS_MAX);
    if (options->users >= WORLD_ACCOUNT_USERS_MAX)
        return error_set(error, ERROR_CONFIG, "--users: below %d", WORLD_ACCOUNT_USERS_MAX);
    if (options->burst == 0)
        options->burst = options->rate;
    if (options->sts_rate == 0 && options->rate > 0)
        options->sts_rate = STS_RATE_DEFAULT;
    if (options->deadline_ms < 1)
        return error_set(error, ERROR_CONFIG, "--deadline-ms: 1 or more");
    return 0;
}

/*
 * True if 'name' is the flag, its letter, or the flag without dashes, as iam-census accepts them
 * too.
 */
static bool is_spelling(const char *name, const char *flag, const char *letter)
{
    return strcmp(name, flag) == 0 || strcmp(name, letter) == 0 || strcmp(name, flag + 2) == 0;
}

enum options_result options_parse(struct options *options, int count, char **args,
                                  struct error *error)
{
    int64_t now = clock_now();
    *options = (struct options){
        .host = "127.0.0.1",
        .accounts = 50,
        .users = 20,
        .keys_percent = 55,
        .seed = 1,
        .report_ms = 300,
        .now = now - now % 60, /* so that dumps made within the same minute are equal */
        .partition = "aws",
        .deadline_ms = 900000};
    for (int i = 1; i < count; i++) {
        const char *name = args[i];
        const struct flag *flag = flag_find(name);
        if (is_spelling(name, "--help", "-h"))
            return OPTIONS_HELP;
        if (is_spelling(name, "--version", "-V"))
            return OPTIONS_VERSION;
        bool alone = flag && flag->kind == KIND_FLAG;
        const char *value = alone ? "" : i + 1 < count ? args[++i] : NULL;
        int known = value ? set_special(options, name, value, error) : 1;
        if (known < 0)
            return OPTIONS_WRONG;
        if (known == 0)
            continue;
        if (!flag || !value) {
            error_set(error, ERROR_CONFIG,
                      flag ? "%s needs a value" : "unknown option '%s'; see --help", name);
            return OPTIONS_WRONG;
        }
        if (set_value(options, flag, value, error) != 0)
            return OPTIONS_WRONG;
        if (strcmp(name, "--users-exact") == 0)
            options->users_exact = true;
    }
    return options_check(options, error) == 0 ? OPTIONS_RUN : OPTIONS_WRONG;
}
