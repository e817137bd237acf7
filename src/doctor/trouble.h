/* SPDX-License-Identifier: MIT */
/*
 * trouble.h: what is wrong in the accounts, grouped by cause, so that nobody need read 500 lines
 * that say the same.
 *
 * A cause is a kind of policy, its ARN, and whether it denies explicitly; or, of a call that failed
 * otherwise, its code. Messages are never compared: they name the account and may end in an
 * authorization id. Nothing here depends on the order in which accounts were asked.
 */
#ifndef DOCTOR_TROUBLE_H
#define DOCTOR_TROUBLE_H

#include "census/choice.h"
#include "doctor/diagnosis.h"

/* Whose call it was. */
enum trouble_of {
    TROUBLE_ASSUMING, /* the caller's, who assumes the role */
    TROUBLE_ROLE,     /* the role's */
    TROUBLE_CALLER    /* the caller's, in an account that is read without the role */
};

struct trouble {
    enum trouble_of of;
    enum probe_result result; /* PROBE_DENIED or PROBE_FAILED */
    enum policy_type type;    /* POLICY_NONE if it failed */
    bool is_explicit;
    /* The account's id in it is "*" if it is that of the account itself; "" if it is not known. */
    const char *policy_arn;
    const char *code;         /* of a failure; "" if it was denied */
    unsigned actions;         /* a SOURCE_BIT each; that of SOURCE_NONE is AssumeRole */
    enum verdict verdict;     /* the worst of its accounts */
    const char *message;      /* of the first account; may be NULL */
    const char **account_ids; /* ascending */
    size_t account_count;
};

struct troubles {
    struct trouble *items; /* the worst first, then those of most accounts */
    size_t count;
};

/*
 * Finds the troubles of a diagnosis that is concluded; they live as long as the arena and the
 * diagnosis. 'by_actions': accounts are one group only if the same actions are concerned in them.
 * Otherwise 'actions' is the union of all accounts.
 */
void troubles_find(const struct diagnosis *d, bool by_actions, struct arena *arena,
                   struct troubles *out);
/* The permission for the action of a bit: "iam:ListUsers", "sts:AssumeRole". */
const char *trouble_action(enum source_id id);

#endif
