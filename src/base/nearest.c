/* SPDX-License-Identifier: MIT */
#include "base/nearest.h"

#include <string.h>

#define WORD_MAX 64

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/*
 * How many letters must be changed, added, removed or swapped with the next one to turn one word
 * into the other (Damerau and Levenshtein: "optimal string alignment").
 */
static size_t distance(const char *a, const char *b)
{
    size_t rows[3][WORD_MAX]; /* of the letters of 'a' up to this one and the two before it */
    size_t len = strlen(b);
    size_t i;
    for (size_t j = 0; j <= len; j++)
        rows[0][j] = j;
    for (i = 1; a[i - 1]; i++) {
        size_t *row = rows[i % 3];
        const size_t *before = rows[(i + 2) % 3];
        const size_t *two_before = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= len; j++) {
            row[j] =
                least(before[j - 1] + (a[i - 1] != b[j - 1]), least(before[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = least(row[j], two_before[j - 2] + 1);
        }
    }
    return rows[(i - 1) % 3][len];
}

struct nearest nearest_begin(const char *given)
{
    return (struct nearest){.given = given, .least = strlen(given) / 3 + 1};
}

void nearest_try(struct nearest *n, const char *word)
{
    if (strlen(n->given) >= WORD_MAX || strlen(word) >= WORD_MAX)
        return;
    size_t d = distance(n->given, word);
    if (d >= n->least)
        return;
    n->least = d;
    n->word = word;
}
