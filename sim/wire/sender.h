/* Sends a reply, bent by its fault where the plan says so. */
#ifndef SIM_SENDER_H
#define SIM_SENDER_H

#include "wire/exchange.h"

/* Queues the answer. Returns MHD_NO where the connection is to end without one. */
enum MHD_Result sender_answer(struct exchange *exchange);

/* The outcome to count: the error code, "fault:" and its name, or NULL for ok. */
const char *sender_outcome(const struct exchange *exchange);

#endif
