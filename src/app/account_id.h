/*
 * account_id.h: what is wrong with something that should be an AWS account id, for people.
 *
 * Ids come out of spreadsheets, consoles and the AWS CLI, which each have a way of their own to
 * spoil them; the message says which it was, and how to get them right.
 */
#ifndef APP_ACCOUNT_ID_H
#define APP_ACCOUNT_ID_H

#include "base/error.h"
#include "base/view.h"

/*
 * 0 if 'id' is exactly 12 digits. Else -1 with ERROR_CONFIG: "PLACE: 'ID' is not an account id (12
 * digits)", and what may have happened to it.
 */
int account_id_check(struct view id, const char *place, struct error *e) MUST_CHECK;

#endif
