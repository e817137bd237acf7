/* SPDX-License-Identifier: MIT */
/* Signing as the program does it, with its own sigv4. */
#include "bare.h"

#include <string.h>
#include <time.h>

#define CONTENT_TYPE "application/x-www-form-urlencoded; charset=utf-8"
#define LINE_SIZE    4096

static struct curl_slist *add(struct curl_slist *headers, const char *name, const char *value)
{
    char line[LINE_SIZE];
    if (snprintf(line, sizeof(line), "%s: %s", name, value) >= LINE_SIZE)
        die("a header is too long");
    headers = curl_slist_append(headers, line);
    if (!headers)
        die("out of memory");
    return headers;
}

struct curl_slist *request_sign(const struct bare_request *request, const char *service,
                                const char *host, const struct credentials *credentials,
                                struct sigv4_key *key)
{
    const struct sigv4_scope scope = {.region = VIEW_LITERAL("us-east-1"),
                                      .service = view_of(service),
                                      .normalize_path = true,
                                      .double_encode = true};
    const struct sigv4_header signed_headers[] = {
        {VIEW_LITERAL("host"), view_of(host)},
        {VIEW_LITERAL("Content-Type"), VIEW_LITERAL(CONTENT_TYPE)}};
    char payload_hash[SIGV4_HASH_HEX_SIZE];
    struct sigv4_signature signature;
    struct error e;
    sigv4_hash_hex(view_of(request->body), payload_hash);
    const struct sigv4_request to_sign = {.method = "POST",
                                          .path = VIEW_LITERAL("/"),
                                          .query = VIEW_LITERAL(""),
                                          .headers = signed_headers,
                                          .header_count = 2,
                                          .payload_hash = view_of(payload_hash)};
    const struct sigv4_signer signer = {
        .credentials = credentials, .now_s = time(NULL), .key = key};
    if (sigv4_sign(&to_sign, &scope, &signer, &signature, &e) != 0)
        die(e.text);
    struct curl_slist *headers = add(NULL, "Host", host);
    headers = add(headers, "Content-Type", CONTENT_TYPE);
    headers = add(headers, "X-Amz-Date", signature.date);
    if (secret_present(&credentials->session_token))
        headers =
            add(headers, "X-Amz-Security-Token", secret_reveal(&credentials->session_token).ptr);
    headers = add(headers, "Authorization", buffer_text(&signature.authorization));
    headers = curl_slist_append(headers, "Expect:");
    buffer_release(&signature.authorization);
    return headers;
}
