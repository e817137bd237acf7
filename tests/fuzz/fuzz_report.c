/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as the content of a credential report: as they are (base64 that is rarely valid), and
 * encoded, so that every byte reaches the reader of lines.
 */
#include "census/report.h"

#include <openssl/evp.h>
#include <stdint.h>
#include <stdlib.h>

static void check(const struct report *report)
{
    for (size_t i = 0; i < report->count; i++) {
        const struct report_line *line = &report->lines[i];
        if (line->user.len == 0)
            abort();
        for (size_t k = 0; k < REPORT_SLOTS; k++)
            if (line->keys[k].created_s != TIMESTAMP_NONE && !line->has_key)
                abort(); /* a user with a key would be read as one without */
        report_find_key(line, line->created_s);
    }
}

static void read_one(struct view base64)
{
    struct arena arena;
    struct report report;
    struct error e = {0};
    arena_init(&arena);
    if (report_read(base64, 1700000000, &arena, &report, &e) == 0)
        check(&report);
    else if (e.kind != ERROR_PROTOCOL)
        abort();
    arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    read_one((struct view){(const char *)bytes, len});
    unsigned char *encoded = malloc(len / 3 * 4 + 8);
    int size = EVP_EncodeBlock(encoded, bytes, (int)len);
    read_one((struct view){(const char *)encoded, (size_t)size});
    free(encoded);
    return 0;
}
