/* SPDX-License-Identifier: MIT */
#include "wire/moment.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

__attribute__((format(strftime, 2, 0))) static char *moment_format(int64_t moment,
                                                                   const char *format, char *out)
{
    time_t seconds = (time_t)moment;
    struct tm parts;
    gmtime_r(&seconds, &parts);
    out[0] = '\0';
    strftime(out, MOMENT_SIZE, format, &parts);
    return out;
}

char *moment_iso(int64_t moment, char *out)
{
    timestamp_format(moment, out);
    return out;
}

char *moment_offset(int64_t moment, char *out)
{
    return moment_format(moment, "%Y-%m-%dT%H:%M:%S+00:00", out);
}

char *moment_basic(int64_t moment, char *out)
{
    timestamp_format_compact(moment, out);
    return out;
}

char *moment_http(int64_t moment, char *out)
{
    /* The C locale is never changed, so the names of days and months are English. */
    return moment_format(moment, "%a, %d %b %Y %H:%M:%S GMT", out);
}

static int moment_from_parts(const int *part, int64_t *moment)
{
    struct tm parts = {.tm_year = part[0] - 1900,
                       .tm_mon = part[1] - 1,
                       .tm_mday = part[2],
                       .tm_hour = part[3],
                       .tm_min = part[4],
                       .tm_sec = part[5]};
    struct tm given = parts;
    time_t seconds = timegm(&parts);
    /* timegm turns 31 February into March: if it changed anything, the date was not valid. */
    if (parts.tm_mon != given.tm_mon || parts.tm_mday != given.tm_mday ||
        parts.tm_hour != given.tm_hour || parts.tm_min != given.tm_min)
        return -1;
    *moment = (int64_t)seconds;
    return 0;
}

int moment_parse(const char *text, int64_t *moment)
{
    int part[6] = {0};
    int used = 0;
    if (sscanf(text, "%4d-%2d-%2d%n", &part[0], &part[1], &part[2], &used) != 3)
        return -1;
    text += used;
    if (*text == '\0')
        return moment_from_parts(part, moment);
    used = 0;
    if (sscanf(text, "T%2d:%2d:%2d%n", &part[3], &part[4], &part[5], &used) != 3)
        return -1;
    text += used;
    if (strcmp(text, "Z") != 0 && strcmp(text, "+00:00") != 0 && *text != '\0')
        return -1;
    return moment_from_parts(part, moment);
}

int moment_parse_basic(const char *text, int64_t *moment)
{
    int part[6] = {0};
    int used = 0;
    if (strlen(text) != 16 ||
        sscanf(text, "%4d%2d%2dT%2d%2d%2dZ%n", &part[0], &part[1], &part[2], &part[3], &part[4],
               &part[5], &used) != 6 ||
        used != 16)
        return -1;
    return moment_from_parts(part, moment);
}
