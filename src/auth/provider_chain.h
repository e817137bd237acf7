/* SPDX-License-Identifier: MIT */
/*
 * provider_chain.h: the default list of credentials providers, asked one after the other.
 *
 * Order: environment; web identity; profile 'default'; container; instance metadata. It is that of
 * the SDKs for PHP, Kotlin and Go: "Understand the credential provider chain", AWS SDKs and Tools
 * Reference Guide (docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html).
 *
 * A profile that is named ends the list, since it must give the credentials or fail: if AWS_PROFILE
 * or AWS_DEFAULT_PROFILE names it, only keys in the environment go before it; if the context does
 * (--profile), nothing does. Both are as in botocore.
 */
#ifndef AUTH_PROVIDER_CHAIN_H
#define AUTH_PROVIDER_CHAIN_H

#include "auth/context.h"
#include "aws/provider.h"

/*
 * The default chain. The context is copied, what it points to borrowed. Only a provider that is not
 * configured is passed over. If none is configured, the error is of kind ERROR_CREDENTIALS and
 * names each with its reason. Once a provider has given credentials, it alone is asked from then
 * on. Freed by provider_free.
 */
struct credentials_provider *provider_chain_new(const struct auth_context *context);

#endif
