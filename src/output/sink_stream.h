/* SPDX-License-Identifier: MIT */
/*
 * sink_stream.h: output that is written at once to where it goes: standard output, pipes,
 * terminals, devices.
 *
 * Written through the loop, never waiting in a write, so that a reader who does not read keeps
 * nobody from ending the program. What has gone out can't be taken back.
 */
#ifndef OUTPUT_SINK_STREAM_H
#define OUTPUT_SINK_STREAM_H

#include "net/loop.h"
#include "output/sink.h"

/*
 * True if 'path' is standard output: "-", one of its usual names (/dev/stdout, /dev/fd/1), or
 * another name of the file, pipe or terminal that it is connected to. A device such as /dev/null
 * is not, by its own name: what two write to it does not mix.
 */
bool sink_stream_is_stdout(const char *path);
/*
 * A sink for what 'path' names, which exists and is opened now; NULL stands for standard output,
 * which is left open and as blocking as it is, since others may share it. A named pipe that nobody
 * reads yet is opened once somebody does. The process must ignore SIGPIPE. NULL and 'e' if it
 * can't be opened, or standard output is closed. Freed by sink_free.
 */
struct sink *sink_stream_new(struct loop *loop, const char *path, struct error *e);

#endif
