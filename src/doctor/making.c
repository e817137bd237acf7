/* SPDX-License-Identifier: MIT */
#include "doctor/making.h"

#define TEXT_MAX ((size_t)4 * 1024 * 1024)

void making_begin(struct making *m, const struct diagnosis *d, struct arena *arena, size_t most)
{
    *m = (struct making){.d = d, .arena = arena};
    m->found.items = arena_alloc(arena, (most + 1) * sizeof(*m->found.items));
    principal_of(d->caller.arn, &m->caller);
    buffer_init(&m->text, TEXT_MAX);
}

void making_end(struct making *m)
{
    buffer_release(&m->text);
}

const char *making_keep(struct making *m)
{
    const char *text = arena_copy(m->arena, buffer_view_cut(&m->text)).ptr;
    buffer_clear(&m->text);
    return text;
}

struct fix *making_add(struct making *m, enum fix_kind kind, const char *const *ids, size_t count)
{
    struct fix *fix = &m->found.items[m->found.count++];
    *fix = (struct fix){
        .kind = kind, .account_ids = ids, .account_count = count, .text = making_keep(m)};
    fix->brief = fix->text;
    return fix;
}
