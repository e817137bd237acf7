/* SPDX-License-Identifier: MIT */
#include "world/aws_policy.h"

#include "wire/moment.h"
#include "wire/text.h"

#include <string.h>

#define CREATED           INT64_C(1423247880) /* 2015-02-06, when AWS made the first ones */
#define STATEMENT(inside) "{\"Version\":\"2012-10-17\",\"Statement\":[{" inside "}]}"

struct aws_policy_row {
    const char *name;
    const char *id;
    const char *document;
};

static const struct aws_policy_row rows[] = {
    {"AdministratorAccess", "ANPAIWMBCKSKIEE64ZLYK",
     STATEMENT("\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"")},
    {"PowerUserAccess", "ANPAJYRXTHIB4FOVS3ZXS",
     STATEMENT("\"Effect\":\"Allow\",\"NotAction\":[\"iam:*\",\"organizations:*\",\"account:*\"],"
               "\"Resource\":\"*\"")},
    {"IAMFullAccess", "ANPAI7XKCFMBPM3QQRRVQ",
     STATEMENT("\"Effect\":\"Allow\",\"Action\":[\"iam:*\",\"organizations:DescribeAccount\"],"
               "\"Resource\":\"*\"")},
    {"ReadOnlyAccess", "ANPAILL3HVNFSB6DCOWYQ",
     STATEMENT("\"Effect\":\"Allow\",\"Action\":[\"iam:Get*\",\"iam:List*\",\"s3:Get*\","
               "\"s3:List*\"],\"Resource\":\"*\"")},
    {"SecurityAudit", "ANPAIX2T3QCXHR2OGGCTO",
     STATEMENT("\"Effect\":\"Allow\",\"Action\":[\"iam:Get*\",\"iam:List*\"],\"Resource\":\"*\"")},
    {"Billing", "ANPAIFTHXT6FFMIRT7ZEA",
     STATEMENT("\"Effect\":\"Allow\",\"Action\":[\"billing:Get*\",\"ce:*\"],\"Resource\":\"*\"")},
};
static const char other[] = STATEMENT("\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\","
                                      "\"Resource\":\"*\"");

bool aws_policy_is(const char *arn)
{
    return strstr(arn, ":iam::aws:policy/") != NULL;
}

void aws_policy_fill(const char *arn, struct arena *arena, struct managed_policy *policy)
{
    const char *path = strstr(arn, ":policy/") + strlen(":policy");
    const char *slash = strrchr(path, '/');
    const char *document = other;
    *policy =
        (struct managed_policy){.name = slash + 1,
                                .path = text_copy_len(arena, path, (size_t)(slash - path) + 1),
                                .id = unique_id(arena, "ANPA", "aws", slash + 1),
                                .arn = arn,
                                .created = CREATED,
                                .updated = CREATED,
                                .version_count = 1,
                                .default_version = "v1"};
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        if (strcmp(rows[i].name, policy->name) != 0)
            continue;
        policy->id = rows[i].id;
        document = rows[i].document;
    }
    policy->versions = arena_alloc(arena, sizeof(*policy->versions));
    policy->versions[0] = (struct policy_version){"v1", document, CREATED};
}
