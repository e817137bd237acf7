/* SPDX-License-Identifier: MIT */
/*
 * fault_answer.h: answers a call with the error that its fault is, in the words of its service.
 */
#ifndef SERVICES_FAULT_ANSWER_H
#define SERVICES_FAULT_ANSWER_H

#include "services/call.h"

#include <stdbool.h>

/* Makes the call's reply if its fault is an error. Returns true if it did. */
bool fault_answer(struct call *call);

#endif
