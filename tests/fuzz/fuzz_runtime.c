/* SPDX-License-Identifier: MIT */
/*
 * The function before a Runtime API of Lambda that answers anything (wire.h): events, ids,
 * deadlines, and what takes the answers. AWS's services, which an event may lead to, answer
 * anything, too. Whatever comes: there are never more answers than events, and the function ends
 * when the API gives it no more.
 */
#include "app/lambda.h"
#include "base/log.h"
#include "wire.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define EVENTS_MAX 8
#define NEXT       "/invocation/next"

static unsigned events, answers;

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

static bool refuse(const struct http_request *request)
{
    if (ends_with(request->url, NEXT))
        return ++events > EVENTS_MAX;
    answers += strstr(request->url, "/invocation/") != NULL;
    if (answers > events)
        abort();
    return false;
}

static const char *usual_header(const char *name)
{
    if (strcasecmp(name, "Lambda-Runtime-Aws-Request-Id") == 0)
        return "8476a536-e9f4-11e8-9739-2dfe598c3fcd";
    return strcasecmp(name, "Lambda-Runtime-Deadline-Ms") == 0 ? "1706693461000" : NULL;
}

static const struct wire_usual usual = {usual_body, usual_header, refuse};

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
    setenv("OUTPUT_BUCKET", "bucket", 1);
    setenv("ROLE_NAME", "census", 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    const struct log_listener listener = {.write = on_line};
    log_set_listener(&listener);
    set_environment();
    events = answers = 0;
    wire_begin(bytes, len, &usual);
    lambda_main();
    if (events > 0 && answers > events)
        abort();
    log_set_listener(NULL);
    return 0;
}
