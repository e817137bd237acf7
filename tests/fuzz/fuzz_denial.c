/* SPDX-License-Identifier: MIT */
/* Any text as the message of a refusal: who denied, which policy, which action. */
#include "doctor/denial.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct denial d;
    char action[DENIAL_ACTION_SIZE];
    char *message = malloc(len + 1);
    memcpy(message, bytes, len);
    message[len] = '\0';
    denial_read(message, &d);
    denial_action(message, action);
    if (d.type >= POLICY_TYPE_COUNT || strlen(d.policy_arn) >= DENIAL_ARN_SIZE ||
        strlen(d.authorization_id) >= DENIAL_ID_SIZE || strlen(action) >= DENIAL_ACTION_SIZE)
        abort();
    if (d.policy_arn[0] && !strstr(message, d.policy_arn))
        abort(); /* an ARN that nobody said */
    free(message);
    return 0;
}
