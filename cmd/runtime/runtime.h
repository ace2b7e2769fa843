/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd/runtime/runtime.h - what the verbs of cuttle-runtime share. A verb
 * parses its own options, calls container/, prints, and returns the exit
 * status; an error goes back to cuttle-runtime.c, which reports it once.
 * Threads: one. */
#ifndef CUTTLE_CMD_RUNTIME_RUNTIME_H
#define CUTTLE_CMD_RUNTIME_RUNTIME_H

#include "container/container.h"

typedef struct {
    char *root;
    bool systemd_cgroup;
} RuntimeOptions;

/* argv[0] is the verb. -1 with an error; otherwise the exit status. */
typedef int RuntimeVerb(const RuntimeOptions *o, int argc, char **argv,
                        GError **error);

/* Verbs, in the order of help. VERB(name, function, arguments, summary) */
#define RUNTIME_VERBS(X)                                                      \
 X("create", verb_create, "ID", "make a container that waits for start")      \
 X("start", verb_start, "ID", "run the program of a created container")       \
 X("run", verb_run, "ID", "create, start, wait and delete")                   \
 X("exec", verb_exec, "ID [COMMAND...]", "run one more process in it")        \
 X("state", verb_state, "ID", "print its state as JSON")                      \
 X("kill", verb_kill, "ID [SIGNAL]", "send a signal (default TERM)")          \
 X("delete", verb_delete, "ID", "remove what is left of a stopped one")       \
 X("list", verb_list, "", "list containers")                                  \
 X("ps", verb_ps, "ID [PS-OPTIONS...]", "list a container's processes")       \
 X("pause", verb_pause, "ID", "stop all its processes where they are")        \
 X("resume", verb_resume, "ID", "let them go on")                             \
 X("update", verb_update, "ID", "change its limits")                          \
 X("events", verb_events, "ID", "print statistics and out-of-memory events")  \
 X("features", verb_features, "", "print what this runtime supports as JSON") \
 X("spec", verb_spec, "", "write an example config.json")

#define VERB_(name, function, arguments, summary) RuntimeVerb function;
RUNTIME_VERBS(VERB_)
#undef VERB_

/* Parses options of a verb in front of its arguments: entries as GOption has
 * them. Leaves argv with the arguments from 1 on. min and max count those. */
bool runtime_parse(const GOptionEntry *entries, int *argc, char ***argv,
                   int min, int max, GError **error);

/* To standard error and --log. */
void runtime_warn(const char *text);

/* Opens the container that argv[1] names. */
Container *runtime_open(const RuntimeOptions *o, const char *id,
                        GError **error);

bool runtime_write_pid(const char *path, pid_t pid, GError **error);
void runtime_print_json(JsonNode *node, bool pretty);

/* Waits for pid, which is our child, and passes signals on to it; master: its
 * terminal (-1: none), which is joined with ours. Its exit status, or 128 and
 * its signal. */
int runtime_foreground(pid_t pid, int master);

/* A descriptor of the process's own to inherit: those from LISTEN_FDS too. */
unsigned runtime_preserved_fds(unsigned asked);

#endif
