/* SPDX-License-Identifier: MIT */
/*
 * destination.h: reads and checks the settings that say where the output goes. Nothing is
 * contacted.
 */
#ifndef APP_DESTINATION_H
#define APP_DESTINATION_H

#include "app/settings.h"

/* A further output. */
struct further_output {
    bool wanted;
    const char *path; /* NULL: beside the output, under the output's name with another ending */
};

/* All borrowed from the settings. */
struct destination {
    const char *bucket; /* NULL: a local file */
    const char *prefix;
    const char *sse;            /* "aws:kms", ...; NULL: the bucket's default encryption */
    const char *sse_kms_key_id; /* NULL: none; if there is one, 'sse' is a KMS encryption */
    const char *expected_bucket_owner;
    const char *output; /* NULL: the default name; "-": standard output, however it was named */
    struct further_output accounts_file, findings;
};

/*
 * Reads bucket, prefix, encryption, owner and local output of 'settings' into 'destination', which
 * is zero, and borrows them. A path that means standard output (/dev/stdout) becomes "-". If
 * 'in_lambda', there must be a bucket.
 *
 * A flag wins: with --output, a bucket from the environment is ignored. If there is no bucket,
 * settings for its objects are an error if they are flags; if they come from the environment, where
 * they may be meant for other runs, they are only logged. -1 with ERROR_CONFIG, which names the
 * setting.
 */
int destination_read(const struct settings *settings, bool in_lambda,
                     struct destination *destination, struct error *e) MUST_CHECK;

#endif
