/* SPDX-License-Identifier: MIT */
/*
 * combine.h: the step that puts the rows of all batches into the one output, and removes the parts.
 */
#ifndef APP_FANOUT_COMBINE_H
#define APP_FANOUT_COMBINE_H

#include "app/fanout/step.h"

extern const struct step_kind combine_step;

#endif
