/* SPDX-License-Identifier: MIT */
#include "aws/partition.h"

#include "base/character.h"

/*
 * AWS's own rules look a region up in a list, or else go by its form. All regions in the lists
 * follow the forms, so the forms are enough.
 */
struct known_partition {
    struct partition partition;
    const char *prefix; /* of its regions, "us-gov-"; a word, '-' and a number follow */
};

/* 'aws' stands first, and has no prefix: any region that matches no other partition belongs to it.
 */
static const struct known_partition known[] = {
    {{"aws", "amazonaws.com", "api.aws", "us-east-1", "us-east-1"}, NULL},
    {{"aws-cn", "amazonaws.com.cn", "api.amazonwebservices.com.cn", "cn-north-1", "cn-northwest-1"},
     "cn-"},
    {{"aws-us-gov", "amazonaws.com", "api.aws", "us-gov-west-1", "us-gov-west-1"}, "us-gov-"},
    {{"aws-iso", "c2s.ic.gov", "api.aws.ic.gov", "us-iso-east-1", "us-iso-east-1"}, "us-iso-"},
    {{"aws-iso-b", "sc2s.sgov.gov", "api.aws.scloud", "us-isob-east-1", "us-isob-east-1"},
     "us-isob-"},
    {{"aws-iso-e", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk", "eu-isoe-west-1", "eu-isoe-west-1"},
     "eu-isoe-"},
    {{"aws-iso-f", "csp.hci.ic.gov", "api.aws.hci.ic.gov", "us-isof-south-1", "us-isof-south-1"},
     "us-isof-"},
    {{"aws-eusc", "amazonaws.eu", "api.amazonwebservices.eu", "eusc-de-east-1", "eusc-de-east-1"},
     "eusc-de-"},
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* True for what follows the prefix in a region's name, such as "west-2". */
static bool is_place(struct view v)
{
    size_t at = 0;
    while (at < v.len && character_is_word(v.ptr[at]))
        at++;
    if (at == 0 || at == v.len || v.ptr[at] != '-' || at + 1 == v.len)
        return false;
    for (at++; at < v.len; at++)
        if (!is_digit(v.ptr[at]))
            return false;
    return true;
}

static bool claims(const struct known_partition *k, struct view region)
{
    if (partition_is_global_region(&k->partition, region))
        return true;
    if (!k->prefix || !view_starts_with(region, k->prefix))
        return false;
    size_t len = strlen(k->prefix);
    return is_place((struct view){region.ptr + len, region.len - len});
}

const struct partition *partition_of_region(struct view region)
{
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (claims(&known[i], region))
            return &known[i].partition;
    return &known[0].partition;
}

const struct partition *partition_by_id(struct view id)
{
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (view_is(id, known[i].partition.id))
            return &known[i].partition;
    return NULL;
}

bool partition_is_global_region(const struct partition *p, struct view region)
{
    static const char end[] = "-global";
    size_t len = strlen(p->id);
    return region.len == len + sizeof(end) - 1 && view_starts_with(region, p->id) &&
           memcmp(region.ptr + len, end, sizeof(end) - 1) == 0;
}
