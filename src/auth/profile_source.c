/* SPDX-License-Identifier: MIT */
#include "auth/profile_source.h"

#include "auth/keys.h"
#include "auth/provider_command.h"
#include "auth/provider_container.h"
#include "auth/provider_environment.h"
#include "auth/provider_fixed.h"
#include "auth/provider_imds.h"
#include "auth/provider_profile_role.h"
#include "auth/provider_web_identity.h"
#include "base/buffer.h"

#include <stdlib.h>

#define DURATION_MIN_S 900
#define DURATION_MAX_S 43200

/* A walk along source_profile, from a profile to the one that it starts from. */
struct walk {
    const struct auth_context *context;
    const struct profile_set *set;
    struct view visited[PROFILE_DEPTH_MAX];
    size_t depth;
};

static struct credentials_provider *walk_to(struct walk *w, struct view profile, bool as_source,
                                            struct error *e);

static bool has(const struct walk *w, struct view profile, const char *key)
{
    return profile_set_get(w->set, profile, key).ptr != NULL;
}

static bool has_keys(const struct profile_file *file, struct view profile)
{
    return profile_file_get(file, profile, "aws_access_key_id").ptr != NULL;
}

static struct credentials_provider *static_keys(struct walk *w, const struct profile_file *file,
                                                struct view profile, struct error *e)
{
    const struct profile_entry *id =
        profile_file_find(file, SECTION_PROFILE, profile, VIEW_NONE, "aws_access_key_id");
    struct credentials c = {0};
    struct keys keys = {
        .access_key_id = id->value,
        .secret_access_key = profile_file_get(file, profile, "aws_secret_access_key"),
        .session_token = profile_file_get(file, profile, "aws_session_token"),
        .expires_at_s = CREDENTIALS_NEVER_EXPIRE,
        .names = {"aws_access_key_id", "aws_secret_access_key", "aws_session_token"},
    };
    int result = 0;
    if (!keys.secret_access_key.ptr)
        result = error_set(e, ERROR_CREDENTIALS, "aws_access_key_id without aws_secret_access_key");
    else
        result = keys_check(&keys, &c, e);
    if (result != 0) {
        error_prefix(e, "'%s' line %u", file->path, id->line);
        return NULL;
    }
    return provider_fixed_new(w->context->loop, &c);
}

static struct credentials_provider *cli(struct walk *w, struct view profile,
                                        struct command_cli_use use, struct error *e)
{
    if (profile.ptr[0] == '-') {
        error_set(e, ERROR_CREDENTIALS,
                  "profile '%.*s' uses %s, for which the AWS CLI is run, and a name that begins "
                  "with '-' can't be given to it",
                  VIEW_ARG(profile), use.why);
        return NULL;
    }
    return provider_command_new_cli(w->context->loop, profile, use);
}

/* Sets 'e' to the loop that the walk has found: "'a' -> 'b' -> 'a'". */
static void name_loop(const struct walk *w, struct view again, struct error *e)
{
    struct buffer names;
    buffer_init(&names, sizeof(e->text));
    for (size_t i = 0; i < w->depth; i++)
        buffer_addf(&names, "'%.*s' -> ", VIEW_ARG(w->visited[i]));
    error_set(e, ERROR_CREDENTIALS, "source_profile forms a loop: %s'%.*s'",
              buffer_text_cut(&names), VIEW_ARG(again));
    buffer_release(&names);
}

static int visit(struct walk *w, struct view profile, struct error *e)
{
    for (size_t i = 0; i < w->depth; i++) {
        if (view_equal(w->visited[i], profile)) {
            name_loop(w, profile, e);
            return -1;
        }
    }
    if (w->depth == PROFILE_DEPTH_MAX)
        return error_set(e, ERROR_CREDENTIALS, "more than %d profiles by way of source_profile",
                         PROFILE_DEPTH_MAX);
    w->visited[w->depth++] = profile;
    return 0;
}

static struct credentials_provider *credential_source(struct walk *w, struct view source,
                                                      struct error *e)
{
    if (view_is_nocase(source, "Environment"))
        return provider_environment_new(w->context->loop, w->context->env);
    if (view_is_nocase(source, "EcsContainer"))
        return provider_container_new(w->context);
    if (view_is_nocase(source, "Ec2InstanceMetadata"))
        return provider_imds_new(w->context);
    error_set(
        e, ERROR_CREDENTIALS,
        "credential_source '%.*s' is not one of Environment, EcsContainer, Ec2InstanceMetadata",
        VIEW_ARG(source));
    return NULL;
}

