/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/control_priv.h - what the monitors share.
 * Threads: main thread. */
#ifndef CUTTLE_CONTROL_CONTROL_PRIV_H
#define CUTTLE_CONTROL_CONTROL_PRIV_H

#include <json-glib/json-glib.h>

#include "control/control.h"
#include "control/gdb/gdb.h"
#include "control/typist.h"
#include "machine/view.h"

struct Control {
    Machine *m;
    const char *version;
    GPtrArray *sessions;     /* of QmpSession, owned */
    GPtrArray *people;       /* of HmpSession, owned */
    const char *dump_status; /* of the last dump; NULL: there was none */
    uint64_t dump_bytes;
    Typist *typist;
    GdbStub *gdb;          /* NULL: none */
    GHashTable *throttled; /* event, device -> Throttle of qmp/event.c */
};

/* ---- JSON values, shorter ---- */

JsonNode *node_of(JsonObject *take);
JsonNode *node_of_array(JsonArray *take);
JsonNode *node_string(const char *s);
JsonNode *node_int(int64_t i);
JsonNode *node_bool(bool b);
JsonNode *node_mac(const uint8_t mac[6]);
/* s may be NULL: then the member is left out. */
void set_string(JsonObject *o, const char *name, const char *s);

/* Of checked arguments; the default where it was left out. */
const char *arg_string(JsonObject *args, const char *name);
int64_t arg_int(JsonObject *args, const char *name, int64_t otherwise);
bool arg_bool(JsonObject *args, const char *name, bool otherwise);

#endif
