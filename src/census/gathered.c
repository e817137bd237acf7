/* SPDX-License-Identifier: MIT */
#include "census/gathered.h"

#include "census/roster.h"

void gathered_init(struct gathered *g, fact_set wanted)
{
    *g = (struct gathered){.wanted = wanted,
                           .root_password = SAID_NOTHING,
                           .root_mfa = SAID_NOTHING,
                           .root_key = SAID_NOTHING,
                           .root_certificate = SAID_NOTHING};
}

/* A user who is not in the list was made or deleted meanwhile. */
static void hand_out_credentials(const struct gathered *g, struct roster *roster)
{
    for (const struct gathered_credential *c = g->credentials; c; c = c->next) {
        struct user *user = roster_find(roster, c->user);
        if (user)
            service_credentials_insert(&user->service_credentials, c->credential);
    }
}

void gathered_apply(struct gathered *g, struct roster *roster)
{
    hand_out_credentials(g, roster);
    privileges_apply(&g->privileges, roster, g->wanted);
}
