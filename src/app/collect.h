/*
 * collect.h: 'iam-census collect': a census from the command line.
 */
#ifndef APP_COLLECT_H
#define APP_COLLECT_H

/* Exit statuses of the program. */
enum { EXIT_ALL_READ = 0, EXIT_NOTHING = 1, EXIT_USAGE = 2, EXIT_SOME_MISSING = 3 };

/* argv[0] is "collect". Returns the exit status; prints the result on stdout and errors on stderr.
 */
int collect_main(int argc, char **argv);

#endif
