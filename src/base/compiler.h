/* SPDX-License-Identifier: MIT */
/*
 * compiler.h: attributes of functions and parameters, for the compiler (GCC and clang).
 */
#ifndef BASE_COMPILER_H
#define BASE_COMPILER_H

/* After a declaration: whoever calls the function must look at what it returns. */
#define MUST_CHECK __attribute__((warn_unused_result))
/* After a parameter: the function must have it because of its type, but does not use it. */
#define UNUSED __attribute__((unused))

#endif
