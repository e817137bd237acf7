/*
 * environ.h: the variables of the process environment, passed in so that tests are exact.
 *
 * A variable that is set to nothing counts as not set, as in the AWS SDKs.
 */
#ifndef AUTH_ENVIRON_H
#define AUTH_ENVIRON_H

struct auth_environ {
    const char *(*get)(void *arg, const char *name); /* NULL where it is not set */
    void *arg;
};

/* The environment of this process; lives for ever. */
const struct auth_environ *environ_system(void);
/* The value of 'name', or NULL where it is not set or empty. Borrowed from the environment. */
const char *environ_get(const struct auth_environ *env, const char *name);

#endif
