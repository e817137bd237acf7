/* SPDX-License-Identifier: MIT */
/*
 * Runs a fuzz target without libFuzzer: each file of a folder is an input, in the order of their
 * names. A folder that is missing or empty is an error, so that nothing passes for want of inputs.
 * Each name is printed before the input is used: the last one is the input that ends the program.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static int is_input(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static long size_of(FILE *f)
{
    long size = fseek(f, 0, SEEK_END) == 0 ? ftell(f) : -1;
    rewind(f);
    return size;
}

/* The memory is of the input's very size, so that a sanitizer sees what reads beyond it. */
static int run_input(FILE *f)
{
    long size = size_of(f);
    if (size < 0)
        return -1;
    size_t len = (size_t)size;
    uint8_t *bytes = malloc(len > 0 ? len : 1);
    if (!bytes || fread(bytes, 1, len, f) != len) {
        free(bytes);
        return -1;
    }
    LLVMFuzzerTestOneInput(bytes, len);
    free(bytes);
    return 0;
}

static int run_file(const char *folder, const char *name)
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    printf("%s\n", name);
    fflush(stdout);
    FILE *f = fopen(path, "rb");
    int result = f ? run_input(f) : -1;
    if (result != 0)
        perror(path);
    if (f)
        fclose(f);
    return result;
}

int main(int argc, char **argv)
{
    struct dirent **entries = NULL;
    if (argc != 2) {
        fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
        return 2;
    }
    int count = scandir(argv[1], &entries, is_input, by_bytes);
    int failed = 0;
    for (int i = 0; i < count; i++) {
        failed |= run_file(argv[1], entries[i]->d_name) != 0;
        free(entries[i]);
    }
    free(entries);
    if (count > 0) {
        printf("%d inputs\n", count);
        return failed;
    }
    fprintf(stderr, "replay: no input in '%s'\n", argv[1]);
    return 1;
}
