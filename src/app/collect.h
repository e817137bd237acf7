/*
 * collect.h: 'iam-census collect': a census from the command line.
 */
#ifndef APP_COLLECT_H
#define APP_COLLECT_H

/*
 * argv[0] is "collect". Prints the result on stdout and errors on stderr. Returns the exit status
 * (app/exit_status.h).
 */
int collect_main(int argc, char **argv);

#endif
