/* SPDX-License-Identifier: MIT */
/*
 * batch.h: the step that reads the accounts of one batch: a run whose rows and result are put to
 * S3.
 */
#ifndef APP_FANOUT_BATCH_H
#define APP_FANOUT_BATCH_H

#include "app/fanout/step.h"

extern const struct step_kind batch_step;

#endif
