/* SPDX-License-Identifier: MIT */
/* Any bytes as the credentials that a process, a container or an instance gives. */
#include "auth/credentials_json.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    if (len < 1)
        return 0;
    struct view text = {(const char *)bytes + 1, len - 1};
    struct credentials c;
    struct error e = {0};
    memset(&c, 0, sizeof(c));
    if (credentials_json_read(text, bytes[0] % 3, &c, &e) == 0) {
        if (!c.access_key_id[0] || !secret_present(&c.secret_access_key))
            abort(); /* half a pair of keys */
    } else if (e.kind == ERROR_NONE || strlen(e.text) == 0) {
        abort(); /* a failure that says nothing */
    }
    credentials_clear(&c);
    return 0;
}
