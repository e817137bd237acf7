/* SPDX-License-Identifier: MIT */
/*
 * doctor.h: 'iam-census doctor': will a census with these settings work, and what mends it?
 */
#ifndef APP_DOCTOR_H
#define APP_DOCTOR_H

#include "app/settings.h"

/*
 * Asks what the census would ask, one item each, and prints the diagnosis on stdout (as_json: as
 * JSON), progress and errors on stderr. 'settings' are borrowed. Returns the exit status: 0 every
 * account is ready, 3 some are not, 1 none is or the output can't be written, 2 a setting is wrong
 * or there are no credentials.
 */
int doctor_run(struct settings *settings);

#endif
