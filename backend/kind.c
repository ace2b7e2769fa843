/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/kind.c - looks a name up in a table of kinds. */
#include "backend/kind.h"

#include <gio/gio.h>
#include <string.h>

const void *kind_find(const void *rows, unsigned n, size_t row_size,
                      const char *what, const char *name, GError **error)
{
    g_autoptr(GString) names = g_string_new(NULL);

    for (unsigned i = 0; i < n; i++) {
        const char *row = (const char *)rows + i * row_size;
        const char *row_name = *(const char *const *)row;

        if (strcmp(row_name, name) == 0) {
            return row;
        }
        g_string_append_printf(names, "%s%s", i ? ", " : "", row_name);
    }
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                "%s '%s' is not available: there are %s", what, name,
                names->str);
    return NULL;
}
