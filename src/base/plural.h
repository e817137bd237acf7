/* SPDX-License-Identifier: MIT */
/*
 * plural.h: "1 account", "2 accounts".
 */
#ifndef BASE_PLURAL_H
#define BASE_PLURAL_H

#include <stdint.h>

/* The ending of the word after this number, for "%zu account%s". */
static inline const char *plural_s(uint64_t count)
{
    return count == 1 ? "" : "s";
}

#endif
