/* SPDX-License-Identifier: MIT */
#include "bare.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END) != 0)
        die("can't read the plan");
    long size = ftell(file);
    char *text = malloc((size_t)size + 1);
    rewind(file);
    if (!text || fread(text, 1, (size_t)size, file) != (size_t)size)
        die("can't read the plan");
    text[size] = '\0';
    fclose(file);
    return text;
}

static struct bare_account *account_of(struct bare_plan *plan, const char *id)
{
    struct bare_account *account = plan->accounts + plan->account_count;
    if (plan->account_count > 0 && strncmp(account[-1].id, id, 12) == 0)
        return account - 1;
    if (plan->account_count == ACCOUNTS_MAX)
        die("the plan has too many accounts");
    memcpy(account->id, id, 12);
    plan->account_count++;
    return account;
}

void plan_read(struct bare_plan *plan, const char *path)
{
    size_t lines = 0;
    plan->text = read_file(path);
    for (const char *c = plan->text; *c; c++)
        lines += *c == '\n';
    plan->requests = calloc(lines, sizeof(*plan->requests));
    plan->accounts = calloc(ACCOUNTS_MAX, sizeof(*plan->accounts));
    if (!plan->requests || !plan->accounts)
        die("out of memory");
    char *line = plan->text;
    for (char *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        *end = '\0';
        if (end - line < 14 || line[12] != '\t')
            die("the plan has a line that is none");
        plan->requests[plan->request_count++] =
            (struct bare_request){.account = account_of(plan, line), .body = line + 13};
    }
}
