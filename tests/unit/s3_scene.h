/* SPDX-License-Identifier: MIT */
/*
 * What the tests of the S3 sink share: a server that plays one bucket, and a writer that holds back
 * while the sink is busy.
 */
#ifndef TESTS_S3_SCENE_H
#define TESTS_S3_SCENE_H

#include "wire_scene.h"

#include "base/log.h"
#include "output/sink_s3.h"

#define PART  S3_PART_MIN_BYTES
#define CHUNK ((size_t)64 * 1024)
#define PARTS 32

#define LOST            (-1) /* done, and the connection breaks in place of the answer */
#define BROKEN          (-2) /* the connection breaks, and nothing is done */
#define XML_ERROR(code) "<?xml version=\"1.0\"?><Error><Code>" code "</Code></Error>"

/* What happens to the next requests of one kind. */
struct trouble {
    char letter; /* 0: none */
    int times;   /* so many of them, after 'skip' */
    int skip;
    int status; /* 0: not answered, until s3_release; or LOST, BROKEN */
    const char *body;
};

struct s3_scene {
    struct wire *w;
    struct wire_keys keys;
    struct credentials_cache cache;
    struct s3_bucket *bucket;
    struct sink *sink;
    struct trouble troubles[2];
    struct wire_request *held[8];
    size_t held_count;
    /* The bucket. */
    bool discard;                    /* content is only counted */
    char log[128];                   /* a letter for each request that was answered well */
    char asked[128];                 /* a letter for each request */
    const char *created, *completed; /* bodies, if not the usual ones */
    bool losing;                     /* the answer that is being given */
    bool there;                      /* the object */
    size_t part_count;               /* of the object; 0: it was put at once */
    char checksum[64];               /* of an object that was put at once */
    bool uploading;                  /* an upload is open */
    struct buffer parts[PARTS + 1];
    size_t part_lens[PARTS + 1];
    size_t object_len;
    struct buffer object;
    char content_type[64];
    /* The writer. */
    size_t to_write, written;
    int readies;
    bool free_in_ready, finish_when_written;
    bool over;
    int calls;
    struct error error;
    bool free_in_done;
    size_t base_bytes, most_bytes; /* of memory */
};

/* ---- the bucket ---- */

static inline char letter_of(const char *head)
{
    size_t line = strcspn(head, "\r");
    bool upload = memmem(head, line, "uploadId=", 9) != NULL;
    if (memcmp(head, "PUT ", 4) == 0)
        return upload ? 'U' : 'P';
    if (memcmp(head, "DELETE ", 7) == 0)
        return 'A';
    if (memcmp(head, "HEAD ", 5) == 0)
        return 'H';
    return upload ? 'F' : 'C';
}

static inline void letter_add(char *log, char letter)
{
    size_t len = strlen(log);
    assert_true(len + 1 < sizeof(((struct s3_scene *)NULL)->log));
    log[len] = letter;
    log[len + 1] = '\0';
}

static inline struct view body_of(const struct wire_peer *p)
{
    return (struct view){p->in.data + p->head_len, p->body_len};
}

static inline void s3_reply(const struct s3_scene *s, const struct wire_request *r, int status,
                            const char *headers, const char *body)
{
    if (s->losing)
        wire_reset(r->peer);
    else
        wire_reply(r->peer, status, headers, body);
}

static inline void store_put(struct s3_scene *s, const struct wire_request *r)
{
    char value[1024];
    s->there = true;
    s->object_len = r->body_len;
    s->part_count = 0;
    snprintf(s->checksum, sizeof(s->checksum), "%s",
             wire_header(r->head, "x-amz-checksum-sha256", value));
    buffer_clear(&s->object);
    buffer_add_view(&s->object, body_of(r->peer));
    snprintf(s->content_type, sizeof(s->content_type), "%s",
             wire_header(r->head, "Content-Type", value));
    s3_reply(s, r, 200, "ETag: \"put\"\r\n", "");
}

