/*
 * print.h: what a command says on standard output, and whether it got there.
 *
 * Past stdio on purpose: what stdio holds back until the process exits can fail when nobody looks
 * any more.
 */
#ifndef APP_PRINT_H
#define APP_PRINT_H

#include "base/error.h"
#include "base/view.h"

/*
 * Writes all of 'text' to standard output, waiting for its reader. -1 with ERROR_SYSTEM if it
 * can't be written: a full disk, a closed descriptor, a reader that has gone away.
 */
int print_text(struct view text, struct error *e) MUST_CHECK;

#endif
