/* SPDX-License-Identifier: MIT */
/*
 * flags.h: reads a command line, GNU style, by a table of flags; says what is wrong with it; writes
 * its help.
 *
 * A flag's value is the next argument, or follows after '='. A flag may be abbreviated as long as
 * it stays unambiguous. --help and -h anywhere, and 'help' as the first word, win over everything
 * else, so that whoever is lost gets help.
 */
#ifndef APP_FLAGS_H
#define APP_FLAGS_H

#include "base/buffer.h"

struct flag {
    const char *name;           /* "role-name" */
    const char *value_name;     /* "NAME", for help; NULL: the flag takes no value */
    const char *help;           /* "\n" between its lines; "{}": the choices */
    const char *const *choices; /* for help alone: who takes the value checks it. Ended by NULL;
                                   NULL: it has none */
};

/* A word that people try, and what they mean by it: "verbose", "log-level debug". */
struct flag_synonym {
    const char *given, *meant;
};

struct flag_set {
    const char *command; /* "collect", for messages */
    const struct flag *flags;
    size_t count;
    const struct flag_synonym *synonyms; /* NULL: none; they are suggested, never taken */
    size_t synonym_count;
};

enum flags_outcome { FLAGS_READ, FLAGS_HELP, FLAGS_VERSION, FLAGS_WRONG };

/* Takes a flag by its index. 'value' is NULL if it takes none. -1 with 'e' if it is wrong. */
typedef int flag_taker(void *arg, size_t index, const char *value, struct error *e);

/*
 * Reads argv[1] and on, calling take(arg, ...) for each flag in its order. If the
 * help or the version was asked for, returns FLAGS_HELP or FLAGS_VERSION, and takes nothing.
 * FLAGS_WRONG comes with ERROR_CONFIG, which names the argument and what is allowed.
 */
enum flags_outcome flags_read(const struct flag_set *set, int argc, char **argv, flag_taker *take,
                              void *arg, struct error *e);
/* Appends the lines about a flag to a help text. */
void flags_write_help(const struct flag *flag, struct buffer *out);
/* True if 'text' asks for help, or for the version, as an argument. */
bool flags_is_help(const char *text);
bool flags_is_version(const char *text);
/* The name of the set's flag that an argument is, "--json", "--js" or "-json"; NULL if it is none.
 */
const char *flags_find(const struct flag_set *set, const char *text);

#endif
