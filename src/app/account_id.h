/* SPDX-License-Identifier: MIT */
/*
 * account_id.h: explains to people what is wrong with a text that should be an AWS account id.
 *
 * Ids come out of spreadsheets, consoles and the AWS CLI, and each of these spoils them in its own
 * way; the message says what happened to the id, and how to get it right.
 */
#ifndef APP_ACCOUNT_ID_H
#define APP_ACCOUNT_ID_H

#include "base/error.h"
#include "base/view.h"

/*
 * Returns 0 if 'id' is exactly 12 digits. Otherwise -1 with ERROR_CONFIG: "PLACE: 'ID' is not an
 * account id (12 digits)", followed by what may have happened to the id.
 */
int account_id_check(struct view id, const char *place, struct error *e) MUST_CHECK;

#endif
