/* SPDX-License-Identifier: MIT */
#include "app/completion.h"

#include <string.h>

/* Within single quotes, fish gives a meaning to the quote and the backslash. */
static void add_quoted(const char *text, struct buffer *out)
{
    buffer_add_char(out, '\'');
    for (; *text; text++) {
        if (strchr("'\\", *text))
            buffer_add_char(out, '\\');
        buffer_add_char(out, *text);
    }
    buffer_add_char(out, '\'');
}

/* Appends the options of 'complete' that offer a flag's value. */
static void add_value(const struct flag *flag, struct buffer *out)
{
    struct buffer words;
    if (!flag->value_name)
        return;
    buffer_init(&words, 8192);
    completion_add_words(flag, &words);
    const char *text = buffer_text_cut(&words);
    if (flag->value == FLAG_VALUE_FILE)
        buffer_add_text(out, " -r -F");
    else if (flag->value == FLAG_VALUE_AT_FILE)
        buffer_add_text(out, " -x -a '(__iam_census_at)'");
    else if (flag->value == FLAG_VALUE_RULES || flag->value == FLAG_VALUE_KINDS)
        buffer_addf(out, " -x -a '(__fish_complete_list , \"string split \\\\\" \\\\\" %s\")'",
                    text);
    else
        buffer_addf(out, " -x -a '%s'", text);
    buffer_release(&words);
}

static void write_flag(const struct command *c, const struct flag *flag, struct buffer *out)
{
    struct buffer help;
    buffer_addf(out, "complete -c iam-census -n '__iam_census_verb %s' -l %s", c->name, flag->name);
    if (flag->letter)
        buffer_addf(out, " -s %c", flag->letter);
    add_value(flag, out);
    buffer_init(&help, 1024);
    completion_add_help(flag, &help);
    buffer_add_text(out, " -d ");
    add_quoted(buffer_text_cut(&help), out);
    buffer_add_char(out, '\n');
    buffer_release(&help);
}

static void write_command(const struct command *c, struct buffer *out)
{
    struct command_flags all;
    command_list_flags(c, &all);
    for (size_t i = 0; i < all.count; i++)
        write_flag(c, &all.flags[i], out);
    buffer_addf(out,
                "complete -c iam-census -n '__iam_census_verb %s' -l help -s h -d 'show the help'\n"
                "complete -c iam-census -n '__iam_census_verb %s' -l version -s V -d 'show the "
                "version'\n",
                c->name, c->name);
    if (c->operand_words) {
        buffer_addf(out, "complete -c iam-census -n '__iam_census_verb %s' -a '", c->name);
        for (const char *const *word = c->operand_words; *word; word++)
            buffer_addf(out, "%s%s", word == c->operand_words ? "" : " ", *word);
        buffer_add_text(out, "'\n");
    } else if (c->operands_most > 0) {
        buffer_addf(out, "complete -c iam-census -n '__iam_census_verb %s' -F\n", c->name);
    }
}

static void write_verb(const char *condition, const char *name, const char *summary,
                       struct buffer *out)
{
    buffer_addf(out, "complete -c iam-census -n '%s' -a %s -d ", condition, name);
    add_quoted(summary, out);
    buffer_add_char(out, '\n');
}

void completion_write_fish(const struct command *const *commands, struct buffer *out)
{
    static const char no_verb[] = "__iam_census_no_verb";
    buffer_add_text(out, "# fish completion for iam-census, made by 'iam-census completion fish'\n"
                         "\n"
                         "function __iam_census_no_verb\n"
                         "    test (count (commandline -opc)) -eq 1\n"
                         "end\n"
                         "\n"
                         "function __iam_census_verb\n"
                         "    set -l words (commandline -opc)\n"
                         "    test (count $words) -gt 1; and test \"$words[2]\" = $argv[1]\n"
                         "end\n"
                         "\n"
                         "# Files after an '@'.\n"
                         "function __iam_census_at\n"
                         "    set -l word (string replace -r '^--[^=]*=' '' -- (commandline -ct))\n"
                         "    string match -q '@*' -- $word; or return\n"
                         "    for file in (__fish_complete_path (string sub -s 2 -- $word))\n"
                         "        echo \"@$file\"\n"
                         "    end\n"
                         "end\n"
                         "\n"
                         "complete -c iam-census -f\n");
    for (const struct command *const *c = commands; *c; c++) {
        write_verb(no_verb, (*c)->name, (*c)->summary, out);
        write_verb("__iam_census_verb help", (*c)->name, (*c)->summary, out);
    }
    write_verb(no_verb, "help", "show the options of a command", out);
    write_verb(no_verb, "version", "show the version", out);
    buffer_add_text(
        out, "complete -c iam-census -n __iam_census_no_verb -l help -s h -d 'show the "
             "help'\n"
             "complete -c iam-census -n __iam_census_no_verb -l version -s V -d 'show the "
             "version'\n"
             "complete -c iam-census -n '__iam_census_verb help' -l all -d 'every option'\n");
    for (const struct command *const *c = commands; *c; c++)
        write_command(*c, out);
}
