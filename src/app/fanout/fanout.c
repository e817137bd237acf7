/* SPDX-License-Identifier: MIT */
#include "app/fanout/fanout.h"

#include "app/fanout/batch.h"
#include "app/fanout/combine.h"
#include "app/fanout/plan.h"

static const struct step_kind *const kinds[] = {&plan_step, &batch_step, &combine_step};
#define KIND_COUNT (sizeof(kinds) / sizeof(kinds[0]))

/* 'action' is NULL if it is not a string. */
static int unknown_action(const char *action, struct error *e)
{
    struct buffer allowed;
    buffer_init(&allowed, 256);
    buffer_add_text(&allowed, "census");
    for (size_t i = 0; i < KIND_COUNT; i++)
        buffer_addf(&allowed, ", %s", kinds[i]->action);
    if (action)
        error_set(e, ERROR_CONFIG, "the event's 'action' is '%.40s': allowed are %s", action,
                  buffer_text_cut(&allowed));
    else
        error_set(e, ERROR_CONFIG, "the event's 'action' is not a string: allowed are %s",
                  buffer_text_cut(&allowed));
    buffer_release(&allowed);
    return -1;
}

int fanout_find(const json_t *event, const struct step_kind **kind, struct error *e)
{
    const json_t *value = json_object_get(event, "action");
    const char *action = json_string_value(value);
    *kind = NULL;
    if (!value || json_is_null(value))
        return 0;
    if (action && strcmp(action, "census") == 0)
        return 0;
    for (size_t i = 0; action && i < KIND_COUNT; i++)
        if (strcmp(kinds[i]->action, action) == 0) {
            *kind = kinds[i];
            return 0;
        }
    return unknown_action(action, e);
}
