/*
 * What changes in the organization while somebody reads it: users and keys that are deleted, or
 * made, once a call was answered. A change is a rule of the scenario and counts answers; which
 * users it hits depends on the seed, never on the order in which calls arrive.
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
    const char **keys; /* access key ids; none: all of the users' keys */
    size_t key_count;
    double probability; /* the share of these users */
    uint64_t after;     /* comes about once an action of this set was answered ... */
    uint32_t calls;     /* ... so many times, about the user or about the whole account */
};

/* Zero-initialized there are none. */
struct changes {
    struct change *items; /* they live in the scenario's arena */
    size_t count;
    uint64_t seed;         /* of the dice; set when the scenario is opened */
    struct tally answered; /* answers by change, account and user */
};

/* Reads a list of changes. Returns 0, or -1 with the reason in error. */
int change_read(struct changes *changes, struct arena *arena, const json_t *list,
                struct error *error);

/* Takes note of a call that was answered and did what it was to do. */
void change_note(struct changes *changes, const struct world *world, const struct subject *subject);

/* Whether the user is not there: deleted by now, or not made yet. */
bool change_hides_user(const struct changes *changes, const struct world *world, size_t account,
                       const char *user);

/* Whether the access key is not there, its user being there. */
bool change_hides_key(const struct changes *changes, const struct world *world, size_t account,
                      const char *user, const char *key_id);

/* Forgets what was answered: everything is as at the start. */
void change_reset(struct changes *changes);

#endif
