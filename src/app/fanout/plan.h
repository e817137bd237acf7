/* SPDX-License-Identifier: MIT */
/*
 * plan.h: the step that finds the accounts, and writes how they are cut into batches to S3.
 */
#ifndef APP_FANOUT_PLAN_H
#define APP_FANOUT_PLAN_H

#include "app/fanout/step.h"

extern const struct step_kind plan_step;

#endif
