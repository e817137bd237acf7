/* SPDX-License-Identifier: MIT */
#include "base/error.h"

#include "base/character.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

void error_clear(struct error *e)
{
    if (e)
        memset(e, 0, sizeof(*e));
}

/*
 * Sets the error's text to as much of 'text' as fits. An error is one line: line ends and tabs
 * become spaces, and bytes that may not be shown on a terminal become \xNN.
 */
static void set_text(struct error *e, const char *text)
{
    struct view rest = view_of(text);
    size_t used = 0;
    while (rest.len > 0) {
        char escaped[8] = " ";
        size_t len = character_length(rest);
        struct view shown = {rest.ptr, len};
        if (len == 0) {
            if (!strchr("\t\r\n", rest.ptr[0]))
                snprintf(escaped, sizeof(escaped), "\\x%02x", (unsigned char)rest.ptr[0]);
            shown = view_of(escaped);
            len = 1;
        }
        if (used + shown.len >= sizeof(e->text))
            break;
        memcpy(e->text + used, shown.ptr, shown.len);
        used += shown.len;
        rest = (struct view){rest.ptr + len, rest.len - len};
    }
    e->text[used] = '\0';
}

int error_set(struct error *e, enum error_kind kind, const char *format, ...)
{
    if (!e)
        return -1;
    char text[sizeof(e->text)];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    error_clear(e);
    e->kind = kind;
    set_text(e, text);
    return -1;
}

int error_set_errno(struct error *e, const char *format, ...)
{
    int number = errno;
    char text[sizeof(e->text)];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    return error_set(e, ERROR_SYSTEM, "%s: %s", text, strerror(number));
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
    set_text(e, whole);
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
