/* SPDX-License-Identifier: MIT */
#include "app/manual.h"

#include "app/completion.h"
#include "app/exit_status.h"
#include "base/version.h"

#include <string.h>

/* When the texts in this file were last changed. */
#define REVISED "2026-11-26"
/* After so many bytes, a line of the source ends at the next blank. */
#define LINE_BYTES 50

/* A term, and what is said of it. */
struct entry {
    const char *term, *text;
};

static const char description[] =
    "Reads the IAM users of many AWS accounts: keys, passwords, MFA, groups, tags and last use, by "
    "a "
    "role that is assumed in each account. It writes CSV, JSON Lines or an SQLite database, judges "
    "what it has read by rules, and compares runs.";

static const char lambda[] =
    "As an AWS Lambda function (if its file name is 'bootstrap', or AWS_LAMBDA_RUNTIME_API is set) "
    "it serves invocations, with its settings from the event and the environment.";

static const char options_text[] =
    "A name may be shortened as long as it is unambiguous. A value follows after a blank or '=', "
    "or "
    "directly after a letter (-oPATH); letters may share a dash (-qv). -h or --help anywhere shows "
    "a command's help, 'iam-census help --all COMMAND' all of it, and -V or --version the version. "
    "[...] is the default.";

static const struct entry statuses[] = {
    {"0", "Success: every account was read, or what was asked for was printed."},
    {"1", "Nothing was written. With 'diff --exit-code': something differs."},
    {"2", "The command line, a setting or the caller's credentials are wrong."},
    {"3", "The output was written, and some accounts are partial or failed, or something could not "
          "be judged."},
    {"4", "There are findings of the severity of --fail-on, or above."},
};

/* Beside those of settings. */
static const struct entry variables[] = {
    {"AWS_PROFILE, AWS_DEFAULT_PROFILE", "The profile of the caller; --profile overrides them."},
    {"AWS_REGION, AWS_DEFAULT_REGION", "The region; --region overrides them."},
    {"AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN", "The caller's credentials."},
    {"AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE", "Other files than those named below."},
    {"AWS_ROLE_ARN, AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_SESSION_NAME",
     "The caller's role, assumed with a web identity."},
    {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI, AWS_CONTAINER_CREDENTIALS_FULL_URI",
     "The caller's credentials in a container."},
    {"AWS_EC2_METADATA_DISABLED", "If true, the machine's role is not asked for."},
    {"AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_IAM, AWS_ENDPOINT_URL_STS, AWS_ENDPOINT_URL_S3, "
     "AWS_ENDPOINT_URL_ORGANIZATIONS",
     "Other endpoints than AWS's."},
    {"AWS_USE_FIPS_ENDPOINT, AWS_USE_DUALSTACK_ENDPOINT", "Kinds of endpoints."},
    {"AWS_CA_BUNDLE", "A file with the certificates to trust."},
    {"HTTPS_PROXY, ALL_PROXY, NO_PROXY", "The proxy, and the hosts without one."},
    {"NO_COLOR", "If it is set and not empty, there are no colours; --color overrides it."},
    {"CLICOLOR_FORCE", "If it is set and not 0, there are colours in a pipe too."},
    {"TERM", "Without it, or if it is 'dumb', there are neither colours nor a line of progress."},
};

static const struct entry files[] = {
    {"~/.aws/config, ~/.aws/credentials", "Profiles, as the AWS CLI has them."},
    {"IAM_USER_TAGS_ORGANIZATION_combined_TIME.csv",
     "The output in the current folder if no --output is given. It is for its owner alone."},
};

static const struct entry examples[] = {
    {"iam-census collect --role-name census --dry-run", "How many accounts and calls it would be."},
    {"iam-census collect --role-name census --format sqlite -o census.sqlite",
     "Adds a run to a database."},
    {"iam-census check census.sqlite --framework cis-5.0 --fail-on high",
     "Judges the last run, and ends with status 4 if something serious was found."},
    {"iam-census diff census.sqlite --only user_added,key_added",
     "Shows new users and keys since the run before."},
    {"source <(iam-census completion bash)", "Completes commands and options in this shell."},
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* Appends text that means only itself to roff; a line that begins with a control gets a '\&'. */
static void add_text_of(struct view text, struct buffer *out)
{
    bool at_start = out->len == 0 || buffer_view(out).ptr[out->len - 1] == '\n';
    if (at_start && text.len > 0 && (text.ptr[0] == '.' || text.ptr[0] == '\''))
        buffer_add_text(out, "\\&");
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\\')
            buffer_add_text(out, "\\e");
        else if (text.ptr[i] == '-')
            buffer_add_text(out, "\\-");
        else if (text.ptr[i] == '\'')
            buffer_add_text(out, "\\(aq");
        else
            buffer_add_char(out, text.ptr[i]);
    }
}

static void add_text(const char *text, struct buffer *out)
{
    add_text_of(view_of(text), out);
}

/* Appends text that roff fills, in lines of its own; mandoc asks for lines that are not long. */
static void add_filled(const char *text, struct buffer *out)
{
    while (*text) {
        size_t len = strlen(text) < LINE_BYTES ? strlen(text) : LINE_BYTES;
        len += strcspn(text + len, " ");
        add_text_of((struct view){text, len}, out);
        buffer_add_char(out, '\n');
        text += len;
        text += strspn(text, " ");
    }
}

