/* SPDX-License-Identifier: MIT */
#include "census/root_facts.h"

#define ROOT_FACTS                                                                                 \
    (FACT_BIT(FACT_ROOT_PASSWORD) | FACT_BIT(FACT_ROOT_MFA) | FACT_BIT(FACT_ROOT_MFA_KIND) |       \
     FACT_BIT(FACT_ROOT_KEYS) | FACT_BIT(FACT_ROOT_CERTIFICATES) | FACT_BIT(FACT_ROOT_USED))

static void known(struct account *account, enum fact fact)
{
    account->unknown &= ~FACT_BIT(fact);
}

/* Sets a member of the root user by the first of two sources that says something. */
static void settle(struct account *account, enum fact fact, bool *member, enum report_said first,
                   enum report_said second)
{
    enum report_said said = first != SAID_NOTHING ? first : second;
    *member = said == SAID_TRUE;
    if (said != SAID_NOTHING)
        known(account, fact);
}

/*
 * Most reports say 'not_supported', whether there is a password or not, so that one may be there.
 * In AWS GovCloud (US) the root user has none.
 */
static enum report_said password_of(const struct report_root *line, const char *partition)
{
    if (!line->password_not_supported)
        return line->password;
    return strcmp(partition, "aws-us-gov") == 0 ? SAID_FALSE : SAID_TRUE;
}

/* A device that is none of the virtual ones is hardware: a token or a passkey. */
static void settle_kind(struct account *account, const struct gathered *gathered)
{
    struct root_user *root = &account->root;
    bool told = !(account->unknown & FACT_BIT(FACT_ROOT_MFA));
    if (told && !root->has_mfa)
        root->mfa_kind = ROOT_MFA_NONE;
    else if (gathered->devices_listed && gathered->root_has_virtual)
        root->mfa_kind = ROOT_MFA_VIRTUAL;
    else if (gathered->devices_listed && told)
        root->mfa_kind = ROOT_MFA_HARDWARE;
    else
        return;
    known(account, FACT_ROOT_MFA_KIND);
}

static void settle_use(struct account *account, const struct report_root *line)
{
    struct root_user *root = &account->root;
    const struct {
        int64_t used_s;
        struct view name;
    } uses[] = {{line->password_used_s, VIEW_LITERAL("password")},
                {line->key_used_s[0], VIEW_LITERAL("access_key_1")},
                {line->key_used_s[1], VIEW_LITERAL("access_key_2")}};
    for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++)
        if (uses[i].used_s > root->used_s) {
            root->used_s = uses[i].used_s;
            root->used_by = uses[i].name;
        }
    known(account, FACT_ROOT_USED);
}

void root_facts_settle(struct account *account, const struct gathered *gathered,
                       const struct report_root *line, const char *partition)
{
    static const struct report_root no_line = {.password = SAID_NOTHING,
                                               .mfa = SAID_NOTHING,
                                               .key = SAID_NOTHING,
                                               .certificate = SAID_NOTHING};
    struct root_user *root = &account->root;
    const struct report_root *report = line ? line : &no_line;
    account->unknown |= ROOT_FACTS;
    root->used_s = TIMESTAMP_NONE;
    settle(account, FACT_ROOT_PASSWORD, &root->has_password, gathered->root_password,
           password_of(report, partition));
    settle(account, FACT_ROOT_MFA, &root->has_mfa, gathered->root_mfa, report->mfa);
    settle(account, FACT_ROOT_KEYS, &root->has_keys, gathered->root_key, report->key);
    settle(account, FACT_ROOT_CERTIFICATES, &root->has_certificates, gathered->root_certificate,
           report->certificate);
    settle_kind(account, gathered);
    if (report->tells_use)
        settle_use(account, report);
}
