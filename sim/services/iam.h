/* SPDX-License-Identifier: MIT */
/* iam.h: what all answers of IAM have in common. */
#ifndef SERVICES_IAM_H
#define SERVICES_IAM_H

#include "world/world.h"

struct call;

/* Begin <OperationResponse><OperationResult>, and end it with the request id. */
void iam_begin(struct call *call);
void iam_end(struct call *call);

/*
 * Finds the user that UserName names, with the access keys that exist now. Returns 0, or -1 after
 * making the call's reply.
 */
int iam_find_user(struct call *call, struct user *user);

/* True if the world has the user, but the user does not exist at this moment of the run. */
bool iam_user_hidden(const struct call *call, const struct user *user);

/* True if the access key does not exist now, or only in the credential report. */
bool iam_key_hidden(const struct call *call, const struct user *user, const struct access_key *key);

/* The user's ARN, in the call's arena. */
const char *iam_user_arn(struct call *call, const struct user *user);

/* Writes UserName, UserId, Arn, Path and CreateDate, as User and UserDetail have them. */
void iam_write_user(struct call *call, const struct user *user);

/* Writes Path, GroupName, GroupId, Arn and CreateDate, as Group and GroupDetail have them. */
void iam_write_group(struct call *call, const struct group *group);

/* Writes the user's tags from 'first' up to, but not including, 'last', as <Tags>. */
void iam_write_tags(struct call *call, const struct user *user, size_t first, size_t last);

#endif
