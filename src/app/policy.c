#include "app/policy.h"

#include "api/organizations.h"
#include "app/exit_status.h"
#include "app/options.h"
#include "app/print.h"
#include "app/version.h"
#include "aws/partition.h"
#include "base/json_writer.h"

#include <stdio.h>
#include <stdlib.h>

#define POLICY_MAX_BYTES ((size_t)16 * 1024)

/* Reads compact JSON and appends it as people read it. */
static void write_pretty(const struct buffer *compact, struct buffer *out)
{
    if (!buffer_complete(compact)) {
        buffer_spoil(out);
        return;
    }
    json_t *document = json_loadb(buffer_text(compact), compact->len, 0, NULL);
    char *text = document ? json_dumps(document, JSON_INDENT(2) | JSON_PRESERVE_ORDER) : NULL;
    buffer_add_text(out, text ? text : "");
    buffer_add_char(out, '\n');
    free(text);
    json_decref(document);
}

void policy_write_child(enum strategy strategy, fact_set wanted, struct buffer *out)
{
    struct buffer compact;
    buffer_init(&compact, POLICY_MAX_BYTES);
    facts_write_policy(strategy, wanted, &compact);
    write_pretty(&compact, out);
    buffer_release(&compact);
}

#define ACTIONS_MAX 4

struct statement {
    const char *sid;
    const char *actions[ACTIONS_MAX + 1];
};

/* Writes all of a statement but its end, so that a condition may follow. */
static void begin_statement(struct json_writer *w, const struct statement *s,
                            const struct buffer *resource)
{
    json_object_begin(w);
    json_key(w, "Sid");
    json_text(w, view_of(s->sid));
    json_key(w, "Effect");
    json_text(w, VIEW_LITERAL("Allow"));
    json_key(w, "Action");
    json_array_begin(w);
    for (const char *const *action = s->actions; *action; action++)
        json_text(w, view_of(*action));
    json_array_end(w);
    json_key(w, "Resource");
    json_buffer(w, resource);
}

static void write_statement(struct json_writer *w, const struct statement *s,
                            const struct buffer *resource)
{
    begin_statement(w, s, resource);
    json_object_end(w);
}

static void write_equals(struct json_writer *w, const char *key, const char *value)
{
    json_key(w, "Condition");
    json_object_begin(w);
    json_key(w, "StringEquals");
    json_object_begin(w);
    json_key(w, key);
    json_text(w, view_of(value));
    json_object_end(w);
    json_object_end(w);
}

/*
 * The account is a '*', because nobody can list the accounts that are still to join. Without the
 * condition the caller could be led into any account of AWS in which somebody makes a role of this
 * name. IAM replaces the variable by the caller's own organization.
 */
static void write_assume(struct json_writer *w, const struct policy_function_options *o)
{
    static const struct statement assume = {"AssumeCensusRole", {"sts:AssumeRole"}};
    const char *organization = o->organization_id ? o->organization_id
                               : o->organizations ? "${aws:PrincipalOrgID}"
                                                  : NULL;
    struct buffer arn;
    buffer_init(&arn, 2048);
    buffer_addf(&arn, "arn:%s:iam::*:role/%.*s", o->partition, VIEW_ARG(o->role));
    begin_statement(w, &assume, &arn);
    if (organization)
        write_equals(w, "aws:ResourceOrgID", organization);
    json_object_end(w);
    buffer_release(&arn);
}

static void write_bucket(struct json_writer *w, const struct policy_function_options *o)
{
    static const struct statement put = {"WriteOutput",
                                         {"s3:PutObject", "s3:AbortMultipartUpload"}};
    static const struct statement take = {"TakeBatches", {"s3:GetObject", "s3:DeleteObject"}};
    /* Without it S3 answers 403 for an object that is not there, and a batch that left no result
     * could not be told from one that may not be read. */
    static const struct statement list = {"SeeMissingBatches", {"s3:ListBucket"}};
    const char *prefix = o->prefix ? o->prefix : "";
    struct buffer arn;
    buffer_init(&arn, 2048);
    buffer_addf(&arn, "arn:%s:s3:::%s/%s*", o->partition, o->bucket, prefix);
    write_statement(w, &put, &arn);
    if (o->fan_out) {
        buffer_clear(&arn);
        buffer_addf(&arn, "arn:%s:s3:::%s/%swork/*", o->partition, o->bucket, prefix);
        write_statement(w, &take, &arn);
        buffer_clear(&arn);
        buffer_addf(&arn, "arn:%s:s3:::%s", o->partition, o->bucket);
        write_statement(w, &list, &arn);
    }
    buffer_release(&arn);
}

