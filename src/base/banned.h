/* SPDX-License-Identifier: MIT */
/*
 * Functions that nobody calls here: the compiler refuses their names. CMake includes this file
 * before each source of src/ and sim/ ('-include'), so no source can forget it. The headers that
 * declare them come first, since after it the names may not even be declared. In place of each:
 * what is used here instead.
 *
 * Source: the names that CERT C (MSC24-C, MSC33-C, ENV33-C, FIO21-C, CON33-C, MSC30-C, ERR34-C) and
 * glibc's manual ("POSIX Safety Concepts") warn of.
 */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

#include <alloca.h>
#include <arpa/inet.h>
#include <locale.h>
#include <netdb.h>
#include <pwd.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

/* Macros of glibc, some of them with clang alone. */
#undef alloca
#undef sprintf
#undef vsprintf
#undef strdupa
#undef strndupa

/* Write without a bound, or leave a text without its end: buffer, memcpy, snprintf. */
#pragma GCC poison strcpy strcat stpcpy strncpy strncat stpncpy wcscpy wcscat sprintf vsprintf gets
/* Take as much as comes: fread, getline with a limit. */
#pragma GCC poison scanf fscanf vscanf vfscanf
/* Take the stack by a size from outside: arena, xmalloc. */
#pragma GCC poison alloca strdupa strndupa
/* Keep their answer in memory that all calls share: view, gmtime_r, error_of_system. */
#pragma GCC poison strtok asctime ctime gmtime localtime strerror strsignal getpwnam getpwuid
#pragma GCC poison getlogin ttyname ptsname inet_ntoa gethostbyname
#pragma GCC poison gethostbyaddr getservbyname getprotobyname
/* Write without a bound even though they take the memory: timestamp. */
#pragma GCC poison asctime_r ctime_r
/* Give 0 for what is no number, and are undefined for too large ones: strtol. */
#pragma GCC poison atoi atol atoll atof
/* Start a shell, or share memory with their child: net/process. */
#pragma GCC poison system popen vfork execlp execvp execvpe posix_spawnp
/* Name a file that another makes first: mkstemp, O_EXCL. */
#pragma GCC poison tmpnam tempnam mktemp tmpfile
/* Can be guessed, or share their state: base/random, getrandom. */
#pragma GCC poison srand rand_r srandom drand48 lrand48 mrand48 srand48
/* OpenSSL has parameters of this name. */
#define rand() _Pragma("GCC error \"rand() is banned: use base/random\"") 0
/* Would make the same data other bytes: the locale is always C. */
#pragma GCC poison setlocale localeconv newlocale uselocale
/* Change the environment under whoever reads it; show a password; have no bound. */
#pragma GCC poison putenv setenv clearenv getpass getwd usleep bcopy bzero bcmp

#endif
