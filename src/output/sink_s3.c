/* SPDX-License-Identifier: MIT */
/*
 * Each callback records the result of its call and ends in s3_sink_advance(), which starts the next
 * step for the current state:
 *
 *   under 5 MiB    OPEN -finish-> FINISHING -> COMPLETING (PutObject) -> OVER
 *   from there on  OPEN, CreateMultipartUpload, UploadPart... (two at a time)
 *                    -finish-> FINISHING (the last part) -> COMPLETING (Complete...) -> OVER
 *   no answer      COMPLETING -> LOOKING (HeadObject) -> OVER, or ABORTING if it is not ours
 *   failed, or sink_abort: ABORTING (AbortMultipartUpload, if there is an upload) -> OVER
 *
 * Either way an object appears under its name only when it is complete.
 */
#include "output/sink_s3.h"

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/leftover.h"
#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>

#define PART_BYTES S3_PART_MIN_BYTES
/* Room for the rest of the piece that fills up a part. */
#define PART_ROOM_BYTES  ((size_t)256 * 1024)
#define BUFFER_MAX_BYTES ((size_t)256 * 1024 * 1024)

/*
 * OPEN:       bytes are gathered; full parts are sent as soon as there is an upload to add them to
 * FINISHING:  no more bytes come; what is left is sent
 * COMPLETING: the object is being put, or the upload completed: that can't be undone half-way, so
 *             we wait for its end
 * LOOKING:    an answer was lost, so we look whether the object is there
 * ABORTING:   the upload is being aborted, by sink_abort or because something failed
 * OVER:       'done' has been called, or will be at once
 */
enum s3_sink_state {
    S3_SINK_OPEN,
    S3_SINK_FINISHING,
    S3_SINK_COMPLETING,
    S3_SINK_LOOKING,
    S3_SINK_ABORTING,
    S3_SINK_OVER
};

struct part_slot {
    struct s3_sink *sink;
    struct s3_call *call; /* NULL: free */
    struct buffer body;
};

struct s3_sink {
    struct sink base;
    struct loop *loop;
    struct s3_bucket *bucket;
    char *key;
    const char *content_type;
    enum s3_sink_state state;
    struct buffer filling;
    uint64_t total;       /* bytes taken */
    struct s3_call *call; /* the call under way, if it is not an UploadPart */
    bool multipart;       /* a multipart upload is needed, or exists */
    char *upload_id;      /* NULL until S3 has returned it */
    struct part_slot slots[SINK_S3_PARTS_IN_FLIGHT];
    struct s3_part
        *parts; /* room for all, since calls under way point into it; unused pages cost nothing */
    unsigned part_count;
    struct error error; /* the first one */
    bool given_up;      /* by sink_abort */
    struct error left;  /* what stays in the bucket, or may; reported if 'given_up' */
    bool was_busy;
    void (*ready)(void *arg);
    void *ready_arg;
    sink_done *done;
    void *done_arg;
    struct loop_timer timer;
};

static struct s3_sink *s3_sink_of(struct sink *sink)
{
    return (struct s3_sink *)(void *)sink;
}

static void s3_sink_advance(struct s3_sink *s);

static bool has_failed(const struct s3_sink *s)
{
    return s->error.kind != ERROR_NONE;
}

static bool slots_idle(const struct s3_sink *s)
{
    for (size_t i = 0; i < SINK_S3_PARTS_IN_FLIGHT; i++)
        if (s->slots[i].call)
            return false;
    return true;
}

static struct part_slot *free_slot(struct s3_sink *s)
{
    for (size_t i = 0; i < SINK_S3_PARTS_IN_FLIGHT; i++)
        if (!s->slots[i].call)
            return &s->slots[i];
    return NULL;
}

static bool is_busy(const struct s3_sink *s)
{
    return !has_failed(s) && s->filling.len >= PART_BYTES;
}

static void s3_sink_fail(struct s3_sink *s, const struct error *e)
{
    if (!has_failed(s))
        s->error = *e;
}

static void s3_sink_on_timer(void *arg)
{
    s3_sink_advance(arg);
}

/* Advances from the loop, since callbacks must not run from within the owner's call. */
static void update_later(struct s3_sink *s)
{
    loop_soon(s->loop, &s->timer, s3_sink_on_timer, s);
}