static void write_statements(struct json_writer *w, const struct policy_function_options *o)
{
    static const struct statement find = {
        "FindAccounts",
        {"organizations:DescribeOrganization", "organizations:ListAccounts",
         "organizations:ListAccountsForParent", "organizations:ListOrganizationalUnitsForParent"}};
    /* A multipart upload to a bucket with a KMS key needs both (Amazon S3 User Guide). */
    static const struct statement encrypt = {"EncryptOutput",
                                             {"kms:GenerateDataKey", "kms:Decrypt"}};
    struct buffer arn;
    write_assume(w, o);
    buffer_init(&arn, 2048);
    buffer_add_char(&arn, '*');
    if (o->organizations)
        write_statement(w, &find, &arn);
    if (o->bucket)
        write_bucket(w, o);
    buffer_clear(&arn);
    buffer_add_text(&arn, o->sse_kms_key_id ? o->sse_kms_key_id : "");
    if (o->sse_kms_key_id)
        write_statement(w, &encrypt, &arn);
    buffer_release(&arn);
}

void policy_write_function(const struct policy_function_options *options, struct buffer *out)
{
    struct json_writer w;
    struct buffer compact;
    buffer_init(&compact, POLICY_MAX_BYTES);
    json_writer_init(&w, &compact);
    json_object_begin(&w);
    json_key(&w, "Version");
    json_text(&w, VIEW_LITERAL("2012-10-17"));
    json_key(&w, "Statement");
    json_array_begin(&w);
    write_statements(&w, options);
    json_array_end(&w);
    json_object_end(&w);
    write_pretty(&compact, out);
    buffer_release(&compact);
}

/* The settings of 'collect' that decide what is needed; they keep their checks and their help. */
static const enum setting_id taken[] = {SETTING_STRATEGY,  SETTING_COLUMNS,       SETTING_FORMAT,
                                        SETTING_ROLE_NAME, SETTING_S3_BUCKET,     SETTING_S3_PREFIX,
                                        SETTING_SSE,       SETTING_SSE_KMS_KEY_ID};
#define TAKEN_COUNT (sizeof(taken) / sizeof(taken[0]))

enum own {
    OWN_FOR,
    OWN_PARTITION,
    OWN_ORGANIZATION_ID,
    OWN_NO_ORGANIZATIONS,
    OWN_FAN_OUT,
    OWN_COUNT
};

static const struct flag own_flags[OWN_COUNT] = {
    [OWN_FOR] = {"for", "WHOM",
                 "child: the role in each account that is read;\n"
                 "function: the caller, who assumes it; required"},
    [OWN_PARTITION] = {"partition", "ID", "of the ARNs, as aws-cn [aws]"},
    [OWN_ORGANIZATION_ID] = {"organization-id", "ID",
                             "only roles in this organization may be assumed\n"
                             "[the caller's own; with --no-organizations: any]"},
    [OWN_NO_ORGANIZATIONS] = {"no-organizations", NULL,
                              "the accounts and the organization id are given"},
    [OWN_FAN_OUT] = {"fan-out", NULL, "the function also works in batches\n(Step Functions)"},
};

struct request {
    struct settings settings;
    const char *given[OWN_COUNT]; /* borrowed from argv; "" where a flag has no value */
};

#define FLAG_COUNT (OWN_COUNT + TAKEN_COUNT)

static void make_flags(struct flag flags[FLAG_COUNT])
{
    memcpy(flags, own_flags, sizeof(own_flags));
    for (size_t i = 0; i < TAKEN_COUNT; i++)
        flags[OWN_COUNT + i] = options_flag(taken[i]);
}

static int take_flag(void *arg, size_t index, const char *value, struct error *e)
{
    struct request *r = arg;
    if (index >= OWN_COUNT)
        return settings_from_flag(&r->settings, taken[index - OWN_COUNT], value, e);
    r->given[index] = value ? value : "";
    return 0;
}

static int check(const struct request *r, struct error *e)
{
    const char *whom = r->given[OWN_FOR];
    const char *partition = r->given[OWN_PARTITION];
    const char *key = settings_text(&r->settings, SETTING_SSE_KMS_KEY_ID);
    const char *organization = r->given[OWN_ORGANIZATION_ID];
    if (!whom)
        return error_set(
            e, ERROR_CONFIG,
            "whose policy? give --for child (the role in each account) or --for function "
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
                         "o-0123456789, and a policy with it would admit to no account",
                         organization);
    return 0;
}

