/* SPDX-License-Identifier: MIT */
/* The command line: what is taken, what is wrong with it, what was meant, and its help. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "app/flags.h"
#include "base/nearest.h"

#include <stdio.h>

static const struct flag flags[] = {
    {"role-name", "NAME", .help = "the role"},
    {"s3-bucket", "NAME", .help = "the bucket"},
    {"s3-prefix", "PREFIX", .help = "two\nlines"},
    {"json", NULL, .help = "a document"},
    {"output", "PATH", .help = "a file", .letter = 'o'},
    {"quiet", NULL, .help = "less", .letter = 'q'},
    {"verbose", NULL, .help = "more", .letter = 'v'},
};
static const struct flag_synonym synonyms[] = {{"x", "json"}, {"outfile", "role-name out"}};
static const struct flag_set set = {"collect",
                                    flags,
                                    sizeof(flags) / sizeof(flags[0]),
                                    synonyms,
                                    sizeof(synonyms) / sizeof(synonyms[0]),
                                    NULL};

struct scene {
    char taken[512]; /* "role-name=x json " */
    struct error e;
};

static int take(void *arg, size_t index, const char *value, struct error *e)
{
    struct scene *s = arg;
    size_t used = strlen(s->taken);
    snprintf(s->taken + used, sizeof(s->taken) - used, "%s%s%s ", flags[index].name,
             value ? "=" : "", value ? value : "");
    return value && strcmp(value, "refused") == 0 ? error_set(e, ERROR_CONFIG, "refused") : 0;
}

/* Reads the words of 'line', which are separated by one blank each. */
static enum flags_outcome read_line(struct scene *s, const char *line)
{
    static char text[512];
    char *argv[32];
    int argc = 0;
    *s = (struct scene){0};
    snprintf(text, sizeof(text), "collect %s", line);
    for (char *rest = text, *word; (word = strsep(&rest, " ")) != NULL;)
        argv[argc++] = word;
    return flags_read(&set, argc, argv, take, s, &s->e);
}

static void test_taken(void **state)
{
    static const char *const rows[][2] = {
        {"--role-name x --json", "role-name=x json "},
        {"--role-name=x", "role-name=x "},
        {"--role-name=", "role-name= "},
        {"--role-name=a=b", "role-name=a=b "},
        {"--role x --js", "role-name=x json "},
        {"--s3-prefix - --role-name -x", "s3-prefix=- role-name=-x "},
        {"--role-name --none-of-ours", "role-name=--none-of-ours "},
        {"--role-name=--json --json", "role-name=--json json "},
        {"--role-name help", "role-name=help "},
        {"--role-name json", "role-name=json "},
        {"-o a -q", "output=a quiet "},
        {"-oa -o=b -o-", "output=a output=b output=- "},
        {"-vv -qv", "verbose verbose quiet verbose "},
        {"-qoa=b", "quiet output=a=b "},
        {"-qo x --json", "quiet output=x json "},
        {"-o -x", "output=-x "},
    };
    struct scene s;
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (read_line(&s, rows[i][0]) != FLAGS_READ)
            fail_msg("%s: %s", rows[i][0], s.e.text);
        assert_string_equal(s.taken, rows[i][1]);
    }
}

