/* SPDX-License-Identifier: MIT */
/*
 * lambda.h: the Lambda runtime loop: takes invocations and answers them as long as the sandbox
 * lives.
 *
 * Source: AWS Lambda Developer Guide, "Using the Lambda runtime API for custom runtimes". 'next'
 * has no time-out: the sandbox is frozen while it waits. Only open connections are kept from one
 * invocation to the next.
 */
#ifndef APP_LAMBDA_H
#define APP_LAMBDA_H

/* Serves until SIGTERM. Returns the exit status. */
int lambda_main(void);

#endif
