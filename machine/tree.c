/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/tree.c - device trees over libfdt. The writer starts small and
 * doubles when a call says there is no room. */
#include "machine/tree.h"

#include <libfdt.h>
#include <string.h>

#include "machine/boot/file.h"
#include "util/bits.h"

struct Tree {
    void *blob;
    int size;
};

enum { FIRST_SIZE = 16384, SLACK = 512 };

/* Errors but the lack of room are mistakes of the caller. */
static bool again(Tree *t, int error)
{
    void *bigger;

    if (error >= 0) {
        return false;
    }
    g_assert(error == -FDT_ERR_NOSPACE);
    bigger = g_malloc0((gsize)t->size * 2);
    error = fdt_resize(t->blob, bigger, t->size * 2);
    g_assert(error == 0);
    g_free(t->blob);
    t->blob = bigger;
    t->size *= 2;
    return true;
}

Tree *tree_new(void)
{
    Tree *t = g_new0(Tree, 1);

    t->size = FIRST_SIZE;
    t->blob = g_malloc0(FIRST_SIZE);
    fdt_create(t->blob, t->size);
    fdt_finish_reservemap(t->blob);
    while (again(t, fdt_begin_node(t->blob, ""))) {
    }
    return t;
}

void tree_begin(Tree *t, const char *format, ...)
{
    va_list args;
    g_autofree char *name = NULL;

    va_start(args, format);
    name = g_strdup_vprintf(format, args);
    va_end(args);
    while (again(t, fdt_begin_node(t->blob, name))) {
    }
}

void tree_end(Tree *t)
{
    while (again(t, fdt_end_node(t->blob))) {
    }
}

void tree_bytes(Tree *t, const char *name, const void *value, size_t len)
{
    while (again(t, fdt_property(t->blob, name, value, (int)len))) {
    }
}

void tree_flag(Tree *t, const char *name)
{
    tree_bytes(t, name, "", 0);
}

void tree_string(Tree *t, const char *name, const char *value)
{
    tree_bytes(t, name, value, strlen(value) + 1);
}

void tree_cells(Tree *t, const char *name, const uint32_t *cells, unsigned n)
{
    g_autofree uint8_t *bytes = g_malloc((gsize)n * 4);

    for (unsigned i = 0; i < n; i++) {
        be32_store(bytes + 4 * (size_t)i, cells[i]);
    }
    tree_bytes(t, name, bytes, (size_t)n * 4);
}

void tree_reg(Tree *t, const uint64_t *pairs, unsigned n_pairs)
{
    g_autofree uint8_t *bytes = g_malloc((gsize)n_pairs * 16);

    for (unsigned i = 0; i < n_pairs * 2; i++) {
        be64_store(bytes + 8 * (size_t)i, pairs[i]);
    }
    tree_bytes(t, "reg", bytes, (size_t)n_pairs * 16);
}

GBytes *tree_finish(Tree *t)
{
    GBytes *blob;

    tree_end(t);
    while (again(t, fdt_finish(t->blob))) {
    }
    blob = g_bytes_new(t->blob, fdt_totalsize(t->blob));
    g_free(t->blob);
    g_free(t);
    return blob;
}

/* ---- blobs ---- */

GBytes *tree_check(const uint8_t *bytes, size_t len, GError **error)
{
    GBytes *copy;
    size_t total;

    if (len < sizeof(struct fdt_header) || be32_load(bytes) != FDT_MAGIC) {
        machine_fail(error, "not a device tree blob");
        return NULL;
    }
    total = be32_load(bytes + 4);
    if (total > len) {
        machine_fail(error, "device tree is truncated: %zu of %zu bytes", len,
                     total);
        return NULL;
    }
    if (total > TREE_MAX_BYTES) {
        machine_fail(error, "device tree has more than %d bytes",
                     TREE_MAX_BYTES);
        return NULL;
    }
    /* libfdt wants eight-byte alignment. */
    copy = g_bytes_new(bytes, total);
    if (fdt_check_full(g_bytes_get_data(copy, NULL), total) != 0) {
        machine_fail(error, "device tree is damaged");
        g_bytes_unref(copy);
        return NULL;
    }
    return copy;
}

static int set_initrd(void *blob, int node, const TreeChosen *chosen)
{
    int r =
        fdt_setprop_u64(blob, node, "linux,initrd-start", chosen->initrd_start);

    return r != 0 ? r
                  : fdt_setprop_u64(blob, node, "linux,initrd-end",
                                    chosen->initrd_end);
}

static void set_seed(void *blob, int node, const TreeChosen *chosen,
                     const char *name)
{
    int len;
    void *seed = fdt_getprop_w(blob, node, name, &len);

    if (seed != NULL && len > 0 && chosen->random != NULL) {
        chosen->random(chosen->opaque, seed, (size_t)len);
    }
}

static int change(void *blob, const TreeChosen *chosen)
{
    int r = 0;
    int node = fdt_path_offset(blob, "/chosen");

    if (node == -FDT_ERR_NOTFOUND) {
        node = fdt_add_subnode(blob, 0, "chosen");
    }
    if (node < 0) {
        return node;
    }
    if (chosen->bootargs != NULL) {
        r = fdt_setprop_string(blob, node, "bootargs", chosen->bootargs);
    }
    if (r == 0 && chosen->initrd_end > chosen->initrd_start) {
        r = set_initrd(blob, node, chosen);
    }
    if (r == 0) {
        set_seed(blob, node, chosen, "rng-seed");
        set_seed(blob, node, chosen, "kaslr-seed");
    }
    return r;
}

GBytes *tree_set_chosen(GBytes *blob, const TreeChosen *chosen, GError **error)
{
    size_t len = g_bytes_get_size(blob);
    size_t room =
        len + SLACK + (chosen->bootargs != NULL ? strlen(chosen->bootargs) : 0);
    g_autofree void *copy = g_malloc0(room);
    int r = fdt_open_into(g_bytes_get_data(blob, NULL), copy, (int)room);

    if (r == 0) {
        r = change(copy, chosen);
    }
    if (r == 0) {
        r = fdt_pack(copy);
    }
    if (r != 0) {
        machine_fail(error, "cannot change the device tree: %s",
                     fdt_strerror(r));
        return NULL;
    }
    return g_bytes_new(copy, fdt_totalsize(copy));
}

GBytes *tree_pad(GBytes *blob, size_t size)
{
    void *copy = NULL;

    if (g_bytes_get_size(blob) < size) {
        copy = g_malloc0(size);
        if (fdt_open_into(g_bytes_get_data(blob, NULL), copy, (int)size) != 0) {
            g_clear_pointer(&copy, g_free);
        }
    }
    if (copy == NULL) {
        return blob; /* it has no room to give */
    }
    g_bytes_unref(blob);
    return g_bytes_new_take(copy, size);
}
