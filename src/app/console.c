/* SPDX-License-Identifier: MIT */
#include "app/console.h"

#include "base/log.h"
#include "base/printable.h"

#include <string.h>

#define SAID_MAX_BYTES 8192

static bool is_wanted(void *arg, enum log_level level, const char *event,
                      const struct log_field *fields, size_t count)
{
    struct console *c = arg;
    return repeats_is_new(&c->repeats, level, event, fields, count);
}

static void write_line(void *arg, struct view line)
{
    struct console *c = arg;
    progress_write(&c->progress, line);
}

void console_begin(struct console *c, bool grouped)
{
    *c = (struct console){.listener = {c, grouped ? is_wanted : NULL, write_line}};
    log_set_listener(&c->listener);
}

void console_configure(struct console *c, const struct settings *settings)
{
    const char *format = settings_text(settings, SETTING_LOG_FORMAT);
    bool as_json = format && strcmp(format, "json") == 0;
    enum log_level level = log_level_find(settings_text(settings, SETTING_LOG_LEVEL), LOG_WARN);
    log_configure(level, as_json ? LOG_JSON : LOG_TEXT, clock_system());
    console_begin(c, !as_json && level <= LOG_WARN);
}

void console_say(struct console *c, const char *text)
{
    struct buffer line;
    buffer_init(&line, SAID_MAX_BYTES);
    buffer_add_text(&line, "iam-census: ");
    printable_add(&line, view_of(text));
    buffer_add_char(&line, '\n');
    progress_write(&c->progress, buffer_view_cut(&line));
    buffer_release(&line);
}

void console_end(struct console *c)
{
    progress_hide(&c->progress);
    repeats_write(&c->repeats);
    log_set_listener(NULL);
}
