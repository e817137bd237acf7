#include "auth/keys.h"

static int check(struct view value, size_t max, const char *name, struct error *e)
{
    if (value.len == 0)
        return error_set(e, ERROR_CREDENTIALS, "%s is empty", name);
    if (value.len > max)
        return error_set(e, ERROR_CREDENTIALS, "%s is longer than %zu characters", name, max);
    for (size_t i = 0; i < value.len; i++)
        if (value.ptr[i] <= 0x20 || value.ptr[i] >= 0x7f)
            return error_set(e, ERROR_CREDENTIALS,
                             "%s holds a space, a line end or another character that no key has",
                             name);
    return 0;
}

int keys_check(const struct keys *keys, struct credentials *c, struct error *e)
{
    credentials_clear(c);
    if (check(keys->access_key_id, sizeof(c->access_key_id) - 1, keys->names[0], e) != 0 ||
        check(keys->secret_access_key, KEYS_SECRET_MAX, keys->names[1], e) != 0)
        return -1;
    bool has_token = keys->session_token.len > 0;
    if (has_token && check(keys->session_token, KEYS_TOKEN_MAX, keys->names[2], e) != 0)
        return -1;
    memcpy(c->access_key_id, keys->access_key_id.ptr, keys->access_key_id.len);
    secret_set(&c->secret_access_key, keys->secret_access_key);
    secret_set(&c->session_token, has_token ? keys->session_token : VIEW_NONE);
    c->expires_at_s = keys->expires_at_s;
    return 0;
}
