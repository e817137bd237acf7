/* SPDX-License-Identifier: MIT */
/*
 * measure: runs a program and says what it took, as one line of JSON in a file.
 *
 * Usage: measure FILE PROGRAM [ARGUMENT...]
 *
 * A small parent matters: Linux carries the parent's peak of resident memory over into a child that
 * it forks, so that under Python every program would seem to need what Python needs. Its exit
 * status is the program's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds_of(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int report(const char *path, int status, double wall_s, const struct rusage *used)
{
    FILE *file = fopen(path, "w");
    if (!file)
        return -1;
    fprintf(file,
            "{\"status\": %d, \"wall_s\": %.6f, \"user_s\": %.6f, \"system_s\": %.6f, "
            "\"peak_kib\": %ld, \"switches\": %ld, \"preempted\": %ld}\n",
            status, wall_s, seconds_of(used->ru_utime), seconds_of(used->ru_stime), used->ru_maxrss,
            used->ru_nvcsw, used->ru_nivcsw);
    return fclose(file);
}

int main(int argc, char **argv)
{
    struct rusage used;
    int how;
    if (argc < 3) {
        fprintf(stderr, "usage: measure FILE PROGRAM [ARGUMENT...]\n");
        return 2;
    }
    double start = now();
    pid_t child = fork();
    if (child < 0) {
        perror("measure: fork");
        return 126;
    }
    if (child == 0) {
        execvp(argv[2], argv + 2);
        perror("measure: exec");
        _exit(127);
    }
    if (wait4(child, &how, 0, &used) != child) {
        perror("measure: wait");
        return 126;
    }
    int status = WIFEXITED(how) ? WEXITSTATUS(how) : 128 + WTERMSIG(how);
    if (report(argv[1], status, now() - start, &used) != 0) {
        perror("measure: report");
        return 126;
    }
    return status;
}
