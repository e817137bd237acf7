/* SPDX-License-Identifier: MIT */
#include "app/completion.h"

#include <string.h>

/*
 * Appends a text within single quotes; what _arguments or _describe gives a meaning to gets a
 * backslash.
 */
static void add_quoted(const char *text, const char *special, struct buffer *out)
{
    for (; *text; text++) {
        if (*text == '\'') {
            buffer_add_text(out, "'\\''");
            continue;
        }
        if (strchr(special, *text))
            buffer_add_char(out, '\\');
        buffer_add_char(out, *text);
    }
}

static void add_help(const struct flag *flag, struct buffer *out)
{
    struct buffer help;
    buffer_init(&help, 1024);
    completion_add_help(flag, &help);
    buffer_add_char(out, '[');
    add_quoted(buffer_text_cut(&help), "[]:\\", out);
    buffer_add_char(out, ']');
    buffer_release(&help);
}

/* Appends the action of _arguments that completes a value. */
static void add_action(const struct flag *flag, struct buffer *out)
{
    struct buffer words;
    buffer_init(&words, 8192);
    completion_add_words(flag, &words);
    const char *text = buffer_text_cut(&words);
    if (flag->value == FLAG_VALUE_FILE)
        buffer_add_text(out, "_files");
    else if (flag->value == FLAG_VALUE_AT_FILE)
        buffer_add_text(out, "{compset -P @ && _files}");
    else if (flag->value == FLAG_VALUE_LIMITS)
        buffer_addf(out, "{compadd -S \"\" -- %s}", text);
    else if (flag->value != FLAG_VALUE_TEXT)
        buffer_addf(out, "{_sequence compadd - %s}", text);
    else if (flag->choices) {
        buffer_add_char(out, '(');
        add_quoted(text, ":", out);
        buffer_add_char(out, ')');
    } else {
        buffer_add_char(out, ' ');
    }
    buffer_release(&words);
}

/* '(-o --output)'{-o+,--output=}'[help]:PATH:_files'; '*' if it may be given again. */
static void write_flag(const struct flag *flag, struct buffer *out)
{
    const char *sign = flag->value_name ? "=" : "";
    buffer_add_text(out, "            ");
    if (flag->letter)
        buffer_addf(out, "'*'{-%c%s,--%s%s}'", flag->letter, flag->value_name ? "+" : "",
                    flag->name, sign);
    else
        buffer_addf(out, "'*--%s%s", flag->name, sign);
    add_help(flag, out);
    if (flag->value_name) {
        buffer_add_char(out, ':');
        add_quoted(flag->value_name, ":", out);
        buffer_add_char(out, ':');
        add_action(flag, out);
    }
    buffer_add_text(out, "' \\\n");
}

static void write_operands(const struct command *c, struct buffer *out)
{
    if (c->operand_words) {
        buffer_addf(out, "            '1:%s:(", c->operands[0]);
        for (const char *const *word = c->operand_words; *word; word++)
            buffer_addf(out, "%s%s", word == c->operand_words ? "" : " ", *word);
        buffer_add_text(out, ")' \\\n");
    } else if (c->operands_most > 0) {
        buffer_addf(out, "            '*:%s:_files' \\\n", c->operands[0]);
    }
}

static void write_command(const struct command *c, struct buffer *out)
{
    struct command_flags all;
    command_list_flags(c, &all);
    buffer_addf(out, "    %s)\n        _arguments -s -S : \\\n", c->name);
    for (size_t i = 0; i < all.count; i++)
        write_flag(&all.flags[i], out);
    write_operands(c, out);
    buffer_add_text(out, "            '*'{-h,--help}'[show the help]' \\\n"
                         "            '*'{-V,--version}'[show the version]'\n"
                         "        ;;\n");
}

void completion_write_zsh(const struct command *const *commands, struct buffer *out)
{
    buffer_add_text(out, "#compdef iam-census\n"
                         "# zsh completion for iam-census, made by 'iam-census completion zsh'\n"
                         "\n"
                         "_iam_census()\n"
                         "{\n"
                         "    local -a verbs\n"
                         "    verbs=(\n");
    for (const struct command *const *c = commands; *c; c++) {
        buffer_addf(out, "        '%s:", (*c)->name);
        add_quoted((*c)->summary, ":\\", out);
        buffer_add_text(out, "'\n");
    }
    buffer_add_text(out, "    )\n"
                         "    if ((CURRENT == 2)); then\n"
                         "        verbs+=('help:show the options of a command' "
                         "'version:show the version')\n"
                         "        _describe -t commands command verbs\n"
                         "        [[ $PREFIX != -* ]] || compadd -- -h --help -V --version\n"
                         "        return\n"
                         "    fi\n"
                         "    local verb=$words[2]\n"
                         "    shift words\n"
                         "    ((CURRENT--))\n"
                         "    case $verb in\n");
    for (const struct command *const *c = commands; *c; c++)
        write_command(*c, out);
    buffer_add_text(out, "    help)\n"
                         "        _describe -t commands command verbs\n"
                         "        [[ $PREFIX != -* ]] || compadd -- " COMMAND_ALL "\n"
                         "        ;;\n"
                         "    esac\n"
                         "}\n"
                         "\n"
                         "# Loaded by compinit, this file is the function's body; otherwise it is\n"
                         "# sourced.\n"
                         "if [[ $funcstack[1] == _iam-census ]]; then\n"
                         "    _iam_census \"$@\"\n"
                         "else\n"
                         "    compdef _iam_census iam-census\n"
                         "fi\n");
}
