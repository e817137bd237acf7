/*
 * options.h: the command line, GNU style, by the table of settings; and --help.
 */
#ifndef APP_OPTIONS_H
#define APP_OPTIONS_H

#include "app/settings.h"
#include "base/buffer.h"

enum options_outcome { OPTIONS_RUN, OPTIONS_HELP, OPTIONS_VERSION, OPTIONS_WRONG };

/*
 * Reads argv[1] and on (argv[0] is the subcommand) into 'settings'; values are not checked yet.
 * OPTIONS_WRONG comes with 'e', which names the flag and says what is allowed.
 */
enum options_outcome options_read(int argc, char **argv, struct settings *settings,
                                  struct error *e);
/* Appends the help of 'collect'. */
void options_help(struct buffer *out);

#endif
