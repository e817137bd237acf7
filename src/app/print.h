/* SPDX-License-Identifier: MIT */
/*
 * print.h: writes the output of a command to standard output, and returns an error if that fails.
 *
 * It does not use stdio, which may buffer text until the process exits, when an error would go
 * unnoticed.
 */
#ifndef APP_PRINT_H
#define APP_PRINT_H

#include "base/error.h"
#include "base/view.h"

/*
 * Writes all of 'text' to standard output, waiting for its reader if necessary. -1 with
 * ERROR_SYSTEM if it can't be written: the disk is full, the descriptor is closed, or the reader
 * has gone away.
 */
int print_text(struct view text, struct error *e) MUST_CHECK;

#endif
