/* SPDX-License-Identifier: MIT */
/*
 * control.h: the requests to /_sim/, with which tests read the counters and control the simulator.
 */
#ifndef SERVICES_CONTROL_H
#define SERVICES_CONTROL_H

#include "services/call.h"

#define CONTROL_PATH "/_sim/"

/* Answers a control request whose body is there, or sets it aside. */
void control_handle(struct call *call);

#endif
