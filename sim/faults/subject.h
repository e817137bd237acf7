/* SPDX-License-Identifier: MIT */
/* subject.h: what a call is about, as far as faults and changes need to know. */
#ifndef FAULTS_SUBJECT_H
#define FAULTS_SUBJECT_H

#include "world/action.h"

#include <stddef.h>
#include <stdint.h>

struct subject {
    enum action action;
    size_t caller;    /* the index of the caller's account, whose rate applies */
    size_t account;   /* the index of the account that the call is about */
    const char *user; /* the user whom the call is about, or NULL; borrowed */
    uint64_t key;     /* identifies the call: a retry has the same key */
};

#endif
