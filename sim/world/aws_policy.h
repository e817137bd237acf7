/* SPDX-License-Identifier: MIT */
/* aws_policy.h: the managed policies of AWS itself. Documents are AWS's, the long ones shortened.
 */
#ifndef WORLD_AWS_POLICY_H
#define WORLD_AWS_POLICY_H

#include "base/arena.h"
#include "world/model.h"

/* True if the ARN names a policy of AWS (arn:PARTITION:iam::aws:policy/...). */
bool aws_policy_is(const char *arn);

/*
 * Fills in the policy with this ARN. A policy that is not in the table is one that allows to read
 * something.
 */
void aws_policy_fill(const char *arn, struct arena *arena, struct managed_policy *policy);

#endif