static void s3_sink_on_created(void *arg, const struct s3_answer *answer, const struct error *e)
{
    struct s3_sink *s = arg;
    s->call = NULL;
    if (e)
        s3_sink_fail(s, e);
    else if (answer->upload_id[0] == '\0')
        error_set(&s->error, ERROR_PROTOCOL, "CreateMultipartUpload returned no upload id");
    else
        s->upload_id = xstrdup(answer->upload_id);
    s3_sink_advance(s);
}

static void s3_sink_on_part(void *arg, const struct s3_answer *answer UNUSED, const struct error *e)
{
    struct part_slot *slot = arg;
    slot->call = NULL;
    buffer_release(&slot->body);
    if (e)
        s3_sink_fail(slot->sink, e);
    s3_sink_advance(slot->sink);
}

static void is_stored(struct s3_sink *s)
{
    error_clear(&s->error);
    error_set(&s->left, ERROR_CANCELLED, "'%s' was complete already and is kept", s->key);
    s->state = S3_SINK_OVER;
    leftover_upload_forget(s->key);
}

static void not_stored(struct s3_sink *s)
{
    s->state = s->multipart ? S3_SINK_ABORTING : S3_SINK_OVER;
}

/*
 * True if it is not known what S3 did: the answer was lost, or came from something in between, or
 * was NoSuchUpload, which S3 may return if a completion is repeated after it has succeeded.
 */
static bool is_uncertain(const struct error *e)
{
    switch (e->kind) {
    case ERROR_NETWORK:
    case ERROR_TIMEOUT:
    case ERROR_PROTOCOL:
        return true;
    case ERROR_SERVICE:
        return error_is_code(e, "NoSuchUpload") || e->http_status / 100 != 4;
    default:
        return false;
    }
}

/* The ETag of a multipart object ends in the number of its parts, even if it is not an MD5. */
static bool has_parts(const struct s3_answer *answer, unsigned count)
{
    char end[32];
    snprintf(end, sizeof(end), "-%u\"", count);
    size_t len = strlen(answer->etag), end_len = strlen(end);
    return len > end_len && strcmp(answer->etag + len - end_len, end) == 0;
}

/* NULL if the object in the bucket is ours; otherwise how it differs, or why that is not known. */
static const char *differs(const struct s3_sink *s, const struct s3_answer *answer, bool *unknown)
{
    char checksum[S3_CHECKSUM_SIZE];
    *unknown = false;
    if (answer->length < 0 || (uint64_t)answer->length != s->total)
        return "its length differs";
    if (s->multipart)
        return has_parts(answer, s->part_count) ? NULL : "its number of parts differs";
    s3_checksum(buffer_view(&s->filling), checksum);
    *unknown = answer->checksum_sha256[0] == '\0';
    if (*unknown)
        return "S3 does not report its checksum";
    return strcmp(answer->checksum_sha256, checksum) == 0 ? NULL : "its checksum differs";
}

static void may_be_stored(struct s3_sink *s, const char *why)
{
    error_set(
        &s->left, ERROR_CANCELLED,
        "'%s' was being completed and may be in the bucket; that could not be checked: %.300s",
        s->key, why);
    error_prefix(&s->error,
                 "'%s' may be in the bucket although its upload failed; that could not be "
                 "checked (%.300s)",
                 s->key, why);
}

static void s3_sink_on_looked(void *arg, const struct s3_answer *answer, const struct error *e)
{
    struct s3_sink *s = arg;
    bool unknown = e && !error_is_code(e, "NoSuchKey");
    const char *why = e ? e->text : differs(s, answer, &unknown);
    s->call = NULL;
    if (!why) {
        log_event(LOG_INFO, "the object is there, although the answer that says so was lost",
                  FIELD("key", s->key));
        is_stored(s);
    } else {
        if (unknown)
            may_be_stored(s, why);
        not_stored(s);
    }
    s3_sink_advance(s);
}

static void s3_sink_on_completed(void *arg, const struct s3_answer *answer UNUSED,
                                 const struct error *e)
{
    struct s3_sink *s = arg;
    s->call = NULL;
    if (e)
        s3_sink_fail(s, e);
    if (!e)
        is_stored(s);
    else if (is_uncertain(e))
        s->state = S3_SINK_LOOKING;
    else
        not_stored(s);
    s3_sink_advance(s);
}

