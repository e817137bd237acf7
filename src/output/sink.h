/* SPDX-License-Identifier: MIT */
/*
 * sink.h: where the bytes of the output go, as a small table of functions.
 *
 * A sink takes bytes at once, writes them when it can, and shows the output under its name only
 * when it is complete. Callbacks run from the event loop, never from inside the function that they
 * were passed to.
 *
 * The life of a sink: it is made by sink_..._new; then come any number of sink_write, and
 * sink_finish once or sink_abort. sink_free is allowed at any time, even from within a callback.
 */
#ifndef OUTPUT_SINK_H
#define OUTPUT_SINK_H

#include "base/error.h"
#include "base/view.h"

#include <stdbool.h>

struct sink;

/* The sink has ended: 'e' is NULL on success; otherwise it is valid until the sink is freed. */
typedef void sink_done(void *arg, const struct error *e);

/* One kind of sink. Each function does what the sink_... function of the same name does below. */
struct sink_ops {
    void (*write)(struct sink *sink, struct view bytes);
    bool (*busy)(const struct sink *sink);
    const struct error *(*failed)(const struct sink *sink);
    void (*set_ready)(struct sink *sink, void (*ready)(void *arg), void *arg);
    void (*finish)(struct sink *sink, sink_done *done, void *arg);
    void (*abort)(struct sink *sink, sink_done *done, void *arg);
    bool (*unsettled)(const struct sink *sink, struct error *e);
    void (*free)(struct sink *sink);
};

/* The first member of every kind of sink. */
struct sink {
    const struct sink_ops *ops;
};

/*
 * Takes a copy of 'bytes', to be written after everything before. Never blocks and returns no
 * error: sink_failed shows it, and sink_finish reports it. A sink that has failed ignores the
 * bytes. Not allowed after sink_finish or sink_abort.
 */
static inline void sink_write(struct sink *sink, struct view bytes)
{
    sink->ops->write(sink, bytes);
}

/*
 * True if the sink holds more unwritten bytes than it should: the caller should write no more until
 * 'ready' is called. A sink that has failed is not busy.
 */
static inline bool sink_busy(const struct sink *sink)
{
    return sink->ops->busy(sink);
}

/* The first error so far, or NULL; valid until the sink is freed. */
static inline const struct error *sink_failed(const struct sink *sink)
{
    return sink->ops->failed(sink);
}

/*
 * ready(arg) is called each time that a busy sink is no longer busy, even if because it failed, but
 * not after sink_finish or sink_abort. 'ready' may be NULL.
 */
static inline void sink_set_ready(struct sink *sink, void (*ready)(void *arg), void *arg)
{
    sink->ops->set_ready(sink, ready, arg);
}

/*
 * Writes what is left and then shows the output under its name. If that fails, or anything failed
 * before, nothing is left behind, as after sink_abort, and done(arg, e) gets the first error.
 */
static inline void sink_finish(struct sink *sink, sink_done *done, void *arg)
{
    sink->ops->finish(sink, done, arg);
}

/*
 * Abandons the output: nothing is left behind. Also allowed after a finish or another abort; if
 * that is still under way, its 'done' is not called. done(arg, e) gets an error if something may be
 * left behind, or if the output was already complete and stays; its text says which.
 */
static inline void sink_abort(struct sink *sink, sink_done *done, void *arg)
{
    sink->ops->abort(sink, done, arg);
}

/*
 * For a caller that can't wait for the end of sink_finish or sink_abort: true if the output, or a
 * piece of it, may exist after the sink is freed now; 'e' says what.
 */
static inline bool sink_unsettled(const struct sink *sink, struct error *e)
{
    return sink->ops->unsettled(sink, e);
}

/*
 * Frees 'sink', which may be NULL. No callback runs after that. If the sink was not finished or
 * aborted, nothing is left behind, as far as that is possible without waiting.
 */
static inline void sink_free(struct sink *sink)
{
    if (sink)
        sink->ops->free(sink);
}

#endif
