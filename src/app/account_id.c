/* SPDX-License-Identifier: MIT */
#include "app/account_id.h"

#include "base/printable.h"
#include "census/accounts.h"

#define SHOWN_MAX_BYTES 60
#define HINT_MAX_BYTES  512

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t count_digits(struct view text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += is_digit(text.ptr[i]);
    return count;
}

/* True for 12 digits in groups, as the console shows them: 1111-2222-3333. */
static bool is_grouped(struct view id)
{
    size_t hyphens = 0;
    for (size_t i = 0; i < id.len; i++)
        hyphens += id.ptr[i] == '-';
    return count_digits(id) == 12 && hyphens > 0 && hyphens + 12 == id.len && is_digit(id.ptr[0]);
}

/* True for an id that a program took for a number: 1.23457E+11, 123456789012.0. */
static bool is_number(struct view id)
{
    for (size_t i = 0; i < id.len; i++)
        if (!is_digit(id.ptr[i]) && !strchr(".,eE+", id.ptr[i]))
            return false;
    return id.len > 0 && is_digit(id.ptr[0]) && memchr(id.ptr, '.', id.len);
}

static void write_without_hyphens(struct view id, struct buffer *out)
{
    for (size_t i = 0; i < id.len; i++)
        if (is_digit(id.ptr[i]))
            buffer_add_char(out, id.ptr[i]);
}

/* Appends what may have happened to the id, and how to get it right. */
static void write_hint(struct view id, struct buffer *out)
{
    size_t digits = count_digits(id);
    if (view_is(id, "all") || view_is(id, "*")) {
        buffer_add_text(out, ": every active account is read if no list is given");
    } else if (digits == id.len && digits >= 9 && digits <= 11) {
        buffer_addf(out, ": a spreadsheet may have dropped leading zeros; is it '%.*s%.*s'?",
                    (int)(12 - digits), "000", VIEW_ARG(id));
    } else if (is_grouped(id)) {
        buffer_add_text(out, ": write it without hyphens, '");
        write_without_hyphens(id, out);
        buffer_add_char(out, '\'');
    } else if (is_number(id)) {
        buffer_add_text(out, ": a spreadsheet or a program took it for a number; format the column "
                             "as text");
    } else if (digits < id.len) {
        buffer_add_text(out, "; ids alone are what \"aws organizations list-accounts --query "
                             "'Accounts[].Id' --output text\" prints");
    }
}

int account_id_check(struct view id, const char *place, struct error *e)
{
    struct buffer shown, hint;
    if (account_id_valid(id))
        return 0;
    buffer_init(&shown, (size_t)8 * SHOWN_MAX_BYTES);
    buffer_init(&hint, HINT_MAX_BYTES);
    printable_add_cut(&shown, id, SHOWN_MAX_BYTES);
    write_hint(id, &hint);
    error_set(e, ERROR_CONFIG, "%.300s: '%s' is not an account id (12 digits)%s", place,
              buffer_text_cut(&shown), buffer_text_cut(&hint));
    buffer_release(&shown);
    buffer_release(&hint);
    return -1;
}
