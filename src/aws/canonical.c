#include "aws/canonical.h"

static bool is_unreserved(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/*
 * Writes one byte of 'v' at '*at', percent-encoded where it must be, to 'out' and moves '*at' on.
 * With 'decode', "%7e" is taken for the byte it stands for, so that what is encoded already is not
 * encoded twice. Returns the count of characters written, 1 or 3.
 */
static size_t encode_byte(struct view v, size_t *at, bool decode, char out[3])
{
    static const char digits[] = "0123456789ABCDEF";
    unsigned char c = (unsigned char)v.ptr[*at];
    *at += 1;
    if (decode && c == '%' && v.len - *at >= 2) {
        int high = hex_digit(v.ptr[*at]);
        int low = hex_digit(v.ptr[*at + 1]);
        if (high >= 0 && low >= 0) {
            c = (unsigned char)(high * 16 + low);
            *at += 2;
        }
    }
    if (is_unreserved(c)) {
        out[0] = (char)c;
        return 1;
    }
    out[0] = '%';
    out[1] = digits[c >> 4];
    out[2] = digits[c & 15];
    return 3;
}

/* '/' stands where it is, encoded ones stay encoded. */
static void add_encoded_path(struct sha256 *h, struct view path, bool decode)
{
    char encoded[3];
    size_t at = 0;
    while (at < path.len) {
        if (path.ptr[at] == '/') {
            sha256_add_char(h, '/');
            at++;
        } else {
            size_t len = encode_byte(path, &at, decode, encoded);
            sha256_add(h, encoded, len);
        }
    }
}

/* The piece of '*rest' up to 'separator', which is passed over; all of it where there is none. */
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

static int add_normalized_path(struct sha256 *h, struct view path, bool decode, struct error *e)
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
        sha256_add_char(h, '/');
        add_encoded_path(h, segments[i], decode);
    }
    if (count == 0 || slash_at_end)
        sha256_add_char(h, '/');
    return 0;
}

static int add_path(struct sha256 *h, const struct canonical *c, struct error *e)
{
    struct view path = c->request->path.len > 0 ? c->request->path : VIEW_LITERAL("/");
    bool decode = !c->scope->double_encode;
    if (c->scope->normalize_path)
        return add_normalized_path(h, path, decode, e);
    if (path.ptr[0] != '/')
        sha256_add_char(h, '/');
    add_encoded_path(h, path, decode);
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

/* 'at' is where the next encoded byte goes; it moves on. There is room for three times 'v'. */
static struct view encode_parameter(struct view v, char **at)
{
    char *start = *at;
    for (size_t i = 0; i < v.len;)
        *at += encode_byte(v, &i, true, *at);
    return (struct view){start, (size_t)(*at - start)};
}

static int add_query(struct sha256 *h, struct view query, struct error *e)
{
    struct parameter parameters[SIGV4_PARAMETERS_MAX];
    char encoded[3 * SIGV4_QUERY_MAX];
    char *at = encoded;
    size_t count = 0;
    if (query.len > SIGV4_QUERY_MAX)
        return error_set(e, ERROR_CONFIG, "query is over %d bytes", SIGV4_QUERY_MAX);
    while (query.len > 0) {
        struct view value = take_piece(&query, '&');
        if (value.len == 0)
            continue;
        if (count == SIGV4_PARAMETERS_MAX)
            return error_set(e, ERROR_CONFIG, "query has more than %d parameters",
                             SIGV4_PARAMETERS_MAX);
        struct parameter added;
        struct view name = take_piece(&value, '=');
        added.name = encode_parameter(name, &at);
        added.value = encode_parameter(value, &at);
        size_t place = count++;
        for (; place > 0 && parameter_compare(&parameters[place - 1], &added) > 0; place--)
            parameters[place] = parameters[place - 1];
        parameters[place] = added;
    }
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            sha256_add_char(h, '&');
        sha256_add(h, parameters[i].name.ptr, parameters[i].name.len);
        sha256_add_char(h, '=');
        sha256_add(h, parameters[i].value.ptr, parameters[i].value.len);
    }
    return 0;
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
                return error_set(e, ERROR_CONFIG, "header '%.*s' is for signing alone to add",
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

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Word by word: a session token is one word of a thousand characters. */
static void add_folded(struct sha256 *h, struct view value)
{
    size_t start = 0;
    value = view_trim(value);
    while (start < value.len) {
        size_t end = start;
        while (end < value.len && !is_blank(value.ptr[end]))
            end++;
        sha256_add(h, value.ptr + start, end - start);
        if (end < value.len)
            sha256_add_char(h, ' ');
        while (end < value.len && is_blank(value.ptr[end]))
            end++;
        start = end;
    }
}

static void add_headers(struct sha256 *h, const struct canonical *c)
{
    for (size_t i = 0; i < c->header_count; i++) {
        struct view name = c->headers[i].name;
        if (starts_new_name(c, i)) {
            if (i > 0)
                sha256_add_char(h, '\n');
            for (size_t k = 0; k < name.len; k++)
                sha256_add_char(h, lower(name.ptr[k]));
            sha256_add_char(h, ':');
        } else {
            sha256_add_char(h, ',');
        }
        add_folded(h, c->headers[i].value);
    }
    sha256_add_char(h, '\n');
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

int canonical_add(const struct canonical *c, struct view signed_names, struct sha256 *h,
                  struct error *e)
{
    sha256_add(h, c->request->method, strlen(c->request->method));
    sha256_add_char(h, '\n');
    if (add_path(h, c, e) != 0)
        return -1;
    sha256_add_char(h, '\n');
    if (c->request->query.len > 0 && add_query(h, c->request->query, e) != 0)
        return -1;
    sha256_add_char(h, '\n');
    add_headers(h, c);
    sha256_add_char(h, '\n');
    sha256_add(h, signed_names.ptr, signed_names.len);
    sha256_add_char(h, '\n');
    sha256_add(h, c->request->payload_hash.ptr, c->request->payload_hash.len);
    return 0;
}
