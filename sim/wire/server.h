/* The HTTP server: one thread, one loop, delays by setting connections aside. */
#ifndef SIM_SERVER_H
#define SIM_SERVER_H

#include "wire/error.h"

#include <stdbool.h>
#include <stdint.h>

struct server;
struct sim;

/* Listens. port gets the one that was bound. Returns NULL with the reason in error. */
struct server *server_open(struct sim *sim, const char *host, uint16_t *port, struct error *error);

/* Serves what is there, waiting for at most timeout_ms. */
void server_run(struct server *server, int timeout_ms);

/* Ends all connections and frees the server. */
void server_close(struct server *server);

#endif
