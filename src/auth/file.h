/* SPDX-License-Identifier: MIT */
/*
 * file.h: a small local file, read whole into memory that is wiped.
 */
#ifndef AUTH_FILE_H
#define AUTH_FILE_H

#include "base/error.h"
#include "base/secret.h"

/*
 * Reads 'path' into '*out' (zeroed, or set before), which its owner clears. Reads only regular
 * files and /dev/null, nothing that could block. Returns 0; -1 with ERROR_ABSENT if there is no
 * such file or it may not be read, ERROR_LIMIT if it holds more than 'max' bytes, ERROR_SYSTEM
 * otherwise. The text names the file, never its content.
 */
int file_read(const char *path, size_t max, struct secret *out, struct error *e) MUST_CHECK;

#endif
