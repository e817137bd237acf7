/* What all IAM answers have in common. */
#ifndef SERVICES_IAM_H
#define SERVICES_IAM_H

#include "world/world.h"

struct call;

/* Begins <OperationResponse><OperationResult>, and ends it with the request id. */
void iam_begin(struct call *call);
void iam_end(struct call *call);

/*
 * Finds the user named by UserName, with the access keys that are there. Returns 0, or -1 with the
 * call's reply made.
 */
int iam_find_user(struct call *call, struct user *user);

/* Whether the user is not there at this moment of the run, though the world holds it. */
bool iam_user_hidden(const struct call *call, const struct user *user);

/* Whether the access key is not there: only the report holds it, or it is not there now. */
bool iam_key_hidden(const struct call *call, const struct user *user, const struct access_key *key);

/* The user's ARN, in the call's arena. */
const char *iam_user_arn(struct call *call, const struct user *user);

/* Writes UserName, UserId, Arn, Path and CreateDate, as User and UserDetail have them. */
void iam_write_user(struct call *call, const struct user *user);

/* Writes the user's tags from first to before last, as <Tags>. */
void iam_write_tags(struct call *call, const struct user *user, size_t first, size_t last);

#endif
