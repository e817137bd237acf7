/* SPDX-License-Identifier: MIT */
/*
 * partition.h: AWS partitions and the regions they hold.
 *
 * Source: the partitions of AWS's own SDK rules (aws, aws-cn, aws-us-gov, aws-iso, aws-iso-b,
 * aws-iso-e, aws-iso-f, aws-eusc).
 */
#ifndef AWS_PARTITION_H
#define AWS_PARTITION_H

#include "base/view.h"

struct partition {
    const char *id;                /* "aws": the second field of its ARNs */
    const char *dns_suffix;        /* "amazonaws.com" */
    const char *dual_stack_suffix; /* "api.aws" */
    const char *global_region;     /* where IAM is signed: "us-east-1" (for Organizations, ask
                                      endpoint_resolve: in China it is another one) */
    const char *default_region;    /* used if only the partition is known */
};

/*
 * The partition of a region, known or of a known form ("us-isob-west-9"); the form
 * "aws-global", "aws-cn-global", ... too. A region that matches nothing belongs to 'aws', as in the
 * SDKs. Never NULL; lives as long as the process.
 */
const struct partition *partition_of_region(struct view region);
/* The partition with this id, or NULL. */
const struct partition *partition_by_id(struct view id);
/* True for the partition as a whole, "aws-cn-global", which SDKs take where a region goes. */
bool partition_is_global_region(const struct partition *p, struct view region);

#endif
