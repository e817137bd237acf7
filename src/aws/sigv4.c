/* SPDX-License-Identifier: MIT */
#include "aws/sigv4.h"

#include "aws/canonical.h"
#include "aws/sha256.h"
#include "base/timestamp.h"

#include <stdio.h>

#define ALGORITHM         "AWS4-HMAC-SHA256"
#define SCOPE_END         "aws4_request"
#define AUTHORIZATION_MAX ((size_t)8 * 1024)
/* Room for the path, the query and the headers at their bounds, all percent-encoded. */
#define CANONICAL_MAX   ((size_t)256 * 1024)
#define CANONICAL_USUAL ((size_t)3 * 1024) /* with the session token of a role */
#define COMPACT_SIZE    sizeof("20150830T123600Z")
#define DAY_LEN         8 /* "20150830" */

_Static_assert(SIGV4_HASH_SIZE == SHA256_SIZE && SIGV4_HASH_HEX_SIZE == SHA256_HEX_SIZE,
               "one hash, two headers");

/* What more than one step of making a signature needs. */
struct signing {
    const struct sigv4_scope *scope;
    const struct credentials *credentials;
    char day[DAY_LEN + 1];
    char scope_text[96]; /* "20150830/region/service/aws4_request" */
    struct sha256 hasher;
    struct canonical canonical;
};

void sigv4_hash_hex(struct view bytes, char out[SIGV4_HASH_HEX_SIZE])
{
    struct sha256 h;
    unsigned char hash[SHA256_SIZE];
    sha256_init(&h);
    sha256_hash(&h, bytes, hash);
    sha256_hex(hash, out);
    if (h.failed)
        out[0] = '\0';
    sha256_release(&h);
}

void sigv4_key_clear(struct sigv4_key *k)
{
    secret_wipe(k, sizeof(*k));
}

static bool key_fits(const struct sigv4_key *k, const struct signing *s)
{
    return strcmp(k->date, s->day) == 0 && view_is(s->scope->region, k->region) &&
           view_is(s->scope->service, k->service) &&
           strcmp(k->access_key_id, s->credentials->access_key_id) == 0;
}

static void key_derive(struct sigv4_key *k, struct signing *s)
{
    char start[4 + CREDENTIALS_SECRET_MAX] = "AWS4";
    struct view secret = secret_reveal(&s->credentials->secret_access_key);
    struct view key = {(const char *)k->key, sizeof(k->key)};
    memcpy(start + 4, secret.ptr, secret.len);
    sha256_hmac(&s->hasher, (struct view){start, 4 + secret.len}, view_of(s->day), k->key);
    sha256_hmac(&s->hasher, key, s->scope->region, k->key);
    sha256_hmac(&s->hasher, key, s->scope->service, k->key);
    sha256_hmac(&s->hasher, key, VIEW_LITERAL(SCOPE_END), k->key);
    secret_wipe(start, sizeof(start));
    memcpy(k->date, s->day, sizeof(k->date));
    snprintf(k->region, sizeof(k->region), "%.*s", VIEW_ARG(s->scope->region));
    snprintf(k->service, sizeof(k->service), "%.*s", VIEW_ARG(s->scope->service));
    memcpy(k->access_key_id, s->credentials->access_key_id, sizeof(k->access_key_id));
}

static int sigv4_check(const struct sigv4_request *request, const struct sigv4_scope *scope,
                       const struct credentials *credentials, struct error *e)
{
    const size_t region_size = sizeof(((struct sigv4_key *)0)->region);
    const size_t service_size = sizeof(((struct sigv4_key *)0)->service);
    if (credentials->access_key_id[0] == '\0')
        return error_set(e, ERROR_CREDENTIALS, "credentials have no access key id");
    if (credentials->secret_access_key.len == 0)
        return error_set(e, ERROR_CREDENTIALS, "credentials have no secret access key");
    if (credentials->secret_access_key.len > CREDENTIALS_SECRET_MAX)
        return error_set(e, ERROR_CREDENTIALS, "secret access key is over %d characters",
                         CREDENTIALS_SECRET_MAX);
    if (scope->region.len == 0 || scope->region.len >= region_size)
        return error_set(e, ERROR_CONFIG, "signing region '%.*s' is not 1 to %zu characters",
                         VIEW_ARG(scope->region), region_size - 1);
    if (scope->service.len == 0 || scope->service.len >= service_size)
        return error_set(e, ERROR_CONFIG, "signing name '%.*s' is not 1 to %zu characters",
                         VIEW_ARG(scope->service), service_size - 1);
    if (request->payload_hash.len != SHA256_HEX_SIZE - 1)
        return error_set(e, ERROR_SYSTEM, "hash of the request's body is missing");
    return 0;
}

