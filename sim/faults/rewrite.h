/* SPDX-License-Identifier: MIT */
/* rewrite.h: turns a good answer into one that a hostile or broken service might give. */
#ifndef FAULTS_REWRITE_H
#define FAULTS_REWRITE_H

#include "wire/text.h"

#include <jansson.h>
#include <stddef.h>

/* A text in the body, and the text that replaces it. */
struct replacement {
    const char *from;
    const char *to;
};

/* How a rule changes an answer. If zero-initialized, it changes nothing. */
struct rewrite {
    json_t *set; /* merged into a JSON body, or NULL; owned by the scenario */
    struct replacement *replacements;
    size_t replacement_count;
};

/*
 * Merges 'set' into the body if the body is JSON (objects member by member, lists element by
 * element, everything else is replaced), then replaces every occurrence of each text.
 */
void rewrite_body(struct buffer *body, const struct rewrite *rewrite);

#endif
