/* SPDX-License-Identifier: MIT */
/*
 * command.h: a subcommand as a table, and what all subcommands do with their command line.
 *
 * Usage, help, the parsing of flags and the messages about mistyped words come from the table. A
 * command's options are its own flags and settings (app/settings.h).
 */
#ifndef APP_COMMAND_H
#define APP_COMMAND_H

#include "app/flags.h"
#include "app/settings.h"

#define COMMAND_OWN_MAX 16
/* The word that asks for the whole help. */
#define COMMAND_ALL "--all"

/* A title above the settings from 'first' on, in the help. */
struct command_part {
    enum setting_id first;
    const char *title;
};

/* What a command line has set. */
struct command_line {
    struct settings settings;
    const char *own[COMMAND_OWN_MAX];   /* values of the command's own flags, borrowed from argv; ""
                                           if a flag takes no value; NULL: not given */
    const char *operands[OPERANDS_MAX]; /* the words beside the flags, borrowed from argv */
    size_t operand_count;
};

/* How much of a command's help is shown: the flags that are not rare, or everything. */
enum command_help { COMMAND_HELP_SHORT, COMMAND_HELP_ALL };

struct command {
    const char *name;     /* "collect" */
    const char *summary;  /* for the usage: "read the accounts and write the CSV" */
    const char *synopsis; /* "--role-name NAME [OPTION...]" */
    const char *purpose;  /* a sentence for the top of its help */
    const char *notes;    /* for the end of its help; with its line ends */
    const char *more;     /* before 'notes' in the whole help; with its line ends; NULL: nothing */
    /*
     * The names of its operands ("DB"), in order; the first 'operands_least' must be given. The
     * synopsis shows them too. 'operands_most' is 0 if it takes none.
     */
    const char *operands[OPERANDS_MAX];
    size_t operands_least, operands_most;
    const char *const *operand_words; /* what its operand may be; NULL: they are files */
    const struct flag *own;
    size_t own_count;
    /*
     * The settings that it takes. NULL: all of them, in the order of settings_table. For none, the
     * count is 0 and the pointer is not NULL. It takes those for all commands (-q, -v) anyway.
     */
    const enum setting_id *settings;
    size_t setting_count;
    const enum setting_id *without; /* of all settings, the one that it does not take; or NULL */
    /* Settings that its short help leaves out, beside those that are rare everywhere. */
    const enum setting_id *rare;
    size_t rare_count;
    const struct command_part *parts;
    size_t part_count;
    const struct flag_synonym *synonyms;
    size_t synonym_count;
    bool environment; /* settings are read from environment variables too */
    /* Does the work; the settings are released afterwards. Returns the exit status. */
    int (*run)(struct command_line *line);
};

/* All flags of a command: its own, then the settings that it takes. */
struct command_flags {
    struct flag flags[COMMAND_OWN_MAX + SETTING_COUNT];
    enum setting_id settings[SETTING_COUNT]; /* that flags[own_count] and the next are */
    size_t count;
};

/*
 * Runs a command: reads argv (argv[0] is its name), or prints its help (with "--all" on the line,
 * the whole of it) or the program's version. Sets colours and the log's level. Returns the
 * exit status.
 */
int command_main(const struct command *command, int argc, char **argv);
/*
 * Reads argv[1] and the rest into 'line', on top of what it holds already. The values of settings
 * are not checked yet. FLAGS_WRONG comes with ERROR_CONFIG that names the argument.
 */
enum flags_outcome command_read(const struct command *command, int argc, char **argv,
                                struct command_line *line, struct error *e);
/* Writes the command's flags; texts are borrowed from the tables. */
void command_list_flags(const struct command *command, struct command_flags *all);
/* Appends the command's help. */
void command_write_help(const struct command *command, enum command_help extent,
                        struct buffer *out);
/*
 * The name of the command's flag that an argument is, in full or abbreviated; NULL if it is not a
 * flag of the command.
 */
const char *command_find_flag(const struct command *command, const char *text);

/*
 * Prints 'text' on stdout, or complains if that fails. 'what' names it in the message ("the
 * policy"). Returns the exit status.
 */
int command_print(const struct buffer *text, const char *what);
/* Prints the program's name and version, as command_print does. */
int command_print_version(void);
/* Says on stderr what is wrong. Returns 'status'. */
int command_complain(const struct error *e, int status);

#endif
