/* SPDX-License-Identifier: MIT */
/*
 * collect.h: 'iam-census collect': a census from the command line.
 */
#ifndef APP_COLLECT_H
#define APP_COLLECT_H

#include "app/settings.h"

/*
 * Runs a census with these settings (borrowed). Prints the result on stdout, errors and progress on
 * stderr. Returns the exit status (app/exit_status.h).
 */
int collect_run(struct settings *settings);

#endif
