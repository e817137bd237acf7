/* SPDX-License-Identifier: MIT */
/* Secrets in texts of others: whatever stands around them, they are not seen. */
#include "base/blanks.h"
#include "base/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#define ROUNDS 30000

static size_t below(struct random *random, size_t bound)
{
    return (size_t)(random_next(random) % bound);
}

/* Of few letters, so that pieces of it stand everywhere. */
static void make_secret(struct random *random, char out[64])
{
    static const char letters[] = "ab/+";
    size_t len = 8 + below(random, 40);
    for (size_t i = 0; i < len; i++)
        out[i] = letters[below(random, sizeof(letters) - 1)];
    out[len] = '\0';
}

static void add_encoded(struct buffer *text, const char *secret, struct random *random)
{
    for (; *secret; secret++) {
        if (below(random, 2))
            buffer_addf(text, below(random, 2) ? "%%%02X" : "%%%02x", (unsigned)*secret);
        else
            buffer_add_char(text, *secret);
    }
}

static void add_piece(struct buffer *text, const char *secret, struct random *random)
{
    switch (below(random, 5)) {
    case 0:
        buffer_add_text(text, secret);
        break;
    case 1:
        add_encoded(text, secret, random);
        break;
    case 2: /* its beginning */
        buffer_add(text, secret, below(random, strlen(secret)));
        break;
    case 3: /* its end */
        buffer_add_text(text, secret + 1 + below(random, strlen(secret)));
        break;
    default:
        buffer_add_text(text, " and so on '");
        break;
    }
}

static void test_never_seen(void **state)
{
    struct random random;
    struct buffer text, out;
    (void)state;
    random_init(&random, 4711);
    buffer_init(&text, 100000);
    buffer_init(&out, 200000);
    for (int round = 0; round < ROUNDS; round++) {
        char secrets[2][64];
        struct blanks b = {.count = 0};
        buffer_clear(&text);
        buffer_clear(&out);
        for (int i = 0; i < 2; i++) {
            make_secret(&random, secrets[i]);
            blanks_add(&b, view_of(secrets[i]));
        }
        for (size_t pieces = 1 + below(&random, 8); pieces > 0; pieces--)
            add_piece(&text, secrets[below(&random, 2)], &random);
        blanks_write(&b, buffer_view(&text), &out);
        for (int i = 0; i < 2; i++)
            if (strstr(buffer_text(&out), secrets[i]))
                fail_msg("'%s' is in '%s', made of '%s'", secrets[i], buffer_text(&out),
                         buffer_text(&text));
    }
    buffer_release(&text);
    buffer_release(&out);
}

/* What holds no secret is told as it is. */
static void test_plain_texts(void **state)
{
    static const char *const texts[] = {
        "User: arn:aws:sts::111111111111:assumed-role/acme-census-role/x is not authorized",
        "100 % of it, 50%25, %zz and a % at the end %",
        "AKIAIOSFODNN7EXAMPLE does not exist",
        "e3b0c44298fc1c149afbf4c8996fb924",
        "",
    };
    struct blanks b = {.count = 0};
    struct buffer out;
    (void)state;
    blanks_add(&b, VIEW_NONE);
    blanks_add(&b, VIEW_LITERAL(""));
    assert_int_equal(b.count, 0);
    blanks_add(&b, VIEW_LITERAL("acme-census-2024"));
    blanks_add(&b, VIEW_LITERAL("me"));
    buffer_init(&out, 1000);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        buffer_clear(&out);
        blanks_write(&b, view_of(texts[i]), &out);
        assert_string_equal(buffer_text(&out), texts[i]);
    }
    buffer_release(&out);
}

static void test_errors(void **state)
{
    struct blanks b = {.count = 0};
    struct error e;
    (void)state;
    blanks_add(&b, VIEW_LITERAL("hush-hush-hush"));
    error_set(&e, ERROR_PROTOCOL, "odd 'hush-hush-hush' here");
    snprintf(e.code, sizeof(e.code), "hush-hush-hush");
    snprintf(e.request_id, sizeof(e.request_id), "id-hush-hush-hush");
    blanks_error(&b, &e);
    assert_int_equal(e.kind, ERROR_PROTOCOL);
    assert_string_equal(e.text, "odd '***' here");
    assert_string_equal(e.code, "***");
    assert_string_equal(e.request_id, "id-***");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_never_seen),
        cmocka_unit_test(test_plain_texts),
        cmocka_unit_test(test_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