static void s3_sink_on_aborted(void *arg, const struct s3_answer *answer UNUSED,
                               const struct error *e)
{
    struct s3_sink *s = arg;
    s->call = NULL;
    free(s->upload_id);
    s->upload_id = NULL;
    if (e && !error_is_code(e, "NoSuchUpload")) {
        log_event(LOG_WARN, "multipart upload could not be aborted", FIELD("reason", e->text));
        s3_sink_fail(s, e);
        if (s->left.kind == ERROR_NONE)
            s->left = *e;
    } else {
        leftover_upload_forget(s->key);
    }
    s->state = S3_SINK_OVER;
    s3_sink_advance(s);
}

/* The gathered bytes move to the slot without being copied. */
static void send_part(struct s3_sink *s, struct part_slot *slot)
{
    if (s->part_count == S3_PARTS_MAX) {
        error_set(&s->error, ERROR_LIMIT, "the output needs more than %d parts", S3_PARTS_MAX);
        return;
    }
    struct s3_part *part = &s->parts[s->part_count++];
    slot->body = s->filling;
    buffer_init(&s->filling, BUFFER_MAX_BYTES);
    slot->call =
        s3_upload_part(s->bucket, view_of(s->key), s->upload_id, s->part_count,
                       buffer_view(&slot->body), part, (struct s3_done){s3_sink_on_part, slot});
}

static void send_parts(struct s3_sink *s)
{
    struct part_slot *slot;
    size_t least = s->state == S3_SINK_FINISHING ? 1 : PART_BYTES;
    if (!s->multipart && s->filling.len >= PART_BYTES && !s->call) {
        s->multipart = true;
        leftover_upload_note(s->key);
        s->parts = xcalloc(S3_PARTS_MAX, sizeof(*s->parts));
        s->call = s3_create_multipart_upload(s->bucket, view_of(s->key), s->content_type,
                                             (struct s3_done){s3_sink_on_created, s});
    }
    while (s->upload_id && !has_failed(s) && s->filling.len >= least && (slot = free_slot(s)))
        send_part(s, slot);
}

static void complete(struct s3_sink *s)
{
    const struct s3_done done = {s3_sink_on_completed, s};
    if (s->call || !slots_idle(s) || (s->multipart && s->filling.len > 0))
        return;
    s->state = S3_SINK_COMPLETING;
    if (s->multipart)
        s->call = s3_complete_multipart_upload(s->bucket, view_of(s->key), s->upload_id, s->parts,
                                               s->part_count, done);
    else
        s->call = s3_put_object(s->bucket, view_of(s->key), s->content_type,
                                buffer_view(&s->filling), done);
}

static void cancel_parts(struct s3_sink *s)
{
    for (size_t i = 0; i < SINK_S3_PARTS_IN_FLIGHT; i++) {
        s3_cancel(s->slots[i].call);
        s->slots[i].call = NULL;
        buffer_release(&s->slots[i].body);
    }
}

/* Waits for a call under way: an upload that is being created can't be aborted without its id. */
static void give_up(struct s3_sink *s)
{
    if (s->call)
        return;
    cancel_parts(s);
    if (!s->upload_id) {
        s->state = S3_SINK_OVER;
        return;
    }
    s->call = s3_abort_multipart_upload(s->bucket, view_of(s->key), s->upload_id,
                                        (struct s3_done){s3_sink_on_aborted, s});
}

static void tell_ready(struct s3_sink *s)
{
    bool was_busy = s->was_busy;
    s->was_busy = is_busy(s);
    if (s->state == S3_SINK_OPEN && was_busy && !s->was_busy && s->ready)
        s->ready(s->ready_arg);
}

static void look_at_object(struct s3_sink *s)
{
    if (!s->call)
        s->call =
            s3_head_object(s->bucket, view_of(s->key), (struct s3_done){s3_sink_on_looked, s});
}

/* Reports what is left behind to sink_abort, and why it failed to sink_finish. */
static void tell_done(struct s3_sink *s)
{
    sink_done *done = s->done;
    const struct error *e = s->given_up ? &s->left : &s->error;
    s->done = NULL;
    if (done)
        done(s->done_arg, e->kind == ERROR_NONE ? NULL : e);
}

static void s3_sink_advance(struct s3_sink *s)
{
    if (!has_failed(s) && (s->state == S3_SINK_OPEN || s->state == S3_SINK_FINISHING))
        send_parts(s);
    if (has_failed(s) && s->state == S3_SINK_FINISHING)
        s->state = S3_SINK_ABORTING;
    if (s->state == S3_SINK_FINISHING)
        complete(s);
    if (s->state == S3_SINK_LOOKING)
        look_at_object(s);
    if (s->state == S3_SINK_ABORTING)
        give_up(s);
    if (s->state == S3_SINK_OVER)
        tell_done(s);
    else
        tell_ready(s);
}

