/* SPDX-License-Identifier: MIT */
#include "faults/rewrite.h"

#include <stdlib.h>
#include <string.h>

/* The recursion is as deep as the scenario's own JSON, which Jansson bounds. */
static void merge(json_t *into, const json_t *set)
{
    const char *name;
    json_t *value;
    if (json_is_object(into) && json_is_object(set)) {
        json_object_foreach ((json_t *)set, name, value) {
            json_t *old = json_object_get(into, name);
            if ((json_is_object(old) && json_is_object(value)) ||
                (json_is_array(old) && json_is_array(value)))
                merge(old, value);
            else
                json_object_set(into, name, value);
        }
        return;
    }
    for (size_t i = 0; i < json_array_size(set); i++) {
        json_t *old = json_array_get(into, i);
        value = json_array_get(set, i);
        if (json_is_object(old) && json_is_object(value))
            merge(old, value);
        else if (old)
            json_array_set(into, i, value);
        else
            json_array_append(into, value);
    }
}

static void merge_into(struct buffer *body, const json_t *set)
{
    json_t *document = json_loadb(body->data, body->len, 0, NULL);
    if (!document)
        return;
    merge(document, set);
    char *printed = json_dumps(document, JSON_COMPACT);
    json_decref(document);
    if (!printed)
        return;
    buffer_clear(body);
    buffer_add_text(body, printed);
    free(printed);
}

static void replace(struct buffer *body, const struct replacement *replacement)
{
    struct buffer made = {.max = TEXT_MAX};
    const char *at = buffer_text(body);
    const char *found;
    while ((found = strstr(at, replacement->from)) != NULL) {
        buffer_add(&made, at, (size_t)(found - at));
        buffer_add_text(&made, replacement->to);
        at = found + strlen(replacement->from);
    }
    buffer_add_text(&made, at);
    buffer_release(body);
    *body = made;
}

void rewrite_body(struct buffer *body, const struct rewrite *rewrite)
{
    if (rewrite->set && body->len > 0)
        merge_into(body, rewrite->set);
    for (size_t i = 0; i < rewrite->replacement_count; i++)
        replace(body, &rewrite->replacements[i]);
}
