/* SPDX-License-Identifier: MIT */
/*
 * doctor_text.h: a diagnosis for a person at a terminal.
 *
 * Caller, accounts, output, roles, plan; then the troubles, the worst first, with a few ids each;
 * then the fixes; then what to run next. However many accounts there are, it stays within about two
 * screens. Texts of AWS and of users are made printable.
 */
#ifndef DOCTOR_DOCTOR_TEXT_H
#define DOCTOR_DOCTOR_TEXT_H

#include "base/buffer.h"
#include "doctor/fixes.h"

#define DOCTOR_TEXT_IDS    10 /* shown of one trouble */
#define DOCTOR_TEXT_GROUPS 12 /* troubles that are shown */
#define DOCTOR_TEXT_FIXES  12 /* fixes that are shown */

/* Appends the text. 'd' is concluded. 'coloured': with the colours of base/colour.h. */
void doctor_text_write(const struct diagnosis *d, const struct fixes *fixes, bool coloured,
                       struct buffer *out);

#endif
