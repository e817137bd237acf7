#include "app/options.h"

/* The help's parts: the first setting of each, in the order of the table. */
static const struct part {
    enum setting_id first;
    const char *title;
} parts[] = {
    {SETTING_ROLE_NAME, "The role in each account, and who assumes it"},
    {SETTING_ACCOUNTS, "Which accounts"},
    {SETTING_OUTPUT, "The output"},
    {SETTING_S3_BUCKET, "To S3 instead of a file"},
    {SETTING_STRATEGY, "How accounts are read"},
    {SETTING_DRY_RUN, "What it prints"},
};

/* Of other programs, and of this one's events and variables. */
static const struct flag_synonym synonyms[] = {
    {"v", "log-level debug"},
    {"verbose", "log-level debug"},
    {"debug", "log-level debug"},
    {"q", "log-level error"},
    {"quiet", "log-level error"},
    {"silent", "log-level error"},
    {"a", "accounts"},
    {"account-id", "accounts"},
    {"account-ids", "accounts"},
    {"child-account-ids", "accounts"},
    {"organizational-unit", "ou"},
    {"organizational-units", "ou"},
    {"organizational-unit-ids", "ou"},
    {"r", "role-name"},
    {"role-arn", "role-name"},
    {"p", "profile"},
    {"o", "output"},
    {"file", "output"},
    {"output-format", "format"},
    {"output-columns", "columns"},
    {"kms-key", "sse-kms-key-id"},
    {"kms-key-id", "sse-kms-key-id"},
    {"concurrency", "max-connections"},
    {"parallel", "max-connections"},
    {"threads", "max-connections"},
    {"workers", "max-connections"},
};
#define SYNONYM_COUNT (sizeof(synonyms) / sizeof(synonyms[0]))

struct flag options_flag(enum setting_id id)
{
    const struct setting *s = &settings_table[id];
    return (struct flag){s->flag, s->kind == KIND_SWITCH ? NULL : s->value_name, s->help};
}

static void make_flags(struct flag flags[SETTING_COUNT])
{
    for (size_t id = 0; id < SETTING_COUNT; id++)
        flags[id] = options_flag((enum setting_id)id);
}

static int take_flag(void *arg, size_t index, const char *value, struct error *e)
{
    return settings_from_flag(arg, (enum setting_id)index, value, e);
}

enum flags_outcome options_read(int argc, char **argv, struct settings *settings, struct error *e)
{
    struct flag flags[SETTING_COUNT];
    const struct flag_set set = {"collect", flags, SETTING_COUNT, synonyms, SYNONYM_COUNT};
    make_flags(flags);
    return flags_read(&set, argc, argv, take_flag, settings, e);
}

const char *options_find(const char *text)
{
    struct flag flags[SETTING_COUNT];
    const struct flag_set set = {"collect", flags, SETTING_COUNT, synonyms, SYNONYM_COUNT};
    make_flags(flags);
    return flags_find(&set, text);
}

static void help_flag(enum setting_id id, struct buffer *out)
{
    const struct flag flag = options_flag(id);
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        if (parts[i].first == id)
            buffer_addf(out, "%s:\n", parts[i].title);
    flags_write_help(&flag, out);
}

void options_help(struct buffer *out)
{
    buffer_add_text(out, "Usage: iam-census collect --role-name NAME [OPTION...]\n"
                         "Reads the IAM users of many AWS accounts into one CSV.\n\n");
    for (size_t id = 0; id < SETTING_COUNT; id++)
        help_flag((enum setting_id)id, out);
    buffer_add_text(
        out, "  --help, --version\n"
             "Environment: ROLE_NAME for --role-name and so on, but CHILD_ACCOUNT_IDS for\n"
             "--accounts, ORGANIZATIONAL_UNIT_IDS for --ou, EXCLUDE_ACCOUNT_IDS for --exclude,\n"
             "S3_BUCKET_NAME for --s3-bucket, OUTPUT_FORMAT for --format, OUTPUT_COLUMNS for\n"
             "--columns; none for --output, --csv-raw, --no-session-policy, --dry-run, --json\n"
             "and the timeouts. [...] is the default. AWS credentials as the AWS CLI has them.\n"
             "Exit status: 0 all accounts read, 3 some partial or failed, 1 none read or\n"
             "nothing written, 2 wrong usage or no credentials.\n"
             "Example:\n"
             "  iam-census collect --role-name census --accounts 111111111111,222222222222\n");
}
