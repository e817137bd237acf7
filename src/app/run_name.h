/* SPDX-License-Identifier: MIT */
/*
 * run_name.h: the names of a run and of its output.
 */
#ifndef APP_RUN_NAME_H
#define APP_RUN_NAME_H

#include "app/config.h"

#define RUN_ID_SIZE      33
#define OUTPUT_NAME_SIZE 256

/* A new run id: 32 hexadecimal digits. */
void run_id_make(char out[RUN_ID_SIZE]);
/* "IAM_USER_TAGS_o-1_combined_2024-01-31_09-30-00.csv" */
void run_output_name(const char *organization_id, int64_t started_s, const char *extension,
                     char out[OUTPUT_NAME_SIZE]);
/*
 * Appends the key of the output's object in S3, or the path of its file. It ends in that name,
 * unless the config has another path.
 */
void run_output_path(const struct config *config, const char *organization_id, int64_t started_s,
                     struct buffer *out);
/*
 * Appends the path or key of what is written beside the output at 'path': its name without its
 * ending (from the last dot on), then 'ending', as ".result.json".
 */
void run_path_beside(const char *path, const char *ending, struct buffer *out);

#endif
