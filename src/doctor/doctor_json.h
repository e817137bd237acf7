/* SPDX-License-Identifier: MIT */
/*
 * doctor_json.h: a diagnosis as JSON, whole: the contract fixes the keys and their order
 * (docs/doctor.md). Messages of services are not in it, except for the output's.
 */
#ifndef DOCTOR_DOCTOR_JSON_H
#define DOCTOR_DOCTOR_JSON_H

#include "base/buffer.h"
#include "doctor/fixes.h"

/* Appends the object and a line end. 'd' is concluded. */
void doctor_json_write(const struct diagnosis *d, const struct fixes *fixes, struct buffer *out);

#endif
