/* SPDX-License-Identifier: MIT */
#include "app/run_name.h"

#include "base/random.h"
#include "base/timestamp.h"

#include <stdio.h>
#include <string.h>

void run_id_make(char out[RUN_ID_SIZE])
{
    struct random random;
    random_init_system(&random);
    snprintf(out, RUN_ID_SIZE, "%016llx%016llx", (unsigned long long)random_next(&random),
             (unsigned long long)random_next(&random));
}

void run_output_name(const char *organization_id, int64_t started_s, const char *extension,
                     char out[OUTPUT_NAME_SIZE])
{
    char time[TIMESTAMP_TEXT_SIZE];
    timestamp_format_file(started_s, time);
    snprintf(out, OUTPUT_NAME_SIZE, "IAM_USER_TAGS_%s_combined_%s%s", organization_id, time,
             extension);
}

void run_output_path(const struct config *config, const char *organization_id, int64_t started_s,
                     struct buffer *out)
{
    char name[OUTPUT_NAME_SIZE];
    run_output_name(organization_id, started_s, config->format->extension, name);
    if (config->destination.bucket)
        buffer_addf(out, "%s%s", config->destination.prefix, name);
    else
        buffer_add_text(out, config->destination.output ? config->destination.output : name);
}

void run_path_beside(const char *path, const char *ending, struct buffer *out)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    const char *dot = strrchr(name, '.');
    size_t len = dot && dot > name ? (size_t)(dot - path) : strlen(path);
    buffer_addf(out, "%.*s%s", (int)len, path, ending);
}
