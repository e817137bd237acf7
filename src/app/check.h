/* SPDX-License-Identifier: MIT */
/*
 * check.h: judges a run of a database by the rules, and writes the findings: the work of 'check'.
 */
#ifndef APP_CHECK_H
#define APP_CHECK_H

#include "output/finding_format.h"
#include "rules/check_options.h"

struct check_work {
    const char *database;                /* a path */
    const char *run;                     /* as stored_run_find takes it; NULL: the last */
    const struct finding_format *format; /* NULL: the table for people */
    enum framework framework;            /* whose numbers the table shows; FRAMEWORK_COUNT: none */
    const char *output;                  /* a path; NULL or "-": standard output */
    struct check_options options;        /* the start of the run is set here */
};

/*
 * Does the work; says on stderr what is wrong. 'w' is borrowed. Returns the exit status.
 */
int check_run(const struct check_work *w);

#endif
