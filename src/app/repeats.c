/* SPDX-License-Identifier: MIT */
#include "app/repeats.h"

#include <stdio.h>

#define KEY_MAX_BYTES  512
#define LINE_MAX_BYTES 1024

static const char *const kept_fields[] = {"stage", "operation", "code", "cause"};

static const struct log_field *find_field(const struct log_field *fields, size_t count,
                                          const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(fields[i].name, name) == 0 && !fields[i].is_number)
            return &fields[i];
    return NULL;
}

/* Writes the level as a digit, then the text for people: "account failed, stage AssumeRole, ...".
 */
static void write_key(enum log_level level, const char *event, const struct log_field *fields,
                      size_t count, struct buffer *key)
{
    buffer_addf(key, "%d%s", (int)level, event);
    for (size_t i = 0; i < sizeof(kept_fields) / sizeof(kept_fields[0]); i++) {
        const struct log_field *field = find_field(fields, count, kept_fields[i]);
        if (field)
            buffer_addf(key, ", %s %.*s", field->name, VIEW_ARG(field->text));
    }
}

bool repeats_is_new(struct repeats *r, enum log_level level, const char *event,
                    const struct log_field *fields, size_t count)
{
    const struct log_field *account = find_field(fields, count, "account_id");
    struct buffer key;
    if (level > LOG_WARN || !account)
        return true;
    buffer_init(&key, KEY_MAX_BYTES);
    write_key(level, event, fields, count, &key);
    const struct account_group *group =
        account_groups_add(&r->groups, buffer_text_cut(&key), account->text, "");
    buffer_release(&key);
    return group->count == 1 && r->groups.count <= REPEATS_KINDS;
}

/* Logs how many more events of a kind there were than the 'written' ones. */
static void write_group(const struct account_group *group, size_t written)
{
    struct buffer line;
    enum log_level level = group->shared[0] == '0' + LOG_ERROR ? LOG_ERROR : LOG_WARN;
    if (group->count == written || !log_enabled(level))
        return;
    buffer_init(&line, LINE_MAX_BYTES);
    buffer_addf(&line, "%zu more: %s (", group->count - written, group->shared + 1);
    account_group_write_ids(group, written, &line);
    buffer_add_char(&line, ')');
    log_write(level, buffer_text_cut(&line), NULL, 0);
    buffer_release(&line);
}

void repeats_write(struct repeats *r)
{
    struct account_groups groups = r->groups;
    size_t more = 0;
    *r = (struct repeats){0};
    for (size_t i = 0; i < groups.count; i++) {
        if (i < REPEATS_KINDS)
            write_group(&groups.items[i], 1);
        else
            more += groups.items[i].count;
    }
    if (more > 0 && log_enabled(LOG_WARN)) {
        char line[96];
        snprintf(line, sizeof(line),
                 "%zu more events of %zu other kinds (--log-level info has all)", more,
                 groups.count - REPEATS_KINDS);
        log_write(LOG_WARN, line, NULL, 0);
    }
    account_groups_release(&groups);
}

void repeats_release(struct repeats *r)
{
    account_groups_release(&r->groups);
}
