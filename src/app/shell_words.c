/* SPDX-License-Identifier: MIT */
#include "app/shell_words.h"

#include "base/shell_word.h"

/* How the program prints and runs, not what it reads. */
static const enum setting_id left_out[] = {SETTING_DRY_RUN,    SETTING_JSON,  SETTING_LOG_LEVEL,
                                           SETTING_LOG_FORMAT, SETTING_QUIET, SETTING_VERBOSE,
                                           SETTING_COLOR};

static bool is_left_out(unsigned id)
{
    for (size_t i = 0; i < sizeof(left_out) / sizeof(left_out[0]); i++)
        if (left_out[i] == id)
            return true;
    return false;
}

static void add_setting(const struct settings *s, unsigned id, struct buffer *out)
{
    buffer_addf(out, "%s--%s", out->len > 0 ? " " : "", settings_table[id].flag);
    if (settings_table[id].kind == KIND_SWITCH)
        return;
    buffer_add_char(out, ' ');
    if (id == SETTING_EXTERNAL_ID)
        buffer_add_text(out, "\"$EXTERNAL_ID\"");
    else
        shell_word_add(out, view_of(s->values[id]));
}

void shell_words_of_settings(const struct settings *s, struct buffer *out)
{
    for (unsigned id = 0; id < SETTING_COUNT; id++)
        if (s->from_flag[id] && s->values[id] && !is_left_out(id))
            add_setting(s, id, out);
}
