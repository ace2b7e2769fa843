/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/device.h - what a chip is made of: registers, state, properties, life.
 * A device is one file that exports one DeviceClass. Its register table
 * yields MMIO dispatch, reset, snapshot, dump and a generated test; devices
 * that are no register banks give read and write instead.
 * Life: device_new, device_set_prop..., device_start, reset, run, stop, free.
 * Threads: the bus takes dev->lock around every access unless LOCK_SELF;
 * timer callbacks and back-end completions take it with device_lock.
 * Lifetime: the machine owns the device; the device borrows bus, lines and
 * back ends. */
#ifndef CUTTLE_CORE_DEVICE_H
#define CUTTLE_CORE_DEVICE_H

#include <glib.h>

#include "core/backends.h"
#include "core/bus.h"
#include "core/irq.h"
#include "core/state.h"
#include "core/types.h"

typedef struct DeviceClass DeviceClass;

struct Device {
    const DeviceClass *cls;
    char *id;          /* the user's id=, or NULL */
    unsigned instance; /* n-th device of its class, for saved states: 0, or
                        * as the machine sets it */
    Bus *bus;          /* for DMA; set before start */
    const Backends *backends; /* by id; set before the first property */
    GRecMutex lock;
    bool started;
};

#define NO_FIELD UINT32_MAX

/* One register. A write stores ((old & ~write) | (value & write)) with the
 * bits of w1c cleared where value has ones, then calls wrote(dev, value), the
 * value as the guest wrote it. The field is a uint of reg_width bytes. */
typedef struct {
    uint32_t offset;
    const char *name;
    uint32_t field; /* offsetof in the device; NO_FIELD: hooks only */
    uint64_t reset;
    uint64_t write;                             /* writable bits */
    uint64_t w1c;                               /* write-1-to-clear bits */
    uint64_t (*read)(Device *dev);              /* instead of the field */
    void (*wrote)(Device *dev, uint64_t value); /* after the field */
} RegDesc;

/* Access sizes a device takes; the bus splits, merges and widens to them. */
typedef enum {
    ACCESS_ANY, /* 1, 2, 4, 8 as they come */
    ACCESS_8,   /* bytes only: wider ones are split */
    ACCESS_32,  /* words: narrower reads are cut out, 8 bytes are split;
                 * narrower writes are refused */
    ACCESS_32_64,
} AccessSize;

typedef enum {
    PROP_BOOL,
    PROP_U32,
    PROP_U64, /* also sizes with K, M, G */
    PROP_STRING,
    PROP_MAC,         /* uint8_t[6] */
    PROP_CHAR,        /* CharDev * by id */
    PROP_BLOCK,       /* BlockDev * by id */
    PROP_NET,         /* NetDev * by id */
    PROP_RNG,         /* RngDev * by id */
    PROP_AUDIO,       /* AudioDev * by id */
    PROP_ON_OFF_AUTO, /* int: 0 off, 1 on, 2 auto */
    PROP_ON_ERROR,    /* BlockErrorPolicy */
} PropKind;

typedef struct {
    const char *name; /* as in -device X,name=value */
    PropKind kind;
    uint32_t offset;
    const char *default_value; /* as text, or NULL: all zero */
    const char *help;
} PropDesc;

struct DeviceClass {
    const char *name; /* as in -device; also the section of a saved state */
    const char *help; /* one line for -device help */
    const char *compatible; /* device tree, or NULL */
    size_t size;            /* of the device struct, which starts with Device */
    AccessSize access;
    enum { LOCK_BUS, LOCK_SELF } locking;
    bool user_creatable; /* may appear in -device */
    bool stays;          /* cannot come or go while the machine runs */

    const RegDesc *regs;
    unsigned n_regs;
    unsigned reg_width;      /* bytes of one register of regs; 0 means 4 */
    const StateField *state; /* beside the registers; STATE_LAST ends; NULL */
    const PropDesc *props;
    unsigned n_props;

    /* Instead of regs. offset is within the mapped region. */
    MemResult (*read)(Device *dev, unsigned region, uint64_t offset,
                      unsigned size, uint64_t *value);
    MemResult (*write)(Device *dev, unsigned region, uint64_t offset,
                       unsigned size, uint64_t value);

    /* After the properties are set; claims back ends. Acquire nothing before.*/
    bool (*start)(Device *dev, GError **error);
    void (*reset)(Device *dev); /* after the registers took reset values */
    /* For state whose size varies: sections behind the device's own. load_more
     * finds the fields above loaded already. */
    void (*save_more)(Device *dev, GByteArray *out);
    bool (*load_more)(Device *dev, const uint8_t *data, size_t len, size_t *pos,
                      GError **error);
    bool (*loaded)(Device *dev, GError **error); /* after a state was loaded */
    void (*stop)(Device *dev); /* undoes start; NULL-safe on half-started */

    /* For a family's own class data, e.g. VirtioClass; its first member is a
     * const char *: the name of the bus its devices plug into. */
    const void *kind;
};

/* A device of this class with default properties. */
Device *device_new(const DeviceClass *cls, const char *id);

/* Sets a property from text; the error names class, property and value. */
bool device_set_prop(Device *dev, const char *name, const char *value,
                     GError **error);
bool device_has_prop(const DeviceClass *cls, const char *name);

bool device_start(Device *dev, Bus *bus, GError **error);
void device_reset(Device *dev);
void device_free(Device *dev); /* stops it first; NULL-safe */

/* What traces call it. */
static inline const char *device_label(const Device *dev)
{
    return dev->id != NULL ? dev->id : dev->cls->name;
}

void device_lock(Device *dev);
void device_unlock(Device *dev);

/* Access by the bus: dispatches to the table or the hooks, under the lock,
 * after fitting the access to cls->access. Unknown offsets are logged as
 * guest errors, read as 0 and ignore writes. */
MemResult device_read(Device *dev, unsigned region, uint64_t offset,
                      unsigned size, uint64_t *value);
MemResult device_write(Device *dev, unsigned region, uint64_t offset,
                       unsigned size, uint64_t value);

/* Registers and cls->state together. */
void device_save(Device *dev, GByteArray *out);
bool device_load(Device *dev, const uint8_t *data, size_t len, size_t *pos,
                 GError **error);

/* The properties of a class, for -device X,help. */
void device_print_props(const DeviceClass *cls);

#endif
