/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as the body of a refusal, whole and in pieces: both say the same, and a secret of the
 * request that is in it is not in the message.
 */
#include "aws/service_error.h"
#include "net/http_state.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define SECRET "wJalrXUtnFEMI/K7MDENG"

static void read_by(struct view text, size_t piece_bytes, struct error *e)
{
    static struct http_response response;
    struct service_error told = {0};
    struct blanks blanks = {.count = 0};
    if (!response.easy)
        response.easy = curl_easy_init();
    blanks_add(&blanks, view_of(SECRET));
    struct service_answer *answer = service_answer_new();
    for (size_t at = 0; at < text.len; at += piece_bytes) {
        size_t left = text.len - at;
        service_answer_add(answer,
                           (struct view){text.ptr + at, left < piece_bytes ? left : piece_bytes});
    }
    service_answer_read(answer, &response, &told);
    service_error_make(e, 400, &told, &blanks);
    service_answer_free(answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct error whole, pieces;
    if (len < 1)
        return 0;
    struct view text = {(const char *)bytes + 1, len - 1};
    memset(&whole, 0, sizeof(whole));
    memset(&pieces, 0, sizeof(pieces));
    read_by(text, text.len + 1, &whole);
    read_by(text, bytes[0] % 16 + 1, &pieces);
    if (strcmp(whole.code, pieces.code) != 0 || strcmp(whole.text, pieces.text) != 0)
        abort();
    if (strstr(whole.text, SECRET) || strstr(whole.code, SECRET))
        abort();
    return 0;
}
