/* SPDX-License-Identifier: MIT */
#include "world/denial.h"

#include <stddef.h>
#include <string.h>

static const struct denial_kind kinds[] = {
    {"identity", "identity-based policy", "an identity-based policy"},
    {"resource", "resource-based policy", "a resource-based policy"},
    {"trust", "role trust policy", "the role trust policy"},
    {"session", "session policy", "a session policy"},
    {"permissions_boundary", "permissions boundary", "a permissions boundary"},
    {"scp", "service control policy", "a service control policy"},
    {"rcp", "resource control policy", "a resource control policy"},
    {"vpc_endpoint", "VPC endpoint policy", "a VPC endpoint policy"},
    {"untold", NULL, NULL},
};

const struct denial_kind *denial_kind_find(const char *name)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}

const struct denial *denial_find(const struct denial *denials, unsigned count, uint64_t actions)
{
    for (unsigned i = 0; i < count; i++)
        if (denials[i].actions & actions)
            return &denials[i];
    return NULL;
}
