/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/tree.h - device trees: writing one node after the other, and
 * reading, checking and changing a finished blob. The place where libfdt
 * enters.
 * Spec: Devicetree Specification 0.4.
 * Threads: main thread.
 * Lifetime: the caller owns what these functions return. */
#ifndef CUTTLE_MACHINE_TREE_H
#define CUTTLE_MACHINE_TREE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct Tree Tree;

/* A writer; the root node is open. Running out of memory aborts. */
Tree *tree_new(void);

void tree_begin(Tree *t, const char *format, ...) G_GNUC_PRINTF(2, 3);
void tree_end(Tree *t);
void tree_flag(Tree *t, const char *name);
void tree_string(Tree *t, const char *name, const char *value);
/* Several strings, each closed by a NUL: "a\0b" has two. */
void tree_bytes(Tree *t, const char *name, const void *value, size_t len);
void tree_cells(Tree *t, const char *name, const uint32_t *cells, unsigned n);
#define tree_strings(t, name, literal) \
 tree_bytes(t, name, literal, sizeof(literal))
#define tree_u32(t, name, value) \
 tree_cells(t, name, (const uint32_t[]){value}, 1)
/* Pairs of 64-bit base and size, two cells each. */
void tree_reg(Tree *t, const uint64_t *pairs, unsigned n_pairs);

/* Closes the root and frees the writer. */
GBytes *tree_finish(Tree *t);

/* ---- blobs -------------------------------------------------------------- */

enum { TREE_MAX_BYTES = 1 << 20 };

/* A copy of a blob whose structure was checked whole. The error has no file
 * name. */
GBytes *tree_check(const uint8_t *bytes, size_t len, GError **error);

typedef struct {
    const char *bootargs;              /* NULL: leave alone */
    uint64_t initrd_start, initrd_end; /* equal: no initrd */
    /* Fills /chosen/rng-seed and kaslr-seed if the tree has them. */
    void (*random)(void *opaque, void *to, size_t len);
    void *opaque;
} TreeChosen;

/* A packed copy with these changes in /chosen. */
GBytes *tree_set_chosen(GBytes *blob, const TreeChosen *chosen, GError **error);

/* The same tree with room behind it, size bytes in all; takes blob. */
GBytes *tree_pad(GBytes *blob, size_t size);

#endif
