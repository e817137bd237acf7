/*
 * scope.h: reads from the settings which accounts a census is about: accounts to read,
 * organizational units to stay within, accounts to leave out.
 */
#ifndef APP_SCOPE_H
#define APP_SCOPE_H

#include "app/config.h"

/*
 * Reads the three lists of 'settings' into 'config': account ids ascending, each once; a
 * repeated id is logged as a warning. Their texts are in the config's arena. -1 with ERROR_CONFIG,
 * which names the setting, or the file and line, that is wrong.
 */
int scope_read(const struct settings *settings, struct config *config, struct error *e) MUST_CHECK;

#endif
