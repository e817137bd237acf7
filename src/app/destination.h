/*
 * destination.h: the settings of where the output goes, checked before anything is contacted.
 */
#ifndef APP_DESTINATION_H
#define APP_DESTINATION_H

#include "app/config.h"

/*
 * Reads bucket, prefix, encryption, owner and local output of 'settings' into 'config', which
 * borrows them. Standard output under another name becomes "-". 'in_lambda' demands a bucket.
 *
 * A flag wins: with --output, a bucket of the environment is left alone. Settings of a bucket's
 * objects without a bucket are an error if they are flags; those of the environment, which may be
 * there for other runs, are logged. -1 with ERROR_CONFIG that names the setting.
 */
int destination_read(const struct settings *settings, bool in_lambda, struct config *config,
                     struct error *e) MUST_CHECK;

#endif
