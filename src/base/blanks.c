/* SPDX-License-Identifier: MIT */
#include "base/blanks.h"

#include "base/percent.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#define SHORT_BYTES       8  /* a shorter secret may be part of any word by chance */
#define CUT_BYTES         8  /* if the text is cut, this much of its start counts as the secret */
#define BEGINNING_BYTES   24 /* this much of its start counts as the secret anywhere */
#define ALGORITHM         "AWS4-HMAC-SHA256" /* how an Authorization header begins */
#define SIGNATURE         "Signature="       /* it ends with this and the digits of the signature */
#define SIGNATURE_DIGITS  64
#define MESSAGE_MAX_BYTES ((size_t)64 * 1024)

void blanks_add(struct blanks *b, struct view secret)
{
    if (secret.len == 0)
        return;
    if (b->count == BLANKS_MAX)
        abort(); /* a mistake of ours: no request has that many secrets */
    b->secrets[b->count++] = secret;
}

/*
 * How many bytes of 'secret' are in 'text' at 'at'; '*len' is the length that they have there,
 * where they may be percent-encoded.
 */
static size_t common(struct view text, size_t at, struct view secret, size_t *len)
{
    size_t same = 0, start = at;
    while (same < secret.len && at < text.len) {
        unsigned char wanted = (unsigned char)secret.ptr[same];
        size_t next = at + 1;
        if ((unsigned char)text.ptr[at] != wanted && !(text.ptr[at] == '+' && wanted == ' ')) {
            next = at;
            if (percent_take(text, &next) != wanted)
                break;
        }
        at = next;
        same++;
    }
    *len = at - start;
    return same;
}

static bool is_word_byte(struct view text, size_t at)
{
    return at < text.len && isalnum((unsigned char)text.ptr[at]);
}

/* True if something may have been cut short at 'at': the text ends there, or a quotation does. */
static bool is_cut(struct view text, size_t at)
{
    static const char after[] = {'\'', '"', '`', '.', ')'};
    return at == text.len || memchr(after, text.ptr[at], sizeof(after));
}

/* The length that this secret has in 'text' at 'at'; 0 if it is not there. */
static size_t secret_at(struct view text, size_t at, struct view secret)
{
    size_t len;
    size_t same = common(text, at, secret, &len);
    if (same < secret.len)
        return same >= BEGINNING_BYTES || (same >= CUT_BYTES && is_cut(text, at + len)) ? len : 0;
    bool alone = !(at > 0 && is_word_byte(text, at - 1)) && !is_word_byte(text, at + len);
    return secret.len >= SHORT_BYTES || alone ? len : 0;
}

static size_t count_digits(struct view text, size_t at)
{
    size_t count = 0;
    while (at + count < text.len && isxdigit((unsigned char)text.ptr[at + count]))
        count++;
    return count;
}

/* The length of "Signature=" and its digits together; 0 if they are not there. */
static size_t named_signature_at(struct view text, size_t at)
{
    struct view rest = {text.ptr + at, text.len - at};
    size_t digits = 0;
    if (view_starts_with(rest, SIGNATURE))
        digits = count_digits(text, at + strlen(SIGNATURE));
    return digits > 0 ? strlen(SIGNATURE) + digits : 0;
}

/*
 * The length of an Authorization header to the end of its signature, or of a signature alone; 0 if
 * there is neither.
 */
static size_t signature_at(struct view text, size_t at)
{
    struct view rest = {text.ptr + at, text.len - at};
    size_t digits = count_digits(text, at);
    if (view_starts_with(rest, ALGORITHM)) {
        const char *end = memmem(rest.ptr, rest.len, SIGNATURE, strlen(SIGNATURE));
        size_t before = end ? (size_t)(end - rest.ptr) : strlen(ALGORITHM);
        return before + (end ? named_signature_at(rest, before) : 0);
    }
    return digits >= SIGNATURE_DIGITS ? digits : named_signature_at(text, at);
}

/* The length of the longest secret or signature at 'at'; 0 if there is none. */
static size_t blank_at(const struct blanks *b, struct view text, size_t at)
{
    size_t longest = signature_at(text, at);
    for (size_t i = 0; i < b->count; i++) {
        size_t len = secret_at(text, at, b->secrets[i]);
        if (len > longest)
            longest = len;
    }
    return longest;
}

void blanks_write(const struct blanks *b, struct view text, struct buffer *out)
{
    size_t shown = 0;
    for (size_t at = 0; at < text.len;) {
        size_t len = blank_at(b, text, at);
        if (len > 0) {
            buffer_add(out, text.ptr + shown, at - shown);
            buffer_add_text(out, BLANK_TEXT);
            shown = at + len;
        }
        at += len > 0 ? len : 1;
    }
    if (text.len > shown)
        buffer_add(out, text.ptr + shown, text.len - shown);
}

static void blank_field(const struct blanks *b, char *field, size_t size)
{
    struct buffer out;
    buffer_init(&out, MESSAGE_MAX_BYTES);
    blanks_write(b, view_of(field), &out);
    snprintf(field, size, "%s", buffer_text_cut(&out));
    buffer_release(&out);
}

void blanks_error(const struct blanks *b, struct error *e)
{
    blank_field(b, e->text, sizeof(e->text));
    blank_field(b, e->code, sizeof(e->code));
    blank_field(b, e->request_id, sizeof(e->request_id));
}
