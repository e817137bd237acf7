/* SPDX-License-Identifier: MIT */
/*
 * glob.h: patterns of whole names: '*' stands for any characters, '?' for one.
 */
#ifndef RULES_GLOB_H
#define RULES_GLOB_H

#include "base/view.h"

/*
 * True if the pattern matches the whole text; case makes a difference. '?' is one character of
 * UTF-8. Takes time in proportion to the product of both lengths at most.
 */
bool glob_matches(struct view pattern, struct view text);

#endif