static int write_times(struct signing *s, int64_t now_s, struct sigv4_signature *out,
                       struct error *e)
{
    char compact[TIMESTAMP_TEXT_SIZE];
    timestamp_format_compact(now_s, compact);
    if (strlen(compact) != COMPACT_SIZE - 1)
        return error_set(e, ERROR_SYSTEM, "clock shows a time that cannot be signed");
    memcpy(out->date, compact, COMPACT_SIZE);
    memcpy(s->day, compact, DAY_LEN);
    s->day[DAY_LEN] = '\0';
    snprintf(s->scope_text, sizeof(s->scope_text), "%s/%.*s/%.*s/" SCOPE_END, s->day,
             VIEW_ARG(s->scope->region), VIEW_ARG(s->scope->service));
    return 0;
}

/*
 * Writes all of the Authorization header but the signature. Returns a view of the names of the
 * signed headers in it.
 */
static struct view write_front(const struct signing *s, struct buffer *out)
{
    buffer_add_text(out, ALGORITHM " Credential=");
    buffer_add_text(out, s->credentials->access_key_id);
    buffer_add_char(out, '/');
    buffer_add_text(out, s->scope_text);
    buffer_add_text(out, ", SignedHeaders=");
    size_t start = out->len;
    canonical_write_names(&s->canonical, out);
    return (struct view){buffer_text_cut(out) + start, out->len - start};
}

/* The SHA-256 of the canonical request, in hex. */
static int hash_canonical(struct signing *s, struct view signed_names, struct buffer *copy,
                          char hex[SHA256_HEX_SIZE], struct error *e)
{
    struct buffer text;
    unsigned char hash[SHA256_SIZE];
    buffer_init(&text, CANONICAL_MAX);
    buffer_reserve(&text, CANONICAL_USUAL);
    int result = canonical_write(&s->canonical, signed_names, &text, e);
    if (result == 0) {
        sha256_hash(&s->hasher, buffer_view(&text), hash);
        sha256_hex(hash, hex);
        if (copy)
            buffer_add_buffer(copy, &text);
    }
    buffer_release(&text);
    return result;
}

static int write_signature(struct signing *s, struct view signed_names,
                           const struct sigv4_signer *signer, struct sigv4_key *key,
                           struct sigv4_signature *out, struct error *e)
{
    char hex[SHA256_HEX_SIZE];
    char text[sizeof(ALGORITHM) + sizeof(out->date) + sizeof(s->scope_text) + sizeof(hex)];
    unsigned char hash[SHA256_SIZE];
    if (hash_canonical(s, signed_names, signer->canonical, hex, e) != 0)
        return -1;
    snprintf(text, sizeof(text), ALGORITHM "\n%s\n%s\n%s", out->date, s->scope_text, hex);
    if (signer->to_sign)
        buffer_add_text(signer->to_sign, text);
    if (!key_fits(key, s))
        key_derive(key, s);
    sha256_hmac(&s->hasher, (struct view){(const char *)key->key, sizeof(key->key)}, view_of(text),
                hash);
    sha256_hex(hash, hex);
    buffer_add_text(&out->authorization, ", Signature=");
    buffer_add_text(&out->authorization, hex);
    secret_wipe(hash, sizeof(hash));
    secret_wipe(hex, sizeof(hex));
    if (!buffer_complete(&out->authorization))
        return error_set(e, ERROR_CONFIG, "authorization header is over %zu bytes",
                         AUTHORIZATION_MAX);
    if (s->hasher.failed) {
        sigv4_key_clear(key);
        return error_set(e, ERROR_SYSTEM, "libcrypto cannot compute SHA-256");
    }
    return 0;
}

int sigv4_sign(const struct sigv4_request *request, const struct sigv4_scope *scope,
               const struct sigv4_signer *signer, struct sigv4_signature *out, struct error *e)
{
    struct signing s = {.scope = scope, .credentials = signer->credentials};
    struct sigv4_key once = {0};
    int result = -1;
    *out = (struct sigv4_signature){0};
    buffer_init(&out->authorization, AUTHORIZATION_MAX);
    if (sigv4_check(request, scope, s.credentials, e) != 0 ||
        write_times(&s, signer->now_s, out, e) != 0 ||
        canonical_init(&s.canonical, request, scope, view_of(out->date),
                       secret_reveal(&s.credentials->session_token), e) != 0)
        return -1;
    if (scope->sign_payload_header)
        memcpy(out->content_sha256, request->payload_hash.ptr, SHA256_HEX_SIZE - 1);
    sha256_init(&s.hasher);
    struct view signed_names = write_front(&s, &out->authorization);
    result = write_signature(&s, signed_names, signer, signer->key ? signer->key : &once, out, e);
    if (result != 0)
        buffer_release(&out->authorization);
    sha256_release(&s.hasher);
    sigv4_key_clear(&once);
    return result;
}
