/* SPDX-License-Identifier: MIT */
#include "aws/head.h"

#define URL_MAX_BYTES   ((size_t)16 * 1024)
#define LINES_MAX_BYTES ((size_t)64 * 1024)

void head_init(struct head *h)
{
    buffer_init(&h->url, URL_MAX_BYTES);
    buffer_init(&h->path, URL_MAX_BYTES);
    buffer_init(&h->lines, LINES_MAX_BYTES);
    h->count = 0;
}

void head_release(struct head *h)
{
    buffer_release(&h->url);
    buffer_release(&h->path);
    buffer_release(&h->lines);
}

void head_wipe(struct head *h)
{
    buffer_wipe(&h->url);
    buffer_wipe(&h->path);
    buffer_wipe(&h->lines);
    h->count = 0;
}

static int add_line(struct head *h, const char *name, struct view value, struct error *e)
{
    if (!value.ptr)
        return 0;
    if (h->count == HEAD_LINES_MAX)
        return error_set(e, ERROR_LIMIT, "the request has more than %d headers", HEAD_LINES_MAX);
    /* A line end would begin another header. */
    if (memchr(value.ptr, '\n', value.len) || memchr(value.ptr, '\r', value.len))
        return error_set(e, ERROR_CONFIG, "the value of the header '%s' holds a line end", name);
    h->starts[h->count++] = h->lines.len;
    buffer_add_text(&h->lines, name);
    buffer_add_text(&h->lines, ": ");
    buffer_add_view(&h->lines, value);
    buffer_add_char(&h->lines, '\0');
    return 0;
}

static int make_url(struct head *h, const struct aws_request *request, struct error *e)
{
    buffer_add_text(&h->path, request->target.endpoint->path);
    buffer_add_view(&h->path, request->path);
    buffer_add_text(&h->url, request->target.endpoint->url);
    buffer_add_view(&h->url, request->path);
    if (request->query.len > 0) {
        buffer_add_char(&h->url, '?');
        buffer_add_view(&h->url, request->query);
    }
    return buffer_check(&h->path, "the request's path", e) != 0
               ? -1
               : buffer_check(&h->url, "the request's URL", e);
}

/* Adds the headers that signing makes. */
static int add_signature(struct head *h, const struct aws_request *request,
                         const struct sigv4_signature *signature, struct error *e)
{
    const struct credentials *c = &request->target.credentials->current;
    bool s3 = request->service == SERVICE_S3;
    if (add_line(h, "X-Amz-Date", view_of(signature->date), e) != 0 ||
        add_line(h, "X-Amz-Security-Token", secret_reveal(&c->session_token), e) != 0 ||
        add_line(h, "X-Amz-Content-Sha256", s3 ? view_of(signature->content_sha256) : VIEW_NONE,
                 e) != 0)
        return -1;
    return add_line(h, "Authorization", buffer_view(&signature->authorization), e);
}

static int sign(struct head *h, const struct aws_request *request, int64_t now_s, struct error *e)
{
    struct credentials_cache *cache = request->target.credentials;
    struct sigv4_header headers[HEAD_LINES_MAX];
    size_t count = 0;
    bool s3 = request->service == SERVICE_S3;
    const struct sigv4_scope scope = {
        .region = view_of(request->target.endpoint->signing_region),
        .service = view_of(request->target.endpoint->signing_name),
        .normalize_path = !s3,
        .double_encode = !s3,
        .sign_payload_header = s3,
    };
    headers[count++] =
        (struct sigv4_header){VIEW_LITERAL("host"), view_of(request->target.endpoint->host)};
    for (size_t i = 0; i < request->header_count && count < HEAD_LINES_MAX; i++)
        if (request->headers[i].value.ptr)
            headers[count++] =
                (struct sigv4_header){view_of(request->headers[i].name), request->headers[i].value};
    const struct sigv4_request to_sign = {.method = request->method,
                                          .path = buffer_view(&h->path),
                                          .query = request->query,
                                          .headers = headers,
                                          .header_count = count,
                                          .payload_hash = request->body_hash};
    struct sigv4_signature signature;
    const struct sigv4_signer signer = {
        .credentials = &cache->current, .now_s = now_s, .key = &cache->signing_key};
    if (sigv4_sign(&to_sign, &scope, &signer, &signature, e) != 0)
        return -1;
    int result = add_signature(h, request, &signature, e);
    buffer_release(&signature.authorization);
    return result;
}

int head_make(struct head *h, const struct aws_request *request, int64_t now_s, struct error *e)
{
    head_wipe(h);
    if (make_url(h, request, e) != 0 ||
        add_line(h, "Host", view_of(request->target.endpoint->host), e) != 0)
        return -1;
    for (size_t i = 0; i < request->header_count; i++)
        if (add_line(h, request->headers[i].name, request->headers[i].value, e) != 0)
            return -1;
    if ((request->target.credentials && sign(h, request, now_s, e) != 0) ||
        buffer_check(&h->lines, "the request's head", e) != 0)
        return -1;
    for (size_t i = 0; i < h->count; i++)
        h->list[i] = h->lines.data + h->starts[i];
    return 0;
}
