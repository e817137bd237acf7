/* SPDX-License-Identifier: MIT */
/*
 * kind.h: what a user is: a person, a machine, or nobody who could sign in.
 */
#ifndef CENSUS_KIND_H
#define CENSUS_KIND_H

#include "census/model.h"

enum user_kind {
    KIND_HUMAN,   /* has a console password */
    KIND_MACHINE, /* has none, but an active key, service credential or certificate */
    KIND_NONE,    /* has no active credential */
    KIND_UNKNOWN
};

/*
 * The user's kind. 'unknown': the facts that are unknown for the user. A user who may have a
 * password, or none of whose known credentials is active while others are unknown, is of unknown
 * kind.
 */
enum user_kind user_kind(const struct user *user, fact_set unknown);
/* "human", "machine", "none" or "unknown"; static. */
const char *user_kind_name(enum user_kind kind);
/* True if the user has an active service-specific credential, or an active signing certificate. */
bool user_has_active_service_credential(const struct user *user);
bool user_has_active_certificate(const struct user *user);

/*
 * What an MFA device is, by its serial number, which for most kinds is an ARN: "virtual", "passkey"
 * (also a security key), "sms" or, for a token with a number of its own, "token"; static.
 */
const char *mfa_device_kind(struct view serial);

#endif
