/* SPDX-License-Identifier: MIT */
/* world_dump.h: prints a world in the form of a world file (docs/simulator.md). */
#ifndef WORLD_WORLD_DUMP_H
#define WORLD_WORLD_DUMP_H

#include "world/world.h"

#include <stdio.h>

/* Writes the world to 'file'. Reading it gives the same world. Returns 0, or -1. */
int world_dump(const struct world *world, FILE *file);

#endif