static inline void store_create(struct s3_scene *s, const struct wire_request *r)
{
    char value[1024];
    assert_false(s->uploading);
    s->uploading = true;
    assert_string_equal(wire_header(r->head, "x-amz-checksum-algorithm", value), "SHA256");
    snprintf(s->content_type, sizeof(s->content_type), "%s",
             wire_header(r->head, "Content-Type", value));
    const char *usual = "<?xml version=\"1.0\"?><InitiateMultipartUploadResult><UploadId>up+1/="
                        "</UploadId></InitiateMultipartUploadResult>";
    s3_reply(s, r, 200, "", s->created ? s->created : usual);
}

static inline void store_part(struct s3_scene *s, const struct wire_request *r)
{
    char etag[64], value[1024];
    const char *at = strstr(r->head, "partNumber=");
    assert_non_null(at);
    assert_non_null(strstr(r->head, "&uploadId=up%2B1%2F%3D "));
    assert_true(s->uploading);
    size_t number = strtoul(at + 11, NULL, 10);
    assert_in_range(number, 1, PARTS);
    assert_int_equal(strlen(wire_header(r->head, "x-amz-checksum-sha256", value)), 44);
    s->part_lens[number] = r->body_len;
    buffer_clear(&s->parts[number]);
    if (!s->discard)
        buffer_add_view(&s->parts[number], body_of(r->peer));
    snprintf(etag, sizeof(etag), "ETag: \"e%zu\"\r\n", number);
    s3_reply(s, r, 200, etag, "");
}

static inline void store_complete(struct s3_scene *s, const struct wire_request *r)
{
    const char *at = r->body;
    s->object_len = 0;
    buffer_clear(&s->object);
    for (size_t number = 1; (at = strstr(at, "<Part>")) != NULL; number++, at += 6) {
        char expected[64];
        snprintf(expected, sizeof(expected),
                 "<ETag>\"e%zu\"</ETag><PartNumber>%zu</PartNumber></Part>", number, number);
        const char *end = strstr(at, "</ChecksumSHA256>");
        assert_non_null(end);
        assert_true(strncmp(end + 17, expected, strlen(expected)) == 0);
        s->object_len += s->part_lens[number];
        buffer_add_view(&s->object, buffer_view(&s->parts[number]));
        s->part_count = number;
    }
    s->there = true;
    s->uploading = false;
    /* White space first, as S3 sends it while it puts the parts together. */
    const char *usual =
        "  \r\n\n<CompleteMultipartUploadResult><ETag>x</ETag></CompleteMultipartUploadResult>";
    s3_reply(s, r, 200, "", s->completed ? s->completed : usual);
}

/* HeadObject. */
static inline void store_look(struct s3_scene *s, const struct wire_request *r)
{
    char headers[256], value[1024];
    assert_string_equal(wire_header(r->head, "x-amz-checksum-mode", value), "ENABLED");
    if (!s->there) {
        s3_reply(s, r, 404, "", "");
        return;
    }
    if (s->part_count > 0)
        snprintf(headers, sizeof(headers), "ETag: \"0123-%zu\"\r\n", s->part_count);
    else
        snprintf(headers, sizeof(headers), "ETag: \"put\"\r\nx-amz-checksum-sha256: %s\r\n",
                 s->checksum);
    wire_reply_bytes(r->peer, 200, headers, VIEW_LITERAL(""), s->object_len);
}

static inline void s3_serve(struct s3_scene *s, const struct wire_request *r, char letter)
{
    letter_add(s->log, letter);
    switch (letter) {
    case 'P':
        store_put(s, r);
        break;
    case 'C':
        store_create(s, r);
        break;
    case 'U':
        store_part(s, r);
        break;
    case 'F':
        if (s->uploading)
            store_complete(s, r);
        else
            s3_reply(s, r, 404, "", XML_ERROR("NoSuchUpload"));
        break;
    case 'H':
        store_look(s, r);
        break;
    default:
        s->uploading = false;
        s3_reply(s, r, 204, "", "");
    }
}

