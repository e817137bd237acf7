/* SPDX-License-Identifier: MIT */
/* sender.h: sends the reply of an exchange, bent as its 'bend' says. */
#ifndef WIRE_SENDER_H
#define WIRE_SENDER_H

#include "wire/exchange.h"

#include <microhttpd.h>

/* Queues the reply. Returns MHD_NO if the connection is to end without one. */
enum MHD_Result sender_answer(struct exchange *exchange);

#endif
