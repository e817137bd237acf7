/* SPDX-License-Identifier: MIT */
#include "auth/keys.h"

#include "base/character.h"
#include "base/plural.h"

#define USUAL_ID_LEN 20 /* "AKIA" or "ASIA" and 16 more */

static int keys_check_text(struct view value, size_t max, const char *name, struct error *e)
{
    if (value.len == 0)
        return error_set(e, ERROR_CREDENTIALS, "%s is empty", name);
    if (value.len > max)
        return error_set(e, ERROR_CREDENTIALS, "%s is longer than %zu characters", name, max);
    for (size_t i = 0; i < value.len; i++)
        if (value.ptr[i] <= 0x20 || value.ptr[i] >= 0x7f)
            return error_set(
                e, ERROR_CREDENTIALS,
                "%s holds a space, a line end or another character that a key can't have", name);
    return 0;
}

static bool is_word(struct view v)
{
    for (size_t i = 0; i < v.len; i++)
        if (!character_is_word(v.ptr[i]))
            return false;
    return true;
}

static bool looks_like_id(struct view secret)
{
    return secret.len == USUAL_ID_LEN && is_word(secret) &&
           (view_starts_with(secret, "AKIA") || view_starts_with(secret, "ASIA"));
}

/*
 * An id is sent in clear in every request, and services repeat it in their messages, so a secret
 * must never be used as the id.
 */
static int check_id(const struct keys *keys, struct error *e)
{
    struct view id = keys->access_key_id;
    if (keys_check_text(id, SIZE_MAX, keys->names[0], e) != 0)
        return -1;
    if (!is_word(id) || looks_like_id(keys->secret_access_key))
        return error_set(e, ERROR_CREDENTIALS,
                         "%s is not a valid access key id (letters, digits and '_'): are it and %s "
                         "swapped?",
                         keys->names[0], keys->names[1]);
    if (id.len < CREDENTIALS_ID_MIN || id.len > CREDENTIALS_ID_MAX)
        return error_set(e, ERROR_CREDENTIALS,
                         "%s is not a valid access key id: it has %zu character%s, and ids have "
                         "%d to %d",
                         keys->names[0], id.len, plural_s(id.len), CREDENTIALS_ID_MIN,
                         CREDENTIALS_ID_MAX);
    return 0;
}

int keys_check(const struct keys *keys, struct credentials *c, struct error *e)
{
    credentials_clear(c);
    if (check_id(keys, e) != 0 ||
        keys_check_text(keys->secret_access_key, CREDENTIALS_SECRET_MAX, keys->names[1], e) != 0)
        return -1;
    bool has_token = keys->session_token.len > 0;
    if (has_token &&
        keys_check_text(keys->session_token, CREDENTIALS_TOKEN_MAX, keys->names[2], e) != 0)
        return -1;
    memcpy(c->access_key_id, keys->access_key_id.ptr, keys->access_key_id.len);
    secret_set(&c->secret_access_key, keys->secret_access_key);
    secret_set(&c->session_token, has_token ? keys->session_token : VIEW_NONE);
    c->expires_at_s = keys->expires_at_s;
    return 0;
}
