/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/qmp/table.h - the schema as tables: types, commands, events. Their
 * contents and the handlers' prototypes (qmp-handlers.h) are made from
 * schema.json by scripts/qmpgen.py.
 * Threads: constant data; handlers run on the main thread. */
#ifndef CUTTLE_CONTROL_QMP_TABLE_H
#define CUTTLE_CONTROL_QMP_TABLE_H

#include <json-glib/json-glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum {
    QMP_STRING,
    QMP_INTEGER, /* min and max bound it */
    QMP_NUMBER,
    QMP_BOOLEAN,
    QMP_NULL,
    QMP_ANY,
    QMP_ENUM,
    QMP_ARRAY,
    QMP_OBJECT, /* a union if it has a tag */
} QmpKind;

typedef struct QmpType QmpType;

typedef struct {
    const char *name;
    const QmpType *type;
    bool optional;
} QmpMember;

typedef struct {
    const char *value; /* of the tag */
    const QmpType *type;
} QmpVariant;

struct QmpType {
    const char *name;
    QmpKind kind;
    int64_t min;
    uint64_t max; /* UINT64_MAX: any 64 bits */
    const QmpType *element;
    const char *const *values;  /* NULL ends */
    const QmpMember *members;   /* a NULL name ends */
    bool open;                  /* others are the handler's to check */
    const char *tag;            /* the member that picks a variant */
    const QmpVariant *variants; /* a NULL value ends */
};

typedef struct QmpCall QmpCall;

/* The result, NULL for an empty object; or NULL with an error: an error of
 * domain QMP_ERROR has its class in the code, all others are GenericError. */
typedef JsonNode *QmpHandler(QmpCall *call, JsonObject *args, GError **error);

typedef struct {
    const char *name;
    QmpHandler *handler;
    const QmpType *args;
    const char *guest; /* the only target that has it, or NULL */
    bool negotiation;  /* works before qmp_capabilities, and only then */
    bool oob;          /* may be called with exec-oob */
    const char *doc;
} QmpCommand;

typedef struct {
    const char *name;
    unsigned interval_ms; /* at most one in this time; 0: all */
    const char *each;     /* ... for each value of this member; NULL: in all */
} QmpEvent;

extern const QmpCommand qmp_commands[]; /* by name; a NULL name ends */
extern const QmpEvent qmp_events[];     /* a NULL name ends */
extern const char qmp_schema_text[];    /* what query-qmp-schema returns */

#endif