static void test_wrong(void **state)
{
    static const char *const rows[][2] = {
        {"--rolename x", "unknown option '--rolename': did you mean '--role-name'?\n"},
        {"-role-name x", "unknown option '-role-name': did you mean '--role-name'?\n"},
        {"-json", "unknown option '-json': did you mean '--json'?"},
        {"--bucket x", "unknown option '--bucket': did you mean '--s3-bucket'?"},
        {"--hlep", "unknown option '--hlep': did you mean '--help'?"},
        {"--nothing-like-it", "unknown option '--nothing-like-it'; 'iam-census help --all "
                              "collect' lists all\n"},
        {"-x", "unknown option '-x': did you mean '--json'?\n"},
        {"--outfile=x", "unknown option '--outfile': did you mean '--role-name out'?\n"},
        {"-y", "unknown option '-y'; 'iam-census help --all collect' lists all"},
        {"-O a", "unknown option '-O': did you mean '-o, --output'?\n"},
        {"-Q", "unknown option '-Q': did you mean '-q, --quiet'?"},
        {"-qx", "in '-qx': unknown option '-x': did you mean '--json'?"},
        {"-output a", "unknown option '-output': did you mean '--output'?"},
        {"-verbose", "unknown option '-verbose': did you mean '--verbose'?"},
        {"-q=1", "option '--quiet' takes no value"},
        {"-o", "option '--output' needs a value"},
        {"-o -q", "option '--output' needs a value, and '-q' is an option (if it is meant: "
                  "--output=-q)"},
        {"-qo --json", "option '--output' needs a value, and '--json' is an option"},
        {"--role-name -q", "option '--role-name' needs a value, and '-q' is an option"},
        {"--", "unknown option '--'; 'iam-census help --all collect' lists all"},
        {"--s3 x", "ambiguous option '--s3' (it may be: --s3-bucket, --s3-prefix)"},
        {"--secret=hush\x1b",
         "unknown option '--secret'; 'iam-census help --all collect' lists all"},
        {"--role-nam\x1b=x", "unknown option '--role-nam\\x1b': did you mean '--role-name'?"},
        {"--json=yes", "option '--json' takes no value"},
        {"--help=json", "option '--help' takes no value"},
        {"--version=1", "option '--version' takes no value"},
        {"--role-name", "option '--role-name' needs a value"},
        {"--role-name --json", "option '--role-name' needs a value, and '--json' is an option (if "
                               "it is meant: --role-name=--json)"},
        {"--role-name --js", "'--js' is an option"},
        {"--role-name --s3-bucket=x", "'--s3-bucket=x' is an option"},
        {"--role-name -json", "'-json' is an option"},
        {"--role-name --", "option '--role-name' needs a value"},
        {"--role-name refused", "refused"},
        {"json", "'json' is not an option: did you mean '--json'?\n"},
        {"111111111111", "'111111111111' is not an option: several ids are one argument, with "
                         "commas; see 'iam-census collect --help'\n"},
        {"x\x1by", "'x\\x1by' is not an option; see"},
    };
    struct scene s;
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(read_line(&s, rows[i][0]), FLAGS_WRONG);
        assert_int_equal(s.e.kind, ERROR_CONFIG);
        char text[sizeof(s.e.text) + 1]; /* "\n" in a row is the message's end */
        snprintf(text, sizeof(text), "%s\n", s.e.text);
        if (!strstr(text, rows[i][1]))
            fail_msg("'%s' is not in '%s'", rows[i][1], text);
        assert_null(strstr(s.e.text, "hush"));
    }
}

/* Whoever is lost finds help, whatever else stands there; and nothing is taken then. */
static void test_help_wins(void **state)
{
    static const char *const lines[] = {"--help",         "-h",
                                        "-help",          "help",
                                        "--hel",          "--role-name x --help",
                                        "--bogus --help", "--role-name --help",
                                        "-h --version",   "--json=yes -h",
                                        "x y --help",     "help help"};
    static const char *const versions[] = {"--version", "-V", "--bogus --version", "--vers"};
    struct scene s;
    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        assert_int_equal(read_line(&s, lines[i]), FLAGS_HELP);
        assert_string_equal(s.taken, "");
    }
    for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++)
        assert_int_equal(read_line(&s, versions[i]), FLAGS_VERSION);
}

static void test_help_of_a_flag(void **state)
{
    struct buffer out;
    (void)state;
    buffer_init(&out, 1024);
    flags_write_help(&flags[2], &out);
    flags_write_help(&flags[3], &out);
    flags_write_help(&flags[4], &out);
    static const char *const three[] = {"a", "b", "c", NULL}, *const two[] = {"a", "b", NULL};
    flags_write_help(&(struct flag){"x", "X", .help = "of {} [a]", .choices = three}, &out);
    flags_write_help(&(struct flag){"y", "Y", .help = "{}", .choices = two}, &out);
    assert_string_equal(buffer_text(&out), "  --s3-prefix PREFIX         two\n"
                                           "                             lines\n"
                                           "  --json                     a document\n"
                                           "  -o, --output PATH          a file\n"
                                           "  --x X                      of a, b or c [a]\n"
                                           "  --y Y                      a or b\n");
    buffer_release(&out);
}

static void test_nearest(void **state)
{
    static const struct {
        const char *given, *word;
    } rows[] = {{"colect", "collect"}, {"collect", "collect"},
                {"polcy", "policy"},   {"colletc", "collect"},
                {"x", NULL},           {"", NULL},
                {"cat", NULL},         {"collects", "collect"}};
    char huge[200];
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct nearest n = nearest_begin(rows[i].given);
        nearest_try(&n, "policy");
        nearest_try(&n, "collect");
        if (rows[i].word)
            assert_string_equal(n.word, rows[i].word);
        else
            assert_null(n.word);
    }
    memset(huge, 'c', sizeof(huge) - 1);
    huge[sizeof(huge) - 1] = '\0';
    struct nearest n = nearest_begin(huge);
    nearest_try(&n, "collect");
    assert_null(n.word);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_taken),     cmocka_unit_test(test_wrong),
        cmocka_unit_test(test_help_wins), cmocka_unit_test(test_help_of_a_flag),
        cmocka_unit_test(test_nearest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
