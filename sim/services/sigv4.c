/* SPDX-License-Identifier: MIT */
#include "services/sigv4.h"

#include "base/alloc.h"
#include "base/arena.h"
#include "wire/form.h"
#include "wire/moment.h"
#include "world/random.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SKEW_QUERY_SECONDS 300
#define SKEW_S3_SECONDS    900
#define KEY_TABLE_COUNT    16384
#define SIGNED_NAME_SIZE   128

/* A signing key is valid for a day, so it is kept: that saves four HMACs for every request. */
struct signing_key {
    char scope[160];
    unsigned char key[SHA256_SIZE];
};

static struct signing_key *key_table[KEY_TABLE_COUNT];
static struct buffer canonical = {.max = TEXT_MAX};
static struct buffer string_to_sign = {.max = TEXT_MAX};

void sigv4_cleanup(void)
{
    for (size_t i = 0; i < KEY_TABLE_COUNT; i++) {
        free(key_table[i]);
        key_table[i] = NULL;
    }
    buffer_release(&canonical);
    buffer_release(&string_to_sign);
}

static bool header_is_signed(const struct sigv4_scope *scope, const char *name)
{
    size_t len = strlen(name);
    const char *at = scope->signed_headers;
    const char *end = at + scope->signed_headers_len;
    while (at < end) {
        const char *stop = memchr(at, ';', (size_t)(end - at));
        if (!stop)
            stop = end;
        if ((size_t)(stop - at) == len && strncasecmp(at, name, len) == 0)
            return true;
        at = stop + 1;
    }
    return false;
}

/* Appends the value as it is signed: trimmed, and with runs of spaces as one. */
static void canonical_value(const char *value)
{
    bool space = false;
    bool begun = false;
    for (; *value; value++) {
        if (*value == ' ' || *value == '\t') {
            space = true;
            continue;
        }
        if (space && begun)
            buffer_add_char(&canonical, ' ');
        buffer_add_char(&canonical, *value);
        space = false;
        begun = true;
    }
}

/*
 * Appends the line of one signed header, its values joined by commas. Returns -1 if there is no
 * such header.
 */
static int canonical_header(const struct request *request, const char *name)
{
    bool found = false;
    buffer_add_text(&canonical, name);
    buffer_add_char(&canonical, ':');
    for (size_t i = 0; i < request->header_count; i++) {
        if (strcasecmp(request->headers[i].name, name) != 0)
            continue;
        if (found)
            buffer_add_char(&canonical, ',');
        canonical_value(request->headers[i].value);
        found = true;
    }
    buffer_add_char(&canonical, '\n');
    return found ? 0 : -1;
}

/* Appends all signed headers; their names must be in lower case and in order. */
static int canonical_headers(const struct sigv4_check *check)
{
    const char *at = check->scope->signed_headers;
    const char *end = at + check->scope->signed_headers_len;
    char before[SIGNED_NAME_SIZE] = "";
    while (at < end) {
        char name[SIGNED_NAME_SIZE];
        size_t len = 0;
        while (at < end && *at != ';') {
            if (len == sizeof(name) - 1 || isupper((unsigned char)*at))
                return -1;
            name[len++] = *at++;
        }
        name[len] = '\0';
        at++;
        if (strcmp(before, name) >= 0 || canonical_header(check->request, name) != 0)
            return -1;
        memcpy(before, name, len + 1);
    }
    return 0;
}

