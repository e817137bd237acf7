/* SPDX-License-Identifier: MIT */
/*
 * nearest.h: finds the word that a mistyped one was probably meant to be: for 'did you mean'.
 *
 *     struct nearest n = nearest_begin("colect");
 *     nearest_try(&n, "collect");
 *     n.word                             "collect", or NULL if none is near enough
 */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

#include <stddef.h>

struct nearest {
    const char *given; /* borrowed */
    const char *word;  /* the nearest so far, borrowed; NULL: none is near enough */
    size_t least;      /* another word must have a smaller distance than this */
};

/*
 * Begins a search for the word nearest to 'given'. A word that differs in more than a third of the
 * letters is not near.
 */
struct nearest nearest_begin(const char *given);
/* Keeps 'word' if it is nearer than those tried before. */
void nearest_try(struct nearest *n, const char *word);

#endif