static inline struct trouble *trouble_of(struct s3_scene *s, char letter)
{
    for (size_t i = 0; i < 2; i++) {
        struct trouble *t = &s->troubles[i];
        if (t->letter != letter || t->times == 0)
            continue;
        if (t->skip > 0) {
            t->skip--;
            continue;
        }
        t->times -= t->times > 0;
        return t;
    }
    return NULL;
}

static inline void s3_answer(struct wire *w, struct wire_request *r)
{
    struct s3_scene *s = w->arg;
    char letter = letter_of(r->head);
    const struct trouble *t = trouble_of(s, letter);
    letter_add(s->asked, letter);
    assert_true(strncmp(strchr(r->head, ' '), " /bucket/path/a%20b.csv", 23) == 0);
    if (!t) {
        s3_serve(s, r, letter);
    } else if (t->status == 0) {
        assert_true(s->held_count < 8);
        s->held[s->held_count++] = r;
    } else if (t->status == BROKEN) {
        wire_reset(r->peer);
    } else if (t->status == LOST) {
        s->losing = true;
        s3_serve(s, r, letter);
        s->losing = false;
    } else {
        wire_reply(r->peer, t->status, "", t->body);
    }
}

/* Answers what was held, as if it came just now. */
static inline void s3_release(struct s3_scene *s)
{
    for (size_t i = 0; i < s->held_count; i++)
        if (s->held[i]->peer->asked)
            s3_serve(s, s->held[i], letter_of(s->held[i]->head));
    s->held_count = 0;
}

static inline void s3_trouble(struct s3_scene *s, size_t which, char letter, int skip, int times,
                              int status, const char *body)
{
    s->troubles[which] = (struct trouble){letter, times, skip, status, body};
}

/* ---- the scene ---- */

static inline int s3_begin(void **state)
{
    struct s3_scene *s = xcalloc(1, sizeof(*s));
    struct error e;
    log_configure(LOG_ERROR, LOG_TEXT, NULL);
    s->w = wire_new(s3_answer);
    s->w->arg = s;
    wire_client(s->w, 4);
    wire_keys_init(&s->keys, s->w);
    credentials_cache_init(&s->cache, s->w->loop, &s->keys.base);
    const struct s3_bucket_options options = {
        .name = VIEW_LITERAL("bucket"),
        .endpoint = {.service = SERVICE_S3,
                     .region = VIEW_LITERAL("us-east-1"),
                     .override = view_of(s->w->origin)},
    };
    s->bucket = s3_bucket_new(s->w->client, &s->cache, &options, &e);
    assert_non_null(s->bucket);
    s->sink = sink_s3_new(s->w->loop, s->bucket, VIEW_LITERAL("path/a b.csv"), "text/csv");
    for (size_t i = 0; i <= PARTS; i++)
        buffer_init(&s->parts[i], 4 * PART);
    buffer_init(&s->object, PARTS * PART);
    *state = s;
    return 0;
}

/* A sink again, for another turn of the same test. */
static inline void s3_next_sink(struct s3_scene *s)
{
    const struct error none = {.kind = ERROR_NONE};
    sink_free(s->sink);
    s->sink = sink_s3_new(s->w->loop, s->bucket, VIEW_LITERAL("path/a b.csv"), "text/csv");
    s->asked[0] = s->log[0] = '\0';
    s->over = false;
    s->calls = 0;
    s->written = 0;
    s->error = none;
}

static inline int s3_end(void **state)
{
    struct s3_scene *s = *state;
    sink_free(s->sink);
    s3_bucket_free(s->bucket);
    credentials_cache_release(&s->cache);
    for (size_t i = 0; i <= PARTS; i++)
        buffer_release(&s->parts[i]);
    buffer_release(&s->object);
    wire_free(s->w);
    free(s);
    return 0;
}

/* ---- the writer ---- */

/* The bytes from 'start' on: not the same in any two parts. */
static inline void fill_bytes(char *out, size_t start, size_t len)
{
    for (size_t i = 0; i < len; i++)
        out[i] = (char)((start + i) * 2654435761u >> 13);
}

