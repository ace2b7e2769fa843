/* SPDX-License-Identifier: GPL-2.0-or-later */
/* util/columns.c - widths are counted in characters, not bytes. */
#include "util/columns.h"

#include <string.h>

struct Columns {
    GPtrArray *rows; /* char ** */
};

Columns *columns_new(void)
{
    Columns *c = g_new0(Columns, 1);

    c->rows = g_ptr_array_new_with_free_func((GDestroyNotify)g_strfreev);
    return c;
}

void columns_free(Columns *c)
{
    if (c != NULL) {
        g_ptr_array_unref(c->rows);
        g_free(c);
    }
}

void columns_add(Columns *c, const char *row)
{
    g_ptr_array_add(c->rows, g_strsplit(row, "\t", -1));
}

static unsigned width(const char *text)
{
    return g_utf8_strlen(text, -1);
}

char *columns_text(const Columns *c, unsigned least)
{
    g_autoptr(GArray) widths = g_array_new(FALSE, TRUE, sizeof(unsigned));
    GString *out = g_string_new(NULL);

    for (guint r = 0; r < c->rows->len; r++) {
        char **cells = c->rows->pdata[r];

        for (unsigned i = 0; cells[i] != NULL; i++) {
            if (i >= widths->len) {
                g_array_append_val(widths, least);
            }
            g_array_index(widths, unsigned, i) =
                MAX(g_array_index(widths, unsigned, i), width(cells[i]) + 2);
        }
    }
    for (guint r = 0; r < c->rows->len; r++) {
        char **cells = c->rows->pdata[r];

        for (unsigned i = 0; cells[i] != NULL; i++) {
            g_string_append(out, cells[i]);
            if (cells[i + 1] != NULL) {
                unsigned pad =
                    g_array_index(widths, unsigned, i) - width(cells[i]);

                g_string_append_printf(out, "%*s", (int)pad, "");
            }
        }
        g_string_append_c(out, '\n');
    }
    return g_string_free(out, FALSE);
}

char *human_size(uint64_t bytes)
{
    static const char *const units[] = {"B",  "kB", "MB", "GB",
                                        "TB", "PB", "EB"};
    double size = bytes;
    unsigned unit = 0;

    while (size >= 999.5 && unit + 1 < G_N_ELEMENTS(units)) {
        size /= 1000;
        unit++;
    }
    return g_strdup_printf("%.3g %s", size, units[unit]);
}

char *human_duration(int64_t seconds)
{
    static const struct {
        int64_t below, unit;
        const char *name;
    } steps[] = {
        {60, 1, "seconds"},
        {46 * 60, 60, "minutes"},
        {48 * 3600, 3600, "hours"},
        {14 * 86400, 86400, "days"},
        {60 * 86400, 7 * 86400, "weeks"},
        {730 * 86400LL, 30 * 86400, "months"},
    };

    if (seconds < 1) {
        return g_strdup("Less than a second");
    }
    if (seconds == 1) {
        return g_strdup("1 second");
    }
    if (seconds >= 60 && seconds < 120) {
        return g_strdup("About a minute");
    }
    if (seconds >= 46 * 60 && seconds < 90 * 60) {
        return g_strdup("About an hour");
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(steps); i++) {
        if (seconds < steps[i].below) {
            return g_strdup_printf("%d %s", (int)(seconds / steps[i].unit),
                                   steps[i].name);
        }
    }
    return g_strdup_printf("%d years", (int)(seconds / (365 * 86400)));
}

int64_t time_from_text(const char *text)
{
    g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
    g_autoptr(GDateTime) time =
        text != NULL ? g_date_time_new_from_iso8601(text, utc) : NULL;

    return time != NULL ? g_date_time_to_unix(time) : 0;
}

char *time_to_text(int64_t seconds)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(seconds);

    return time != NULL ? g_date_time_format(time, "%Y-%m-%dT%H:%M:%SZ")
                        : g_strdup("1970-01-01T00:00:00Z");
}