static int read_duration(const struct walk *w, struct view profile, int *seconds, struct error *e)
{
    struct view text = profile_set_get(w->set, profile, "duration_seconds");
    long number = 0;
    *seconds = STS_SESSION_DURATION_S;
    if (!text.ptr)
        return 0;
    for (size_t i = 0; i < text.len && number <= DURATION_MAX_S; i++)
        number = text.ptr[i] >= '0' && text.ptr[i] <= '9' ? number * 10 + (text.ptr[i] - '0')
                                                          : DURATION_MAX_S + 1;
    if (number < DURATION_MIN_S || number > DURATION_MAX_S)
        return error_set(e, ERROR_CREDENTIALS,
                         "duration_seconds '%.*s' is not a number from %d to %d", VIEW_ARG(text),
                         DURATION_MIN_S, DURATION_MAX_S);
    *seconds = (int)number;
    return 0;
}

static struct credentials_provider *role_source(struct walk *w, struct view profile,
                                                struct error *e)
{
    struct view from = profile_set_get(w->set, profile, "source_profile");
    struct view source = profile_set_get(w->set, profile, "credential_source");
    struct credentials_provider *provider = NULL;
    if (from.ptr && source.ptr)
        error_set(e, ERROR_CREDENTIALS,
                  "role_arn with both source_profile and credential_source: one of them must go");
    else if (!from.ptr && !source.ptr)
        error_set(e, ERROR_CREDENTIALS,
                  "role_arn without source_profile, credential_source or web_identity_token_file");
    else if (source.ptr)
        provider = credential_source(w, source, e);
    else
        return walk_to(w, from, true, e);
    return provider;
}

static struct credentials_provider *role(struct walk *w, struct view profile, struct error *e)
{
    struct view token_file = profile_set_get(w->set, profile, "web_identity_token_file");
    struct view session_name = profile_set_get(w->set, profile, "role_session_name");
    struct profile_role_options options = {
        .loop = w->context->loop,
        .sts = w->context->sts,
        .role_arn = profile_set_get(w->set, profile, "role_arn"),
        .session_name = session_name.ptr ? session_name : VIEW_LITERAL(AUTH_SESSION_NAME),
        .external_id = profile_set_get(w->set, profile, "external_id"),
    };
    if (!options.role_arn.ptr) {
        error_set(e, ERROR_CREDENTIALS, "web_identity_token_file without role_arn");
        return NULL;
    }
    if (token_file.ptr)
        return provider_web_identity_new_of_profile(w->context, token_file, options.role_arn,
                                                    options.session_name);
    if (has(w, profile, "mfa_serial"))
        return cli(w, profile, (struct command_cli_use){"mfa_serial", NULL}, e);
    if (!options.sts) {
        error_set(e, ERROR_CREDENTIALS, "role_arn can't be used: STS is not available");
        return NULL;
    }
    if (read_duration(w, profile, &options.duration_s, e) != 0)
        return NULL;
    if (options.external_id.ptr && !sts_external_id_valid(options.external_id)) {
        error_set(e, ERROR_CREDENTIALS,
                  "external_id is not a valid external id: it has " STS_EXTERNAL_ID_FORM);
        return NULL;
    }
    options.source = role_source(w, profile, e);
    return options.source ? provider_profile_role_new(&options) : NULL;
}

/*
 * IAM Identity Center, by way of the AWS CLI. Settings without which that would fail are checked
 * first.
 */
static struct credentials_provider *sso(struct walk *w, struct view profile, struct error *e)
{
    static const char *const of_account[] = {"sso_account_id", "sso_role_name"};
    static const char *const of_session[] = {"sso_start_url", "sso_region"};
    struct view session = profile_set_get(w->set, profile, "sso_session");
    for (size_t i = 0; i < 2; i++)
        if (!has(w, profile, of_account[i])) {
            error_set(e, ERROR_CREDENTIALS, "SSO without %s", of_account[i]);
            return NULL;
        }
    if (session.ptr && !profile_file_has(&w->set->config, SECTION_SSO_SESSION, session)) {
        error_set(e, ERROR_CREDENTIALS,
                  "sso_session '%.*s': '%s' has no section [sso-session %.*s]", VIEW_ARG(session),
                  w->set->config.path, VIEW_ARG(session));
        return NULL;
    }
    for (size_t i = 0; i < 2; i++)
        if (!has(w, profile, of_session[i]) &&
            !(session.ptr && profile_set_sso(w->set, session, of_session[i]).ptr)) {
            error_set(e, ERROR_CREDENTIALS, "SSO without %s", of_session[i]);
            return NULL;
        }
    return cli(w, profile, (struct command_cli_use){"SSO", "aws sso login"}, e);
}

