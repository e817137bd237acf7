/* SPDX-License-Identifier: MIT */
/*
 * change.h: what changes in the organization while a client reads it: users and keys are deleted or
 * created after certain calls were answered.
 *
 * A change is a rule of the scenario. It counts answers. Which users it affects depends on the
 * seed, never on the order in which calls arrive.
 */
#ifndef FAULTS_CHANGE_H
#define FAULTS_CHANGE_H

#include "base/arena.h"
#include "base/error.h"
#include "faults/selection.h"
#include "faults/subject.h"
#include "faults/tally.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum change_kind {
    CHANGE_DELETE_USER,
    CHANGE_CREATE_USER,
    CHANGE_DELETE_KEYS,
    CHANGE_CREATE_KEYS,
    CHANGE_COUNT,
};

struct change {
    enum change_kind kind;
    struct selection about;
    const char **keys; /* access key ids; if there are none: all of the users' keys */
    size_t key_count;
    double probability; /* the share of the selected users to whom it happens */
    uint64_t after;     /* happens once actions of this set have been answered ... */
    uint32_t calls;     /* ... this many times, about the user or the whole account */
};

/* If zero-initialized, there are no changes. */
struct changes {
    struct change *items; /* in the scenario's arena */
    size_t count;
    uint64_t seed;         /* for random choices; set when the scenario is opened */
    struct tally answered; /* answers by change, account and user */
};

/* Reads a list of changes. Returns 0, or -1 with the reason in 'error'. */
int change_read(struct changes *changes, struct arena *arena, const json_t *list,
                struct error *error);

/* Counts a call that was answered successfully. */
void change_note(struct changes *changes, const struct world *world, const struct subject *subject);

/* True if the user does not exist at this moment: already deleted, or not created yet. */
bool change_hides_user(const struct changes *changes, const struct world *world, size_t account,
                       const char *user);

/* True if the access key does not exist at this moment, although its user does. */
bool change_hides_key(const struct changes *changes, const struct world *world, size_t account,
                      const char *user, const char *key_id);

/* Forgets all answers: everything is as at the start. */
void change_reset(struct changes *changes);

#endif
