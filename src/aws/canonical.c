/* SPDX-License-Identifier: MIT */
#include "aws/canonical.h"

#include "base/character.h"
#include "base/percent.h"

/*
 * Takes the piece up to 'separator', and the separator, off the front of '*rest'; all of it if
 * there is no separator.
 */
static struct view take_piece(struct view *rest, char separator)
{
    const char *end = rest->len > 0 ? memchr(rest->ptr, separator, rest->len) : NULL;
    struct view piece = {rest->ptr, end ? (size_t)(end - rest->ptr) : rest->len};
    size_t taken = piece.len + (end ? 1 : 0);
    if (taken > 0)
        rest->ptr += taken;
    rest->len -= taken;
    return piece;
}

/*
 * For S3 the path is signed as it is sent; for the other services it is percent-encoded once more.
 */
static void add_path_piece(struct buffer *out, const struct canonical *c, struct view piece)
{
    percent_encode(out, piece,
                   PERCENT_KEEP_SLASHES | (c->scope->double_encode ? 0U : PERCENT_ONCE));
}

static int add_normalized_path(struct buffer *out, const struct canonical *c, struct view path,
                               struct error *e)
{
    struct view segments[SIGV4_SEGMENTS_MAX];
    bool slash_at_end = path.ptr[path.len - 1] == '/';
    size_t count = 0;
    while (path.len > 0) {
        struct view piece = take_piece(&path, '/');
        if (view_is(piece, "..")) {
            count -= count > 0;
        } else if (piece.len > 0 && !view_is(piece, ".")) {
            if (count == SIGV4_SEGMENTS_MAX)
                return error_set(e, ERROR_CONFIG, "path has more than %d segments",
                                 SIGV4_SEGMENTS_MAX);
            segments[count++] = piece;
        }
    }
    for (size_t i = 0; i < count; i++) {
        buffer_add_char(out, '/');
        add_path_piece(out, c, segments[i]);
    }
    if (count == 0 || slash_at_end)
        buffer_add_char(out, '/');
    return 0;
}

static int add_path(struct buffer *out, const struct canonical *c, struct error *e)
{
    struct view path = c->request->path.len > 0 ? c->request->path : VIEW_LITERAL("/");
    if (c->scope->normalize_path)
        return add_normalized_path(out, c, path, e);
    if (path.ptr[0] != '/')
        buffer_add_char(out, '/');
    add_path_piece(out, c, path);
    return 0;
}

/* One parameter of the query, percent-encoded. */
struct parameter {
    struct view name;
    struct view value;
};

static int parameter_compare(const struct parameter *a, const struct parameter *b)
{
    int order = view_compare(a->name, b->name);
    return order != 0 ? order : view_compare(a->value, b->value);
}

/* Encodes 'v' at the end of 'encoded', which has room for it already, so that nothing moves. */
static struct view encode_parameter(struct buffer *encoded, struct view v)
{
    size_t start = encoded->len;
    percent_encode(encoded, v, PERCENT_ONCE);
    return (struct view){buffer_text(encoded) + start, encoded->len - start};
}

/*
 * Splits the query into its parameters, sorted by name and value. Returns their number, or -1 with
 * 'e'.
 */
static int sort_query(struct view query, struct buffer *encoded,
                      struct parameter parameters[SIGV4_PARAMETERS_MAX], struct error *e)
{
    size_t count = 0;
    while (query.len > 0) {
        struct view value = take_piece(&query, '&');
        if (value.len == 0)
            continue;
        if (count == SIGV4_PARAMETERS_MAX)
            return error_set(e, ERROR_CONFIG, "query has more than %d parameters",
                             SIGV4_PARAMETERS_MAX);
        struct parameter added;
        struct view name = take_piece(&value, '=');
        added.name = encode_parameter(encoded, name);
        added.value = encode_parameter(encoded, value);
        size_t place = count++;
        for (; place > 0 && parameter_compare(&parameters[place - 1], &added) > 0; place--)
            parameters[place] = parameters[place - 1];
        parameters[place] = added;
    }
    return (int)count;
}

static int add_query(struct buffer *out, struct view query, struct error *e)
{
    struct parameter parameters[SIGV4_PARAMETERS_MAX];
    struct buffer encoded;
    if (query.len > SIGV4_QUERY_MAX)
        return error_set(e, ERROR_CONFIG, "query is over %d bytes", SIGV4_QUERY_MAX);
    buffer_init(&encoded, (size_t)3 * SIGV4_QUERY_MAX);
    buffer_reserve(&encoded, 3 * query.len);
    int count = sort_query(query, &encoded, parameters, e);
    for (int i = 0; i < count; i++) {
        if (i > 0)
            buffer_add_char(out, '&');
        buffer_add_view(out, parameters[i].name);
        buffer_add_char(out, '=');
        buffer_add_view(out, parameters[i].value);
    }
    buffer_release(&encoded);
    return count < 0 ? -1 : 0;
}

