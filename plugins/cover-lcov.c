/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plugins/cover-lcov.c - counts of instructions to counts of source lines.
 * Spec: geninfo(1), "Tracefile format".
 * A row of DWARF's line table says where some code of a line begins; the line
 * ran as often as the most executed of them. Lines without code are not there.
 */
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/cover.h"

/* name: a function's, or NULL: a line. */
typedef struct {
    const char *file, *name;
    int line;
    uint64_t count;
} Row;

/* A source file's absolute name. */
typedef struct Name {
    struct Name *next;
    const char *raw; /* as DWARF has it */
    char full[];
} Name;

typedef struct {
    const Coverage *c;
    const char *folder; /* the unit's was compiled in */
    Name *names;        /* the latest first */
    Row *all;
    size_t n, room;
} Rows;

static const char *full_name(Rows *r, const char *raw)
{
    Name *name = r->names;
    size_t size;

    if (raw == NULL || *raw == '/' || r->folder == NULL) {
        return raw;
    }
    if (name != NULL && name->raw == raw) {
        return name->full;
    }
    size = strlen(r->folder) + strlen(raw) + 2;
    name = malloc(sizeof(*name) + size);
    if (name == NULL) {
        abort();
    }
    *name = (Name){.next = r->names, .raw = raw};
    snprintf(name->full, size, "%s/%s", r->folder, raw);
    r->names = name;
    return name->full;
}

static void free_names(Rows *r)
{
    while (r->names != NULL) {
        Name *next = r->names->next;

        free(r->names);
        r->names = next;
    }
}

static void add(Rows *r, Row row)
{
    if (row.file == NULL || row.line <= 0) {
        return;
    }
    if (r->n == r->room) {
        r->room = r->room * 2 + 1024;
        r->all = realloc(r->all, r->room * sizeof(*r->all));
        if (r->all == NULL) {
            abort();
        }
    }
    r->all[r->n++] = row;
}

/* By file; functions first; by line. */
static int by_place(const void *a, const void *b)
{
    const Row *x = a, *y = b;
    int order = strcmp(x->file, y->file);

    if (order == 0 && (x->name == NULL) != (y->name == NULL)) {
        return (x->name == NULL) - (y->name == NULL);
    }
    if (order == 0) {
        order = (x->line > y->line) - (x->line < y->line);
    }
    return order == 0 && x->name != NULL ? strcmp(x->name, y->name) : order;
}

/* ---- what DWARF says ---- */

static Dwarf_Addr address_of(Dwarf_Line *line)
{
    Dwarf_Addr at = 0;

    dwarf_lineaddr(line, &at);
    return at;
}

static void add_lines(Rows *r, Dwarf_Die *unit)
{
    Dwarf_Lines *lines;
    size_t n;

    if (dwarf_getsrclines(unit, &lines, &n) != 0) {
        return;
    }
    for (size_t i = 0; i + 1 < n; i++) {
        Dwarf_Line *line = dwarf_onesrcline(lines, i);
        Dwarf_Addr at = address_of(line);
        bool ends = true;
        Row row = {.file = full_name(r, dwarf_linesrc(line, NULL, NULL))};

        dwarf_lineendsequence(line, &ends);
        if (ends || at == address_of(dwarf_onesrcline(lines, i + 1))) {
            continue; /* has no code */
        }
        dwarf_lineno(line, &row.line);
        row.count = coverage_count(r->c, at);
        add(r, row);
    }
}

static int add_function(Dwarf_Die *die, void *opaque)
{
    Rows *r = opaque;
    Row row = {.file = full_name(r, dwarf_decl_file(die)),
               .name = dwarf_diename(die)};
    Dwarf_Addr at;

    if (row.name != NULL && dwarf_lowpc(die, &at) == 0) {
        dwarf_decl_line(die, &row.line);
        row.count = coverage_count(r->c, at);
        add(r, row);
    }
    return DWARF_CB_OK;
}

static void read_rows(Rows *r, Dwarf *dwarf)
{
    Dwarf_CU *unit = NULL;
    Dwarf_Die die;

    while (dwarf_get_units(dwarf, unit, &unit, NULL, NULL, &die, NULL) == 0) {
        Dwarf_Attribute folder;

        r->folder = dwarf_formstring(dwarf_attr(&die, DW_AT_comp_dir, &folder));
        add_lines(r, &die);
        dwarf_getfuncs(&die, add_function, r, 0);
    }
    if (r->n > 0) {
        qsort(r->all, r->n, sizeof(*r->all), by_place);
    }
}

bool coverage_has_lines(int fd)
{
    Dwarf *dwarf = dwarf_begin(fd, DWARF_C_READ);
    Dwarf_CU *unit = NULL;
    bool has = dwarf != NULL &&
               dwarf_get_units(dwarf, unit, &unit, NULL, NULL, NULL, NULL) == 0;

    dwarf_end(dwarf);
    return has;
}

/* ---- the tracefile ---- */

typedef struct {
    unsigned found, hit;
} Totals;

static void count(Totals *t, const Row *row)
{
    t->found++;
    t->hit += row->count > 0;
}

static void end_file(FILE *out, const Totals *functions, const Totals *lines)
{
    fprintf(out, "FNF:%u\nFNH:%u\nLF:%u\nLH:%u\nend_of_record\n",
            functions->found, functions->hit, lines->found, lines->hit);
}

static void write_rows(const Rows *r, FILE *out)
{
    Totals functions = {0}, lines = {0};
    const char *file = NULL;

    fprintf(out, "TN:\n");
    for (size_t i = 0; i < r->n; i++) {
        Row row = r->all[i];

        while (i + 1 < r->n && by_place(&row, &r->all[i + 1]) == 0) {
            i++;
            row.count =
                row.count > r->all[i].count ? row.count : r->all[i].count;
        }
        if (file == NULL || strcmp(file, row.file) != 0) {
            if (file != NULL) {
                end_file(out, &functions, &lines);
            }
            functions = lines = (Totals){0};
            file = row.file;
            fprintf(out, "SF:%s\n", file);
        }
        if (row.name != NULL) {
            count(&functions, &row);
            fprintf(out, "FN:%d,%s\nFNDA:%" PRIu64 ",%s\n", row.line, row.name,
                    row.count, row.name);
        } else {
            count(&lines, &row);
            fprintf(out, "DA:%d,%" PRIu64 "\n", row.line, row.count);
        }
    }
    if (file != NULL) {
        end_file(out, &functions, &lines);
    }
}

bool coverage_write_lcov(const Coverage *c, const char *path)
{
    Dwarf *dwarf = dwarf_begin(c->fd, DWARF_C_READ);
    FILE *out = fopen(path, "w");
    Rows r = {.c = c};
    bool ok = false;

    if (dwarf != NULL && out != NULL) {
        read_rows(&r, dwarf);
        write_rows(&r, out);
        ok = !ferror(out);
    }
    if (out != NULL) {
        ok &= fclose(out) == 0;
    }
    free(r.all);
    free_names(&r);
    dwarf_end(dwarf);
    return ok;
}
