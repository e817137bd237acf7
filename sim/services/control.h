/* SPDX-License-Identifier: MIT */
/*
 * control.h: requests to /_sim/, by which tests read the counters and control the simulator.
 */
#ifndef SERVICES_CONTROL_H
#define SERVICES_CONTROL_H

#include "services/call.h"

#define CONTROL_PATH "/_sim/"

/* Answers a control request whose body has been received, or sets it aside. */
void control_handle(struct call *call);

#endif
