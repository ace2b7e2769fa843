/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/hmp/hmp_priv.h - the human monitor: lines that a person types become
 * commands, most of them QMP's, and answers text.
 * Threads: main thread. */
#ifndef CUTTLE_CONTROL_HMP_HMP_PRIV_H
#define CUTTLE_CONTROL_HMP_HMP_PRIV_H

#include "control/control_priv.h"
#include "control/hmp/hmp.h"

enum { HMP_MAX_WORDS = 16 };

/* A command under way. Lines of out end with '\n'. */
typedef struct {
    Control *control;
    unsigned *cpu; /* the one that x, print, info registers are about */
    GString *out;
    char *words[HMP_MAX_WORDS + 1]; /* behind the command; NULL ends */
    unsigned n_words;
    const char *format; /* "/4xw" behind the command, without the slash */
    const char *rest;   /* the line behind the command */
} HmpCall;

typedef void HmpHandler(HmpCall *call);

/* Appends what a word may become to list (of char *, owned by it). */
typedef void HmpCompleter(const Control *c, const char *word, GPtrArray *list);

typedef struct {
    const char *name;        /* "quit|q" */
    const char *args;        /* for help */
    const char *about;       /* for help */
    unsigned min, max;       /* words */
    HmpHandler *handler;     /* NULL: qmp is it */
    HmpCompleter *completer; /* or NULL */
    const char *qmp;         /* the QMP command; a word is its "id" */
} HmpCommand;

extern const HmpCommand hmp_commands[]; /* a NULL name ends */
extern const HmpCommand hmp_infos[];

/* Finds by name or alias. */
const HmpCommand *hmp_find(const HmpCommand *table, const char *name);

G_GNUC_PRINTF(2, 3)
void hmp_print(HmpCall *call, const char *format, ...);
/* "Error: ..." */
void hmp_print_error(HmpCall *call, GError *take);

/* Runs a QMP command; takes args. NULL: the error was printed. */
JsonNode *hmp_qmp(HmpCall *call, const char *command, JsonObject *args);

Vcpu *hmp_cpu(HmpCall *call);

/* A word as a number: constants, $registers, + - * / % & | ^ ~ << >> ( ).
 * False: the error was printed. */
bool hmp_expression(HmpCall *call, const char *text, uint64_t *out);

/* ---- handlers: block-commands.c, memory-commands.c, input-commands.c ---- */

HmpHandler hmp_block_resize, hmp_drive_add, hmp_drive_del;
HmpCompleter hmp_complete_drive;

HmpHandler hmp_x, hmp_xp, hmp_print_value, hmp_gva2gpa, hmp_memsave,
    hmp_pmemsave;
HmpHandler hmp_sendkey, hmp_mouse_move, hmp_mouse_button, hmp_mouse_set;
HmpCompleter hmp_complete_keys;
HmpHandler hmp_trace_event, hmp_trace_file, hmp_info_trace_events;
HmpCompleter hmp_complete_trace_event;

#endif
