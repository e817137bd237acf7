/* SPDX-License-Identifier: MIT */
#include "world/world_json.h"

#include "wire/moment.h"
#include "wire/text.h"

#include <stdlib.h>
#include <string.h>

void reading_fail(struct reading *reading, const char *name, const char *problem)
{
    if (!reading->failed)
        error_set(reading->error, ERROR_CONFIG, "%.200s: '%s' %s", reading->where, name, problem);
    reading->failed = true;
}

const char *read_string(struct reading *reading, const json_t *object, const char *name,
                        const char *otherwise)
{
    const json_t *value = json_object_get(object, name);
    if (!value || json_is_null(value))
        return otherwise;
    if (!json_is_string(value)) {
        reading_fail(reading, name, "is not a string");
        return otherwise;
    }
    return text_copy_len(reading->arena, json_string_value(value), json_string_length(value));
}

const char *read_needed(struct reading *reading, const json_t *object, const char *name)
{
    const char *value = read_string(reading, object, name, NULL);
    if (!value)
        reading_fail(reading, name, "is missing");
    return value ? value : "";
}

int64_t read_moment(struct reading *reading, const json_t *object, const char *name,
                    int64_t otherwise)
{
    const char *text = read_string(reading, object, name, NULL);
    int64_t moment = otherwise;
    if (text && moment_parse(text, &moment) != 0)
        reading_fail(reading, name, "is not a time such as 2024-01-31T09:30:00Z");
    return moment;
}

size_t read_list(struct reading *reading, const json_t *object, const char *name,
                 const json_t **list)
{
    *list = json_object_get(object, name);
    if (*list && !json_is_array(*list))
        reading_fail(reading, name, "is not a list");
    return json_array_size(*list);
}

const char **read_strings(struct reading *reading, const json_t *object, const char *name,
                          size_t *count)
{
    const json_t *list;
    *count = read_list(reading, object, name, &list);
    const char **strings = arena_alloc(reading->arena, *count * sizeof(char *) + 1);
    for (size_t i = 0; i < *count; i++) {
        const char *value = json_string_value(json_array_get(list, i));
        if (!value)
            reading_fail(reading, name, "holds something that is not a string");
        strings[i] = text_copy_len(reading->arena, value ? value : "", value ? strlen(value) : 0);
    }
    return strings;
}

unsigned read_count(struct reading *reading, const json_t *object, const char *name, unsigned least,
                    unsigned most, unsigned otherwise)
{
    const json_t *value = json_object_get(object, name);
    if (!value || json_is_null(value))
        return otherwise;
    json_int_t number = json_integer_value(value);
    if (json_is_integer(value) && number >= least && number <= most)
        return (unsigned)number;
    reading_fail(reading, name, "is not a number in range");
    return otherwise;
}

const char *read_document(struct reading *reading, const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    if (!json_is_object(value))
        return read_string(reading, object, name, NULL);
    char *text = json_dumps(value, JSON_COMPACT | JSON_PRESERVE_ORDER);
    const char *copy = text_copy(reading->arena, text ? text : "");
    free(text);
    return copy;
}

void reading_check_names(struct reading *reading, const json_t *object, const char *const *known)
{
    const char *name;
    json_t *value;
    if (!json_is_object(object)) {
        reading_fail(reading, "it", "is not an object");
        return;
    }
    json_object_foreach ((json_t *)object, name, value) {
        size_t i = 0;
        while (known[i] && strcmp(known[i], name) != 0)
            i++;
        if (!known[i])
            reading_fail(reading, name, "is not a known name");
    }
}
