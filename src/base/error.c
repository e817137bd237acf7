/* SPDX-License-Identifier: MIT */
#include "base/error.h"

#include "base/character.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define HEAD_BYTES    400 /* of a text that is too long */
#define FORMATTED_MAX 4096
#define GAP           " ... "

void error_clear(struct error *e)
{
    if (e)
        memset(e, 0, sizeof(*e));
}

/* Shows a character of the text: itself, or what stands for it in 'escaped'. Returns its length. */
static size_t show(struct view text, char escaped[8], struct view *shown)
{
    size_t len = character_length(text);
    *shown = (struct view){text.ptr, len};
    if (len > 0)
        return len;
    if (strchr("\t\r\n", text.ptr[0]) && text.ptr[0] != '\0')
        snprintf(escaped, 8, " ");
    else
        snprintf(escaped, 8, "\\x%02x", (unsigned char)text.ptr[0]);
    *shown = view_of(escaped);
    return 1;
}

static size_t shown_length(struct view text)
{
    size_t total = 0;
    while (text.len > 0) {
        char escaped[8];
        struct view shown;
        size_t len = show(text, escaped, &shown);
        total += shown.len;
        text = (struct view){text.ptr + len, text.len - len};
    }
    return total;
}

/*
 * Sets the error's text. An error is one line: line ends and tabs become spaces, and bytes that may
 * not be shown on a terminal become \xNN. If it is too long, "..." stands for its middle: AWS says
 * first who was denied what, and last why.
 */
static void set_text(struct error *e, struct view text)
{
    const size_t most = sizeof(e->text) - 1, tail = most - HEAD_BYTES - strlen(GAP);
    size_t left = shown_length(text), used = 0;
    bool cut = left > most, in_gap = false;
    while (text.len > 0) {
        char escaped[8];
        struct view shown;
        size_t len = show(text, escaped, &shown);
        if (cut && !in_gap && used + shown.len > HEAD_BYTES) {
            memcpy(e->text + used, GAP, strlen(GAP));
            used += strlen(GAP);
            in_gap = true;
        }
        if (!in_gap || left <= tail) {
            memcpy(e->text + used, shown.ptr, shown.len);
            used += shown.len;
        }
        left -= shown.len;
        text = (struct view){text.ptr + len, text.len - len};
    }
    e->text[used] = '\0';
}

int error_set_text(struct error *e, enum error_kind kind, struct view text)
{
    if (!e)
        return -1;
    error_clear(e);
    e->kind = kind;
    set_text(e, text);
    return -1;
}

/* As much as fits, without a piece of a character at the end. */
__attribute__((format(printf, 2, 0))) static struct view
format_text(char text[FORMATTED_MAX], const char *format, va_list args)
{
    int wanted = vsnprintf(text, FORMATTED_MAX, format, args);
    size_t len = strlen(text);
    if (wanted >= FORMATTED_MAX) {
        while (len > 0 && ((unsigned char)text[len - 1] & 0xc0) == 0x80)
            len--;
        if (len > 0 && (unsigned char)text[len - 1] >= 0xc0)
            len--;
    }
    return (struct view){text, len};
}

int error_set(struct error *e, enum error_kind kind, const char *format, ...)
{
    char text[FORMATTED_MAX];
    va_list args;
    if (!e)
        return -1;
    va_start(args, format);
    struct view all = format_text(text, format, args);
    va_end(args);
    return error_set_text(e, kind, all);
}

const char *error_of_system(int number, char space[ERROR_SYSTEM_TEXT])
{
    return strerror_r(number, space, ERROR_SYSTEM_TEXT); /* glibc's own, which always returns one */
}

int error_set_errno(struct error *e, const char *format, ...)
{
    int number = errno;
    char text[sizeof(e->text)], reason[ERROR_SYSTEM_TEXT];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    return error_set(e, ERROR_SYSTEM, "%s: %s", text, error_of_system(number, reason));
}

int error_prefix(struct error *e, const char *format, ...)
{
    if (!e)
        return -1;
    char prefix[sizeof(e->text)];
    char whole[2 * sizeof(e->text) + 2];
    va_list args;
    va_start(args, format);
    vsnprintf(prefix, sizeof(prefix), format, args);
    va_end(args);
    snprintf(whole, sizeof(whole), "%s: %s", prefix, e->text);
    set_text(e, view_of(whole));
    return -1;
}

int error_add_origin(struct error *e)
{
    char origin[sizeof(e->operation) + sizeof(e->code) + sizeof(e->request_id) + 32];
    bool named = strstr(e->text, e->operation) != NULL;
    const char *code = strstr(e->text, e->code) ? "" : e->code;
    if (e->operation[0] == '\0' || (named && code[0] == '\0'))
        return -1;
    snprintf(origin, sizeof(origin), " (%s%s%s%s%s)", e->operation, code[0] ? ": " : "", code,
             e->request_id[0] ? ", request id " : "", e->request_id);
    size_t len = strlen(e->text);
    size_t room = sizeof(e->text) - 1;
    if (len + strlen(origin) > room)
        len = room - strlen(origin);
    snprintf(e->text + len, sizeof(e->text) - len, "%s", origin);
    return -1;
}

bool error_is_code(const struct error *e, const char *code)
{
    return e->kind == ERROR_SERVICE && strcmp(e->code, code) == 0;
}

const char *error_code(const struct error *e)
{
    static const char *const words[] = {
        [ERROR_NONE] = "Error",         [ERROR_CONFIG] = "Configuration",
        [ERROR_SYSTEM] = "SystemError", [ERROR_NETWORK] = "NetworkError",
        [ERROR_TIMEOUT] = "Timeout",    [ERROR_PROTOCOL] = "MalformedResponse",
        [ERROR_SERVICE] = "Service",    [ERROR_CREDENTIALS] = "Credentials",
        [ERROR_ABSENT] = "Credentials", [ERROR_LIMIT] = "ResponseTooLarge",
        [ERROR_TLS] = "TLSError",       [ERROR_CANCELLED] = "Cancelled",
        [ERROR_PROXY] = "ProxyRefused"};
    return e->code[0] != '\0' ? e->code : words[e->kind];
}