#if defined(__SANITIZE_ADDRESS__)
size_t __sanitizer_get_current_allocated_bytes(void);
static inline size_t heap_bytes(void)
{
    return __sanitizer_get_current_allocated_bytes();
}
#else
#include <malloc.h>
static inline size_t heap_bytes(void)
{
    const struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}
#endif

/* What the program holds: all that is allocated, less what the server holds. */
static inline size_t held_bytes(const struct s3_scene *s)
{
    size_t servers = s->object.capacity;
    for (size_t i = 0; i < s->w->peer_count; i++)
        servers += s->w->peers[i]->in.capacity + s->w->peers[i]->out.capacity;
    for (size_t i = 0; i <= PARTS; i++)
        servers += s->parts[i].capacity;
    return heap_bytes() - servers;
}

static inline void on_over(void *arg, const struct error *e)
{
    struct s3_scene *s = arg;
    s->over = true;
    s->calls++;
    if (e)
        s->error = *e;
    if (s->free_in_done) {
        sink_free(s->sink);
        s->sink = NULL;
    }
}

static inline void write_some(struct s3_scene *s)
{
    static char chunk[CHUNK];
    while (s->written < s->to_write && !sink_busy(s->sink) && !sink_failed(s->sink)) {
        size_t len = s->to_write - s->written < CHUNK ? s->to_write - s->written : CHUNK;
        fill_bytes(chunk, s->written, len);
        sink_write(s->sink, (struct view){chunk, len});
        s->written += len;
        size_t held = held_bytes(s);
        if (held > s->most_bytes)
            s->most_bytes = held;
    }
    if (s->finish_when_written && (s->written == s->to_write || sink_failed(s->sink))) {
        s->finish_when_written = false;
        sink_finish(s->sink, on_over, s);
    }
}

static inline void on_ready(void *arg)
{
    struct s3_scene *s = arg;
    s->readies++;
    assert_false(sink_busy(s->sink));
    if (s->free_in_ready) {
        sink_free(s->sink);
        s->sink = NULL;
        return;
    }
    write_some(s);
}

/* Begins to write 'len' bytes; goes on as the sink is ready. */
static inline void s3_write(struct s3_scene *s, size_t len)
{
    s->to_write = len;
    s->base_bytes = s->most_bytes = held_bytes(s);
    sink_set_ready(s->sink, on_ready, s);
    write_some(s);
}

static inline void s3_await(struct s3_scene *s)
{
    if (!s->over)
        wire_run(s->w, &s->over);
    assert_int_equal(s->calls, 1);
    wire_pass(s->w, 50);
    assert_int_equal(s->calls, 1);
}

/* Writes 'len' bytes, and then finishes; to the end. */
static inline void s3_write_all(struct s3_scene *s, size_t len)
{
    s->finish_when_written = true;
    s3_write(s, len);
    s3_await(s);
}

/* Runs until the bucket has been asked these things. */
static inline void s3_until_asked(struct s3_scene *s, const char *letters)
{
    for (int i = 0; i < 20000 && strcmp(s->asked, letters) != 0; i++)
        wire_pass(s->w, 3);
    assert_string_equal(s->asked, letters);
}

static inline void assert_object(const struct s3_scene *s, size_t len)
{
    if (s->error.kind != ERROR_NONE)
        fail_msg("%s", s->error.text);
    assert_true(s->there);
    assert_false(s->uploading);
    assert_int_equal(s->object_len, len);
    assert_string_equal(s->content_type, "text/csv");
    char *expected = xmalloc(len + 1);
    fill_bytes(expected, 0, len);
    assert_int_equal(s->object.len, len);
    assert_true(len == 0 || memcmp(s->object.data, expected, len) == 0);
    free(expected);
}

/* It failed, in these words, and nothing is left in the bucket. */
static inline void assert_nothing_left(const struct s3_scene *s, const char *part)
{
    assert_false(s->there);
    assert_false(s->uploading);
    assert_int_not_equal(s->error.kind, ERROR_NONE);
    if (!strstr(s->error.text, part) && strcmp(s->error.code, part) != 0)
        fail_msg("'%s' is not in '%s' (%s)", part, s->error.text, s->error.code);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, s3_begin, s3_end)

#endif
