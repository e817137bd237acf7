/* SPDX-License-Identifier: MIT */
#include "auth/profile.h"

#include "auth/profile_set.h"
#include "base/alloc.h"

#include <stdlib.h>

/* Who names the profile; NULL if nobody does. '*name' is set in either case. */
static const char *profile_origin(const struct auth_context *context, const char **name)
{
    static const char *const variables[] = {"AWS_PROFILE", "AWS_DEFAULT_PROFILE"};
    *name = context->profile;
    if (*name)
        return "--profile";
    for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++)
        if ((*name = environ_get(context->env, variables[i])) != NULL)
            return variables[i];
    *name = "default";
    return NULL;
}

bool profile_is_named(const struct auth_context *context)
{
    const char *name;
    return profile_origin(context, &name) != NULL;
}

const char *profile_name(const struct auth_context *context)
{
    const char *name;
    profile_origin(context, &name);
    return name;
}

int profile_check(const struct auth_context *context, struct error *e)
{
    struct profile_set set = {0};
    const char *name;
    const char *origin = profile_origin(context, &name);
    int result = profile_set_read(&set, context->env, e);
    if (result == 0 && origin && !profile_set_has(&set, view_of(name))) {
        struct error missing;
        profile_set_missing(&set, &missing);
        result = error_set(e, ERROR_CONFIG,
                           "the profile '%.140s' of %s: %s; 'aws configure list-profiles' prints "
                           "the names",
                           name, origin, missing.text);
    }
    profile_set_release(&set);
    return result;
}

/* Reads the endpoint of 'service', or the setting 'key' if 'service' is NULL. */
static char *read_setting(const struct auth_context *context, const char *key, const char *service,
                          struct error *e)
{
    struct profile_set set = {0};
    struct view name = view_of(profile_name(context));
    char *value = NULL;
    error_clear(e);
    struct view found = VIEW_NONE;
    if (profile_set_read(&set, context->env, e) == 0) {
        if (!service)
            found = profile_set_get(&set, name, key);
        else if (profile_set_endpoint(&set, name, service, &found, e) != 0)
            found = VIEW_NONE;
        if (found.ptr)
            value = xstrndup(found.ptr, found.len);
    }
    profile_set_release(&set);
    return value;
}

char *profile_setting(const struct auth_context *context, const char *key, struct error *e)
{
    return read_setting(context, key, NULL, e);
}

char *profile_region(const struct auth_context *context, struct error *e)
{
    return profile_setting(context, "region", e);
}

char *profile_endpoint(const struct auth_context *context, const char *service, struct error *e)
{
    return read_setting(context, NULL, service, e);
}
