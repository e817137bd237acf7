/* SPDX-License-Identifier: MIT */
/*
 * cures.h: what mends a denial, by the kind of policy that denies.
 */
#ifndef DOCTOR_CURES_H
#define DOCTOR_CURES_H

#include "doctor/fix_text.h"
#include "doctor/making.h"

/* What is denied, and by what: of a trouble, or of the output. */
struct denied {
    enum trouble_of of;
    enum policy_type type;
    bool is_explicit;
    const char *policy_arn; /* "" if it is not known */
    struct fix_actions actions;
    const char *resource; /* for a statement that allows */
    const char *const *ids;
    size_t id_count;
};

/* Adds the fix of the denial. */
void cure(struct making *m, const struct denied *x);
/* Adds the statement that a policy of the role, or of the caller, needs, whatever denies. */
void cure_by_permissions(struct making *m, const struct denied *x);

#endif
