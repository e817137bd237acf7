/* SPDX-License-Identifier: MIT */
#include "app/progress.h"

#include "base/buffer.h"
#include "base/environ.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define WIDTH_ASSUMED 80
/* How long a write may wait: a terminal that is stopped (Ctrl-S) must not stop the run. */
#define WRITE_WAIT_MS 1000

static const char take_away[] = "\r\033[K";

bool progress_is_possible(void)
{
    const char *terminal = environ_get(environ_system(), "TERM");
    return isatty(STDERR_FILENO) && terminal && strcmp(terminal, "dumb") != 0;
}

/* In the background nothing is drawn: the current line of the terminal belongs to the shell. */
static bool in_foreground(void)
{
    pid_t foreground = tcgetpgrp(STDERR_FILENO);
    return foreground < 0 || foreground == getpgrp();
}

/*
 * Asks the terminal each time, since its window may have been resized. The last column stays free,
 * because some terminals wrap a line that fills it.
 */
static size_t text_width(void)
{
    struct winsize size;
    size_t columns = WIDTH_ASSUMED;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        columns = size.ws_col;
    return columns - 1;
}

/* Errors are ignored: there is nowhere else to report them. */
static void write_all(struct view bytes)
{
    while (bytes.len > 0) {
        ssize_t done = write(STDERR_FILENO, bytes.ptr, bytes.len);
        struct pollfd ready = {.fd = STDERR_FILENO, .events = POLLOUT};
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0 && (errno != EAGAIN || poll(&ready, 1, WRITE_WAIT_MS) <= 0))
            return;
        if (done > 0)
            bytes = (struct view){bytes.ptr + done, bytes.len - (size_t)done};
    }
}

/* Removes the line of progress, writes 'lines', and draws the line again below, in one write. */
static void draw(struct progress *p, struct view lines)
{
    struct buffer out;
    buffer_init(&out, lines.len + PROGRESS_SIZE + sizeof(take_away));
    bool foreground = in_foreground();
    if (p->drawn && foreground)
        buffer_add_text(&out, take_away);
    buffer_add_view(&out, lines);
    p->drawn = foreground && p->text[0] != '\0';
    if (p->drawn)
        buffer_addf(&out, "%.*s", (int)text_width(), p->text);
    write_all(buffer_view_cut(&out));
    buffer_release(&out);
}

void progress_show(struct progress *p, const char *text)
{
    snprintf(p->text, sizeof(p->text), "%s", text);
    draw(p, VIEW_LITERAL(""));
}

void progress_write(struct progress *p, struct view lines)
{
    draw(p, lines);
}

void progress_echoed(struct progress *p)
{
    if (progress_is_possible())
        p->drawn = true;
    else if (isatty(STDERR_FILENO))
        write_all(VIEW_LITERAL("\n"));
}

void progress_hide(struct progress *p)
{
    progress_show(p, "");
}
