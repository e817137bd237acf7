/* SPDX-License-Identifier: MIT */
#include "app/policy_command.h"

#include "api/organizations.h"
#include "app/exit_status.h"
#include "app/policy.h"
#include "aws/partition.h"

#define POLICY_MAX_BYTES ((size_t)16 * 1024)

/* The settings of 'collect' that a policy depends on, with the same checks and help. */
static const enum setting_id taken[] = {
    SETTING_STRATEGY,  SETTING_COLUMNS,       SETTING_FORMAT,   SETTING_ROLE_NAME,
    SETTING_S3_BUCKET, SETTING_S3_PREFIX,     SETTING_SSE,      SETTING_SSE_KMS_KEY_ID,
    SETTING_SSH_KEYS,  SETTING_ACCOUNTS_FILE, SETTING_FINDINGS, SETTING_RULES,
    SETTING_LIMITS,    SETTING_SUPPRESS_KEY};

enum own {
    OWN_FOR,
    OWN_PARTITION,
    OWN_ORGANIZATION_ID,
    OWN_NO_ORGANIZATIONS,
    OWN_FAN_OUT,
    OWN_COUNT
};

static const char *const for_names[] = {"child", "function", NULL};
static const char *const partition_names[] = {"aws",       "aws-cn",    "aws-us-gov",
                                              "aws-iso",   "aws-iso-b", "aws-iso-e",
                                              "aws-iso-f", "aws-eusc",  NULL};

static const struct flag own_flags[OWN_COUNT] = {
    [OWN_FOR] = {"for", "ROLE",
                 .help = "child: the role in each account that is read;\n"
                         "function: the caller, who assumes it; required",
                 .choices = for_names},
    [OWN_PARTITION] = {"partition", "ID", .help = "of the ARNs, as aws-cn [aws]",
                       .choices = partition_names, .rare = true},
    [OWN_ORGANIZATION_ID] = {"organization-id", "ID",
                             .help = "only roles in this organization may be assumed\n"
                                     "[the caller's own; with --no-organizations: any]",
                             .rare = true},
    [OWN_NO_ORGANIZATIONS] = {"no-organizations", NULL,
                              .help = "the accounts and the organization id are given"},
    [OWN_FAN_OUT] = {"fan-out", NULL,
                     .help = "the function also works in batches\n(Step Functions)", .rare = true},
};

/* Values of --for that people may give as flags. */
static const struct flag_synonym synonyms[] = {
    {"child", "for child"},
    {"function", "for function"},
    {"caller", "for function"},
};

static int policy_command_check(const struct command_line *line, struct error *e)
{
    const char *whom = line->own[OWN_FOR];
    const char *partition = line->own[OWN_PARTITION];
    const char *key = settings_text(&line->settings, SETTING_SSE_KMS_KEY_ID);
    const char *organization = line->own[OWN_ORGANIZATION_ID];
    if (!whom)
        return error_set(
            e, ERROR_CONFIG,
            "--for is missing: give --for child (the role in each account) or --for function "
            "(the caller, who assumes it)");
    if (strcmp(whom, "child") != 0 && strcmp(whom, "function") != 0)
        return error_set(e, ERROR_CONFIG, "--for is '%.60s': allowed are child, function", whom);
    if (partition && !partition_by_id(view_of(partition)))
        return error_set(e, ERROR_CONFIG,
                         "--partition is '%.60s': allowed are aws, aws-cn, aws-us-gov, aws-iso, "
                         "aws-iso-b, aws-iso-e, aws-iso-f, aws-eusc",
                         partition);
    /* IAM matches a key's ARN, never its bare id or its alias. */
    if (key && strncmp(key, "arn:", 4) != 0)
        return error_set(e, ERROR_CONFIG,
                         "--sse-kms-key-id is '%.80s': a policy needs the key's ARN", key);
    if (organization && !organizations_id_valid(view_of(organization)))
        return error_set(e, ERROR_CONFIG,
                         "--organization-id is '%.80s': that is not an organization's id, such as "
                         "o-0123456789, and a policy with it would give access to no account",
                         organization);
    return 0;
}

static void write_policy(const struct command_line *line, const struct config *config,
                         struct buffer *out)
{
    const struct policy_function_options options = {
        .partition = line->own[OWN_PARTITION] ? line->own[OWN_PARTITION] : "aws",
        .role = config->role,
        .bucket = config->destination.bucket,
        .prefix = config->destination.prefix,
        .sse_kms_key_id = config->destination.sse_kms_key_id,
        .suppress_key = config->suppress_key,
        .organization_id = line->own[OWN_ORGANIZATION_ID],
        .organizations = !line->own[OWN_NO_ORGANIZATIONS],
        .fan_out = line->own[OWN_FAN_OUT] != NULL,
    };
    if (line->own[OWN_FOR] && strcmp(line->own[OWN_FOR], "child") == 0)
        policy_write_child(config->strategy, config->wanted, out);
    else
        policy_write_function(&options, out);
}

/*
 * Sets some role name: every config must have one, though a child role's policy does not depend on
 * it.
 */
static int name_any_role(struct command_line *line, struct error *e)
{
    if (strcmp(line->own[OWN_FOR], "child") != 0 ||
        settings_text(&line->settings, SETTING_ROLE_NAME))
        return 0;
    return settings_from_flag(&line->settings, SETTING_ROLE_NAME, "any", e);
}

static int policy_command_run(struct command_line *line)
{
    struct config config = {0};
    struct buffer text;
    struct error e;
    int status;
    buffer_init(&text, POLICY_MAX_BYTES);
    if (policy_command_check(line, &e) != 0 || name_any_role(line, &e) != 0 ||
        config_make(&line->settings, false, &config, &e) != 0) {
        status = command_complain(&e, e.kind == ERROR_CONFIG ? EXIT_USAGE : EXIT_NOTHING);
    } else {
        write_policy(line, &config, &text);
        status = command_print(&text, "the policy");
    }
    config_release(&config);
    buffer_release(&text);
    return status;
}

const struct command policy_command = {
    .name = "policy",
    .summary = "print the IAM policy that the options of 'collect' need",
    .synopsis = "--for child|function [OPTION...]",
    .purpose = "Prints the IAM policy that a census with these options needs.",
    .notes = "\n"
             "--for child needs no --role-name. Only flags count here, no environment\n"
             "variable. Exit status: 0 printed, 1 not printed, 2 wrong usage. Example:\n"
             "  iam-census policy --for function --role-name census --s3-bucket reports\n",
    .own = own_flags,
    .own_count = OWN_COUNT,
    .settings = taken,
    .setting_count = sizeof(taken) / sizeof(taken[0]),
    .synonyms = synonyms,
    .synonym_count = sizeof(synonyms) / sizeof(synonyms[0]),
    .run = policy_command_run,
};
