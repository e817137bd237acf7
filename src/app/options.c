#include "app/options.h"

#include "base/buffer.h"

#include <getopt.h>
#include <stdlib.h>

#define FLAG_HELP    1000
#define FLAG_VERSION 1001

static void make_long_options(struct option options[SETTING_COUNT + 3])
{
    for (int id = 0; id < SETTING_COUNT; id++)
        options[id] = (struct option){
            settings_table[id].flag,
            settings_table[id].kind == KIND_SWITCH ? no_argument : required_argument, NULL, id + 1};
    options[SETTING_COUNT] = (struct option){"help", no_argument, NULL, FLAG_HELP};
    options[SETTING_COUNT + 1] = (struct option){"version", no_argument, NULL, FLAG_VERSION};
    options[SETTING_COUNT + 2] = (struct option){NULL, 0, NULL, 0};
}

/* Letters that must change to make one word of the other (Levenshtein), for 'did you mean'. */
static size_t distance(const char *a, const char *b)
{
    size_t row[64];
    size_t len = strlen(b);
    if (len >= sizeof(row) / sizeof(row[0]))
        return len;
    for (size_t j = 0; j <= len; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1]; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= len; j++) {
            size_t best = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
        }
    }
    return row[len];
}

static void list_flags(struct buffer *out)
{
    for (size_t id = 0; id < SETTING_COUNT; id++)
        buffer_addf(out, "--%s, ", settings_table[id].flag);
    buffer_add_text(out, "--help, --version");
}

static int unknown_flag(const char *given, struct error *e)
{
    char name[64];
    const char *nearest = NULL;
    size_t least;
    struct buffer allowed;
    snprintf(name, sizeof(name), "%s", given + strspn(given, "-"));
    name[strcspn(name, "=")] = '\0';
    least = strlen(name) / 3 + 1; /* further off it is another word */
    for (size_t id = 0; id < SETTING_COUNT; id++) {
        size_t d = distance(name, settings_table[id].flag);
        if (d < least) {
            least = d;
            nearest = settings_table[id].flag;
        }
    }
    buffer_init(&allowed, 900);
    list_flags(&allowed);
    if (nearest)
        error_set(e, ERROR_CONFIG, "unknown option '--%s': did you mean '--%s'? (allowed: %s)",
                  name, nearest, buffer_text_cut(&allowed));
    else
        error_set(e, ERROR_CONFIG, "unknown option '%.60s' (allowed: %s)", given,
                  buffer_text_cut(&allowed));
    buffer_release(&allowed);
    return OPTIONS_WRONG;
}

static enum options_outcome wrong_option(int argc, char **argv, int code, struct error *e)
{
    const char *given = argv[optind > 1 ? optind - 1 : 1];
    if (code == ':')
        error_set(e, ERROR_CONFIG, "option '%.60s' needs a value", given);
    else if (optopt > 0 && optopt <= SETTING_COUNT)
        error_set(e, ERROR_CONFIG, "option '--%s' takes no value", settings_table[optopt - 1].flag);
    else
        unknown_flag(optind <= argc ? given : "", e);
    return OPTIONS_WRONG;
}

enum options_outcome options_read(int argc, char **argv, struct settings *settings, struct error *e)
{
    struct option options[SETTING_COUNT + 3];
    int code;
    make_long_options(options);
    opterr = 0;
    optind = 1;
    while ((code = getopt_long(argc, argv, ":h", options, NULL)) != -1) {
        if (code == FLAG_HELP || code == 'h')
            return OPTIONS_HELP;
        if (code == FLAG_VERSION)
            return OPTIONS_VERSION;
        if (code == '?' || code == ':')
            return wrong_option(argc, argv, code, e);
        if (settings_from_flag(settings, (enum setting_id)(code - 1), optarg, e) != 0)
            return OPTIONS_WRONG;
    }
    if (optind < argc) {
        error_set(e, ERROR_CONFIG, "'%.60s' is no option; see 'iam-census collect --help'",
                  argv[optind]);
        return OPTIONS_WRONG;
    }
    return OPTIONS_RUN;
}

static void help_setting(const struct setting *setting, struct buffer *out)
{
    char flag[64];
    snprintf(flag, sizeof(flag), "--%s%s%s", setting->flag, setting->value_name ? " " : "",
             setting->value_name ? setting->value_name : "");
    buffer_addf(out, "  %-28s ", flag);
    for (const char *c = setting->help; *c; c++) {
        buffer_add_char(out, *c);
        if (*c == '\n')
            buffer_addf(out, "%31s", "");
    }
    buffer_add_char(out, '\n');
}

void options_help(struct buffer *out)
{
    buffer_add_text(
        out, "Usage: iam-census collect --role-name NAME [OPTION...]\n"
             "Reads the IAM users of many AWS accounts into one CSV, to a file or to S3.\n\n");
    for (size_t id = 0; id < SETTING_COUNT; id++)
        help_setting(&settings_table[id], out);
    buffer_add_text(out,
                    "  --help, --version\n\n"
                    "Exit status: 0 all accounts read, 3 some partial or failed, 1 none read or "
                    "nothing\nwritten, 2 wrong usage. AWS credentials and settings are taken as "
                    "the AWS CLI does.\n"
                    "Example: iam-census collect --role-name census --accounts "
                    "111111111111,222222222222\n");
}
