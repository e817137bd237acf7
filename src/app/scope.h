/* SPDX-License-Identifier: MIT */
/*
 * scope.h: reads from the settings which accounts a census is about: accounts to read,
 * organizational units to stay within, accounts to leave out.
 */
#ifndef APP_SCOPE_H
#define APP_SCOPE_H

#include "app/settings.h"
#include "base/arena.h"

struct scope {
    struct view *accounts; /* 12 digits each; NULL: all accounts of the organization */
    size_t account_count;
    struct view *units;
    size_t unit_count;
    struct view *excluded;
    size_t excluded_count;
};

/*
 * Reads the three lists of 'settings' into 'scope', which must be zero: ids in ascending order,
 * each once; duplicates are logged as warnings. The texts are in 'arena'. -1 with ERROR_CONFIG,
 * which names the setting, or the file and line, that is wrong.
 */
int scope_read(const struct settings *settings, struct arena *arena, struct scope *scope,
               struct error *e) MUST_CHECK;

#endif
