/*
 * command.h: credentials that a program prints: credential_process, and the AWS CLI's export.
 *
 * Source: AWS SDKs and Tools Reference Guide, "Process credential provider"
 * (docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html).
 */
#ifndef AUTH_COMMAND_H
#define AUTH_COMMAND_H

#include "aws/provider.h"
#include "net/loop.h"

#define COMMAND_TIMEOUT_MS 60000
/* Long enough for a person to type the code of an MFA device. */
#define COMMAND_CLI_TIMEOUT_MS 180000

/* Runs 'command' by /bin/sh, as the SDKs do. 'loop' is borrowed, 'command' copied. */
struct credentials_provider *command_provider_new(struct loop *loop, struct view command);
/*
 * Runs 'aws configure export-credentials --profile PROFILE --format process'. 'why' says in the
 * error for a missing AWS CLI what it is needed for ("SSO"); it lives for ever. 'profile' is
 * copied.
 */
struct credentials_provider *command_cli_provider_new(struct loop *loop, struct view profile,
                                                      const char *why);

#endif
