/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/qmp/qmp_priv.h - QMP's parts: check, dispatch, sessions, events.
 * Spec: docs/interop/qmp-spec of QEMU 10.
 * Threads: main thread. */
#ifndef CUTTLE_CONTROL_QMP_QMP_PRIV_H
#define CUTTLE_CONTROL_QMP_QMP_PRIV_H

#include "control/control_priv.h"
#include "control/qmp/table.h"
#include "core/block.h"
#include "core/chardev.h"

/* Error classes; what is of another domain is a GenericError. */
#define QMP_ERROR (qmp_error_quark())
GQuark qmp_error_quark(void);
typedef enum {
    QMP_GENERIC_ERROR,
    QMP_COMMAND_NOT_FOUND,
    QMP_DEVICE_NOT_ACTIVE,
    QMP_DEVICE_NOT_FOUND,
    QMP_KVM_MISSING_CAP,
} QmpErrorClass;

/* Sets the error and returns NULL, which a handler returns. */
void *qmp_fail(GError **error, QmpErrorClass cls, const char *format, ...)
    G_GNUC_PRINTF(3, 4);
#define qmp_generic(error, ...) qmp_fail(error, QMP_GENERIC_ERROR, __VA_ARGS__)
void *qmp_no_device(GError **error, const char *id);

/* What a client has agreed on. */
typedef struct {
    bool negotiated;
    bool oob;
} QmpAgreement;

struct QmpCall {
    Control *control;
    QmpAgreement *agreement;
    const QmpCommand *command;
};

/* Whether value is of the type. A member left out or too many, or of the wrong
 * type, is named in the error. */
bool qmp_check(const QmpType *type, JsonNode *value, GError **error);

/* NULL if there is none for the machine's guest. */
const QmpCommand *qmp_command_find(const Control *c, const char *name);
bool qmp_command_is_there(const Control *c, const QmpCommand *command);

/* Whether a message asks to overtake others and may. */
bool qmp_is_out_of_band(const Control *c, const QmpAgreement *a,
                        JsonNode *message);

/* Runs the command of a message. Returns the reply; never NULL. */
JsonNode *qmp_dispatch(Control *c, QmpAgreement *a, JsonNode *message);
JsonNode *qmp_error_reply(const GError *error);

/* The same for a command by name; takes args (NULL: none). For the human
 * monitor, which has agreed on everything. */
JsonNode *qmp_run(Control *c, const char *command, JsonObject *args,
                  GError **error);

/* ---- the object tree: qom-commands.c ---- */

char *qmp_device_path(const Machine *m, const Device *dev);
/* The same of its part that has the disk or queues: not always the same. */
char *qmp_inner_path(const Machine *m, const Device *dev);
/* By its id, or by its path; NULL with an error. */
Device *qmp_find_device(const Machine *m, const char *name, GError **error);

/* ---- helpers ---- */

/* The ids of a table in order, so that answers are repeatable. The array is the
 * caller's. host-commands.c */
const char **qmp_sorted_ids(GHashTable *table, unsigned *n);

/* A network card's; one without an id is the n-th of its kind. */
char *qmp_card_name(const Machine *m, const Device *dev);

/* BLOCK_IO_ERROR's: block-commands.c. */
JsonObject *qmp_block_error(const Machine *m, const BlockError *e);

/* ---- sessions: session.c ---- */

typedef struct QmpSession QmpSession;

/* Attaches to chr, which stays its owner's. */
QmpSession *qmp_session_new(Control *c, CharDev *chr, bool pretty,
                            GError **error);
void qmp_session_free(QmpSession *s);
/* An event, to a client that has negotiated. */
void qmp_session_event(QmpSession *s, JsonNode *event);

/* ---- events: event.c ---- */

/* Tells every client; takes data (NULL: none). Events of a kind that is limited
 * come at most once in its interval, the last one of it late. */
void qmp_emit(Control *c, const char *event, JsonObject *data);

/* Turns changes of the machine's run into events. */
void qmp_events_start(Control *c);
void qmp_events_stop(Control *c);

/* The same for clients of VNC servers: remote-commands.c. */
void qmp_remotes_start(Control *c);
void qmp_remotes_stop(Control *c);

JsonNode *qmp_version(const Control *c);

#endif
