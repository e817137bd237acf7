/* SPDX-License-Identifier: MIT */
/*
 * sink_stream.h: a sink that writes straight to its destination: standard output, pipes, terminals,
 * devices.
 *
 * It writes from the loop and never blocks in a write, so that the program can end even if its
 * reader does not read. What has been written can't be taken back.
 */
#ifndef OUTPUT_SINK_STREAM_H
#define OUTPUT_SINK_STREAM_H

#include "net/loop.h"
#include "output/sink.h"

/*
 * True if 'path' is standard output: "-", one of its usual names (/dev/stdout, /dev/fd/1), or
 * another name of the file, pipe or terminal that it is connected to. A device such as /dev/null,
 * by its own name, does not count: output of two writers does not mix there.
 */
bool sink_stream_is_stdout(const char *path);
/*
 * Makes a sink for what 'path' names, which exists and is opened at once. If 'path' is NULL, the
 * sink writes to standard output; it is not closed and its blocking mode is not changed, since
 * others may share it. A named pipe without a reader is opened once there is one. The process must
 * ignore SIGPIPE. NULL with 'e' if 'path' can't be opened, or standard output is closed. Freed by
 * sink_free.
 */
struct sink *sink_stream_new(struct loop *loop, const char *path, struct error *e);

#endif
