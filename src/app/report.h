/* SPDX-License-Identifier: MIT */
/* report.h: a run of a database as one HTML page. */
#ifndef APP_REPORT_H
#define APP_REPORT_H

#include "rules/check_options.h"

struct report_work {
    const char *database, *run, *previous, *output; /* NULL: the default */
    struct check_options options; /* without the start of the run; suppressions are borrowed */
    bool quiet;                   /* does not print where the page lies */
};

/*
 * Makes the page, and prints where it lies if that is a file; complains on stderr if it can't.
 * Returns the exit status: 0, 1 or 2.
 */
int report_run(const struct report_work *work);

#endif
