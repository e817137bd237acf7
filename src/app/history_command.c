/* SPDX-License-Identifier: MIT */
#include "app/history_command.h"

#include "app/exit_status.h"
#include "base/json_writer.h"
#include "base/plural.h"
#include "store/stored_run.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#define TEXT_MAX_BYTES ((size_t)64 * 1024 * 1024)

enum own { OWN_PRUNE, OWN_JSON, OWN_COUNT };

static const struct flag own_flags[OWN_COUNT] = {
    [OWN_PRUNE] = {"prune", "N", .help = "keep the newest N runs, remove the others"},
    [OWN_JSON] = {"json", NULL, .help = "print the runs as JSON"},
};

static const struct flag_synonym synonyms[] = {
    {"keep", "prune"}, {"keep-runs", "prune"}, {"remove", "prune"}, {"delete", "prune"}};

/* The runs of a database, while they are written. */
struct listing {
    struct buffer *out;
    struct json_writer json;
    uint64_t count;
};

/* "1 partial, 2 failed, 3 not ACTIVE"; "whole" if every account was read completely. */
static void write_outcome(const struct stored_run *run, struct buffer *out)
{
    const struct {
        int64_t count;
        const char *name;
    } parts[] = {{run->partial, "partial"}, {run->failed, "failed"}, {run->skipped, "not ACTIVE"}};
    size_t start = out->len;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        if (parts[i].count > 0)
            buffer_addf(out, "%s%lld %s", out->len > start ? ", " : "", (long long)parts[i].count,
                        parts[i].name);
    if (out->len == start)
        buffer_add_text(out, "whole");
}

static void history_on_run(void *arg, const struct stored_run *run)
{
    struct listing *l = arg;
    char at[TIMESTAMP_TEXT_SIZE];
    timestamp_format(run->started_s, at);
    if (l->count++ == 0)
        buffer_addf(l->out, "%-32s  %-20s  %8s  %8s  %s\n", "run", "started", "accounts", "users",
                    "outcome");
    buffer_addf(l->out, "%-32s  %-20s  %8lld  %8lld  ", run->run_id, at, (long long)run->accounts,
                (long long)run->users);
    write_outcome(run, l->out);
    buffer_add_char(l->out, '\n');
}

static void history_on_run_json(void *arg, const struct stored_run *run)
{
    struct listing *l = arg;
    const struct {
        const char *key;
        int64_t number;
    } numbers[] = {{"accounts", run->accounts}, {"succeeded", run->succeeded},
                   {"partial", run->partial},   {"failed", run->failed},
                   {"skipped", run->skipped},   {"users", run->users}};
    const struct {
        const char *key, *text;
    } texts[] = {{"organization_id", run->organization_id},
                 {"strategy", run->strategy},
                 {"columns", run->columns},
                 {"version", run->version}};
    struct json_writer *w = &l->json;
    json_object_begin(w);
    json_key(w, "run_id");
    json_text(w, view_of(run->run_id));
    json_key(w, "started_at");
    json_time(w, run->started_s);
    json_key(w, "finished_at");
    json_time(w, run->finished_s);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        json_key(w, texts[i].key);
        json_text(w, view_of(texts[i].text));
    }
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        json_key(w, numbers[i].key);
        json_int(w, numbers[i].number);
    }
    json_key(w, "oldest_report_at");
    json_time(w, run->oldest_report_s);
    json_object_end(w);
}

static int write_text(struct database *d, bool pruned, int64_t removed, struct buffer *out,
                      struct error *e)
{
    struct listing l = {.out = out};
    if (pruned)
        buffer_addf(out, "%lld run%s removed\n", (long long)removed, plural_s((uint64_t)removed));
    if (stored_runs_list(d, history_on_run, &l, e) != 0)
        return -1;
    if (l.count == 0)
        buffer_addf(out, "'%s' holds no run\n", d->path);
    return 0;
}

static int write_json(struct database *d, bool pruned, int64_t removed, struct buffer *out,
                      struct error *e)
{
    struct listing l = {.out = out};
    json_writer_init(&l.json, out);
    json_object_begin(&l.json);
    if (pruned) {
        json_key(&l.json, "removed");
        json_int(&l.json, removed);
    }
    json_key(&l.json, "runs");
    json_array_begin(&l.json);
    int result = stored_runs_list(d, history_on_run_json, &l, e);
    json_array_end(&l.json);
    json_object_end(&l.json);
    buffer_add_char(out, '\n');
    return result;
}

/* Reads --prune. *keep is 0 if it is not given. */
static int read_keep(const struct command_line *line, int64_t *keep, struct error *e)
{
    const char *text = line->own[OWN_PRUNE];
    char *end;
    *keep = 0;
    if (!text)
        return 0;
    errno = 0;
    *keep = strtoll(text, &end, 10);
    if (errno == 0 && *text != '\0' && *end == '\0' && *keep >= 1)
        return 0;
    return error_set(e, ERROR_CONFIG,
                     "--prune is '%.60s': it must be a whole number, at least 1: how many runs to "
                     "keep",
                     text);
}

static int history_write(const struct command_line *line, struct database *d, struct buffer *out,
                         struct error *e)
{
    int64_t keep, removed = 0;
    if (read_keep(line, &keep, e) != 0 ||
        database_open(d, line->operands[0], keep > 0 ? DATABASE_WRITE : DATABASE_READ, e) != 0 ||
        (keep > 0 && stored_runs_prune(d, keep, &removed, e) != 0))
        return -1;
    return (line->own[OWN_JSON] ? write_json : write_text)(d, keep > 0, removed, out, e);
}

static int history_run(struct command_line *line)
{
    struct database d = {0};
    struct buffer out;
    struct error e;
    int status;
    buffer_init(&out, TEXT_MAX_BYTES);
    /* A file that may not grow is an error, as a full disk is. */
    signal(SIGXFSZ, SIG_IGN);
    if (history_write(line, &d, &out, &e) != 0)
        status = command_complain(&e, e.kind == ERROR_CONFIG ? EXIT_USAGE : EXIT_NOTHING);
    else
        status = command_print(&out, "the list of runs");
    database_close(&d);
    buffer_release(&out);
    return status;
}

const struct command history_command = {
    .name = "history",
    .summary = "list the runs of a database, or remove old ones",
    .synopsis = "DB [--prune N] [--json]",
    .purpose = "Lists the runs that 'collect --format sqlite' wrote into the database DB, the\n"
               "oldest first.",
    .notes = "\n"
             "Exit status: 0 listed, 1 the disk fails, 2 wrong usage, or DB can't be used.\n"
             "Example:\n"
             "  iam-census history census.sqlite --prune 90\n",
    .operands = {"DB"},
    .operands_least = 1,
    .operands_most = 1,
    .own = own_flags,
    .own_count = OWN_COUNT,
    .settings = (const enum setting_id[]){SETTING_ROLE_NAME},
    .setting_count = 0,
    .synonyms = synonyms,
    .synonym_count = sizeof(synonyms) / sizeof(synonyms[0]),
    .run = history_run,
};