static void add_paragraph(const char *text, struct buffer *out)
{
    buffer_add_text(out, ".PP\n");
    add_filled(text, out);
}

static void add_entries(const struct entry *entries, size_t count, struct buffer *out)
{
    for (size_t i = 0; i < count; i++) {
        buffer_add_text(out, ".TP\n\\fB");
        add_text(entries[i].term, out);
        buffer_add_text(out, "\\fP\n");
        add_filled(entries[i].text, out);
    }
}

/* "-o PATH, --output PATH", and the help of it. */
static void add_flag(const struct flag *flag, struct buffer *out)
{
    struct buffer help;
    buffer_init(&help, 1024);
    completion_add_help(flag, &help);
    buffer_add_text(out, ".TP\n");
    if (flag->letter)
        buffer_addf(out, "\\fB\\-%c\\fP, ", flag->letter);
    buffer_add_text(out, "\\fB\\-\\-");
    add_text(flag->name, out);
    buffer_add_text(out, "\\fP");
    if (flag->value_name) {
        buffer_add_text(out, " \\fI");
        add_text(flag->value_name, out);
        buffer_add_text(out, "\\fP");
    }
    buffer_add_char(out, '\n');
    add_filled(buffer_text_cut(&help), out);
    buffer_release(&help);
}

/* Writes one line of notes: an example is indented by two blanks, and a line of its own. */
static void add_line(const char *line, bool *example, struct buffer *out)
{
    bool begins = strncmp(line, "  ", 2) == 0;
    if (begins != *example)
        buffer_add_text(out, begins ? ".PP\n.nf\n.RS\n" : ".RE\n.fi\n.PP\n");
    *example = begins;
    if (*line == '\0')
        return;
    if (!begins) {
        add_filled(line, out);
        return;
    }
    add_text(line + 2, out);
    buffer_add_char(out, '\n');
}

static void add_notes(const char *notes, struct buffer *out)
{
    char line[160];
    bool example = false;
    if (!notes)
        return;
    notes += strspn(notes, "\n");
    buffer_add_text(out, ".PP\n");
    while (*notes) {
        size_t len = strcspn(notes, "\n");
        snprintf(line, sizeof(line), "%.*s", (int)len, notes);
        add_line(line, &example, out);
        notes += len + (notes[len] != '\0');
    }
    if (example)
        buffer_add_text(out, ".RE\n.fi\n");
}

static void add_command(const struct command *c, struct buffer *out)
{
    struct command_flags all;
    command_list_flags(c, &all);
    buffer_addf(out, ".SS iam\\-census %s\n\\fBiam\\-census %s\\fP ", c->name, c->name);
    add_text(c->synopsis, out);
    buffer_add_char(out, '\n');
    add_notes(c->purpose, out);
    for (size_t i = 0; i < all.count; i++)
        add_flag(&all.flags[i], out);
    add_notes(c->more, out);
    add_notes(c->notes, out);
}

static void add_synopsis(const struct command *const *commands, struct buffer *out)
{
    buffer_add_text(out, ".SH SYNOPSIS\n.nf\n");
    for (const struct command *const *c = commands; *c; c++) {
        buffer_addf(out, "\\fBiam\\-census %s\\fP ", (*c)->name);
        add_text((*c)->synopsis, out);
        buffer_add_char(out, '\n');
    }
    buffer_add_text(out, "\\fBiam\\-census help\\fP [\\-\\-all] [COMMAND]\n"
                         "\\fBiam\\-census version\\fP\n.fi\n");
}

static void add_environment(struct buffer *out)
{
    buffer_add_text(out, ".SH ENVIRONMENT\nFor the command \\fBcollect\\fP:\n");
    for (unsigned id = 0; id < SETTING_COUNT; id++) {
        const struct setting *s = &settings_table[id];
        if (!s->variable)
            continue;
        buffer_addf(out, ".TP\n\\fB%s\\fP\nThe same as \\fB\\-\\-", s->variable);
        add_text(s->flag, out);
        buffer_add_text(out, "\\fP.\n");
    }
    add_paragraph("An empty variable is as one that is not set.", out);
    add_entries(variables, COUNT(variables), out);
}

void manual_write(const struct command *const *commands, struct buffer *out)
{
    buffer_add_text(out, ".\\\" Made by 'iam-census help --man'.\n"
                         ".TH IAM\\-CENSUS 1 " REVISED " \"iam\\-census " IAM_CENSUS_VERSION
                         "\" \"User Commands\"\n"
                         ".SH NAME\niam\\-census \\- a census of the IAM users of many AWS "
                         "accounts\n");
    add_synopsis(commands, out);
    buffer_add_text(out, ".SH DESCRIPTION\n");
    add_filled(description, out);
    add_paragraph(lambda, out);
    buffer_add_text(out, ".SH COMMANDS\n");
    add_filled(options_text, out);
    for (const struct command *const *c = commands; *c; c++)
        add_command(*c, out);
    buffer_add_text(out, ".SH EXIT STATUS\n");
    add_entries(statuses, COUNT(statuses), out);
    add_environment(out);
    buffer_add_text(out, ".SH FILES\n");
    add_entries(files, COUNT(files), out);
    buffer_add_text(out, ".SH EXAMPLES\n");
    add_entries(examples, COUNT(examples), out);
    buffer_add_text(out, ".SH SEE ALSO\n\\fBaws\\fP(1), and the documents in the folder "
                         "\\fIiam\\-census\\fP below \\fIshare/doc\\fP\n");
}
