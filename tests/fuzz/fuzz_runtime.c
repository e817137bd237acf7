/* SPDX-License-Identifier: MIT */
/*
 * The function before a Runtime API of Lambda that answers anything (wire.h): events, ids,
 * deadlines, and what takes the answers. AWS's services, which an event may lead to, answer
 * anything, too. Whatever comes: each event that the API handed out is answered once, under its own
 * id, before the next is asked for; nothing else is answered; and the function ends when the API
 * gives it no more. What was handed out is known here, not taken from what the function logs.
 */
#include "app/lambda.h"
#include "base/log.h"
#include "wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define EVENTS_MAX 8
#define NEXT       "/invocation/next"

#define ID_MAX    64
#define ID_HEADER "Lambda-Runtime-Aws-Request-Id"

static unsigned events;
static bool waiting;    /* for the answer to a request for an event */
static bool owed;       /* an event was handed out that is not answered yet */
static char id[ID_MAX]; /* of the event that came last */

static bool ends_with(const char *text, const char *end)
{
    size_t len = strlen(text), end_len = strlen(end);
    return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

/* The usual event is refused, so that the function does not begin a census. */
static const char *usual_body(const struct http_request *request)
{
    return ends_with(request->url, NEXT) ? "{\"accounts\": [\"none\"]}" : "<x/>";
}

static bool is_answer(const char *url)
{
    static const char *const ends[] = {"response", "error"};
    char wanted[ID_MAX + 32];
    for (size_t i = 0; i < 2; i++) {
        snprintf(wanted, sizeof(wanted), "/invocation/%s/%s", id, ends[i]);
        if (ends_with(url, wanted))
            return true;
    }
    return false;
}

static bool refuse(const struct http_request *request)
{
    if (!strstr(request->url, "/invocation/"))
        return false;
    bool next = ends_with(request->url, NEXT);
    if (next == owed || (!next && !is_answer(request->url)))
        abort();
    owed = false;
    waiting = next;
    return next && ++events > EVENTS_MAX;
}

static const char *usual_header(const char *name)
{
    if (strcasecmp(name, ID_HEADER) == 0)
        return "8476a536-e9f4-11e8-9739-2dfe598c3fcd";
    return strcasecmp(name, "Lambda-Runtime-Deadline-Ms") == 0 ? "1706693461000" : NULL;
}

static void note_end(bool good)
{
    owed = waiting ? good : owed;
    waiting = false;
}

/* What comes without an id is no event, since nobody could answer it. */
static void note_id(const char *name, struct view value)
{
    if (strcasecmp(name, ID_HEADER) != 0)
        return;
    snprintf(id, sizeof(id), "%.*s", VIEW_ARG(value));
    owed = owed && value.len > 0;
}

static const struct wire_usual usual = {usual_body, usual_header, refuse, note_id, note_end};

static void on_line(void *arg, struct view line)
{
    (void)arg, (void)line;
}

static void set_environment(void)
{
    setenv("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001", 1);
    setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLEAKIDEXAMP", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEYAA", 1);
    setenv("AWS_REGION", "us-east-1", 1);
    setenv("S3_BUCKET_NAME", "bucket", 1);
    setenv("ROLE_NAME", "census", 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    const struct log_listener listener = {.write = on_line};
    log_set_listener(&listener);
    set_environment();
    events = 0;
    waiting = owed = false;
    wire_begin(bytes, len, &usual);
    lambda_main();
    if (owed)
        abort();
    log_set_listener(NULL);
    return 0;
}
