/*
 * index.h: users of one account by name.
 */
#ifndef CENSUS_INDEX_H
#define CENSUS_INDEX_H

#include "census/model.h"

struct index {
    struct user **places; /* in an arena; NULL where empty */
    size_t mask;
};

/*
 * An index of the 'count' users that begin at 'first', in 'arena'. Of users of one name it holds
 * the one created later (of one second, the one listed first) and marks the others as superseded: a
 * list that is read page by page may show a user who was deleted and made again meanwhile, or one
 * twice.
 */
void index_build(struct index *index, struct arena *arena, struct user *first, size_t count);
/* The user with this name, or NULL. */
struct user *index_find(const struct index *index, struct view name);

#endif
