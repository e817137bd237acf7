/* SPDX-License-Identifier: MIT */
/* error_body.h: writes an error in the form of the service's own protocol, or in another form. */
#ifndef SERVICES_ERROR_BODY_H
#define SERVICES_ERROR_BODY_H

#include "faults/error_form.h"
#include "services/call.h"

/* Writes the error into the reply's body, in this form. 'message' may be NULL for none. */
void error_body_write(struct call *call, enum error_form form, const char *code,
                      const char *message);

#endif
