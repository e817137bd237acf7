/* SPDX-License-Identifier: MIT */
/*
 * user_recording.h: the part of a recording that writes users and what they have.
 */
#ifndef STORE_USER_RECORDING_H
#define STORE_USER_RECORDING_H

#include "output/fields.h"
#include "store/statement.h"

/* A statement for each table, in the order in which they are prepared. */
enum user_table {
    TABLE_USER,
    TABLE_ACCESS_KEY,
    TABLE_TAG,
    TABLE_GROUP_MEMBERSHIP,
    TABLE_SIGNING_CERTIFICATE,
    TABLE_SSH_PUBLIC_KEY,
    TABLE_MFA_DEVICE,
    TABLE_SERVICE_CREDENTIAL,
    TABLE_POLICY,
    USER_TABLE_COUNT
};

struct user_recording {
    struct database *d;
    struct view run_id;            /* borrowed */
    struct writer_options options; /* for the fields */
    struct buffer list;            /* for the JSON lists of a row */
    struct statement tables[USER_TABLE_COUNT];
    int position;   /* of the user's next policy */
    uint64_t count; /* users that were recorded */
};

/* Prepares the statements. Released by user_recording_release in any case. */
int user_recording_init(struct user_recording *u, struct database *d, struct view run_id,
                        int64_t started_s, struct error *e) MUST_CHECK;
void user_recording_release(struct user_recording *u);
/* Writes one user of 'account', with everything that is known of it. */
int user_recording_add(struct user_recording *u, const struct account *account,
                       const struct user *user, struct error *e) MUST_CHECK;

#endif
