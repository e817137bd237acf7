/* SPDX-License-Identifier: MIT */
#include "page/packing.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <zlib.h>

#define CHUNK_BYTES 16384
#define PIECE_BYTES ((size_t)48 * 1024) /* a multiple of 3: no padding between pieces */
#define RAW         (-15)               /* zlib: the largest window, without a header */
#define MEMORY      9

struct packing {
    z_stream stream;
    struct buffer packed;
    unsigned char chunk[CHUNK_BYTES];
};

static void *allocate(void *arg UNUSED, unsigned count, unsigned size)
{
    return xcalloc(count, size);
}

static void give_back(void *arg UNUSED, void *memory)
{
    free(memory);
}

struct packing *packing_new(size_t most)
{
    struct packing *p = xcalloc(1, sizeof(*p));
    buffer_init(&p->packed, most);
    p->stream.zalloc = allocate;
    p->stream.zfree = give_back;
    /* It fails only without memory, which xcalloc does not return from. */
    if (deflateInit2(&p->stream, Z_BEST_COMPRESSION, Z_DEFLATED, RAW, MEMORY, Z_DEFAULT_STRATEGY) !=
        Z_OK)
        abort();
    return p;
}

static void run(struct packing *p, int flush)
{
    do {
        p->stream.next_out = p->chunk;
        p->stream.avail_out = CHUNK_BYTES;
        deflate(&p->stream, flush);
        buffer_add(&p->packed, p->chunk, CHUNK_BYTES - p->stream.avail_out);
    } while (p->stream.avail_out == 0);
}

void packing_add(struct packing *p, struct view bytes)
{
    p->stream.next_in = (z_const Bytef *)(uintptr_t)bytes.ptr;
    p->stream.avail_in = (uInt)bytes.len;
    run(p, Z_NO_FLUSH);
}

int packing_finish(struct packing *p, struct error *e)
{
    p->stream.avail_in = 0;
    run(p, Z_FINISH);
    return buffer_check(&p->packed, "the page's data", e);
}

void packing_base64(const unsigned char *bytes, size_t len, struct buffer *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < len; i += 3) {
        size_t left = len - i;
        unsigned three = (unsigned)bytes[i] << 16;
        three |= left > 1 ? (unsigned)bytes[i + 1] << 8 : 0;
        three |= left > 2 ? bytes[i + 2] : 0;
        char four[4] = {digits[three >> 18], digits[three >> 12 & 63], '=', '='};
        if (left > 1)
            four[2] = digits[three >> 6 & 63];
        if (left > 2)
            four[3] = digits[three & 63];
        buffer_add(out, four, sizeof(four));
    }
}

bool packing_write(const struct packing *p, size_t *at, struct buffer *out)
{
    const struct view all = buffer_view(&p->packed);
    size_t len = all.len - *at;
    if (len == 0)
        return false;
    if (len > PIECE_BYTES)
        len = PIECE_BYTES;
    packing_base64((const unsigned char *)all.ptr + *at, len, out);
    *at += len;
    return true;
}

void packing_free(struct packing *p)
{
    if (!p)
        return;
    deflateEnd(&p->stream);
    buffer_release(&p->packed);
    free(p);
}