static void write_policy(const struct request *r, const struct config *config, struct buffer *out)
{
    const struct policy_function_options options = {
        .partition = r->given[OWN_PARTITION] ? r->given[OWN_PARTITION] : "aws",
        .role = config->role,
        .bucket = config->bucket,
        .prefix = config->prefix,
        .sse_kms_key_id = config->sse_kms_key_id,
        .organization_id = r->given[OWN_ORGANIZATION_ID],
        .organizations = !r->given[OWN_NO_ORGANIZATIONS],
        .fan_out = r->given[OWN_FAN_OUT] != NULL,
    };
    if (r->given[OWN_FOR] && strcmp(r->given[OWN_FOR], "child") == 0)
        policy_write_child(config->strategy, config->wanted, out);
    else
        policy_write_function(&options, out);
}

static int print(const struct buffer *text, struct error *e)
{
    if (buffer_check(text, "the policy", e) != 0)
        return -1;
    return print_text(buffer_view(text), e);
}

static int print_policy(struct request *r, struct error *e)
{
    struct config config = {0};
    struct buffer text;
    bool child = r->given[OWN_FOR] && strcmp(r->given[OWN_FOR], "child") == 0;
    if (check(r, e) != 0)
        return -1;
    /* A child role's policy does not depend on its name, which every config must have. */
    if (child && !settings_text(&r->settings, SETTING_ROLE_NAME) &&
        settings_from_flag(&r->settings, SETTING_ROLE_NAME, "any", e) != 0)
        return -1;
    buffer_init(&text, POLICY_MAX_BYTES);
    int result = config_make(&r->settings, false, &config, e);
    if (result == 0)
        write_policy(r, &config, &text);
    if (result == 0)
        result = print(&text, e);
    config_release(&config);
    buffer_release(&text);
    return result;
}

static int print_help(const struct flag flags[FLAG_COUNT], struct error *e)
{
    struct buffer text;
    buffer_init(&text, POLICY_MAX_BYTES);
    buffer_add_text(&text, "Usage: iam-census policy --for child|function [OPTION...]\n"
                           "Prints the IAM policy that a census with these options needs.\n\n");
    for (size_t i = 0; i < FLAG_COUNT; i++)
        flags_write_help(&flags[i], &text);
    buffer_add_text(&text,
                    "  --help, --version\n\n"
                    "Only flags count here, no environment variable. Exit status: 0 printed, "
                    "1 not\nprinted, 2 wrong usage. "
                    "Example:\n  iam-census policy --for function --role-name census "
                    "--s3-bucket reports\n");
    int result = print(&text, e);
    buffer_release(&text);
    return result;
}

static int print_version(struct error *e)
{
    struct buffer text;
    buffer_init(&text, 64);
    buffer_add_text(&text, IAM_CENSUS_VERSION_LINE);
    int result = print(&text, e);
    buffer_release(&text);
    return result;
}

static const struct flag_synonym synonyms[] = {
    {"child", "for child"},
    {"function", "for function"},
    {"caller", "for function"},
};
#define SYNONYM_COUNT (sizeof(synonyms) / sizeof(synonyms[0]))

static int answer(int argc, char **argv, struct request *r, struct error *e)
{
    struct flag flags[FLAG_COUNT];
    const struct flag_set set = {"policy", flags, FLAG_COUNT, synonyms, SYNONYM_COUNT};
    make_flags(flags);
    switch (flags_read(&set, argc, argv, take_flag, r, e)) {
    case FLAGS_HELP:
        return print_help(flags, e);
    case FLAGS_VERSION:
        return print_version(e);
    case FLAGS_READ:
        return print_policy(r, e);
    case FLAGS_WRONG:
        break;
    }
    return -1;
}

int policy_main(int argc, char **argv)
{
    struct request r = {.given = {NULL}};
    struct error e;
    int result = answer(argc, argv, &r, &e);
    settings_release(&r.settings);
    if (result == 0)
        return EXIT_ALL_READ;
    fprintf(stderr, "iam-census: %s\n", e.text);
    return e.kind == ERROR_CONFIG ? EXIT_USAGE : EXIT_NOTHING;
}
