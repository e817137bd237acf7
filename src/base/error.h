/* SPDX-License-Identifier: MIT */
/*
 * error.h: what went wrong, for the code (kind, AWS code, status) and for a person (text).
 *
 * An error is a plain value without pointers: it is copied by assignment and needs no freeing.
 * Functions that can fail take 'struct error *' last and fill it only when they fail. Text is
 * lower case, names the thing in quotes, and holds no secret.
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include "base/compiler.h"
#include "base/view.h"

#include <stdarg.h>
#include <stdbool.h>

/* Kinds drive behaviour; text is for people. */
enum error_kind {
    ERROR_NONE,
    ERROR_CONFIG,      /* a setting is wrong: usage, exit status 2 */
    ERROR_SYSTEM,      /* a file, a process, the operating system */
    ERROR_NETWORK,     /* no connection, or a broken one: worth a retry */
    ERROR_TIMEOUT,     /* no answer in time: worth a retry */
    ERROR_PROTOCOL,    /* an answer that is not what the service documents */
    ERROR_SERVICE,     /* the service answered with an error: 'code' says which */
    ERROR_CREDENTIALS, /* credentials are configured but can't be obtained */
    ERROR_ABSENT,      /* a credentials provider is not configured: ask the next one */
    ERROR_LIMIT,       /* an answer larger, deeper or longer than we accept */
    ERROR_TLS,         /* the peer's certificate could not be verified */
    ERROR_PROXY,       /* the proxy refuses: it would refuse every other request too */
    ERROR_CANCELLED,   /* given up by us: deadline, interrupt */
};

struct error {
    enum error_kind kind;
    int http_status;     /* of the answer; 0 if there was none */
    char operation[48];  /* the API operation that failed, "" if none did */
    char code[96];       /* the service's error code, or a word of ours; "" if there is none */
    char request_id[80]; /* AWS request id, "" if there is none */
    char text[1024];     /* one line, for a person */
};

/* Fills 'e' (which may be NULL) from scratch. Returns -1, so that it can end a function. */
int error_set(struct error *e, enum error_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* As error_set, with a text of any length, which is not that of 'e': if it is too long, its
 * middle is left out. */
int error_set_text(struct error *e, enum error_kind kind, struct view text);
#define ERROR_SYSTEM_TEXT 64 /* bytes */
/* The text of an errno. It lies in 'space', or is a constant. */
const char *error_of_system(int number, char space[ERROR_SYSTEM_TEXT]);
/* As error_set with ERROR_SYSTEM; appends ": " and the text of errno. */
int error_set_errno(struct error *e, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Puts a text and ": " in front of the text of 'e'. Returns -1. */
int error_prefix(struct error *e, const char *format, ...) __attribute__((format(printf, 2, 3)));
/*
 * Appends operation, code and request id to the text, unless it has them already: for the one line
 * that a person sees. Returns -1.
 */
int error_add_origin(struct error *e);
/* Empties 'e'. */
void error_clear(struct error *e);
/* True if 'e' is a service error with this code. */
bool error_is_code(const struct error *e, const char *code);

/*
 * The code that results and logs show for 'e': the service's, or else a word for its kind
 * ("NetworkError", "Timeout", "MalformedResponse"). Lives as long as 'e'.
 */
const char *error_code(const struct error *e);

#endif
