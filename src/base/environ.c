/* SPDX-License-Identifier: MIT */
#include "base/environ.h"

#include "base/compiler.h"

#include <stdlib.h>

static const char *get_system(void *arg UNUSED, const char *name)
{
    return getenv(name); /* NOLINT(concurrency-mt-unsafe): one thread, which sets no variables */
}

const struct environ *environ_system(void)
{
    static const struct environ system_environ = {get_system, NULL};
    return &system_environ;
}

const char *environ_get(const struct environ *env, const char *name)
{
    const char *value = env->get(env->arg, name);
    return value && value[0] ? value : NULL;
}
