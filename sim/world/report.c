/* SPDX-License-Identifier: MIT */
#include "world/report.h"

#include "base/alloc.h"
#include "wire/text.h"
#include "wire/timer.h"
#include "world/random.h"

#include <stdlib.h>
#include <string.h>

#define SALT_EXISTING 901
#define SALT_DURATION 902
#define SALT_FORM     903

void report_open(struct reports *reports, size_t accounts, uint64_t seed, int64_t mean_ms)
{
    *reports = (struct reports){.accounts = accounts, .seed = seed, .mean_ms = mean_ms};
    reports->ready_us = xcalloc(accounts, sizeof(int64_t));
}

void report_reset(struct reports *reports)
{
    memset(reports->ready_us, 0, reports->accounts * sizeof(int64_t));
}

void report_release(struct reports *reports)
{
    free(reports->ready_us);
    *reports = (struct reports){0};
}

static uint64_t report_number(const struct reports *reports, size_t account, uint64_t salt)
{
    return random_mix(random_mix(reports->seed, account), salt);
}

enum report_state report_state(const struct reports *reports, size_t account, bool stuck)
{
    int64_t ready_us = reports->ready_us[account];
    bool from_the_start = report_number(reports, account, SALT_EXISTING) % 2 == 0;
    if (ready_us == 0 && (stuck || !from_the_start))
        return REPORT_ABSENT;
    return stuck || ready_us > timer_now_us() ? REPORT_PENDING : REPORT_READY;
}

void report_start(struct reports *reports, size_t account)
{
    uint64_t share = 500 + random_below(report_number(reports, account, SALT_DURATION), 1000);
    reports->ready_us[account] = timer_now_us() + reports->mean_ms * (int64_t)share + 1;
}

/* With mixed forms each account has a form of its own, the same every time. */
struct report_form report_form(const struct reports *reports, const struct account *account,
                               enum report_forms otherwise)
{
    static const struct report_form older = {true, true, true, true, true};
    enum report_forms forms = account->report_forms;
    uint64_t number = report_number(reports, account->index, SALT_FORM);
    if (forms == REPORT_FORMS_UNSET)
        forms = otherwise;
    if (forms == REPORT_FORMS_OLDER)
        return older;
    if (forms != REPORT_FORMS_MIXED)
        return (struct report_form){0};
    return (struct report_form){.offset_times = (number & 1) != 0,
                                .upper_case = (number & 6) == 0,
                                .info_column = (number & 8) != 0,
                                .line_end = (number & 16) != 0,
                                .older_root = (number & 32) != 0};
}
