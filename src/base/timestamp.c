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

/*
 * Dates by arithmetic, since a large census has millions of them, and timegm and gmtime_r ask for
 * the time zone each time (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms"). Years begin
 * in March here, so that the leap day is the last of one; 400 of them are an era.
 */
#define DAYS_AN_ERA      146097
#define DAYS_BEFORE_1970 719468 /* from 1 March of the year 0 */

static int64_t civil_days(int year, int month, int day)
{
    int from_march = month > 2 ? year : year - 1;
    int era = from_march / 400;
    int year_of_era = from_march % 400;
    int day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return (int64_t)era * DAYS_AN_ERA + day_of_era - DAYS_BEFORE_1970;
}

static int64_t civil_seconds(const struct civil *c)
{
    return civil_days(c->year, c->month, c->day) * SECONDS_A_DAY + (int64_t)c->hour * 3600 +
           (int64_t)c->minute * 60 + c->second;
}

/* False if the year is not one of 1 to 9999. */
static bool civil_from(int64_t seconds, struct civil *c)
{
    if (seconds < civil_days(1, 1, 1) * SECONDS_A_DAY ||
        seconds >= civil_days(10000, 1, 1) * SECONDS_A_DAY)
        return false;
    int64_t whole = seconds + (int64_t)DAYS_BEFORE_1970 * SECONDS_A_DAY;
    int days = (int)(whole / SECONDS_A_DAY), second_of_day = (int)(whole % SECONDS_A_DAY);
    int day_of_era = days % DAYS_AN_ERA;
    int year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int from_march = (5 * day_of_year + 2) / 153;
    c->day = day_of_year - (153 * from_march + 2) / 5 + 1;
    c->month = from_march < 10 ? from_march + 3 : from_march - 9;
    c->year = days / DAYS_AN_ERA * 400 + year_of_era + (c->month <= 2);
    c->hour = second_of_day / 3600;
    c->minute = second_of_day / 60 % 60;
    c->second = second_of_day % 60;
    return true;
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

__attribute__((format(strftime, 2, 0))) static void format_with(int64_t seconds, const char *format,
                                                                char out[TIMESTAMP_TEXT_SIZE])
{
    time_t moment = (time_t)seconds;
    struct tm tm;
    if (!gmtime_r(&moment, &tm) || strftime(out, TIMESTAMP_TEXT_SIZE, format, &tm) == 0)
        out[0] = '\0';
}

/* Written by hand, since a large census has millions of these and strftime is slow. */
void timestamp_format(int64_t seconds, char out[TIMESTAMP_TEXT_SIZE])
{
    struct civil c;
    if (!civil_from(seconds, &c)) {
        out[0] = '\0';
        return;
    }
    const int parts[] = {c.month, c.day, c.hour, c.minute, c.second};
    static const char marks[] = "-T::Z";
    int year = c.year;
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
