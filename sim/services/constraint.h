/* SPDX-License-Identifier: MIT */
/*
 * constraint.h: checks parameters as AWS's services do before they act: their length and
 * characters.
 *
 * One message reports all violations of a call, in the words of the services' common framework: "2
 * validation errors detected: Value 'x' at 'roleArn' failed to satisfy constraint: ...; ...".
 */
#ifndef SERVICES_CONSTRAINT_H
#define SERVICES_CONSTRAINT_H

#include <stdbool.h>
#include <stddef.h>

struct call;

/* A parameter's rules. Lengths are in UTF-16 units, as Java counts them. */
struct constraint {
    const char *parameter; /* RoleArn */
    const char *member;    /* roleArn, as messages name it */
    bool required;
    size_t least;           /* 0: no bound */
    size_t most;            /* 0: no bound */
    const char *pattern;    /* the pattern of its characters, as messages print it; NULL: any */
    const char *characters; /* the allowed characters, or NULL */
    unsigned text_below; /* if 'characters' is NULL: the value must be printable, not empty, and all
                            bytes of its UTF-8 must be below this */
};

/*
 * Checks the call's parameters by the rules. Returns 0, or -1 after making the call's reply.
 */
int constraint_check(struct call *call, const struct constraint *rules, size_t count);

/*
 * Reads a whole number of 32 bits within these bounds, as the query protocol does (a sign and
 * leading zeros are allowed). Returns 0, or -1 after making the call's reply. If the parameter is
 * absent, *number stays as it is.
 */
int constraint_number(struct call *call, const char *parameter, const char *member, long least,
                      long most, long *number);

#endif
