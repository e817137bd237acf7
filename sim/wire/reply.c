/* SPDX-License-Identifier: MIT */
#include "wire/reply.h"

void reply_header(struct reply *reply, const char *name, const char *value)
{
    if (!value || reply->header_count == REPLY_HEADERS_MAX)
        return;
    reply->headers[reply->header_count].name = name;
    reply->headers[reply->header_count++].value = value;
}

void reply_release(struct reply *reply)
{
    if (reply->reader)
        reply->reader->free(reply->reader);
    buffer_release(&reply->body);
    *reply = (struct reply){.body = {.max = TEXT_MAX}};
}
