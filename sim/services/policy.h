/* SPDX-License-Identifier: MIT */
/* policy.h: reads session policies: which actions an inline policy document allows. */
#ifndef SERVICES_POLICY_H
#define SERVICES_POLICY_H

#include <stdint.h>

/*
 * Reads a policy document: the actions of its Allow statements minus those of its Deny statements.
 * Resources and conditions are ignored. Returns 0, or -1 if it is not a valid policy.
 */
int policy_read(const char *document, uint64_t *actions);

#endif
