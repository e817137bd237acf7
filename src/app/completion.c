/* SPDX-License-Identifier: MIT */
#include "app/completion.h"

#include "rules/rule.h"
#include "store/difference.h"

#include <string.h>

const struct shell shells[] = {
    {"bash", completion_write_bash},
    {"zsh", completion_write_zsh},
    {"fish", completion_write_fish},
};
const size_t shell_count = sizeof(shells) / sizeof(shells[0]);
const char *const shell_names[] = {"bash", "zsh", "fish", NULL};

static void add_word(const char *word, const char *end, size_t start, struct buffer *out)
{
    buffer_addf(out, "%s%s%s", out->len > start ? " " : "", word, end);
}

void completion_add_words(const struct flag *flag, struct buffer *out)
{
    size_t start = out->len;
    for (const char *const *c = flag->choices; c && *c; c++)
        add_word(*c, "", start, out);
    if (flag->value == FLAG_VALUE_RULES) {
        add_word("default", "", start, out);
        add_word("all", "", start, out);
    }
    for (size_t i = 0; flag->value == FLAG_VALUE_RULES && i < rules_count; i++)
        add_word(rules_table[i].id, "", start, out);
    for (size_t i = 0; flag->value == FLAG_VALUE_LIMITS && i < rules_count; i++)
        if (rules_table[i].limit_kind != LIMIT_NONE)
            add_word(rules_table[i].id, "=", start, out);
    for (size_t i = 0; flag->value == FLAG_VALUE_KINDS && i < DIFFERENCE_COUNT; i++)
        add_word(difference_kinds[i].name, "", start, out);
}

void completion_add_help(const struct flag *flag, struct buffer *out)
{
    for (const char *c = flag->help; *c; c++) {
        if (flag->choices && strncmp(c, "{}", 2) == 0) {
            flags_write_choices(flag->choices, out);
            c++;
        } else if (*c == '\n') {
            buffer_add_char(out, ' ');
        } else {
            buffer_add_char(out, *c);
        }
    }
}
