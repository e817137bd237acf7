/* SPDX-License-Identifier: MIT */
/*
 * difference.h: what has changed between two runs: the table of kinds, and one difference.
 */
#ifndef STORE_DIFFERENCE_H
#define STORE_DIFFERENCE_H

#include "base/view.h"

#include <stdint.h>

/* In the order of their names, which is the order of the differences of one user. */
enum difference_kind {
    DIFFERENCE_ACCOUNT_ADDED,
    DIFFERENCE_ACCOUNT_GONE,
    DIFFERENCE_ADMIN_GAINED,
    DIFFERENCE_ADMIN_LOST,
    DIFFERENCE_BOUNDARY_CHANGED,
    DIFFERENCE_CERTIFICATE_ADDED,
    DIFFERENCE_CERTIFICATE_REMOVED,
    DIFFERENCE_CONSOLE_USED, /* only with --with-use */
    DIFFERENCE_FINDING_CLOSED,
    DIFFERENCE_FINDING_OPENED,
    DIFFERENCE_GROUP_JOINED,
    DIFFERENCE_GROUP_LEFT,
    DIFFERENCE_KEY_ACTIVATED,
    DIFFERENCE_KEY_ADDED,
    DIFFERENCE_KEY_DEACTIVATED,
    DIFFERENCE_KEY_FIRST_USED,
    DIFFERENCE_KEY_REMOVED,
    DIFFERENCE_KEY_USED, /* only with --with-use */
    DIFFERENCE_MFA_DEVICE_CHANGED,
    DIFFERENCE_MFA_OFF,
    DIFFERENCE_MFA_ON,
    DIFFERENCE_PASSWORD_ADDED,
    DIFFERENCE_PASSWORD_CHANGED,
    DIFFERENCE_PASSWORD_REMOVED,
    DIFFERENCE_POLICY_ATTACHED,
    DIFFERENCE_POLICY_DETACHED,
    DIFFERENCE_ROOT_CHANGED,
    DIFFERENCE_SERVICE_CREDENTIAL_ADDED,
    DIFFERENCE_SERVICE_CREDENTIAL_REMOVED,
    DIFFERENCE_TAG_CHANGED,
    DIFFERENCE_USER_ADDED,
    DIFFERENCE_USER_RECREATED,
    DIFFERENCE_USER_REMOVED,
    DIFFERENCE_USER_RENAMED,
    DIFFERENCE_COUNT
};

typedef uint64_t difference_set; /* a DIFFERENCE_BIT for each kind in the set */
#define DIFFERENCE_BIT(kind) (UINT64_C(1) << (kind))

/* How much a kind asks for attention: the text begins with the worst. */
enum difference_weight { WEIGHT_RISK, WEIGHT_CHANGE, WEIGHT_RELIEF, WEIGHT_COUNT };

struct difference_row {
    const char *name; /* "key_added" */
    enum difference_weight weight;
    const char *title; /* for people: "access keys added" */
    bool of_use;       /* only looked at with --with-use */
};

extern const struct difference_row difference_kinds[DIFFERENCE_COUNT];

/* One difference. Everything is borrowed while it is handed over; VIEW_NONE: none. */
struct difference {
    enum difference_kind kind;
    const char *account_id;
    struct view user_name, user_id; /* of the newer run, if the user is in it */
    struct view resource_id;        /* a key's id, a group's name, a tag's key, ... */
    struct view before, after;
};

/* Gets each difference, in order. */
typedef void difference_taker(void *arg, const struct difference *difference);

#endif
