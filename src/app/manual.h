/* SPDX-License-Identifier: MIT */
/*
 * manual.h: the manual page iam-census(1), made from the tables of commands and settings.
 *
 * It is written in the macros of man(7) (groff_man(7)), with only those that mandoc knows too.
 */
#ifndef APP_MANUAL_H
#define APP_MANUAL_H

#include "app/command.h"

/* Appends the page. 'commands' ends with NULL. */
void manual_write(const struct command *const *commands, struct buffer *out);

#endif
