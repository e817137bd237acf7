/* SPDX-License-Identifier: MIT */
/*
 * provider_fixed.h: credentials that are known already, as a provider: the static keys of a
 * profile.
 */
#ifndef AUTH_PROVIDER_FIXED_H
#define AUTH_PROVIDER_FIXED_H

#include "aws/provider.h"
#include "net/loop.h"

/*
 * Gives '*c' each time. Takes what '*c' holds, which is zero afterwards. 'loop' is borrowed. Freed
 * by provider_free.
 */
struct credentials_provider *provider_fixed_new(struct loop *loop, struct credentials *c);

#endif
