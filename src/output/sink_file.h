/* SPDX-License-Identifier: MIT */
/*
 * sink_file.h: output into a local file, or whatever else a path names.
 *
 * A file is written as ".NAME.XXXXXX.part" in the folder of its name, synced, and renamed when it
 * is finished, so that under its name there is never half a census: what stood there before stays
 * until then. It is readable by its owner alone (0600) whatever the umask, because a census tells
 * who may do what; a file that it replaces does not lend it its mode.
 *
 * Standard output, and a path that names something other than a regular file (a pipe, a device), is
 * written as a stream (sink_stream.h).
 *
 * A file's sink is never busy: writing to a local file does not take long. The process must ignore
 * SIGXFSZ, so that a file that may not grow is an error.
 */
#ifndef OUTPUT_SINK_FILE_H
#define OUTPUT_SINK_FILE_H

#include "net/loop.h"
#include "output/sink.h"

/*
 * A sink for 'path', which is opened now, so that a wrong name shows before any work is done.
 * 'loop' is borrowed and calls back. NULL and 'e' if it can't be opened: the text names the
 * path, or the folder if that is missing. Freed by sink_free.
 */
struct sink *sink_file_new(struct loop *loop, const char *path, struct error *e);

#endif
