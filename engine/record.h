/* SPDX-License-Identifier: GPL-2.0-or-later */
/* engine/record.h - what was asked for when a container was made, and what has
 * become of it: files below ROOT/containers.
 *     names/NAME          link to the id; making it takes the name
 *     ID/record.json      what was asked for; never changes
 *     ID/monitor.lock     locked (fcntl) while its monitor runs
 *     ID/run.json         of the run that is on: pid, start
 *     ID/exit.json        of the last one that ended
 *     ID/log, ID/attach   its output; the socket that clients attach to
 *     ID/upper, ID/work   what it changed in its root (overlayfs)
 * Threads: one. Processes exclude each other by the locks and by renames.
 * Errors name the container. */
#ifndef CUTTLE_ENGINE_RECORD_H
#define CUTTLE_ENGINE_RECORD_H

#include <gio/gio.h>
#include <stdbool.h>
#include <sys/types.h>

#include "util/json-struct.h"

typedef struct {
    char *id, *name, *created; /* 64 hex digits; RFC 3339 */
    char *image, *image_id, *manifest;
    char **layers; /* folders, lowest first */
    char **args, **env;
    char *cwd, *user, *hostname;
    bool terminal, interactive, remove, read_only, privileged;
    char *network;  /* "none" or "host" */
    char **volumes; /* HOST:INSIDE[:OPTIONS] */
    char **tmpfs;   /* INSIDE[:OPTIONS] */
    char **cap_add, **cap_drop;
    int64_t memory, pids_limit, cpu_quota; /* 0: no limit; us of 100,000 */
    char *stop_signal;
    int64_t stop_timeout; /* s */
    char *restart;        /* no, on-failure, always, unless-stopped */
    int64_t restart_max;  /* of on-failure; 0: for ever */
    char *log_driver;     /* k8s-file or json-file */
    JsonPair *labels;
} Record;

typedef struct {
    int64_t pid;
    char *started;
    int64_t restarts;
} RunState;

typedef struct {
    int64_t code;
    bool oom_killed;
    char *started, *finished;
    char *error; /* why it could not run; NULL: it did */
} ExitState;

typedef struct Engine Engine;

/* root: the store's ROOT; made if it is not there. runtime: the program that
 * runs containers, NULL: cuttle-runtime beside us or in PATH. */
Engine *engine_new(const char *root, const char *runtime, GError **error);
void engine_free(Engine *e); /* NULL-safe */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Engine, engine_free)
const char *engine_runtime(const Engine *e);
/* Where the runtime keeps its own states. */
const char *engine_states(const Engine *e);

Record *record_new(void);
void record_free(Record *r); /* NULL-safe */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Record, record_free)

/* Gives it an id, and a name where it has none, and writes it. */
bool engine_add(Engine *e, Record *r, GError **error);
/* By name, id or the beginning of an id. */
Record *engine_find(Engine *e, const char *text, GError **error);
/* All, newest first (Record *). */
GPtrArray *engine_list(Engine *e, GError **error);
/* Its files and its name; it does not run. */
bool engine_remove(Engine *e, const Record *r, GError **error);
/* Whether it has been removed. */
bool engine_gone(const Engine *e, const Record *r);
/* A path in the container's folder; caller frees. */
char *engine_path(const Engine *e, const Record *r, const char *name);

/* ---- what has become of it ---- */

typedef enum {
    RECORD_CREATED,
    RECORD_RUNNING,
    RECORD_PAUSED,
    RECORD_EXITED,
} RecordStatus;
const char *record_status_name(RecordStatus s);

RecordStatus engine_status(Engine *e, const Record *r);
/* The monitor's lock: -1 with EAGAIN in *error while one runs. */
int engine_lock(Engine *e, const Record *r, GError **error);
/* Blocks while a monitor runs. */
bool engine_wait(Engine *e, const Record *r, GError **error);

/* NULL where there is none; free with run_state_free, exit_state_free. */
RunState *engine_run_state(Engine *e, const Record *r);
ExitState *engine_exit_state(Engine *e, const Record *r);
bool engine_save_run(Engine *e, const Record *r, const RunState *s,
                     GError **error);
bool engine_save_exit(Engine *e, const Record *r, const ExitState *s,
                      GError **error);
void run_state_free(RunState *s);
void exit_state_free(ExitState *s);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RunState, run_state_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ExitState, exit_state_free)

/* RFC 3339 in UTC with nanoseconds, now; caller frees. */
char *engine_now(void);

#endif
