/* SPDX-License-Identifier: MIT */
/*
 * flags.h: parses a GNU style command line by a table of flags, explains mistakes in it, and writes
 * its help.
 *
 * A flag's value is the next argument, or follows after '='. A flag may be abbreviated as long as
 * that is unambiguous. Some have a letter, too: "-o PATH", "-oPATH", and "-qv" for "-q -v"; but a
 * whole name after one dash ("-output") is a mistake, not letters. --help and -h anywhere, and
 * 'help' as the first word, override everything else, so that whoever needs help gets it.
 *
 * A command may also take operands: words that are neither a flag nor a flag's value. "-1" is an
 * operand, since no flag is a number; after "--" every word is one.
 */
#ifndef APP_FLAGS_H
#define APP_FLAGS_H

#include "base/buffer.h"

/* What a flag's value is, for the completion of shells. Choices say more. */
enum flag_value {
    FLAG_VALUE_TEXT,
    FLAG_VALUE_FILE,
    FLAG_VALUE_AT_FILE, /* a list; "@FILE" reads it from a file */
    FLAG_VALUE_RULES,   /* ids of rules, with commas */
    FLAG_VALUE_LIMITS,  /* RULE=N */
    FLAG_VALUE_KINDS,   /* kinds of differences, with commas */
};

struct flag {
    const char *name;           /* "role-name" */
    const char *value_name;     /* "NAME", for help; NULL: the flag takes no value */
    const char *help;           /* "\n" between its lines; "{}": the choices */
    const char *const *choices; /* only for help and completion: whoever takes the value checks it.
                                   Ends with NULL; NULL: no choices */
    char letter;                /* 'o' for -o; 0: none. No letter means two things */
    bool rare;                  /* left out of the short help of a command with many flags */
    enum flag_value value;
};

/* A flag that people try, and what they mean by it: "verbose", "log-level debug". */
struct flag_synonym {
    const char *given, *meant;
};

#define OPERANDS_MAX 4

/* The words of a command line that are not flags, in order; borrowed from argv. */
struct operands {
    const char *words[OPERANDS_MAX];
    size_t count;
    size_t most; /* how many the command takes, at most OPERANDS_MAX */
};

struct flag_set {
    const char *command; /* "collect", for messages */
    const struct flag *flags;
    size_t count;
    const struct flag_synonym *synonyms; /* only suggested, never accepted; NULL: none */
    size_t synonym_count;
    struct operands *operands; /* they are added here; NULL: the command takes none */
};

enum flags_outcome { FLAGS_READ, FLAGS_HELP, FLAGS_VERSION, FLAGS_WRONG };

/* Takes the flag with this index. 'value' is NULL if it has none. -1 with 'e' if it is wrong. */
typedef int flag_taker(void *arg, size_t index, const char *value, struct error *e);

/*
 * Reads argv[1] and the rest, calling take(arg, ...) for each flag in order. If the help or the
 * version is requested, returns FLAGS_HELP or FLAGS_VERSION without taking any flag. FLAGS_WRONG
 * comes with ERROR_CONFIG, which names the argument and what is allowed.
 */
enum flags_outcome flags_read(const struct flag_set *set, int argc, char **argv, flag_taker *take,
                              void *arg, struct error *e);
/* Appends the lines about a flag to a help text. */
void flags_write_help(const struct flag *flag, struct buffer *out);
/* Appends "auto, bulk or per-user". */
void flags_write_choices(const char *const *choices, struct buffer *out);
/* True if the argument 'text' requests the help, or the version. */
bool flags_is_help(const char *text);
bool flags_is_version(const char *text);
/*
 * The name of the set's flag that an argument is ("--json", "--js" or "-json"); NULL if it is not
 * one of them.
 */
const char *flags_find(const struct flag_set *set, const char *text);

#endif
