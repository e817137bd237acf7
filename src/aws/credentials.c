/* SPDX-License-Identifier: MIT */
#include "aws/credentials.h"

void credentials_clear(struct credentials *c)
{
    secret_clear(&c->secret_access_key);
    secret_clear(&c->session_token);
    *c = (struct credentials){0};
}

void credentials_copy(struct credentials *to, const struct credentials *from)
{
    memcpy(to->access_key_id, from->access_key_id, sizeof(to->access_key_id));
    secret_set(&to->secret_access_key, secret_reveal(&from->secret_access_key));
    secret_set(&to->session_token, secret_reveal(&from->session_token));
    to->expires_at_s = from->expires_at_s;
    to->new_session = from->new_session;
    to->stays_good = from->stays_good;
}
