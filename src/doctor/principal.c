/* SPDX-License-Identifier: MIT */
#include "doctor/principal.h"

#include <stdio.h>

/* The parts of "arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE". */
enum { PART_ARN, PART_PARTITION, PART_SERVICE, PART_REGION, PART_ACCOUNT, PART_RESOURCE, PARTS };

static bool split(struct view arn, struct view parts[PARTS])
{
    for (size_t i = 0; i < PART_RESOURCE; i++) {
        const char *colon = arn.len > 0 ? memchr(arn.ptr, ':', arn.len) : NULL;
        if (!colon)
            return false;
        parts[i] = (struct view){arn.ptr, (size_t)(colon - arn.ptr)};
        arn = (struct view){colon + 1, arn.len - parts[i].len - 1};
    }
    parts[PART_RESOURCE] = arn;
    return view_is(parts[PART_ARN], "arn");
}

/* A path may have any visible character of ASCII. Another one could begin a line in a fix. */
static bool is_visible(struct view arn)
{
    for (size_t i = 0; i < arn.len; i++)
        if (arn.ptr[i] <= ' ' || arn.ptr[i] > '~')
            return false;
    return true;
}

/* "assumed-role/NAME/SESSION": the name, or VIEW_NONE. */
static struct view role_of_session(struct view resource)
{
    static const char prefix[] = "assumed-role/";
    if (!view_starts_with(resource, prefix))
        return VIEW_NONE;
    struct view name = {resource.ptr + sizeof(prefix) - 1, resource.len - sizeof(prefix) + 1};
    const char *slash = name.len > 0 ? memchr(name.ptr, '/', name.len) : NULL;
    if (!slash || slash == name.ptr)
        return VIEW_NONE;
    return (struct view){name.ptr, (size_t)(slash - name.ptr)};
}

static void set_role(struct principal *p, const struct view parts[PARTS], struct view name)
{
    bool identity_center = view_starts_with(name, "AWSReservedSSO_");
    p->kind = identity_center ? PRINCIPAL_PATTERN : PRINCIPAL_ROLE;
    snprintf(p->arn, sizeof(p->arn), "arn:%.*s:iam::%.*s:role/%s%.*s",
             VIEW_ARG(parts[PART_PARTITION]), VIEW_ARG(parts[PART_ACCOUNT]),
             identity_center ? "aws-reserved/sso.amazonaws.com*/" : "", VIEW_ARG(name));
    snprintf(p->root, sizeof(p->root), "arn:%.*s:iam::%.*s:root", VIEW_ARG(parts[PART_PARTITION]),
             VIEW_ARG(parts[PART_ACCOUNT]));
}

void principal_of(const char *caller_arn, struct principal *p)
{
    struct view arn = view_of(caller_arn), parts[PARTS];
    *p = (struct principal){.kind = PRINCIPAL_UNKNOWN, .arn = "CALLER_ARN"};
    if (!caller_arn || arn.len >= PRINCIPAL_ARN_MAX / 2 || !is_visible(arn) || !split(arn, parts))
        return;
    struct view resource = parts[PART_RESOURCE], name = role_of_session(resource);
    if (name.ptr) {
        set_role(p, parts, name);
        return;
    }
    if (view_starts_with(resource, "user/"))
        p->kind = PRINCIPAL_USER;
    else if (view_starts_with(resource, "role/"))
        p->kind = PRINCIPAL_ROLE;
    else if (view_is(resource, "root") || view_starts_with(resource, "federated-user/"))
        p->kind = PRINCIPAL_UNABLE;
    else
        return;
    snprintf(p->arn, sizeof(p->arn), "%s", caller_arn);
}
