/* SPDX-License-Identifier: MIT */
/*
 * command.h: a subcommand as a table, and what all subcommands do with their command line.
 *
 * Usage, help, the reading of flags, and what is said of a mistyped word are made from the table. A
 * command's options are flags of its own and settings (app/settings.h).
 */
#ifndef APP_COMMAND_H
#define APP_COMMAND_H

#include "app/flags.h"
#include "app/settings.h"

#define COMMAND_OWN_MAX 16

/* A title above the settings from 'first' on, in the help. */
struct command_part {
    enum setting_id first;
    const char *title;
};

/* What a command line has set. */
struct command_line {
    struct settings settings;
    const char *own[COMMAND_OWN_MAX]; /* of the command's own flags, borrowed from argv; "" if a
                                         flag takes no value; NULL: not given */
};

struct command {
    const char *name;     /* "collect" */
    const char *summary;  /* for the usage: "read the accounts and write the CSV" */
    const char *synopsis; /* "--role-name NAME [OPTION...]" */
    const char *purpose;  /* a sentence for the top of its help */
    const char *notes;    /* for the end of its help; with its line ends */
    const struct flag *own;
    size_t own_count;
    /* The settings that it takes. NULL: all of them, in the order of their table; for none, an
     * array that is not NULL and a count of 0. */
    const enum setting_id *settings;
    size_t setting_count;
    const struct command_part *parts;
    size_t part_count;
    const struct flag_synonym *synonyms;
    size_t synonym_count;
    bool environment; /* settings are taken from environment variables too */
    /* Does the work; the settings are released afterwards. Returns the exit status. */
    int (*run)(struct command_line *line);
};

/*
 * Runs a command: reads argv (argv[0] is its name), or prints its help or the program's version.
 * Returns the exit status.
 */
int command_main(const struct command *command, int argc, char **argv);
/*
 * Reads argv[1] and on into 'line', which holds what has been set before. The values of settings
 * are not checked yet. FLAGS_WRONG comes with ERROR_CONFIG that names the argument.
 */
enum flags_outcome command_read(const struct command *command, int argc, char **argv,
                                struct command_line *line, struct error *e);
/* Appends the command's help. */
void command_write_help(const struct command *command, struct buffer *out);
/* The name of the command's flag that an argument is, whole or cut short; NULL if it is none. */
const char *command_find_flag(const struct command *command, const char *text);

/* Prints 'text' ("the policy", for messages) on stdout, or complains. Returns the exit status. */
int command_print(const struct buffer *text, const char *what);
/* Says on stderr what is wrong. Returns 'status'. */
int command_complain(const struct error *e, int status);

#endif
