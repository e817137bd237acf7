/* SPDX-License-Identifier: MIT */
/*
 * interposer.h: which call of the C library fails; for the functions that stand in for its own.
 */
#ifndef INTERPOSER_H
#define INTERPOSER_H

#include <stdbool.h>
#include <sys/types.h>

enum kind {
    MALLOC,
    OPEN,
    READ,
    WRITE,
    PREAD,
    PWRITE,
    FSYNC,
    RENAME,
    LINK,
    UNLINK,
    FTRUNCATE,
    STAT,
    LSEEK,
    FCNTL,
    SOCKET,
    CONNECT,
    SEND,
    RECV,
    EPOLL_CREATE,
    EPOLL_CTL,
    EPOLL_WAIT,
    POLL,
    MMAP,
    PIPE,
    CHMOD,
    CLOSE,
    RANDOM,
    SPAWN,
    WAIT,
    IOCTL,
    RESOLVE,
    STDIO,
    KIND_COUNT
};

/* The error's number that the call fails with; -1: it moves a part of the bytes instead. */
extern int fault_error;

/* Counts a call. Returns true if it is the one that fails. */
bool fault_meets(enum kind kind);
/* The same; also sets errno. False for a fault that shortens, which is the function's own matter.
 */
bool fault_refuses(enum kind kind);
/* Counts a call that moves 'len' bytes. -1: it fails; otherwise how many bytes it may move. */
ssize_t fault_allows(enum kind kind, size_t len);

#endif
