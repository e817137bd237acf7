/*
 * options.h: the command line of 'collect', by the table of settings; and its help.
 */
#ifndef APP_OPTIONS_H
#define APP_OPTIONS_H

#include "app/flags.h"
#include "app/settings.h"

/* The setting as a flag. */
struct flag options_flag(enum setting_id id);
/*
 * Reads argv[1] and on (argv[0] is the subcommand) into 'settings'; values are not checked yet.
 * FLAGS_WRONG comes with 'e', which names the flag and says what is allowed.
 */
enum flags_outcome options_read(int argc, char **argv, struct settings *settings, struct error *e);
/* The name of the flag that an argument is, whole or cut short, with one dash or two; else NULL. */
const char *options_find(const char *text);
/* Appends the help of 'collect'. */
void options_help(struct buffer *out);

#endif
