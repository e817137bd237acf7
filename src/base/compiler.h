/* SPDX-License-Identifier: MIT */
/*
 * compiler.h: what the compiler is told about a function or a parameter (GCC and clang).
 */
#ifndef BASE_COMPILER_H
#define BASE_COMPILER_H

/* After a declaration: whoever calls the function must look at what it returns. */
#define MUST_CHECK __attribute__((warn_unused_result))
/* After a parameter: the function has it because of its type, and makes no use of it. */
#define UNUSED __attribute__((unused))

#endif