static void s3_sink_write(struct sink *sink, struct view bytes)
{
    struct s3_sink *s = s3_sink_of(sink);
    if (has_failed(s))
        return;
    if (!s->filling.data)
        buffer_reserve(&s->filling, PART_BYTES + PART_ROOM_BYTES);
    buffer_add_view(&s->filling, bytes);
    s->total += bytes.len;
    if (!buffer_complete(&s->filling))
        error_set(&s->error, ERROR_LIMIT, "more than %zu bytes wait to be sent", BUFFER_MAX_BYTES);
    if (s->filling.len >= PART_BYTES) {
        s->was_busy = true;
        update_later(s);
    }
}

static bool s3_sink_busy(const struct sink *sink)
{
    return is_busy((const struct s3_sink *)(const void *)sink);
}

static const struct error *s3_sink_failed(const struct sink *sink)
{
    const struct s3_sink *s = (const struct s3_sink *)(const void *)sink;
    return has_failed(s) ? &s->error : NULL;
}

static void s3_sink_set_ready(struct sink *sink, void (*ready)(void *arg), void *arg)
{
    s3_sink_of(sink)->ready = ready;
    s3_sink_of(sink)->ready_arg = arg;
}

static void s3_sink_finish(struct sink *sink, sink_done *done, void *arg)
{
    struct s3_sink *s = s3_sink_of(sink);
    s->done = done;
    s->done_arg = arg;
    s->state = has_failed(s) ? S3_SINK_ABORTING : S3_SINK_FINISHING;
    update_later(s);
}

static void s3_sink_abort(struct sink *sink, sink_done *done, void *arg)
{
    struct s3_sink *s = s3_sink_of(sink);
    s->done = done;
    s->done_arg = arg;
    s->given_up = true;
    if (s->state == S3_SINK_OPEN || s->state == S3_SINK_FINISHING)
        s->state = S3_SINK_ABORTING;
    update_later(s);
}

static bool s3_sink_unsettled(const struct sink *sink, struct error *e)
{
    const struct s3_sink *s = (const struct s3_sink *)(const void *)sink;
    if (s->state == S3_SINK_COMPLETING || s->state == S3_SINK_LOOKING)
        error_set(e, ERROR_CANCELLED, "'%s' was being completed and may be in the bucket", s->key);
    else if (s->state != S3_SINK_OVER && s->multipart && (s->upload_id || s->call))
        error_set(e, ERROR_CANCELLED,
                  "an unfinished upload of '%s' may be left in the bucket, where it takes up room "
                  "until it is aborted",
                  s->key);
    else if (s->left.kind != ERROR_NONE)
        *e = s->left;
    else
        return false;
    return true;
}

static void s3_sink_free(struct sink *sink)
{
    struct s3_sink *s = s3_sink_of(sink);
    loop_timer_stop(s->loop, &s->timer);
    s3_cancel(s->call);
    cancel_parts(s);
    leftover_upload_forget(s->key);
    buffer_release(&s->filling);
    free(s->parts);
    free(s->upload_id);
    free(s->key);
    free(s);
}

static const struct sink_ops s3_sink_ops = {
    .write = s3_sink_write,
    .busy = s3_sink_busy,
    .failed = s3_sink_failed,
    .set_ready = s3_sink_set_ready,
    .finish = s3_sink_finish,
    .abort = s3_sink_abort,
    .unsettled = s3_sink_unsettled,
    .free = s3_sink_free,
};

struct sink *sink_s3_new(struct loop *loop, struct s3_bucket *bucket, struct view key,
                         const char *content_type)
{
    struct s3_sink *s = xcalloc(1, sizeof(*s));
    s->base.ops = &s3_sink_ops;
    s->loop = loop;
    s->bucket = bucket;
    s->key = xstrndup(key.ptr, key.len);
    s->content_type = content_type;
    buffer_init(&s->filling, BUFFER_MAX_BYTES);
    for (size_t i = 0; i < SINK_S3_PARTS_IN_FLIGHT; i++) {
        s->slots[i].sink = s;
        buffer_init(&s->slots[i].body, 0);
    }
    return &s->base;
}
