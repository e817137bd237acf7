/* SPDX-License-Identifier: MIT */
#include "aws/service_error.h"

#include "aws/xml.h"
#include "base/alloc.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

struct service_answer {
    struct buffer body;
    struct arena arena; /* what was read of XML */
    json_t *json;
};

struct service_answer *service_answer_new(void)
{
    struct service_answer *a = xcalloc(1, sizeof(*a));
    buffer_init(&a->body, SERVICE_ERROR_MAX_BYTES);
    arena_init(&a->arena);
    return a;
}

void service_answer_free(struct service_answer *a)
{
    if (!a)
        return;
    buffer_release(&a->body);
    arena_release(&a->arena);
    json_decref(a->json);
    free(a);
}

void service_answer_add(struct service_answer *a, struct view piece)
{
    buffer_add_view(&a->body, piece);
}

/*
 * The code itself, within "com.amazonaws.organizations#AccessDeniedException" or "Code:http://...".
 */
static struct view bare_code(struct view code)
{
    code = view_trim(code);
    const char *hash = code.len > 0 ? memchr(code.ptr, '#', code.len) : NULL;
    if (hash)
        code = (struct view){hash + 1, code.len - (size_t)(hash + 1 - code.ptr)};
    const char *colon = code.len > 0 ? memchr(code.ptr, ':', code.len) : NULL;
    if (colon)
        code.len = (size_t)(colon - code.ptr);
    return code;
}

/* ---- XML ---- */

#define FIELD(path, field) XML_FIELD(path, XML_TEXT, service_error, field)
/* The error may be the root element itself, its child, or one of a list. */
#define RULES_IN(prefix)                                                                           \
    FIELD(prefix "Code", code), FIELD(prefix "Message", message),                                  \
        FIELD(prefix "message", message), FIELD(prefix "RequestId", request_id),                   \
        FIELD(prefix "RequestID", request_id), FIELD(prefix "Region", region),                     \
        FIELD(prefix "Endpoint", endpoint)

static const struct xml_rule rules[] = {RULES_IN(""), RULES_IN("Error/"),
                                        RULES_IN("Errors/Error/")};

static bool ends_with(struct view text, const char *end)
{
    size_t len = strlen(end);
    return text.len > len && memcmp(text.ptr + text.len - len, end, len) == 0;
}

/* The root of an error of AWS; any other page is from whatever stands between us and the service.
 */
static bool is_errors_root(struct view root)
{
    return view_is(root, "ErrorResponse") || view_is(root, "Error") || view_is(root, "Response");
}

static void read_xml(struct service_answer *a, struct service_error *told)
{
    struct xml_reader *reader = xml_reader_new();
    struct error ignored;
    xml_reader_begin(reader, XML_ANY_ROOT, XML_RULES(rules), told, &a->arena);
    /* Half an error does not count: something other than the service may have cut the connection.
     */
    bool whole = xml_reader_feed(reader, buffer_view_cut(&a->body), &ignored) == 0 &&
                 xml_reader_end(reader, &ignored) == 0;
    if (!whole)
        *told = (struct service_error){0};
    struct view root = arena_copy(&a->arena, view_of(xml_reader_root(reader)));
    told->cut = !whole && is_errors_root(root);
    if (!told->code.ptr && (ends_with(root, "Exception") || ends_with(root, "Fault")))
        told->code = root;
    xml_reader_free(reader);
}

/* ---- JSON ---- */

static struct view text_of(const json_t *object, const char *const names[])
{
    for (size_t i = 0; names[i]; i++) {
        const json_t *value = json_object_get(object, names[i]);
        if (json_is_string(value))
            return (struct view){json_string_value(value), json_string_length(value)};
    }
    return VIEW_NONE;
}

static void read_json(struct service_answer *a, struct service_error *told)
{
    static const char *const codes[] = {"__type", "code", "Code", NULL};
    static const char *const messages[] = {"message", "Message", "errorMessage", NULL};
    struct view body = buffer_view_cut(&a->body);
    json_error_t why;
    json_decref(a->json);
    a->json = json_loadb(body.ptr, body.len, JSON_REJECT_DUPLICATES, &why);
    told->cut = !a->json && json_error_code(&why) == json_error_premature_end_of_input;
    told->code = text_of(a->json, codes);
    told->message = text_of(a->json, messages);
}

/* ---- both ---- */

void service_answer_read(struct service_answer *a, const struct http_response *response,
                         struct service_error *told)
{
    struct view body = view_trim(buffer_view_cut(&a->body));
    struct view type = view_trim(http_response_header(response, "x-amzn-ErrorType"));
    *told = (struct service_error){0};
    if (body.len > 0 && body.ptr[0] == '{')
        read_json(a, told);
    else if (body.len > 0)
        read_xml(a, told);
    if (type.len > 0)
        told->code = arena_copy(&a->arena, type);
    told->code = bare_code(told->code);
    told->cut = told->cut && told->code.len == 0 && buffer_complete(&a->body);
}

/* The message of SignatureDoesNotMatch goes on to repeat the request, with its session token. */
static struct view first_sentence(struct view message)
{
    static const char *const ends[] = {"The Canonical String", "The String-to-Sign"};
    for (size_t i = 0; message.len > 0 && i < sizeof(ends) / sizeof(ends[0]); i++) {
        const char *end = memmem(message.ptr, message.len, ends[i], strlen(ends[i]));
        if (end)
            message.len = (size_t)(end - message.ptr);
    }
    return view_trim(message);
}

static void blank_into(char *field, size_t size, struct view text, const struct blanks *secrets)
{
    struct buffer out;
    buffer_init(&out, 2 * SERVICE_ERROR_MAX_BYTES);
    blanks_write(secrets, text, &out);
    snprintf(field, size, "%s", buffer_text_cut(&out));
    buffer_release(&out);
}

void service_error_make(struct error *e, int http_status, const struct service_error *told,
                        const struct blanks *secrets)
{
    struct view message = first_sentence(told->message);
    struct buffer text;
    if (told->cut) {
        error_set(e, ERROR_PROTOCOL, "an answer of HTTP status %d is cut off", http_status);
        e->http_status = http_status;
        return;
    }
    buffer_init(&text, 2 * SERVICE_ERROR_MAX_BYTES);
    if (told->code.len == 0 && message.len == 0)
        buffer_addf(&text, "HTTP status %d without an AWS error", http_status);
    else
        blanks_write(secrets, message.len > 0 ? message : told->code, &text);
    error_set_text(e, ERROR_SERVICE, buffer_view_cut(&text));
    buffer_release(&text);
    if (told->code.len > 0)
        blank_into(e->code, sizeof(e->code), told->code, secrets);
    else
        snprintf(e->code, sizeof(e->code), "HTTP%d", http_status);
    blank_into(e->request_id, sizeof(e->request_id), told->request_id, secrets);
    e->http_status = http_status;
}
