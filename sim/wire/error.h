/* An error with its words, for people who start the simulator. */
#ifndef SIM_ERROR_H
#define SIM_ERROR_H

#define ERROR_TEXT_SIZE 512

/* Owned by the caller, usually on its stack; text is empty until something failed. */
struct error {
    char text[ERROR_TEXT_SIZE];
};

/* Writes the words of a failure (cut at ERROR_TEXT_SIZE). Returns -1, so that it can be returned.
 */
int error_set(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
