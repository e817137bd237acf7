/* SPDX-License-Identifier: MIT */
#include "census/kind.h"

bool user_has_active_service_credential(const struct user *user)
{
    for (const struct service_credential *c = user->service_credentials; c; c = c->next)
        if (view_is(c->status, "Active"))
            return true;
    return false;
}

bool user_has_active_certificate(const struct user *user)
{
    for (const struct certificate *c = user->certificates; c; c = c->next)
        if (view_is(c->status, "Active"))
            return true;
    return false;
}

enum user_kind user_kind(const struct user *user, fact_set unknown)
{
    const fact_set credentials =
        FACT_BIT(FACT_KEYS) | FACT_BIT(FACT_SERVICE_CREDENTIALS) | FACT_BIT(FACT_CERTIFICATES);
    if (unknown & FACT_BIT(FACT_PASSWORD))
        return KIND_UNKNOWN;
    if (user->has_password)
        return KIND_HUMAN;
    if (user_active_key(user, 0) || user_has_active_service_credential(user) ||
        user_has_active_certificate(user))
        return KIND_MACHINE;
    return unknown & credentials ? KIND_UNKNOWN : KIND_NONE;
}

const char *user_kind_name(enum user_kind kind)
{
    static const char *const names[] = {[KIND_HUMAN] = "human",
                                        [KIND_MACHINE] = "machine",
                                        [KIND_NONE] = "none",
                                        [KIND_UNKNOWN] = "unknown"};
    return names[kind];
}

const char *mfa_device_kind(struct view serial)
{
    static const struct {
        struct view part;
        const char *kind;
    } kinds[] = {{{":mfa/", 5}, "virtual"}, {{":u2f/", 5}, "passkey"}, {{":sms-mfa/", 9}, "sms"}};
    for (size_t i = 0; serial.ptr && i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (memmem(serial.ptr, serial.len, kinds[i].part.ptr, kinds[i].part.len))
            return kinds[i].kind;
    return "token";
}
