/* SPDX-License-Identifier: MIT */
#include "app/config.h"

#include "app/check_settings.h"
#include "app/command_output.h"

#include "api/organizations.h"
#include "api/sts.h"
#include "app/account_id.h"
#include "app/destination.h"
#include "app/scope.h"
#include "base/character.h"
#include "output/account_fields.h"
#include "output/formats.h"

/* The maximum length of a role's path, with both slashes, and name ("IAM and STS quotas"). */
#define ROLE_PATH_MAX 512
#define ROLE_NAME_MAX 64
#define ROLE_FORM                                                                                  \
    "a role's name has 1 to 64 letters, digits or _+=,.@- and may follow a path of at most 512 "   \
    "characters, as in division/census"

static bool role_name_valid(struct view name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (!character_is_alnum(c) && !strchr("_+=,.@-", c))
            return false;
    }
    return name.len > 0 && name.len <= ROLE_NAME_MAX;
}

/*
 * A path is "/" alone, or characters from '!' to '~' between two slashes (IAM API, CreateRole).
 * Wildcards are refused: 'iam-census policy' would allow more than this role.
 */
static bool role_path_valid(struct view path)
{
    for (size_t i = 0; i < path.len; i++)
        if (path.ptr[i] < '!' || path.ptr[i] > '~' || strchr("*?$", path.ptr[i]))
            return false;
    /* The leading slash has been removed already; the "/" that is left of "//" is not a valid path.
     */
    return path.len + 1 <= ROLE_PATH_MAX && !view_is(path, "/");
}

/* 'role' is a role's path and name, without a leading slash. */
static bool role_valid(struct view role)
{
    const char *slash = memrchr(role.ptr, '/', role.len);
    size_t path = slash ? (size_t)(slash + 1 - role.ptr) : 0;
    return role_path_valid((struct view){role.ptr, path}) &&
           role_name_valid((struct view){role.ptr + path, role.len - path});
}

static int make_role(const struct settings *s, struct config *c, struct error *e)
{
    const char *role = settings_text(s, SETTING_ROLE_NAME);
    if (!role || !*role)
        return error_set(e, ERROR_CONFIG,
                         "no role to assume: give --role-name, the event's 'role_name' or "
                         "ROLE_NAME");
    c->role = view_of(*role == '/' ? role + 1 : role);
    if (view_starts_with(c->role, "arn:"))
        return error_set(e, ERROR_CONFIG,
                         "%s is '%s': give the role's name, not its ARN; it is assumed in each "
                         "account",
                         settings_origin(s, SETTING_ROLE_NAME), role);
    if (!role_valid(c->role))
        return error_set(e, ERROR_CONFIG, "%s is '%.80s': " ROLE_FORM,
                         settings_origin(s, SETTING_ROLE_NAME), role);
    const char *external_id = settings_text(s, SETTING_EXTERNAL_ID);
    if (external_id && !sts_external_id_valid(view_of(external_id)))
        return error_set(e, ERROR_CONFIG,
                         "%s is not a valid external id: it has " STS_EXTERNAL_ID_FORM,
                         settings_origin(s, SETTING_EXTERNAL_ID));
    if (external_id)
        secret_set(&c->external_id, view_of(external_id));
    return 0;
}

/* settings_check has made sure that the format and the columns are known. */
static void make_format(const struct settings *s, struct config *c)
{
    c->csv_raw = settings_switch(s, SETTING_CSV_RAW);
    c->columns = column_set_find(settings_text(s, SETTING_COLUMNS));
    c->format = writer_format_find(view_of(settings_text(s, SETTING_FORMAT)));
}

/* A database is a file that is written here and there, and --keep-runs is for what accumulates. */
static int check_database(const struct settings *s, struct config *c, struct error *e)
{
    bool is_database = c->format->user == NULL;
    const char *output = c->destination.output;
    if (is_database && output && strcmp(output, "-") == 0)
        return error_set(e, ERROR_CONFIG,
                         "%s is '%s': a database can't go to standard output: give --output a path",
                         settings_origin(s, SETTING_FORMAT), c->format->name);
    if (!settings_text(s, SETTING_KEEP_RUNS))
        return 0;
    if (!is_database || c->destination.bucket)
        return error_set(e, ERROR_CONFIG,
                         "--keep-runs is for a local database, in which runs accumulate: give "
                         "--format sqlite and --output, or leave it out");
    c->keep_runs = settings_number(s, SETTING_KEEP_RUNS);
    return 0;
}

/* Facts that no output shows are not read. SSH keys cost a call a user, so they must be asked for.
 */
