/* SPDX-License-Identifier: MIT */
/*
 * plural.h: "1 account", "2 accounts".
 */
#ifndef BASE_PLURAL_H
#define BASE_PLURAL_H

#include <stdint.h>

/* What the word behind this number ends in: for "%zu account%s". */
static inline const char *plural_s(uint64_t count)
{
    return count == 1 ? "" : "s";
}

#endif
