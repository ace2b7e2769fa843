/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/kind.h - the kind of back end that an option names.
 * Threads: any. */
#ifndef CUTTLE_BACKEND_KIND_H
#define CUTTLE_BACKEND_KIND_H

#include <glib.h>

/* The row called name of n rows of row_size bytes, each of which starts with a
 * const char *: its name. NULL with an error that says what ("back end") is not
 * there and lists what is. */
const void *kind_find(const void *rows, unsigned n, size_t row_size,
                      const char *what, const char *name, GError **error);

/* The same for an array of rows. */
#define KIND_FIND(rows, what, name, error) \
 kind_find(rows, G_N_ELEMENTS(rows), sizeof(*(rows)), what, name, error)

#endif
