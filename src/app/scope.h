/*
 * scope.h: which accounts a census is about, as the settings list them: accounts to read, units to
 * stay within, accounts to leave out.
 */
#ifndef APP_SCOPE_H
#define APP_SCOPE_H

#include "app/config.h"

/*
 * Reads the three lists of 'settings' into 'config': accounts ascending, each once, a repetition
 * being warned of. Their texts lie in the config's arena. -1 with ERROR_CONFIG that names the file
 * and line, or the setting, of what is wrong.
 */
int scope_read(const struct settings *settings, struct config *config, struct error *e) MUST_CHECK;

#endif
