/* Session policies: what an inline policy document leaves of the actions. */
#ifndef SERVICES_POLICY_H
#define SERVICES_POLICY_H

#include <stdint.h>

/*
 * Reads a policy document: the actions of its Allow statements less those of its Deny statements.
 * Resources and conditions are not looked at. Returns 0, or -1 where it is no policy.
 */
int policy_read(const char *document, uint64_t *actions);

#endif