static void make_wanted(const struct settings *s, struct config *c)
{
    c->wanted = c->format->wanted(&(struct writer_options){.columns = c->columns});
    if (c->destination.accounts_file.wanted)
        c->wanted |= account_fields_wanted();
    if (c->destination.findings.wanted) /* each names its account's place too */
        c->wanted |= check_options_wanted(&c->check) | FACT_BIT(FACT_OU);
    if (!settings_switch(s, SETTING_SSH_KEYS))
        c->wanted &= ~FACT_BIT(FACT_SSH_KEYS);
}

static int make_findings(const struct settings *s, struct config *c, struct error *e)
{
    if (!c->destination.findings.wanted)
        return check_settings_unused(s, e);
    c->findings_format = finding_format_find(view_of(settings_text(s, SETTING_FINDINGS_FORMAT)));
    c->suppress_key = settings_text(s, SETTING_SUPPRESS_KEY);
    if (c->suppress_key && settings_text(s, SETTING_SUPPRESS))
        return error_set(e, ERROR_CONFIG, "%s and %s are both given: give one of them",
                         settings_origin(s, SETTING_SUPPRESS),
                         settings_origin(s, SETTING_SUPPRESS_KEY));
    if (c->suppress_key && !c->destination.bucket)
        return error_set(e, ERROR_CONFIG,
                         "%s is given without a bucket: give --suppress, a local file",
                         settings_origin(s, SETTING_SUPPRESS_KEY));
    if (check_settings_read(s, &c->check, e) != 0)
        return -1;
    return check_settings_suppressions(s, &c->suppressions, e);
}

/* What is read must not be replaced by what is written, whatever the paths look like. */
static int check_inputs(const struct settings *s, const struct destination *d, struct error *e)
{
    static const enum setting_id inputs[] = {SETTING_SUPPRESS, SETTING_ACCOUNTS, SETTING_EXCLUDE};
    const char *const outputs[] = {d->bucket ? NULL : d->output, d->findings.path,
                                   d->accounts_file.path};
    for (size_t i = 0; i < sizeof(inputs) / sizeof(inputs[0]); i++) {
        const char *input = settings_text(s, inputs[i]);
        if (inputs[i] != SETTING_SUPPRESS && input)
            input = input[0] == '@' ? input + 1 : NULL;
        for (size_t k = 0; k < sizeof(outputs) / sizeof(outputs[0]); k++)
            if (command_output_apart(outputs[k], input, e) != 0)
                return -1;
    }
    return 0;
}

/* A run is added to a database only by its own format: everything else replaces the file. */
static int check_replaced(const struct config *c, struct error *e)
{
    const struct destination *d = &c->destination;
    bool adds = c->format->user == NULL || d->bucket;
    if (command_output_no_database(adds ? NULL : d->output, e) != 0 ||
        command_output_no_database(d->findings.path, e) != 0)
        return -1;
    return command_output_no_database(d->accounts_file.path, e);
}

bool config_hides_keys(const struct config *config)
{
    return config->format->hides_keys &&
           config->format->hides_keys(&(struct writer_options){.columns = config->columns});
}

static enum strategy strategy_of(const char *name)
{
    return strcmp(name, "bulk") == 0       ? STRATEGY_BULK
           : strcmp(name, "per-user") == 0 ? STRATEGY_PER_USER
                                           : STRATEGY_AUTO;
}

int config_make(const struct settings *settings, bool in_lambda, struct config *config,
                struct error *e)
{
    *config = (struct config){0};
    arena_init(&config->arena);
    if (settings_check(settings, e) != 0)
        return -1;
    config->organization_id = view_of(settings_text(settings, SETTING_ORGANIZATION_ID));
    config->session_policy = !settings_switch(settings, SETTING_NO_SESSION_POLICY);
    config->strategy = strategy_of(settings_text(settings, SETTING_STRATEGY));
    config->max_connections = (size_t)settings_number(settings, SETTING_MAX_CONNECTIONS);
    config->max_report_age_s = settings_number(settings, SETTING_MAX_REPORT_AGE) * 60;
    if (config->organization_id.ptr && !organizations_id_valid(config->organization_id))
        return error_set(e, ERROR_CONFIG,
                         "%s is '%.80s': not an organization id ('o-' and 10 to 32 lower-case "
                         "letters or digits)",
                         settings_origin(settings, SETTING_ORGANIZATION_ID),
                         config->organization_id.ptr);
    make_format(settings, config);
    if (make_role(settings, config, e) != 0 ||
        destination_read(settings, in_lambda, &config->destination, e) != 0 ||
        check_database(settings, config, e) != 0 ||
        scope_read(settings, &config->arena, &config->scope, e) != 0 ||
        make_findings(settings, config, e) != 0 ||
        check_inputs(settings, &config->destination, e) != 0 || check_replaced(config, e) != 0)
        return -1;
    make_wanted(settings, config);
    return 0;
}

void config_release(struct config *config)
{
    secret_clear(&config->external_id);
    suppressions_free(config->suppressions);
    arena_release(&config->arena);
}