static int compare_strings(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* One "name=value" of the query string, with both sides decoded and encoded again. */
static const char *canonical_pair(struct arena *arena, const char *pair, size_t len)
{
    struct buffer text = {.max = TEXT_MAX};
    const char *equals = memchr(pair, '=', len);
    size_t name_len = equals ? (size_t)(equals - pair) : len;
    char *decoded = arena_alloc(arena, len + 1);
    size_t decoded_len = form_decode(pair, name_len, 0, decoded);
    form_encode(&text, decoded, decoded_len, 0);
    buffer_add_char(&text, '=');
    if (equals) {
        decoded_len = form_decode(equals + 1, len - name_len - 1, 0, decoded);
        form_encode(&text, decoded, decoded_len, 0);
    }
    const char *copy = text_copy_len(arena, text.data, text.len);
    buffer_release(&text);
    return copy;
}

static void canonical_query(const char *query)
{
    struct arena arena = {0};
    const char *pairs[FORM_PAIRS_MAX];
    size_t count = 0;
    while (*query && count < FORM_PAIRS_MAX) {
        size_t len = strcspn(query, "&");
        if (len > 0)
            pairs[count++] = canonical_pair(&arena, query, len);
        query += len;
        if (*query == '&')
            query++;
    }
    qsort(pairs, count, sizeof(*pairs), compare_strings);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buffer_add_char(&canonical, '&');
        buffer_add_text(&canonical, pairs[i]);
    }
    arena_release(&arena);
}

/* Appends the path: for S3 as it is, for other services encoded once more. */
static void canonical_path(const struct sigv4_check *check)
{
    const char *path = check->request->path;
    if (check->service != SERVICE_S3) {
        form_encode(&canonical, path, strlen(path), 1);
        return;
    }
    char *decoded = xmalloc(strlen(path) + 1);
    size_t len = form_decode(path, strlen(path), 0, decoded);
    form_encode(&canonical, decoded, len, 1);
    free(decoded);
}

static int canonical_request(const struct sigv4_check *check)
{
    buffer_clear(&canonical);
    buffer_add_text(&canonical, check->request->method);
    buffer_add_char(&canonical, '\n');
    canonical_path(check);
    buffer_add_char(&canonical, '\n');
    canonical_query(check->request->query);
    buffer_add_char(&canonical, '\n');
    if (canonical_headers(check) != 0)
        return -1;
    buffer_add_char(&canonical, '\n');
    buffer_add(&canonical, check->scope->signed_headers, check->scope->signed_headers_len);
    buffer_add_char(&canonical, '\n');
    buffer_add_text(&canonical, check->payload_hash);
    return 0;
}

static const unsigned char *signing_key(const struct sigv4_scope *scope,
                                        const struct identity *identity)
{
    char name[160];
    int len = snprintf(name, sizeof(name), "%s/%s/%s/%s", identity->access_key_id, scope->date,
                       scope->region, scope->service);
    struct signing_key **place =
        &key_table[random_of_bytes(0, name, (size_t)len) % KEY_TABLE_COUNT];
    if (*place && strcmp((*place)->scope, name) == 0)
        return (*place)->key;
    if (!*place)
        *place = xmalloc(sizeof(**place));
    memcpy((*place)->scope, name, sizeof(name));
    char secret[8 + SECRET_KEY_SIZE];
    unsigned char *key = (*place)->key;
    len = snprintf(secret, sizeof(secret), "AWS4%s", identity->secret_key);
    hmac_sha256(secret, (size_t)len, scope->date, strlen(scope->date), key);
    hmac_sha256(key, SHA256_SIZE, scope->region, strlen(scope->region), key);
    hmac_sha256(key, SHA256_SIZE, scope->service, strlen(scope->service), key);
    hmac_sha256(key, SHA256_SIZE, "aws4_request", 12, key);
    return key;
}

static bool signature_matches(const struct sigv4_check *check, const struct identity *identity,
                              const char *date)
{
    unsigned char digest[SHA256_SIZE];
    char hex[SHA256_HEX_SIZE];
    const struct sigv4_scope *scope = check->scope;
    sha256(canonical.data, canonical.len, digest);
    hex_write(digest, sizeof(digest), hex);
    buffer_clear(&string_to_sign);
    buffer_add_text(&string_to_sign, AUTHORIZATION_ALGORITHM "\n");
    buffer_add_text(&string_to_sign, date);
    buffer_addf(&string_to_sign, "\n%s/%s/%s/aws4_request\n", scope->date, scope->region,
                scope->service);
    buffer_add_text(&string_to_sign, hex);
    hmac_sha256(signing_key(scope, identity), SHA256_SIZE, string_to_sign.data, string_to_sign.len,
                digest);
    hex_write(digest, sizeof(digest), hex);
    return digest_equal(hex, scope->signature, SHA256_HEX_SIZE - 1);
}

