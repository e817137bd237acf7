/* SPDX-License-Identifier: MIT */
#include "auth/profile_set.h"

#include "base/alloc.h"
#include "base/buffer.h"

#define PATH_BYTES_MAX ((size_t)4096)

/* Reads one of the files, from the path that its variable gives or the usual one. */
static int read_one(struct profile_file *file, const struct environ *env, const char *variable,
                    const char *usual, bool is_config, struct error *e)
{
    const char *home = environ_get(env, "HOME");
    const char *shown = environ_get(env, variable);
    struct buffer path;
    if (!shown)
        shown = usual;
    if (shown[0] == '~' && shown[1] == '/' && !home) {
        file->path = xstrdup(shown);
        error_set(&file->gone, ERROR_ABSENT, "HOME is not set");
        return 0;
    }
    buffer_init(&path, PATH_BYTES_MAX);
    if (shown[0] == '~' && shown[1] == '/')
        buffer_addf(&path, "%s%s", home, shown + 1);
    else
        buffer_add_text(&path, shown);
    int result = !buffer_complete(&path)
                     ? error_set(e, ERROR_CREDENTIALS, "the path in %s is too long", variable)
                     : profile_file_read(file, buffer_text(&path), shown, is_config, e);
    buffer_release(&path);
    return result;
}

int profile_set_read(struct profile_set *set, const struct environ *env, struct error *e)
{
    if (read_one(&set->credentials, env, "AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials", false,
                 e) != 0)
        return -1;
    return read_one(&set->config, env, "AWS_CONFIG_FILE", "~/.aws/config", true, e);
}

void profile_set_release(struct profile_set *set)
{
    profile_file_release(&set->credentials);
    profile_file_release(&set->config);
}

bool profile_set_has(const struct profile_set *set, struct view profile)
{
    return profile_file_has(&set->credentials, SECTION_PROFILE, profile) ||
           profile_file_has(&set->config, SECTION_PROFILE, profile);
}

/* Names the file; adds why it can't be read, unless it simply does not exist. */
static void describe(const struct profile_file *file, struct buffer *out)
{
    const char *why = file->gone.text;
    const char *reason = strrchr(why, ':');
    buffer_addf(out, "'%s'", file->path);
    if (file->gone.kind != ERROR_NONE && !strstr(why, "No such file"))
        buffer_addf(out, " (%s)", reason ? reason + 2 : why);
}

void profile_set_missing(const struct profile_set *set, struct error *e)
{
    struct buffer text;
    buffer_init(&text, 2 * PATH_BYTES_MAX);
    buffer_add_text(&text, "not in ");
    describe(&set->credentials, &text);
    buffer_add_text(&text, " or ");
    describe(&set->config, &text);
    error_set(e, ERROR_ABSENT, "%s", buffer_text_cut(&text));
    buffer_release(&text);
}

struct view profile_set_get(const struct profile_set *set, struct view profile, const char *key)
{
    struct view value = profile_file_get(&set->credentials, profile, key);
    return value.ptr ? value : profile_file_get(&set->config, profile, key);
}

bool profile_set_has_key(const struct profile_set *set, struct view profile, const char *key)
{
    return profile_file_find(&set->credentials, SECTION_PROFILE, profile, VIEW_NONE, key) ||
           profile_file_find(&set->config, SECTION_PROFILE, profile, VIEW_NONE, key);
}

struct view profile_set_sso(const struct profile_set *set, struct view session, const char *key)
{
    return profile_entry_value(
        profile_file_find(&set->config, SECTION_SSO_SESSION, session, VIEW_NONE, key));
}

int profile_set_endpoint(const struct profile_set *set, struct view profile, const char *service,
                         struct view *url, struct error *e)
{
    struct view services = profile_set_get(set, profile, "services");
    *url = VIEW_NONE;
    if (services.ptr && !profile_file_has(&set->config, SECTION_SERVICES, services))
        return error_set(e, ERROR_CONFIG,
                         "profile '%.*s' uses services '%.*s', and '%s' has no section "
                         "[services %.*s]",
                         VIEW_ARG(profile), VIEW_ARG(services), set->config.path,
                         VIEW_ARG(services));
    if (services.ptr)
        *url = profile_entry_value(profile_file_find(&set->config, SECTION_SERVICES, services,
                                                     view_of(service), "endpoint_url"));
    if (!url->ptr)
        *url = profile_set_get(set, profile, "endpoint_url");
    return 0;
}
