/* SPDX-License-Identifier: MIT */
/*
 * environ.h: the variables of the process environment, passed in so that tests are exact.
 *
 * A variable that is set to the empty string counts as not set, as in the AWS SDKs. Only environ.c
 * calls getenv.
 */
#ifndef BASE_ENVIRON_H
#define BASE_ENVIRON_H

struct environ {
    const char *(*get)(void *arg, const char *name); /* NULL if it is not set */
    void *arg;
};

/* The environment of this process; lives as long as the process. */
const struct environ *environ_system(void);
/* The value of 'name', or NULL if it is not set or empty. Borrowed from the environment. */
const char *environ_get(const struct environ *env, const char *name);

#endif
