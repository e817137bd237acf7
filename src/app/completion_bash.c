/* SPDX-License-Identifier: MIT */
#include "app/completion.h"

/*
 * Bash splits words at COMP_WORDBREAKS, among them '=' and ':', and replaces only the last piece.
 * So the word is taken from the line, and what bash keeps of it is cut from the candidates.
 */
static const char script_begin[] =
    "# bash completion for iam-census, made by 'iam-census completion bash'\n"
    "\n"
    "# Sets 'kind' and 'words' for the value of an option of a command.\n"
    "_iam_census_value()\n"
    "{\n"
    "    kind=none words=''\n"
    "    case $1 in\n";

static const char script_middle[] =
    "    esac\n"
    "}\n"
    "\n"
    "# Sets 'flags' and 'words' (for the words beside the options) of a command.\n"
    "_iam_census_command()\n"
    "{\n"
    "    flags='' kind=none words=''\n"
    "    case $1 in\n";

static const char script_end[] =
    "    esac\n"
    "}\n"
    "\n"
    "# Offers the candidates of 'kind' that begin with $1; the parts that bash keeps are cut off.\n"
    "_iam_census_offer()\n"
    "{\n"
    "    local cur=$1 head='' keep='' word\n"
    "    local IFS=$' \\t\\n'\n"
    "    case $kind in\n"
    "    file | at)\n"
    "        if [[ $kind == at ]]; then\n"
    "            [[ $cur == @* ]] || return\n"
    "            head=@ cur=${cur#@}\n"
    "        fi\n"
    "        compopt -o filenames 2>/dev/null\n"
    "        mapfile -t COMPREPLY < <(compgen -P \"$head\" -f -- \"$cur\")\n"
    "        return\n"
    "        ;;\n"
    "    list)\n"
    "        head=${cur%\"${cur##*,}\"}\n"
    "        compopt -o nospace 2>/dev/null\n"
    "        ;;\n"
    "    prefix) compopt -o nospace 2>/dev/null ;;\n"
    "    none) return ;;\n"
    "    esac\n"
    "    for word in '=' ':'; do\n"
    "        [[ $COMP_WORDBREAKS == *\"$word\"* && ${cur#\"$keep\"} == *\"$word\"* ]] &&\n"
    "            keep=${cur%\"${cur##*\"$word\"}\"}\n"
    "    done\n"
    "    for word in $words; do\n"
    "        [[ $head$word == \"$cur\"* ]] && word=$head$word && "
    "COMPREPLY+=(\"${word#\"$keep\"}\")\n"
    "    done\n"
    "}\n"
    "\n"
    "_iam_census()\n"
    "{\n"
    "    local line=${COMP_LINE:0:COMP_POINT} kind='' words='' flags='' cur='' before=''\n"
    "    local -a typed\n"
    "    COMPREPLY=()\n"
    "    read -ra typed <<<\"$line\"\n"
    "    [[ $line == *[[:space:]] ]] || { cur=${typed[-1]}; unset 'typed[-1]'; }\n"
    "    local verb=${typed[1]}\n"
    "    [[ ${#typed[@]} -gt 1 ]] && before=${typed[-1]}\n"
    "    _iam_census_command \"$verb\"\n"
    "    if [[ $cur == --*=* ]]; then\n"
    "        _iam_census_value \"$verb ${cur%%=*}\"\n"
    "        _iam_census_offer \"${cur#*=}\"\n"
    "        return\n"
    "    fi\n"
    "    local beside=$kind operands=$words\n"
    "    _iam_census_value \"$verb $before\"\n"
    "    if [[ $kind == none && $words == value ]]; then\n"
    "        return\n"
    "    elif [[ $kind != none ]]; then\n"
    "        _iam_census_offer \"$cur\"\n"
    "    elif [[ $cur == -* ]]; then\n"
    "        kind='words' words=$flags\n"
    "        _iam_census_offer \"$cur\"\n"
    "    else\n"
    "        kind=$beside words=$operands\n"
    "        _iam_census_offer \"$cur\"\n"
    "    fi\n"
    "}\n"
    "\n"
    "complete -F _iam_census iam-census\n";

/* How the script offers a flag's value. */
static const char *kind_of(const struct flag *flag)
{
    switch (flag->value) {
    case FLAG_VALUE_FILE:
        return "file";
    case FLAG_VALUE_AT_FILE:
        return "at";
    case FLAG_VALUE_RULES:
    case FLAG_VALUE_KINDS:
        return "list";
    case FLAG_VALUE_LIMITS:
        return "prefix";
    case FLAG_VALUE_TEXT:
        break;
    }
    return flag->choices ? "words" : "none";
}

static void write_value(const struct command *c, const struct flag *flag, struct buffer *out)
{
    const char *kind = kind_of(flag);
    if (!flag->value_name)
        return;
    buffer_addf(out, "    '%s --%s'", c->name, flag->name);
    if (flag->letter)
        buffer_addf(out, " | '%s -%c'", c->name, flag->letter);
    buffer_addf(out, ") kind='%s' words='", kind);
    size_t start = out->len;
    completion_add_words(flag, out);
    if (out->len == start)
        buffer_add_text(out, "value"); /* any text: neither an option nor an operand */
    buffer_add_text(out, "' ;;\n");
}

static void write_command(const struct command *c, struct buffer *out)
{
    struct command_flags all;
    command_list_flags(c, &all);
    buffer_addf(out, "    %s)\n        flags='", c->name);
    for (size_t i = 0; i < all.count; i++) {
        buffer_addf(out, "--%s ", all.flags[i].name);
        if (all.flags[i].letter)
            buffer_addf(out, "-%c ", all.flags[i].letter);
    }
    buffer_add_text(out, "--help -h --version -V'\n");
    if (c->operand_words) {
        buffer_add_text(out, "        kind='words' words='");
        for (const char *const *word = c->operand_words; *word; word++)
            buffer_addf(out, "%s%s", word == c->operand_words ? "" : " ", *word);
        buffer_add_text(out, "'\n");
    } else if (c->operands_most > 0) {
        buffer_add_text(out, "        kind='file'\n");
    }
    buffer_add_text(out, "        ;;\n");
}

void completion_write_bash(const struct command *const *commands, struct buffer *out)
{
    buffer_add_text(out, script_begin);
    for (const struct command *const *c = commands; *c; c++) {
        struct command_flags all;
        command_list_flags(*c, &all);
        for (size_t i = 0; i < all.count; i++)
            write_value(*c, &all.flags[i], out);
    }
    buffer_add_text(out, script_middle);
    for (const struct command *const *c = commands; *c; c++)
        write_command(*c, out);
    buffer_add_text(out, "    help) flags='" COMMAND_ALL "' kind='words' words='");
    for (const struct command *const *c = commands; *c; c++)
        buffer_addf(out, "%s%s", c == commands ? "" : " ", (*c)->name);
    buffer_add_text(out, "' ;;\n    '') flags='--help -h --version -V' kind='words' words='");
    for (const struct command *const *c = commands; *c; c++)
        buffer_addf(out, "%s ", (*c)->name);
    buffer_add_text(out, "help version' ;;\n");
    buffer_add_text(out, script_end);
}
