/* SPDX-License-Identifier: MIT */
/*
 * report_scene.h: reports as AWS writes them, made into base64 and read.
 */
#ifndef TESTS_REPORT_SCENE_H
#define TESTS_REPORT_SCENE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "census/report.h"

#include <openssl/evp.h>
#include <stdlib.h>

#define GENERATED_S 1706693400 /* 2024-01-31T09:30:00Z */
#define TEXT_MAX    ((size_t)64 * 1024 * 1024)

/* As AWS writes it: the columns in their order, without the one that came later. */
#define COLUMNS                                                                                    \
    "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,"       \
    "password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,"             \
    "access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,"    \
    "access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,"                   \
    "access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,"                  \
    "cert_1_last_rotated,cert_2_active,cert_2_last_rotated"
#define COLUMN_NAMES 22
#define ROOT                                                                                       \
    "<root_account>,arn:aws:iam::111111111111:root,2019-01-01T00:00:00+00:00,not_supported,"       \
    "2023-05-05T05:05:05+00:00,not_supported,not_supported,true,true,2020-01-01T00:00:00+00:00,"   \
    "N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A"
#define ANN_HEAD                                                                                   \
    "ann,arn:aws:iam::111111111111:user/ann,2020-01-02T03:04:05+00:00,true,"                       \
    "2024-01-05T06:07:08+00:00,2023-02-03T04:05:06+00:00,2024-05-05T00:00:00+00:00,true,"
#define ANN_KEYS                                                                                   \
    "true,2021-01-01T00:00:01+00:00,2024-01-02T03:00:00+00:00,eu-west-1,s3,"                       \
    "false,2020-06-06T06:06:06+00:00,N/A,N/A,N/A,"
#define ANN ANN_HEAD ANN_KEYS "true,2020-05-05T05:05:05+00:00,false,N/A"
/* Nothing but a name and a date. */
#define BOB                                                                                        \
    "bob,arn:aws:iam::111111111111:user/bob,2022-01-01T00:00:00+00:00,false,N/A,N/A,N/A,false,"    \
    "false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A"

#define ANN_CREATED_S 1577934245
#define ANN_KEY_1_S   1609459201
#define ANN_KEY_2_S   1591423566

struct scene {
    struct arena arena;
    struct report report;
    struct error e;
    struct buffer text;
};

static inline int scene_begin(void **state)
{
    struct scene *s = xcalloc(1, sizeof(*s));
    arena_init(&s->arena);
    buffer_init(&s->text, TEXT_MAX);
    *state = s;
    return 0;
}

static inline int scene_end(void **state)
{
    struct scene *s = *state;
    arena_release(&s->arena);
    buffer_release(&s->text);
    free(s);
    return 0;
}

/* The base64 in a block of its own size, so that a byte read beyond it is seen. */
static inline int read_base64(struct scene *s, const char *base64, size_t len)
{
    char *exact = xmalloc(len + (len == 0));
    memcpy(exact, base64, len);
    arena_clear(&s->arena);
    error_clear(&s->e);
    int result = report_read((struct view){exact, len}, GENERATED_S, &s->arena, &s->report, &s->e);
    /* What was read is the arena's: nothing of it may point into the answer. */
    memset(exact, '#', len);
    free(exact);
    return result;
}

static inline int read_text(struct scene *s, const char *text, size_t len)
{
    unsigned char *base64 = xmalloc(len / 3 * 4 + 5);
    int made = EVP_EncodeBlock(base64, (const unsigned char *)text, (int)len);
    int result = read_base64(s, (const char *)base64, (size_t)made);
    free(base64);
    return result;
}

/* Reads a report that is fine, of so many users. */
static inline const struct report_line *lines_of(struct scene *s, const char *text, size_t count)
{
    if (read_text(s, text, strlen(text)) != 0)
        fail_msg("%s\n%s", s->e.text, text);
    assert_int_equal(s->report.generated_s, GENERATED_S);
    if (s->report.count != count)
        fail_msg("%zu users instead of %zu in\n%s", s->report.count, count, text);
    return s->report.lines;
}

static inline void refused(struct scene *s, const char *text, enum error_kind kind,
                           const char *part)
{
    assert_int_equal(read_text(s, text, strlen(text)), -1);
    assert_int_equal(s->e.kind, kind);
    if (!strstr(s->e.text, part))
        fail_msg("'%s' is not in '%s'", part, s->e.text);
}

#define assert_view(seen, wanted)                                                                  \
    do {                                                                                           \
        struct view is = (seen);                                                                   \
        if (!view_is(is, wanted))                                                                  \
            fail_msg("'%.*s' instead of '%s'", VIEW_ARG(is), (wanted));                            \
    } while (0)

static inline void assert_ann(const struct report_line *line)
{
    assert_view(line->user, "ann");
    assert_int_equal(line->created_s, ANN_CREATED_S);
    assert_int_equal(line->password, SAID_TRUE);
    assert_int_equal(line->mfa, SAID_TRUE);
    assert_int_equal(line->password_used_s, 1704434828);
    assert_int_equal(line->password_changed_s, 1675397106);
    assert_int_equal(line->keys[0].created_s, ANN_KEY_1_S);
    assert_int_equal(line->keys[0].used_s, 1704164400);
    assert_view(line->keys[0].region, "eu-west-1");
    assert_view(line->keys[0].service, "s3");
    assert_int_equal(line->keys[1].created_s, ANN_KEY_2_S);
    assert_int_equal(line->keys[1].used_s, TIMESTAMP_NONE);
    assert_true(line->has_certificate);
    assert_false(line->has_more);
    assert_true(line->has_key);
}

static inline void assert_bob(const struct report_line *line)
{
    assert_view(line->user, "bob");
    assert_int_equal(line->created_s, 1640995200);
    assert_int_equal(line->password, SAID_FALSE);
    assert_int_equal(line->mfa, SAID_FALSE);
    assert_int_equal(line->password_used_s, TIMESTAMP_NONE);
    assert_int_equal(line->password_changed_s, TIMESTAMP_NONE);
    assert_false(line->has_certificate);
    assert_false(line->has_more);
    assert_false(line->has_key);
    assert_null(report_find_key(line, ANN_KEY_1_S));
}

static inline void assert_both(struct scene *s, const char *text)
{
    const struct report_line *lines = lines_of(s, text, 2);
    assert_ann(&lines[0]);
    assert_bob(&lines[1]);
}

#endif
