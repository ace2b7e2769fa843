/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/state.h - saving and loading of what a device or vCPU declares.
 * A StateField says where a piece of state lies in its owner; a section of a
 * saved machine is the owner's name, instance and its fields, each tagged by
 * name, so an unknown, missing or resized field is an error naming it.
 * All numbers are little-endian in the stream. Spec: docs/saved-state.md.
 * Threads: the machine is paused; main thread only. */
#ifndef CUTTLE_CORE_STATE_H
#define CUTTLE_CORE_STATE_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
    STATE_END,
    STATE_UINT,   /* element of size 1, 2, 4 or 8 bytes, times count */
    STATE_BYTES,  /* a byte array inside the owner: size bytes */
    STATE_BUFFER, /* pointer to size_of(owner) bytes, e.g. a flash's contents */
    STATE_STRUCT, /* array of count structs, described by fields */
} StateKind;

typedef struct StateField {
    const char *name;
    StateKind kind;
    uint32_t offset; /* in the owner */
    uint32_t size;   /* of one element */
    uint32_t count;
    const struct StateField *fields;      /* STATE_STRUCT; STATE_END ends */
    size_t (*size_of)(const void *owner); /* STATE_BUFFER */
} StateField;

/* clang-format off */
#define STATE_U(Type, member) \
    { #member, STATE_UINT, offsetof(Type, member), sizeof(((Type *)0)->member), 1, NULL, NULL }
#define STATE_U_ARRAY(Type, member) \
    { #member, STATE_UINT, offsetof(Type, member), sizeof(((Type *)0)->member[0]), \
      sizeof(((Type *)0)->member) / sizeof(((Type *)0)->member[0]), NULL, NULL }
#define STATE_B(Type, member) \
    { #member, STATE_BYTES, offsetof(Type, member), sizeof(((Type *)0)->member), 1, NULL, NULL }
#define STATE_BUF(Type, member, size_fn) \
    { #member, STATE_BUFFER, offsetof(Type, member), 0, 1, NULL, size_fn }
#define STATE_S_ARRAY(Type, member, sub) \
    { #member, STATE_STRUCT, offsetof(Type, member), sizeof(((Type *)0)->member[0]), \
      sizeof(((Type *)0)->member) / sizeof(((Type *)0)->member[0]), sub, NULL }
#define STATE_LAST { NULL, STATE_END, 0, 0, 0, NULL, NULL }
/* clang-format on */

/* Appends one section to out. */
void state_save(GByteArray *out, const char *section, unsigned instance,
                const StateField *fields, const void *owner);

/* Reads the section at *pos of data, which must be the one named, into owner.
 * On error owner is unchanged. */
bool state_load(const uint8_t *data, size_t len, size_t *pos,
                const char *section, unsigned instance,
                const StateField *fields, void *owner, GError **error);

#endif
