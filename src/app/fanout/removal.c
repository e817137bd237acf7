/* SPDX-License-Identifier: MIT */
#include "app/fanout/removal.h"

#include "app/fanout/batches.h"
#include "app/publication.h"
#include "base/log.h"

/* How many objects with rows each batch leaves. */
static size_t count_volumes(const struct config *config)
{
    struct buffer ignored;
    size_t count = 0;
    buffer_init(&ignored, S3_KEY_MAX_BYTES);
    while (publication_part_key(config, count, "", &ignored))
        count++;
    buffer_release(&ignored);
    return count;
}

bool removal_key(const struct removal *r, size_t nth, struct buffer *key)
{
    static const char *const of_plan[] = {"skipped.json", "batches.json"};
    size_t of_batch = count_volumes(r->step->config) + 1;
    size_t of_batches = of_batch * json_array_size(r->batches);
    size_t batch = nth / of_batch;
    if (nth >= of_batches + 2)
        return false;
    if (nth >= of_batches)
        step_key(r->step, r->step->plan.run_id, of_plan[nth - of_batches], key);
    else if (!publication_part_key(r->step->config, nth % of_batch,
                                   batches_part_key(r->batches, batch), key))
        buffer_add_text(key, batches_result_key(r->batches, batch));
    return true;
}

static void delete_next(struct removal *r);

static void removal_on_deleted(void *arg, const struct s3_answer *answer UNUSED,
                               const struct error *e)
{
    struct removal *r = arg;
    r->step->call = NULL;
    if (e)
        log_event(LOG_WARN, "a part of the census could not be removed", FIELD("reason", e->text));
    delete_next(r);
}

static void delete_next(struct removal *r)
{
    struct step *step = r->step;
    struct buffer key;
    buffer_init(&key, S3_KEY_MAX_BYTES);
    if (!removal_key(r, r->removed++, &key))
        step_finish(step);
    else if (step_complete(step, &key, "a key of the fan-out"))
        step->call = s3_delete_object(step->bucket, buffer_view(&key),
                                      (struct s3_done){removal_on_deleted, r});
    buffer_release(&key);
}

void removal_start(struct removal *r, struct step *step, const json_t *batches)
{
    *r = (struct removal){.step = step, .batches = batches};
    delete_next(r);
}
