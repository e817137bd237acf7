/*
 * flags.h: a command line, GNU style, by a table of flags; what is wrong with it; its help.
 *
 * A value stands behind its flag as the next argument or after '='. A flag may be cut short as long
 * as it stays unambiguous. Help wins over all else, so that whoever is lost finds it: --help and -h
 * anywhere, 'help' as the first word.
 */
#ifndef APP_FLAGS_H
#define APP_FLAGS_H

#include "base/buffer.h"

struct flag {
    const char *name;       /* "role-name" */
    const char *value_name; /* "NAME", for help; NULL: it takes no value */
    const char *help;       /* "\n" between its lines */
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
 * Reads argv[1] and on, calling take(arg, ...) for each flag in its order. FLAGS_HELP and
 * FLAGS_VERSION say that this was asked for, and then nothing was taken; FLAGS_WRONG comes with
 * ERROR_CONFIG that names the argument and what is allowed.
 */
enum flags_outcome flags_read(const struct flag_set *set, int argc, char **argv, flag_taker *take,
                              void *arg, struct error *e);
/* Appends the flag's lines of a help page. */
void flags_write_help(const struct flag *flag, struct buffer *out);
/* True if 'text' asks for help, or for the version, as an argument. */
bool flags_is_help(const char *text);
bool flags_is_version(const char *text);
/* The name of the set's flag that an argument is, "--json", "--js" or "-json"; NULL if it is none.
 */
const char *flags_find(const struct flag_set *set, const char *text);

#endif