/*
 * A key that describes credentials but is not enough alone. Only a profile that gives no
 * credentials is searched for such keys, so that one left over beside complete credentials does no
 * harm.
 */
static const struct half {
    const char *key, *lacks; /* NULL: only a value is missing */
} halves[] = {
    {"role_arn", NULL},
    {"source_profile", "role_arn"},
    {"credential_source", "role_arn"},
    {"web_identity_token_file", NULL},
    {"sso_account_id", NULL},
    {"sso_role_name", NULL},
    {"sso_session", "sso_account_id and sso_role_name"},
    {"sso_start_url", "sso_account_id and sso_role_name"},
    {"aws_access_key_id", NULL},
    {"aws_secret_access_key", "aws_access_key_id"},
    {"aws_session_token", "aws_access_key_id"},
    {"credential_process", NULL},
    {"login_session", NULL},
};

static void explain_none(const struct walk *w, struct view profile, bool as_source, struct error *e)
{
    for (size_t i = 0; i < sizeof(halves) / sizeof(halves[0]); i++) {
        const struct half *half = &halves[i];
        if (!profile_set_has_key(w->set, profile, half->key))
            continue;
        if (!has(w, profile, half->key))
            error_set(e, ERROR_CREDENTIALS, "%s is empty", half->key);
        else if (half->lacks)
            error_set(e, ERROR_CREDENTIALS, "%s without %s", half->key, half->lacks);
        else
            continue;
        return;
    }
    error_set(e, as_source ? ERROR_CREDENTIALS : ERROR_ABSENT,
              "it holds no keys, role_arn, credential_process or SSO settings");
}

static struct credentials_provider *choose(struct walk *w, struct view profile, bool as_source,
                                           struct error *e)
{
    const struct profile_file *credentials = &w->set->credentials;
    const struct profile_file *config = &w->set->config;
    bool has_static = has_keys(credentials, profile) || has_keys(config, profile);
    bool has_role = has(w, profile, "role_arn") || has(w, profile, "web_identity_token_file");
    /*
     * A source_profile gives what the call is signed with: its own keys go before a role that it
     * may name too.
     */
    if (has_role && !(as_source && has_static))
        return visit(w, profile, e) == 0 ? role(w, profile, e) : NULL;
    if (has(w, profile, "sso_account_id") || has(w, profile, "sso_role_name"))
        return sso(w, profile, e);
    if (has_keys(credentials, profile))
        return static_keys(w, credentials, profile, e);
    if (has(w, profile, "login_session"))
        return cli(w, profile, (struct command_cli_use){"login_session", "aws login"}, e);
    struct view command = profile_set_get(w->set, profile, "credential_process");
    if (command.ptr)
        return provider_command_new(w->context->loop, command);
    if (has_keys(config, profile))
        return static_keys(w, config, profile, e);
    explain_none(w, profile, as_source, e);
    return NULL;
}

static struct credentials_provider *walk_to(struct walk *w, struct view profile, bool as_source,
                                            struct error *e)
{
    struct credentials_provider *provider = NULL;
    if (profile_set_has(w->set, profile))
        provider = choose(w, profile, as_source, e);
    else
        profile_set_missing(w->set, e);
    if (!provider && as_source) {
        e->kind = ERROR_CREDENTIALS;
        error_prefix(e, "source_profile '%.*s'", VIEW_ARG(profile));
    }
    return provider;
}

struct credentials_provider *profile_source_new(const struct auth_context *context,
                                                const struct profile_set *set, struct view profile,
                                                struct error *e)
{
    struct walk w = {.context = context, .set = set};
    struct error ignored;
    return walk_to(&w, profile, false, e ? e : &ignored);
}
