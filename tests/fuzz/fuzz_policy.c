/* SPDX-License-Identifier: MIT */
/* Any bytes as a policy's document: decoded and encoded again, it grants the same. */
#include "api/iam.h"
#include "api/policy_document.h"
#include "base/percent.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    const struct view encoded = {(const char *)bytes, len};
    enum policy_grant grant = policy_document_grant(encoded);
    struct buffer decoded, again;
    if (len > IAM_DOCUMENT_MAX_BYTES / 3)
        return 0;
    buffer_init(&decoded, IAM_DOCUMENT_MAX_BYTES);
    buffer_init(&again, IAM_DOCUMENT_MAX_BYTES);
    for (size_t at = 0; at < len;)
        buffer_add_char(&decoded, (char)percent_take(encoded, &at));
    percent_encode(&again, buffer_view(&decoded), 0);
    if (policy_document_grant(buffer_view(&again)) != grant)
        abort();
    buffer_release(&decoded);
    buffer_release(&again);
    return 0;
}
