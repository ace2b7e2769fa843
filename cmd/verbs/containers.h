/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd/verbs/containers.h - what the verbs of containers share.
 * Threads: main thread. */
#ifndef CUTTLE_CMD_VERBS_CONTAINERS_H
#define CUTTLE_CMD_VERBS_CONTAINERS_H

#include "cmd/verbs.h"
#include "engine/record.h"

/* The engine of --root; NULL with an error. */
Engine *cuttle_engine(Cuttle *c, GError **error);

/* A container from what was typed behind run or create: args 0 is the image,
 * the others its command. */
Record *container_make(Cuttle *c, Engine *e, const VerbArgs *a, GError **error);

/* Starts it; attach: with our streams, and what it returns is its status.
 * -1 with an error. */
int container_run(Engine *e, const Record *r, bool attach, bool input,
                  int *code, GError **error);

/* Calls fn for each container that was named; all failures are printed, the
 * code is 125 if there was one. */
typedef bool ContainerFn(Engine *e, const Record *r, const VerbArgs *a,
                         GError **error);
int container_each(Cuttle *c, const VerbArgs *a, ContainerFn *fn,
                   bool print_name, GError **error);

/* The running program's pid; false with an error that it is not running. */
bool container_need_running(Engine *e, const Record *r, GError **error);
/* Ends it: its stop signal, then SIGKILL after seconds. */
bool container_stop(Engine *e, const Record *r, int64_t seconds,
                    GError **error);

/* Becomes the runtime with this verb and these arguments (char *); returns
 * only with an error. The words behind a verb's first argument are added by
 * container_add_words. */
int container_become(Engine *e, const char *verb, GPtrArray *rest,
                     GError **error);
void container_add_words(GPtrArray *to, const VerbArgs *a);

#endif
