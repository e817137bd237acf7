/*
 * destination.h: reads and checks the settings that say where the output goes. Nothing is
 * contacted.
 */
#ifndef APP_DESTINATION_H
#define APP_DESTINATION_H

#include "app/config.h"

/*
 * Reads bucket, prefix, encryption, owner and local output of 'settings' into 'config', which
 * borrows them. A path that means standard output (/dev/stdout) becomes "-". If
 * 'in_lambda', there must be a bucket.
 *
 * A flag wins: with --output, a bucket from the environment is ignored. Settings for the objects of
 * a bucket, if there is no bucket, are an error if they are flags; if they come from the
 * environment, where they may stand for other runs, they are only logged. -1 with ERROR_CONFIG,
 * which names the setting.
 */
int destination_read(const struct settings *settings, bool in_lambda, struct config *config,
                     struct error *e) MUST_CHECK;

#endif
