/* SPDX-License-Identifier: MIT */
#include "world/model.h"

#include "wire/text.h"
#include "world/random.h"

#include <string.h>

static const char *const form_names[REPORT_FORMS_COUNT] = {
    [REPORT_FORMS_UNSET] = NULL,
    [REPORT_FORMS_TODAY] = "today",
    [REPORT_FORMS_OLDER] = "older",
    [REPORT_FORMS_MIXED] = "mixed",
};

const char *unique_id(struct arena *arena, const char *letters, const char *account_id,
                      const char *name)
{
    char random[17];
    uint64_t number =
        random_of_bytes(random_of_bytes(1, account_id, strlen(account_id)), name, strlen(name));
    random_base32(number >> 24, random_mix(number, 1) >> 24, random);
    return text_format(arena, "%.4sQ%s", letters, random);
}

bool status_is_active(const char *status)
{
    return strcmp(status, "Active") == 0;
}

const char *report_forms_name(enum report_forms forms)
{
    return form_names[forms];
}

enum report_forms report_forms_find(const char *name)
{
    int forms = REPORT_FORMS_TODAY;
    while (forms < REPORT_FORMS_COUNT && strcmp(form_names[forms], name) != 0)
        forms++;
    return (enum report_forms)forms;
}
