/* SPDX-License-Identifier: MIT */
/*
 * exit_status.h: the exit statuses of the program, the same for every subcommand.
 */
#ifndef APP_EXIT_STATUS_H
#define APP_EXIT_STATUS_H

enum {
    EXIT_ALL_READ = 0,     /* success: every account was read, or the text was printed */
    EXIT_NOTHING = 1,      /* nothing was written */
    EXIT_USAGE = 2,        /* the command line, a setting or the caller's credentials are wrong */
    EXIT_SOME_MISSING = 3, /* the output was written, and some accounts are partial or failed,
                              or something could not be judged */
    EXIT_FINDINGS = 4,     /* there are findings of the severity of --fail-on, or above */
};

#endif
