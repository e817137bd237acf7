/* SPDX-License-Identifier: MIT */
/*
 * provider_command.h: credentials that a program prints: credential_process, and the AWS CLI's
 * export.
 *
 * Source: AWS SDKs and Tools Reference Guide, "Process credential provider"
 * (docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html).
 */
#ifndef AUTH_PROVIDER_COMMAND_H
#define AUTH_PROVIDER_COMMAND_H

#include "aws/provider.h"
#include "net/loop.h"

#define COMMAND_TIMEOUT_MS 60000
/* Long enough for a person to type the code of an MFA device. */
#define COMMAND_CLI_TIMEOUT_MS 180000

/*
 * A provider that runs 'command' with /bin/sh, as the SDKs do. 'loop' is borrowed, 'command'
 * copied.
 */
struct credentials_provider *provider_command_new(struct loop *loop, struct view command);
/* Why the AWS CLI is run, for messages; constant strings. */
struct command_cli_use {
    const char *why;   /* "SSO" */
    const char *login; /* the command by which a person logs in anew, "aws sso login"; or NULL */
};
/*
 * A provider that runs 'aws configure export-credentials --profile PROFILE --format process', which
 * AWS CLI version 2 has. 'profile' is copied.
 */
struct credentials_provider *provider_command_new_cli(struct loop *loop, struct view profile,
                                                      struct command_cli_use use);

#endif
