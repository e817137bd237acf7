/* SPDX-License-Identifier: MIT */
#include "base/timestamp.h"

#include <time.h>

#define SECONDS_A_DAY 86400

struct civil {
    int year, month, day, hour, minute, second;
};

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

static bool civil_valid(const struct civil *c)
{
    return c->year >= 1 && c->month >= 1 && c->month <= 12 && c->day >= 1 &&
           c->day <= days_in_month(c->year, c->month) && c->hour <= 23 && c->minute <= 59 &&
           c->second <= 60;
}

static int64_t civil_seconds(const struct civil *c)
{
    struct tm tm = {.tm_year = c->year - 1900,
                    .tm_mon = c->month - 1,
                    .tm_mday = c->day,
                    .tm_hour = c->hour,
                    .tm_min = c->minute,
                    .tm_sec = c->second};
    return (int64_t)timegm(&tm);
}

/* Takes 'count' digits off the front of *v; -1 if they are not there. */
static int take_number(struct view *v, size_t count)
{
    int number = 0;
    if (v->len < count)
        return -1;
    for (size_t i = 0; i < count; i++) {
        char c = v->ptr[i];
        if (c < '0' || c > '9')
            return -1;
        number = number * 10 + (c - '0');
    }
    v->ptr += count;
    v->len -= count;
    return number;
}

static bool take_any(struct view *v, const char *allowed)
{
    if (v->len == 0 || !strchr(allowed, v->ptr[0]) || v->ptr[0] == '\0')
        return false;
    v->ptr++;
    v->len--;
    return true;
}

static void skip_fraction(struct view *v)
{
    if (v->len < 2 || v->ptr[0] != '.' || v->ptr[1] < '0' || v->ptr[1] > '9')
        return;
    do {
        v->ptr++;
        v->len--;
    } while (v->len > 0 && v->ptr[0] >= '0' && v->ptr[0] <= '9');
}

static int take_offset(struct view *v, int *offset_seconds)
{
    *offset_seconds = 0;
    if (take_any(v, "Zz"))
        return 0;
    int sign = v->len > 0 && v->ptr[0] == '-' ? -1 : 1;
    if (!take_any(v, "+-"))
        return -1;
    int hours = take_number(v, 2);
    if (hours < 0 || hours > 23 || !take_any(v, ":"))
        return -1;
    int minutes = take_number(v, 2);
    if (minutes < 0 || minutes > 59)
        return -1;
    *offset_seconds = sign * (hours * 3600 + minutes * 60);
    return 0;
}

int timestamp_parse(struct view text, int64_t *seconds)
{
    struct civil c;
    int offset_seconds;
    if ((c.year = take_number(&text, 4)) < 0 || !take_any(&text, "-") ||
        (c.month = take_number(&text, 2)) < 0 || !take_any(&text, "-") ||
        (c.day = take_number(&text, 2)) < 0 || !take_any(&text, "Tt") ||
        (c.hour = take_number(&text, 2)) < 0 || !take_any(&text, ":") ||
        (c.minute = take_number(&text, 2)) < 0 || !take_any(&text, ":") ||
        (c.second = take_number(&text, 2)) < 0)
        return -1;
    skip_fraction(&text);
    if (take_offset(&text, &offset_seconds) != 0 || text.len != 0 || !civil_valid(&c))
        return -1;
    *seconds = civil_seconds(&c) - offset_seconds;
    return 0;
}

/* 1 to 12 for "Jan" to "Dec", taken off the front of *v; -1 if there is none. */
static int take_month(struct view *v)
{
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    for (int i = 0; i < 12 && v->len >= 3; i++)
        if (memcmp(v->ptr, names + (ptrdiff_t)3 * i, 3) == 0) {
            v->ptr += 3;
            v->len -= 3;
            return i + 1;
        }
    return -1;
}

int timestamp_parse_http(struct view text, int64_t *seconds)
{
    struct civil c;
    if (!text.ptr || text.len != sizeof("Sun, 06 Nov 1994 08:49:37 GMT") - 1 ||
        memcmp(text.ptr + 3, ", ", 2) != 0)
        return -1;
    text.ptr += 5; /* the day of the week says nothing that the date does not */
    text.len -= 5;
    if ((c.day = take_number(&text, 2)) < 0 || !take_any(&text, " ") ||
        (c.month = take_month(&text)) < 0 || !take_any(&text, " ") ||
        (c.year = take_number(&text, 4)) < 0 || !take_any(&text, " ") ||
        (c.hour = take_number(&text, 2)) < 0 || !take_any(&text, ":") ||
        (c.minute = take_number(&text, 2)) < 0 || !take_any(&text, ":") ||
        (c.second = take_number(&text, 2)) < 0 || !view_is(text, " GMT") || !civil_valid(&c))
        return -1;
    *seconds = civil_seconds(&c);
    return 0;
}

static void format_with(int64_t seconds, const char *format, char out[TIMESTAMP_TEXT_SIZE])
{
    time_t moment = (time_t)seconds;
    struct tm tm;
    if (!gmtime_r(&moment, &tm) || strftime(out, TIMESTAMP_TEXT_SIZE, format, &tm) == 0)
        out[0] = '\0';
}

/* Written by hand, since a large census has millions of these and strftime is slow. */
void timestamp_format(int64_t seconds, char out[TIMESTAMP_TEXT_SIZE])
{
    time_t moment = (time_t)seconds;
    struct tm tm;
    if (!gmtime_r(&moment, &tm) || tm.tm_year < -1899 || tm.tm_year > 8099) {
        out[0] = '\0';
        return;
    }
    const int parts[] = {tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec};
    static const char marks[] = "-T::Z";
    int year = tm.tm_year + 1900;
    for (int i = 3; i >= 0; i--, year /= 10)
        out[i] = (char)('0' + year % 10);
    char *at = out + 4;
    *at++ = '-';
    for (size_t i = 0; i < 5; i++) {
        *at++ = (char)('0' + parts[i] / 10);
        *at++ = (char)('0' + parts[i] % 10);
        *at++ = marks[i];
    }
    *at = '\0';
}

void timestamp_format_compact(int64_t seconds, char out[TIMESTAMP_TEXT_SIZE])
{
    format_with(seconds, "%Y%m%dT%H%M%SZ", out);
}

void timestamp_format_file(int64_t seconds, char out[TIMESTAMP_TEXT_SIZE])
{
    format_with(seconds, "%Y-%m-%d_%H-%M-%S", out);
}

int64_t timestamp_age_days(int64_t then, int64_t now)
{
    return then == TIMESTAMP_NONE || then >= now ? 0 : (now - then) / SECONDS_A_DAY;
}
