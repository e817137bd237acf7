/* SPDX-License-Identifier: MIT */
#include "doctor/fix.h"

const char *const fix_kind_names[FIX_KIND_COUNT] = {
    [FIX_REGION] = "region",
    [FIX_CLOCK] = "clock",
    [FIX_CREDENTIALS] = "credentials",
    [FIX_ORGANIZATIONS] = "organizations",
    [FIX_OUTPUT] = "output",
    [FIX_BUCKET_POLICY] = "bucket_policy",
    [FIX_KEY_POLICY] = "key_policy",
    [FIX_CALLER_PERMISSIONS] = "caller_permissions",
    [FIX_TRUST_POLICY] = "trust_policy",
    [FIX_STACK_INSTANCES] = "stack_instances",
    [FIX_STACK] = "stack",
    [FIX_PERMISSIONS] = "permissions",
    [FIX_EXCEPTION] = "exception",
    [FIX_ALLOWANCE] = "allowance",
    [FIX_SESSION_POLICY] = "session_policy",
    [FIX_VPC_ENDPOINT] = "vpc_endpoint",
    [FIX_RESOURCE_POLICY] = "resource_policy",
    [FIX_UNKNOWN_POLICY] = "unknown_policy",
    [FIX_FAILURE] = "failure",
};
