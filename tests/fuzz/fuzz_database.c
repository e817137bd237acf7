/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a database of runs: opened, its runs listed, the last one and the one before found.
 * Bytes that are edits (the first is 1) change a good database instead, three bytes an edit.
 */
#include "store/stored_run.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[64];
static uint8_t *good;
static size_t good_len;

static void write_file(const uint8_t *bytes, size_t len)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, bytes, len) != (ssize_t)len)
        abort();
    close(fd);
}

static void make_good(void)
{
    struct database d;
    struct error e;
    snprintf(path, sizeof(path), "/dev/shm/fuzz-database-%d", getpid());
    unlink(path);
    if (database_open(&d, path, DATABASE_MAKE, &e) != 0 ||
        database_execute(
            &d, "INSERT INTO run (run_id, started_at) VALUES ('a', '2024-01-31T09:30:00Z')", &e) !=
            0)
        fprintf(stderr, "%s\n", e.text);
    database_close(&d);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    good = malloc(1 << 20);
    good_len = (size_t)read(fd, good, 1 << 20);
    close(fd);
}

static void on_run(void *arg, const struct stored_run *run)
{
    if (!run->run_id)
        abort();
    ++*(size_t *)arg;
}

static void look(enum database_mode mode)
{
    struct database d;
    struct stored_run run, before;
    struct error e = {0};
    size_t count = 0;
    bool found;
    if (database_open(&d, path, mode, &e) == 0) {
        if (stored_runs_list(&d, on_run, &count, &e) == 0 &&
            stored_run_find(&d, NULL, &run, &e) == 0) {
            if (stored_run_before(&d, &run, &before, &found, &e) == 0 && found && count < 2)
                abort();
            stored_run_release(&before);
            stored_run_release(&run);
        }
    } else if (e.kind != ERROR_CONFIG && e.kind != ERROR_SYSTEM) {
        abort();
    }
    database_close(&d);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    if (!good)
        make_good();
    if (len < 1)
        return 0;
    if (bytes[0] == 1) {
        uint8_t *edited = malloc(good_len);
        memcpy(edited, good, good_len);
        for (size_t i = 1; i + 2 < len; i += 3)
            edited[((size_t)bytes[i] * 256 + bytes[i + 1]) % good_len] = bytes[i + 2];
        write_file(edited, good_len);
        free(edited);
    } else {
        write_file(bytes + 1, len - 1);
    }
    look(DATABASE_LOOK);
    look(DATABASE_READ);
    return 0;
}
