/* SPDX-License-Identifier: MIT */
#include "base/log.h"

#include "base/character.h"
#include "base/colour.h"
#include "base/json_writer.h"
#include "base/printable.h"
#include "base/timestamp.h"

#include <unistd.h>

#define LINE_MAX_BYTES  ((size_t)64 * 1024)
#define FIELD_MAX_BYTES 1024 /* six times as long if every byte is escaped */

static struct {
    enum log_level level;
    enum log_format format;
    const struct clock *clock;
    const struct log_listener *listener;
} settings = {LOG_WARN, LOG_TEXT, NULL, NULL};

static const char *const upper[] = {"ERROR", "WARN", "INFO", "DEBUG"};
static const char *const level_names[] = {"error", "warn", "info", "debug"};

enum log_level log_level_find(const char *name, enum log_level fallback)
{
    for (int level = LOG_ERROR; name && level <= LOG_DEBUG; level++)
        if (strcmp(level_names[level], name) == 0)
            return (enum log_level)level;
    return fallback;
}

void log_configure(enum log_level level, enum log_format format, const struct clock *clock)
{
    settings.level = level;
    settings.format = format;
    settings.clock = clock;
}

void log_set_listener(const struct log_listener *listener)
{
    settings.listener = listener;
}

bool log_enabled(enum log_level level)
{
    return level <= settings.level;
}

/*
 * Cuts a field's text, so that a line has room for all of its fields even if every byte is escaped.
 */
static struct view bounded(struct view text)
{
    if (text.len > FIELD_MAX_BYTES)
        text.len = FIELD_MAX_BYTES;
    return text;
}

static void write_json(struct buffer *line, const char *time, const char *level, const char *event,
                       const struct log_field *fields, size_t count)
{
    struct json_writer w;
    json_writer_init(&w, line);
    json_object_begin(&w);
    json_key(&w, "time");
    json_text(&w, view_of(time));
    json_key(&w, "level");
    json_text(&w, view_of(level));
    json_key(&w, "event");
    json_text(&w, view_of(event));
    for (size_t i = 0; i < count; i++) {
        json_key(&w, fields[i].name);
        if (fields[i].is_number)
            json_int(&w, fields[i].number);
        else
            json_text(&w, bounded(fields[i].text));
    }
    json_object_end(&w);
}

static bool is_plain(struct view text)
{
    size_t i = 0;
    for (size_t len; i < text.len; i += len) {
        len = character_length((struct view){text.ptr + i, text.len - i});
        if (len == 0 || strchr(" \"=\\", text.ptr[i]))
            return false;
    }
    return text.len > 0;
}

/*
 * A value with a space, a quote or a control character is quoted, so that fields can be told apart.
 */
static void write_text_value(struct buffer *line, struct view text)
{
    struct buffer quoted;
    if (is_plain(text)) {
        buffer_add_view(line, text);
        return;
    }
    buffer_init(&quoted, (size_t)8 * FIELD_MAX_BYTES);
    json_quote(&quoted, text);
    printable_add(line, buffer_view_cut(&quoted));
    buffer_release(&quoted);
}

static void write_text(struct buffer *line, const char *time, enum log_level severity,
                       const char *event, const struct log_field *fields, size_t count)
{
    bool coloured = severity <= LOG_WARN && colour_wanted(STDERR_FILENO);
    buffer_addf(line, "%s %s%-5s%s %s", time,
                colour_on(coloured, severity == LOG_ERROR ? COLOUR_BAD : COLOUR_WARNING),
                upper[severity], colour_off(coloured), event);
    for (size_t i = 0; i < count; i++) {
        buffer_addf(line, " %s=", fields[i].name);
        if (fields[i].is_number)
            buffer_add_int(line, fields[i].number);
        else
            write_text_value(line, bounded(fields[i].text));
    }
}

static bool is_wanted(enum log_level level, const char *event, const struct log_field *fields,
                      size_t count)
{
    const struct log_listener *listener = settings.listener;
    return !listener || !listener->wanted ||
           listener->wanted(listener->arg, level, event, fields, count);
}

static void hand_out(struct view line)
{
    if (settings.listener) {
        settings.listener->write(settings.listener->arg, line);
        return;
    }
    /* One write per line keeps lines whole. If stderr is gone, nobody can be told. */
    ssize_t ignored = write(STDERR_FILENO, line.ptr, line.len);
    (void)ignored;
}

void log_write(enum log_level level, const char *event, const struct log_field *fields,
               size_t count)
{
    char time[TIMESTAMP_TEXT_SIZE];
    struct buffer line;
    const struct clock *clock = settings.clock ? settings.clock : clock_system();
    if (!is_wanted(level, event, fields, count))
        return;
    timestamp_format(clock_wall_ms(clock) / 1000, time);
    buffer_init(&line, LINE_MAX_BYTES);
    if (settings.format == LOG_JSON)
        write_json(&line, time, level_names[level], event, fields, count);
    else
        write_text(&line, time, level, event, fields, count);
    line.max++; /* the line end must fit even if the line was cut */
    buffer_truncate(&line, line.len);
    buffer_add_char(&line, '\n');
    hand_out(buffer_view(&line));
    buffer_release(&line);
}
