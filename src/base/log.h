/* SPDX-License-Identifier: MIT */
/*
 * log.h: events with fields, one line each, to stderr.
 *
 * Text:  2024-01-31T09:30:00Z INFO  account read account_id=111111111111 users=12
 * JSON:  {"time":"...","level":"info","event":"account read","account_id":"111111111111",...}
 *
 * A process has one log. No function here takes a struct secret, and nothing that holds one
 * (payloads, headers, signed URLs) is ever passed as a field.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/clock.h"
#include "base/view.h"

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };
enum log_format { LOG_TEXT, LOG_JSON };

struct log_field {
    const char *name;
    struct view text; /* the value if 'is_number' is false */
    int64_t number;
    bool is_number;
};

/* Fields of log_event. Text is borrowed for the call. */
#define FIELD(name, text)          ((struct log_field){(name), view_of(text), 0, false})
#define FIELD_VIEW(name, view)     ((struct log_field){(name), (view), 0, false})
#define FIELD_NUMBER(name, number) ((struct log_field){(name), {NULL, 0}, (number), true})

/* Decides which events are written, and writes them, instead of the log itself. */
struct log_listener {
    void *arg;
    /* Returns false if the event is not to be written. NULL: all are written. */
    bool (*wanted)(void *arg, enum log_level level, const char *event,
                   const struct log_field *fields, size_t count);
    /* Writes a line, whose line end is in 'line'. */
    void (*write)(void *arg, struct view line);
};

/* The level with this name ("warn"), or 'fallback' if 'name' is NULL or not a level. */
enum log_level log_level_find(const char *name, enum log_level fallback);
/* Sets what is written from now on. 'clock' is borrowed for the life of the process. */
void log_configure(enum log_level level, enum log_format format, const struct clock *clock);
/* Hands events and lines to 'listener' (borrowed while it is set). NULL: all go to stderr. */
void log_set_listener(const struct log_listener *listener);
/* True if an event of this level is written: saves making fields that cost time. */
bool log_enabled(enum log_level level);
/* Writes one event with 'count' fields. */
void log_write(enum log_level level, const char *event, const struct log_field *fields,
               size_t count);

/* log_event(LOG_INFO, "role assumed", FIELD("account_id", id)); needs at least one field. */
#define log_event(level, event, ...)                                                               \
    do {                                                                                           \
        if (log_enabled(level)) {                                                                  \
            const struct log_field log_fields_[] = {__VA_ARGS__};                                  \
            log_write((level), (event), log_fields_,                                               \
                      sizeof(log_fields_) / sizeof(log_fields_[0]));                               \
        }                                                                                          \
    } while (0)

#endif
