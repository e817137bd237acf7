/* SPDX-License-Identifier: MIT */
/*
 * sink_file.h: a sink that writes to a local file, or to whatever else a path names.
 *
 * A file is written as ".NAME.XXXXXX.part" in the same folder, synced, and renamed when it is
 * complete, so that its name never shows half a census: an older file of that name stays until
 * then. The file is readable only by its owner (0600) whatever the umask, because a census says who
 * may do what; it does not take over the mode of a file that it replaces.
 *
 * Standard output, and a path that names something other than a regular file (a pipe, a device), is
 * written as a stream (sink_stream.h).
 *
 * A file's sink is never busy: writing to a local file does not take long. The process must ignore
 * SIGXFSZ, so that hitting the file size limit is an error.
 */
#ifndef OUTPUT_SINK_FILE_H
#define OUTPUT_SINK_FILE_H

#include "net/loop.h"
#include "output/sink.h"

/*
 * Makes a sink for 'path', which is opened at once, so that a wrong name is reported before any
 * work is done. 'loop' is borrowed and runs the callbacks. NULL with 'e' if 'path' can't be opened;
 * the text names it, or its folder if that is missing. Freed by sink_free.
 */
struct sink *sink_file_new(struct loop *loop, const char *path, struct error *e);

#endif
