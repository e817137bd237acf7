/*
 * nearest.h: which of our words a mistyped one was meant to be: for 'did you mean'.
 *
 *     struct nearest n = nearest_begin("colect");
 *     nearest_try(&n, "collect");
 *     n.word                             "collect", or NULL if none is near enough
 */
#ifndef APP_NEAREST_H
#define APP_NEAREST_H

#include <stddef.h>

struct nearest {
    const char *given; /* borrowed */
    const char *word;  /* the nearest so far, borrowed; NULL: none is near */
    size_t least;      /* how far it is; a word must be nearer than this */
};

/* Nothing was tried yet. A word that needs changes in more than a third of its letters is another
 * one. */
struct nearest nearest_begin(const char *given);
/* Takes note of 'word' if it is nearer than those before. */
void nearest_try(struct nearest *n, const char *word);

#endif
