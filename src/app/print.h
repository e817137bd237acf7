/* SPDX-License-Identifier: MIT */
/*
 * print.h: writes the output of a command to standard output, and reports if that fails.
 *
 * It does not use stdio, on purpose: stdio keeps text back until the process exits, and an error at
 * that moment goes unnoticed.
 */
#ifndef APP_PRINT_H
#define APP_PRINT_H

#include "base/error.h"
#include "base/view.h"

/*
 * Writes all of 'text' to standard output, waiting for its reader if need be. -1 with ERROR_SYSTEM
 * if it can't be written: the disk is full, the descriptor is closed, or the reader has gone away.
 */
int print_text(struct view text, struct error *e) MUST_CHECK;

#endif
