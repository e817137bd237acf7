/* SPDX-License-Identifier: MIT */
#include "auth/credentials_json.h"

#include "auth/keys.h"
#include "base/timestamp.h"

#include <ctype.h>
#include <jansson.h>

#define CODE_MAX 80

/* Sets '*value' to a member that must be a string; VIEW_NONE if it is absent or null. */
static int get_text(const json_t *object, const char *name, struct view *value, struct error *e)
{
    const json_t *member = json_object_get(object, name);
    *value = VIEW_NONE;
    if (!member || json_is_null(member))
        return 0;
    if (!json_is_string(member))
        return error_set(e, ERROR_CREDENTIALS, "%s is not a string", name);
    *value = (struct view){json_string_value(member), json_string_length(member)};
    return 0;
}

static bool is_word(struct view text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!isalpha((unsigned char)text.ptr[i]))
            return false;
    return text.len > 0 && text.len <= CODE_MAX;
}

static int check_form(const json_t *object, enum credentials_json form, struct error *e)
{
    const json_t *version = json_object_get(object, "Version");
    struct view code;
    if (form == JSON_PROCESS && !(json_is_integer(version) && json_integer_value(version) == 1))
        return error_set(e, ERROR_CREDENTIALS, "its Version is not 1");
    if (form != JSON_IMDS)
        return 0;
    if (get_text(object, "Code", &code, e) != 0)
        return -1;
    if (!code.ptr || view_is(code, "Success"))
        return 0;
    /* A word such as AssumeRoleUnauthorizedAccess; anything else is not shown. */
    if (!is_word(code))
        return error_set(e, ERROR_CREDENTIALS, "its Code is not a word");
    return error_set(e, ERROR_CREDENTIALS, "its Code is '%.*s'", VIEW_ARG(code));
}

static int read_object(const json_t *object, enum credentials_json form, struct credentials *c,
                       struct error *e)
{
    const char *token_name = form == JSON_PROCESS ? "SessionToken" : "Token";
    struct view expiration;
    struct keys keys = {
        .expires_at_s = CREDENTIALS_NEVER_EXPIRE,
        .names = {"AccessKeyId", "SecretAccessKey", token_name},
    };
    if (!json_is_object(object))
        return error_set(e, ERROR_CREDENTIALS, "it is not a JSON object");
    if (check_form(object, form, e) != 0 ||
        get_text(object, "AccessKeyId", &keys.access_key_id, e) != 0 ||
        get_text(object, "SecretAccessKey", &keys.secret_access_key, e) != 0 ||
        get_text(object, token_name, &keys.session_token, e) != 0 ||
        get_text(object, "Expiration", &expiration, e) != 0)
        return -1;
    if (!keys.access_key_id.ptr || !keys.secret_access_key.ptr)
        return error_set(e, ERROR_CREDENTIALS, "%s is missing",
                         keys.access_key_id.ptr ? "SecretAccessKey" : "AccessKeyId");
    if (form == JSON_IMDS && (!keys.session_token.ptr || !expiration.ptr))
        return error_set(e, ERROR_CREDENTIALS, "%s is missing",
                         expiration.ptr ? "Token" : "Expiration");
    if (expiration.ptr && timestamp_parse(expiration, &keys.expires_at_s) != 0)
        return error_set(e, ERROR_CREDENTIALS, "Expiration is not a valid RFC 3339 time");
    if (keys_check(&keys, c, e) != 0)
        return -1;
    c->stays_good = form != JSON_PROCESS;
    return 0;
}

int credentials_json_read(struct view text, enum credentials_json form, struct credentials *c,
                          struct error *e)
{
    json_error_t where;
    /*
     * Jansson bounds nesting itself (2048). Its text may quote the input, so only the position is
     * reported.
     */
    json_t *object = json_loadb(text.ptr ? text.ptr : "", text.len, JSON_REJECT_DUPLICATES, &where);
    if (!object)
        return error_set(e, ERROR_CREDENTIALS, "it is not JSON (line %d, column %d)", where.line,
                         where.column);
    int result = read_object(object, form, c, e);
    json_decref(object);
    return result;
}
