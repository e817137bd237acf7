/* SPDX-License-Identifier: MIT */
/*
 * Any words as the command line of 'collect', a line each: settings, and the config that they make.
 * Files are not read: a list that names one is left out.
 */
#include "app/config.h"
#include "app/shell_words.h"
#include "base/log.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 24

/* The words are split at line ends, in place. */
static int split(char *text, char **words)
{
    int count = 0;
    for (char *rest = text; rest && count < WORDS_MAX; count++)
        words[count] = strsep(&rest, "\n");
    return count;
}

static void try_flag(struct settings *settings, char *flag, char *value)
{
    struct error e = {0};
    for (enum setting_id id = 0; id < SETTING_COUNT; id++) {
        if (strcmp(settings_table[id].flag, flag) != 0)
            continue;
        bool file = (settings_table[id].kind == KIND_LIST && strchr(value, '@')) ||
                    strchr(value, '/') || strcmp(value, "-") == 0;
        if (!file && settings_from_flag(settings, id, value, &e) != 0 && e.kind != ERROR_CONFIG)
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct settings settings = {0};
    struct config config;
    struct error e = {0};
    struct buffer words_out;
    char *words[WORDS_MAX];
    char *text = malloc(len + 1);
    memcpy(text, bytes, len);
    text[len] = '\0';
    log_configure(LOG_ERROR, LOG_TEXT, NULL);
    int count = split(text, words);
    for (int i = 0; i + 1 < count; i += 2)
        try_flag(&settings, words[i], words[i + 1]);
    if (settings_check(&settings, &e) == 0) {
        if (config_make(&settings, false, &config, &e) != 0 && e.kind != ERROR_CONFIG)
            abort();
        config_release(&config);
    }
    buffer_init(&words_out, (size_t)1 << 20);
    shell_words_of_settings(&settings, &words_out);
    buffer_release(&words_out);
    settings_release(&settings);
    free(text);
    return 0;
}
