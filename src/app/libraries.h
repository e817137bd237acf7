/*
 * libraries.h: what the libraries must know before anything of theirs is called.
 */
#ifndef APP_LIBRARIES_H
#define APP_LIBRARIES_H

/*
 * Makes libcurl, libcrypto and Jansson overwrite what they free: headers, answers and events hold
 * tokens and keys (Expat is told by aws/xml). Takes away SSLKEYLOGFILE, by which libcurl or a child
 * process would write down the keys of every TLS connection. Called first of all, once.
 */
void libraries_init(void);
/* Called last. */
void libraries_cleanup(void);

#endif
