/* SPDX-License-Identifier: MIT */
#include "services/session.h"

#include "base/alloc.h"
#include "wire/digest.h"
#include "world/random.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEAL_SIZE    16
#define TOKEN_PAD_TO 520 /* as long as AWS's tokens */
#define KEPT_SETS    1024
#define KEPT_WAYS    4

/* The first bytes of AWS's tokens, before base64. */
static const char token_head[] = "!\x0a\x09origin_ec";

/*
 * A token's content, kept under the token's hash so that it need not be opened for every request.
 */
struct kept {
    char *token;
    struct identity identity;
};

static struct kept *kept_table[KEPT_SETS][KEPT_WAYS];
static unsigned kept_turn;

static void session_seal(uint64_t seed, const char *purpose, const struct buffer *payload,
                         unsigned char *out)
{
    char key[64];
    int len = snprintf(key, sizeof(key), "iam-census-sim %s %" PRIu64, purpose, seed);
    hmac_sha256(key, (size_t)len, payload->data, payload->len, out);
}

static void session_derive_keys(struct identity *identity, uint64_t seed,
                                const struct buffer *payload)
{
    unsigned char seal[SHA256_SIZE];
    uint64_t halves[2];
    struct buffer secret = {.max = TEXT_MAX};
    session_seal(seed, "key", payload, seal);
    memcpy(halves, seal, sizeof(halves));
    memcpy(identity->access_key_id, "ASIA", 4);
    random_base32(halves[0] >> 24, halves[1] >> 24, identity->access_key_id + 4);
    session_seal(seed, "secret", payload, seal);
    base64_append(&secret, seal, 30);
    memcpy(identity->secret_key, secret.data, 40);
    identity->secret_key[40] = '\0';
    buffer_release(&secret);
}

void session_issue(struct identity *identity, uint64_t seed, struct buffer *token)
{
    struct buffer payload = {.max = TEXT_MAX};
    unsigned char seal[SHA256_SIZE];
    buffer_add_text(&payload, token_head);
    buffer_addf(&payload, "|%" PRIu32 "|%s|%s|%" PRIx64 "|%" PRId64 "|", identity->account,
                identity->role, identity->session, identity->policy, identity->expires);
    uint64_t filler = random_of_bytes(seed, payload.data, payload.len);
    while (payload.len < TOKEN_PAD_TO) {
        filler = random_mix(filler, payload.len);
        buffer_add(&payload, &filler, sizeof(filler));
    }
    session_derive_keys(identity, seed, &payload);
    session_seal(seed, "seal", &payload, seal);
    buffer_add(&payload, seal, SEAL_SIZE);
    base64_append(token, payload.data, payload.len);
    buffer_release(&payload);
}

static int session_read(const struct buffer *payload, struct identity *identity)
{
    size_t head = strlen(token_head);
    char fields[1024];
    size_t len = payload->len < sizeof(fields) - 1 ? payload->len : sizeof(fields) - 1;
    if (payload->len < head || memcmp(payload->data, token_head, head) != 0)
        return -1;
    memcpy(fields, payload->data, len);
    fields[len] = '\0';
    *identity = (struct identity){.is_role = true};
    return sscanf(fields + head, "|%" SCNu32 "|%576[^|]|%64[^|]|%" SCNx64 "|%" SCNd64 "|",
                  &identity->account, identity->role, identity->session, &identity->policy,
                  &identity->expires) == 5
               ? 0
               : -1;
}

static int session_open(const char *token, uint64_t seed, struct identity *identity)
{
    struct buffer payload = {.max = TEXT_MAX};
    unsigned char seal[SHA256_SIZE];
    int result = -1;
    size_t len = strlen(token);
    if (len <= SESSION_TOKEN_MAX && base64_decode(&payload, token, len) == 0 &&
        payload.len > SEAL_SIZE) {
        unsigned char given[SEAL_SIZE];
        memcpy(given, payload.data + payload.len - SEAL_SIZE, SEAL_SIZE);
        buffer_truncate(&payload, payload.len - SEAL_SIZE);
        session_seal(seed, "seal", &payload, seal);
        if (digest_equal(seal, given, SEAL_SIZE) && session_read(&payload, identity) == 0) {
            session_derive_keys(identity, seed, &payload);
            result = 0;
        }
    }
    buffer_release(&payload);
    return result;
}

static void kept_free(struct kept *kept)
{
    if (!kept)
        return;
    free(kept->token);
    free(kept);
}

static const struct identity *session_keep(const char *token, const struct identity *identity,
                                           struct kept **place)
{
    struct kept *kept = xmalloc(sizeof(*kept));
    size_t len = strlen(token);
    kept->identity = *identity;
    kept->token = xmalloc(len + 1);
    memcpy(kept->token, token, len + 1);
    kept_free(*place);
    *place = kept;
    return &kept->identity;
}

static enum session_result session_find_role(const char *access_key_id, const char *token,
                                             uint64_t seed, const struct identity **identity)
{
    uint64_t hash = random_of_bytes(seed, token, strlen(token));
    struct kept **set = kept_table[hash % KEPT_SETS];
    struct identity opened;
    int way = 0;
    while (way < KEPT_WAYS && !(set[way] && strcmp(set[way]->token, token) == 0))
        way++;
    if (way < KEPT_WAYS)
        *identity = &set[way]->identity;
    else if (session_open(token, seed, &opened) == 0)
        *identity = session_keep(token, &opened, &set[kept_turn++ % KEPT_WAYS]);
    else
        return SESSION_INVALID;
    return strcmp((*identity)->access_key_id, access_key_id) == 0 ? SESSION_OPEN : SESSION_INVALID;
}

enum session_result session_find(const char *access_key_id, const char *token, uint64_t seed,
                                 const struct identity **identity)
{
    static const struct identity caller = {.policy = UINT64_MAX,
                                           .expires = INT64_MAX,
                                           .access_key_id = CALLER_ACCESS_KEY_ID,
                                           .secret_key = CALLER_SECRET_KEY};
    if (token)
        return session_find_role(access_key_id, token, seed, identity);
    *identity = &caller;
    return strcmp(access_key_id, CALLER_ACCESS_KEY_ID) == 0 ? SESSION_OPEN : SESSION_INVALID;
}

void session_cleanup(void)
{
    for (size_t i = 0; i < KEPT_SETS * KEPT_WAYS; i++) {
        kept_free(kept_table[i / KEPT_WAYS][i % KEPT_WAYS]);
        kept_table[i / KEPT_WAYS][i % KEPT_WAYS] = NULL;
    }
}