static char lower(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (char)(c - 'A' + 'a');
    return c;
}

static int name_compare(struct view a, struct view b)
{
    for (size_t i = 0; i < a.len && i < b.len; i++) {
        int order = (unsigned char)lower(a.ptr[i]) - (unsigned char)lower(b.ptr[i]);
        if (order != 0)
            return order;
    }
    return a.len < b.len ? -1 : a.len > b.len;
}

/* Equal names keep the order they came in, which is the order their values are joined in. */
static void insert_header(struct canonical *c, struct view name, struct view value)
{
    size_t place = c->header_count++;
    for (; place > 0 && name_compare(c->headers[place - 1].name, name) > 0; place--)
        c->headers[place] = c->headers[place - 1];
    c->headers[place] = (struct sigv4_header){name, value};
}

int canonical_init(struct canonical *c, const struct sigv4_request *request,
                   const struct sigv4_scope *scope, struct view date, struct view token,
                   struct error *e)
{
    const struct sigv4_header own[SIGV4_OWN_HEADERS] = {
        {VIEW_LITERAL("x-amz-date"), date},
        {VIEW_LITERAL("x-amz-security-token"), scope->omit_session_token ? VIEW_NONE : token},
        {VIEW_LITERAL("x-amz-content-sha256"),
         scope->sign_payload_header ? request->payload_hash : VIEW_NONE}};
    bool has_host = false;
    c->request = request;
    c->scope = scope;
    c->header_count = 0;
    if (request->header_count > SIGV4_HEADERS_MAX)
        return error_set(e, ERROR_CONFIG, "request has more than %d headers", SIGV4_HEADERS_MAX);
    for (size_t i = 0; i < request->header_count; i++) {
        struct view name = request->headers[i].name;
        for (size_t k = 0; k < SIGV4_OWN_HEADERS; k++)
            if (name_compare(name, own[k].name) == 0)
                return error_set(e, ERROR_CONFIG, "header '%.*s' is added by signing alone",
                                 VIEW_ARG(own[k].name));
        has_host = has_host || name_compare(name, VIEW_LITERAL("host")) == 0;
        insert_header(c, name, request->headers[i].value);
    }
    if (!has_host)
        return error_set(e, ERROR_CONFIG, "request to sign has no 'Host' header");
    for (size_t k = 0; k < SIGV4_OWN_HEADERS; k++)
        if (own[k].value.len > 0)
            insert_header(c, own[k].name, own[k].value);
    return 0;
}

static bool starts_new_name(const struct canonical *c, size_t i)
{
    return i == 0 || name_compare(c->headers[i - 1].name, c->headers[i].name) != 0;
}

/*
 * Trims the value and turns each run of blanks into one space. Copies word by word, since a session
 * token is a single word of a thousand characters.
 */
static void add_folded(struct buffer *out, struct view value)
{
    size_t start = 0;
    value = view_trim(value);
    while (start < value.len) {
        size_t end = start;
        while (end < value.len && !character_is_space(value.ptr[end]))
            end++;
        buffer_add(out, value.ptr + start, end - start);
        if (end < value.len)
            buffer_add_char(out, ' ');
        while (end < value.len && character_is_space(value.ptr[end]))
            end++;
        start = end;
    }
}

static void add_headers(struct buffer *out, const struct canonical *c)
{
    for (size_t i = 0; i < c->header_count; i++) {
        struct view name = c->headers[i].name;
        if (starts_new_name(c, i)) {
            if (i > 0)
                buffer_add_char(out, '\n');
            for (size_t k = 0; k < name.len; k++)
                buffer_add_char(out, lower(name.ptr[k]));
            buffer_add_char(out, ':');
        } else {
            buffer_add_char(out, ',');
        }
        add_folded(out, c->headers[i].value);
    }
    buffer_add_char(out, '\n');
}

void canonical_write_names(const struct canonical *c, struct buffer *out)
{
    for (size_t i = 0; i < c->header_count; i++) {
        struct view name = c->headers[i].name;
        if (!starts_new_name(c, i))
            continue;
        if (i > 0)
            buffer_add_char(out, ';');
        for (size_t k = 0; k < name.len; k++)
            buffer_add_char(out, lower(name.ptr[k]));
    }
}

int canonical_write(const struct canonical *c, struct view signed_names, struct buffer *out,
                    struct error *e)
{
    buffer_add_text(out, c->request->method);
    buffer_add_char(out, '\n');
    if (add_path(out, c, e) != 0)
        return -1;
    buffer_add_char(out, '\n');
    if (c->request->query.len > 0 && add_query(out, c->request->query, e) != 0)
        return -1;
    buffer_add_char(out, '\n');
    add_headers(out, c);
    buffer_add_char(out, '\n');
    buffer_add_view(out, signed_names);
    buffer_add_char(out, '\n');
    buffer_add_view(out, c->request->payload_hash);
    return buffer_check(out, "the request to sign", e);
}
