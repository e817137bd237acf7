/* SPDX-License-Identifier: MIT */
#include "base/colour.h"

#include "base/environ.h"

#include <string.h>
#include <strings.h>
#include <unistd.h>

const char *const colour_choice_names[] = {"auto", "always", "never", NULL};

/* Select Graphic Rendition (ECMA-48, 8.3.117): the eight colours that every terminal's theme has.
 */
static const char *const styles[COLOUR_STYLE_COUNT] = {
    [COLOUR_BAD] = "\033[31m",  [COLOUR_WARNING] = "\033[33m", [COLOUR_GOOD] = "\033[32m",
    [COLOUR_QUIET] = "\033[2m", [COLOUR_TITLE] = "\033[1m",
};

static enum colour_choice chosen = COLOUR_AUTO;

bool colour_find(const char *name, enum colour_choice *choice)
{
    for (int i = 0; colour_choice_names[i]; i++)
        if (strcasecmp(colour_choice_names[i], name) == 0) {
            *choice = (enum colour_choice)i;
            return true;
        }
    return false;
}

void colour_choose(enum colour_choice choice)
{
    chosen = choice;
}

bool colour_wanted(int fd)
{
    const struct environ *env = environ_system();
    const char *terminal = environ_get(env, "TERM");
    const char *forced = environ_get(env, "CLICOLOR_FORCE");
    if (chosen != COLOUR_AUTO)
        return chosen == COLOUR_ALWAYS;
    if (environ_get(env, "NO_COLOR"))
        return false;
    if (forced && strcmp(forced, "0") != 0)
        return true;
    return terminal && strcmp(terminal, "dumb") != 0 && isatty(fd);
}

const char *colour_on(bool wanted, enum colour_style style)
{
    return wanted ? styles[style] : "";
}

const char *colour_off(bool wanted)
{
    return wanted ? "\033[0m" : "";
}

void colour_begin(struct buffer *out, bool wanted, enum colour_style style)
{
    buffer_add_text(out, colour_on(wanted, style));
}

void colour_end(struct buffer *out, bool wanted)
{
    buffer_add_text(out, colour_off(wanted));
}
