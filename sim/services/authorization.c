/* SPDX-License-Identifier: MIT */
#include "services/authorization.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define SEPARATORS       ", \t\r\n"
#define SCOPE_ELEMENTS   5
#define SCOPE_TERMINATOR "aws4_request"
#define CREDENTIAL_MAX   1024

/* A part of the header, between commas and blanks. */
struct part {
    const char *text;
    size_t len;
};

/*
 * Finds the part that begins at or after *at, and moves *at past it. Returns false if there is
 * none.
 */
static bool next_part(const char **at, struct part *part)
{
    part->text = *at + strspn(*at, SEPARATORS);
    part->len = strcspn(part->text, SEPARATORS);
    *at = part->text + part->len;
    return part->len > 0;
}

/*
 * Fails if a part has no equal sign: a blank in an access key id, for example, splits its part in
 * two. AWS's message is from https://github.com/aws/aws-sdk-go/issues/289.
 */
static bool has_pairs_only(const char *parameters, const char *header, struct buffer *message)
{
    struct part part;
    while (next_part(&parameters, &part)) {
        if (memchr(part.text, '=', part.len))
            continue;
        buffer_addf(message,
                    "'%.*s' not a valid key=value pair (missing equal-sign) in Authorization "
                    "header: '%s'.",
                    (int)part.len, part.text, header);
        return false;
    }
    return true;
}

/* Finds the value of name=value among the parameters. */
static bool find_value(const char *parameters, const char *name, struct part *value)
{
    size_t len = strlen(name);
    while (next_part(&parameters, value)) {
        if (value->len > len && value->text[len] == '=' && strncmp(value->text, name, len) == 0) {
            value->text += len + 1;
            value->len -= len + 1;
            return true;
        }
    }
    return false;
}

static size_t count_elements(const struct part *credential)
{
    size_t count = 1;
    for (size_t i = 0; i < credential->len; i++)
        count += credential->text[i] == '/';
    return count;
}

/*
 * A secret access key may hold slashes; if given as the key id, it makes more than five elements,
 * and AWS repeats it: https://github.com/boto/boto3/issues/1752.
 */
static enum authorization_result read_credential(const struct part *credential,
                                                 struct sigv4_scope *scope, struct buffer *message)
{
    char text[CREDENTIAL_MAX] = "";
    char term[32];
    if (credential->len < sizeof(text))
        memcpy(text, credential->text, credential->len);
    if (count_elements(credential) != SCOPE_ELEMENTS ||
        sscanf(text, "%128[^/]/%8[^/]/%39[^/]/%31[^/]/%31s", scope->access_key_id, scope->date,
               scope->region, scope->service, term) != SCOPE_ELEMENTS) {
        buffer_addf(message,
                    "Credential must have exactly 5 slash-delimited elements, e.g. "
                    "keyid/date/region/service/term, got '%.*s'",
                    (int)credential->len, credential->text);
        return AUTHORIZATION_CREDENTIAL;
    }
    if (strcmp(term, SCOPE_TERMINATOR) == 0)
        return AUTHORIZATION_READ;
    buffer_addf(message,
                "Credential should be scoped with a valid terminator: '" SCOPE_TERMINATOR
                "', not '%s'.",
                term);
    return AUTHORIZATION_TERMINATOR;
}

static enum authorization_result read_parts(const char *parameters, struct sigv4_scope *scope,
                                            struct buffer *message)
{
    static const char *const names[] = {"Credential", "Signature", "SignedHeaders"};
    struct part values[3];
    for (int i = 0; i < 3; i++)
        if (!find_value(parameters, names[i], &values[i]))
            buffer_addf(message, "Authorization header requires '%s' parameter. ", names[i]);
    if (message->len > 0) {
        buffer_add_text(message, "Authorization=" AUTHORIZATION_ALGORITHM);
        return AUTHORIZATION_INCOMPLETE;
    }
    enum authorization_result result = read_credential(&values[0], scope, message);
    if (values[1].len == SHA256_HEX_SIZE - 1)
        memcpy(scope->signature, values[1].text, values[1].len);
    scope->signed_headers = values[2].text;
    scope->signed_headers_len = values[2].len;
    return result;
}

enum authorization_result authorization_read(const struct request *request,
                                             struct sigv4_scope *scope, struct buffer *message)
{
    const char *header = request_header(request, "Authorization");
    size_t len = strlen(AUTHORIZATION_ALGORITHM);
    *scope = (struct sigv4_scope){0};
    if (!header)
        return AUTHORIZATION_MISSING;
    if (strncmp(header, AUTHORIZATION_ALGORITHM " ", len + 1) != 0) {
        buffer_addf(message, "Unsupported AWS 'algorithm': '%.*s'.", (int)strcspn(header, " "),
                    header);
        return AUTHORIZATION_INCOMPLETE;
    }
    if (!has_pairs_only(header + len, header, message))
        return AUTHORIZATION_INCOMPLETE;
    return read_parts(header + len, scope, message);
}
