/* SPDX-License-Identifier: MIT */
#include "wire/request.h"

#include "base/alloc.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void request_set_target(struct request *request, const char *target)
{
    size_t len = strlen(target);
    request->path = xmalloc(len + 1);
    memcpy(request->path, target, len + 1);
    char *mark = strchr(request->path, '?');
    request->query = mark ? mark + 1 : request->path + len;
    if (mark)
        *mark = '\0';
}

const char *request_header(const struct request *request, const char *name)
{
    for (size_t i = 0; i < request->header_count; i++)
        if (strcasecmp(request->headers[i].name, name) == 0)
            return request->headers[i].value;
    return NULL;
}

void request_release(struct request *request)
{
    free(request->path);
    buffer_release(&request->body);
    *request = (struct request){.body = {.max = TEXT_MAX}};
}
