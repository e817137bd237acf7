/* SPDX-License-Identifier: MIT */
/*
 * libraries.h: sets up libcurl, libcrypto and Jansson before any of their functions is called.
 */
#ifndef APP_LIBRARIES_H
#define APP_LIBRARIES_H

/*
 * Makes libcurl, libcrypto and Jansson overwrite what they free, because headers, responses and
 * events hold tokens and keys (aws/xml does the same for Expat). Removes SSLKEYLOGFILE from the
 * environment, which would make libcurl or a child process write the keys of every TLS connection
 * to a file. To be called once, before anything else.
 */
void libraries_init(void);
/* To be called last. */
void libraries_cleanup(void);

#endif
