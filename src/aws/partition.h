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
    const char *global_region;     /* IAM is signed for it: "us-east-1". For Organizations ask
                                      endpoint_resolve: in China it differs */
    const char *default_region;    /* used if only the partition is known */
};

/*
 * The partition of a region, which is recognized by its form ("us-isob-west-9"); "aws-global",
 * "aws-cn-global" and so on count as regions here. A region that matches no partition belongs to
 * 'aws', as in the SDKs. Never NULL; lives as long as the process.
 */
const struct partition *partition_of_region(struct view region);
/* The partition with this id, or NULL. */
const struct partition *partition_by_id(struct view id);
/*
 * True if 'region' stands for the partition as a whole, as "aws-cn-global" does: SDKs accept that
 * in place of a region.
 */
bool partition_is_global_region(const struct partition *p, struct view region);

#endif