static enum sigv4_result check_date(const struct sigv4_check *check, const char *date,
                                    char *message)
{
    int64_t moment;
    char now[MOMENT_SIZE];
    char bound[MOMENT_SIZE];
    int64_t most = check->service == SERVICE_S3 ? SKEW_S3_SECONDS : SKEW_QUERY_SECONDS;
    if (!date || moment_parse_basic(date, &moment) != 0) {
        snprintf(message, SIGV4_MESSAGE_SIZE,
                 "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' "
                 "header.");
        return check->service == SERVICE_S3 ? SIGV4_NO_DATE : SIGV4_INCOMPLETE;
    }
    if (strncmp(date, check->scope->date, 8) != 0) {
        snprintf(message, SIGV4_MESSAGE_SIZE,
                 "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date "
                 "from HTTP: '%s' != '%.8s', from '%s'.",
                 check->scope->date, date, date);
        return SIGV4_MISMATCH;
    }
    moment_basic(check->now, now);
    if (moment < check->now - most) {
        snprintf(message, SIGV4_MESSAGE_SIZE,
                 "Signature expired: %s is now earlier than %s (%s - 5 min.)", date,
                 moment_basic(check->now - most, bound), now);
        return SIGV4_SKEWED;
    }
    if (moment > check->now + most) {
        snprintf(message, SIGV4_MESSAGE_SIZE,
                 "Signature not yet current: %s is still later than %s (%s + 5 min.)", date,
                 moment_basic(check->now + most, bound), now);
        return SIGV4_SKEWED;
    }
    return SIGV4_VALID;
}

/*
 * Checks that all required headers are signed: host, date and token, and for S3 all that begin with
 * x-amz-.
 */
static enum sigv4_result check_signed_headers(const struct sigv4_check *check, char *message)
{
    const struct sigv4_scope *scope = check->scope;
    if (!header_is_signed(scope, "host")) {
        snprintf(message, SIGV4_MESSAGE_SIZE,
                 "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
        return check->service == SERVICE_S3 ? SIGV4_NOT_SIGNED : SIGV4_MISMATCH;
    }
    if (check->service == SERVICE_S3 && !request_header(check->request, "x-amz-content-sha256"))
        return SIGV4_NO_CONTENT_HASH;
    for (size_t i = 0; i < check->request->header_count; i++) {
        const char *name = check->request->headers[i].name;
        bool must =
            check->service == SERVICE_S3
                ? strncasecmp(name, "x-amz-", 6) == 0 || strcasecmp(name, "content-md5") == 0
                : strcasecmp(name, "x-amz-date") == 0 ||
                      strcasecmp(name, "x-amz-security-token") == 0 ||
                      strcasecmp(name, "x-amz-target") == 0;
        if (must && !header_is_signed(scope, name)) {
            snprintf(message, SIGV4_MESSAGE_SIZE,
                     "'%.100s' must be a 'SignedHeader' in the AWS Authorization.", name);
            return check->service == SERVICE_S3 ? SIGV4_NOT_SIGNED : SIGV4_MISMATCH;
        }
    }
    return SIGV4_VALID;
}

enum sigv4_result sigv4_verify(const struct sigv4_check *check, const struct identity **identity,
                               char *message)
{
    const char *date = request_header(check->request, "x-amz-date");
    const char *token = request_header(check->request, "x-amz-security-token");
    message[0] = '\0';
    if (session_find(check->scope->access_key_id, token, check->seed, identity) != SESSION_OPEN)
        return token ? SIGV4_INVALID_TOKEN : SIGV4_UNKNOWN_KEY;
    enum sigv4_result result = check_date(check, date, message);
    if (result == SIGV4_VALID)
        result = check_signed_headers(check, message);
    if (result != SIGV4_VALID)
        return result;
    if (canonical_request(check) != 0 || !signature_matches(check, *identity, date))
        return SIGV4_MISMATCH;
    if ((*identity)->expires <= check->now)
        return SIGV4_EXPIRED_TOKEN;
    return SIGV4_VALID;
}
