/* SPDX-License-Identifier: MIT */
/*
 * fixes.h: what mends the troubles of a diagnosis: each printed once, with its accounts, ready to
 * paste. Nothing is ever run.
 *
 * Sources: "Policy evaluation logic" and "AWS JSON policy elements: Principal" (IAM User Guide),
 * "CreateStackInstances" (CloudFormation API Reference). No secret is in a fix: the external id is
 * shown as the word EXTERNAL_ID.
 */
#ifndef DOCTOR_FIXES_H
#define DOCTOR_FIXES_H

#include "doctor/diagnosis.h"
#include "doctor/fix.h"

/* Makes the fixes of a diagnosis that is concluded. They live as long as the arena and 'd'. */
void fixes_make(const struct diagnosis *d, struct arena *arena, struct fixes *out);

#endif
