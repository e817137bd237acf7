/* SPDX-License-Identifier: MIT */
/*
 * plan.h: the step that finds the accounts, splits them into batches, and writes the batches to S3.
 */
#ifndef APP_FANOUT_PLAN_H
#define APP_FANOUT_PLAN_H

#include "app/fanout/step.h"

extern const struct step_kind plan_step;

#endif
