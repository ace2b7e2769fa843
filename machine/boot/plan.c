/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/boot/plan.c - opens boot files and keeps what lands in memory
 * apart. */
#include "machine/boot/plan.h"

#include <string.h>

static bool open_one(BootFile **to, const char *what, const char *path,
                     uint64_t max, GError **error)
{
    if (path != NULL) {
        *to = boot_file_open(what, path, max, error);
    }
    return path == NULL || *to != NULL;
}

static bool open_tree(BootPlan *p, const char *path, GError **error)
{
    g_autoptr(BootFile) file = NULL;
    g_autoptr(GBytes) bytes = NULL;
    size_t len;
    const uint8_t *data;
    GBytes *tree;

    if (path == NULL) {
        return true;
    }
    file = boot_file_open("device tree", path, TREE_MAX_BYTES, error);
    bytes = file != NULL ? boot_file_read(file, error) : NULL;
    if (bytes == NULL) {
        return false;
    }
    data = g_bytes_get_data(bytes, &len);
    tree = tree_check(data, len, error);
    if (tree == NULL) {
        g_prefix_error(error, "device tree '%s': ", path);
        return false;
    }
    g_bytes_unref(p->template);
    p->template = tree;
    return true;
}

bool boot_plan_open(BootPlan *p, const MachineConfig *c, GError **error)
{
    p->append = g_strdup(c->append);
    return open_one(&p->kernel, "kernel", c->kernel, p->ram_bytes, error) &&
           open_one(&p->initrd, "initrd", c->initrd, p->ram_bytes, error) &&
           open_tree(p, c->dtb, error);
}

void boot_plan_finish(BootPlan *p)
{
    boot_file_free(p->firmware);
    boot_file_free(p->kernel);
    boot_file_free(p->initrd);
    g_clear_pointer(&p->tree, g_bytes_unref);
    g_clear_pointer(&p->template, g_bytes_unref);
    g_free(p->append);
}

void boot_plan_restart(BootPlan *p)
{
    p->n_ranges = 0;
}

bool boot_plan_claim(BootPlan *p, const char *what, Gpa start, Gpa end,
                     GError **error)
{
    for (unsigned i = 0; i < p->n_ranges; i++) {
        const BootRange *r = &p->ranges[i];

        if (start < r->end && r->start < end && strcmp(what, r->what) != 0) {
            return machine_fail(error,
                                "0x%" PRIx64 "..0x%" PRIx64
                                " would overlap the %s at 0x%" PRIx64
                                "..0x%" PRIx64 " (too little RAM?)",
                                start, end, r->what, r->start, r->end);
        }
    }
    if (p->n_ranges < BOOT_MAX_RANGES) {
        p->ranges[p->n_ranges++] = (BootRange){what, start, end};
    }
    return true;
}

static bool claim_image(BootPlan *p, const char *what, const BootImage *image,
                        GError **error)
{
    for (unsigned i = 0; i < image->n_segments; i++) {
        const BootSegment *s = &image->segments[i];

        if (!boot_plan_claim(p, what, s->addr, s->addr + s->memory, error)) {
            return false;
        }
    }
    return true;
}

bool boot_plan_parse(BootPlan *p, BootFile *file, BootImage *image,
                     GError **error)
{
    g_autoptr(GBytes) bytes = boot_file_read(file, error);

    memset(image, 0, sizeof(*image));
    if (bytes == NULL) {
        return false;
    }
    if (!boot_image_parse(image, bytes, p->guest, p->ram_bytes, error)) {
        g_prefix_error(error, "%s '%s': ", file->what, file->path);
        return false;
    }
    return true;
}

bool boot_plan_load(BootPlan *p, Bus *bus, const BootFile *file, Gpa base,
                    BootImage *image, GError **error)
{
    boot_image_place(image, base);
    if (!claim_image(p, file->what, image, error) ||
        !boot_image_load(image, bus, error)) {
        g_prefix_error(error, "%s '%s': ", file->what, file->path);
        return false;
    }
    return true;
}

bool boot_plan_copy(BootPlan *p, Bus *bus, BootFile *file, Gpa start,
                    uint64_t *len, GError **error)
{
    g_autoptr(GBytes) bytes = boot_file_read(file, error);
    size_t n;
    const void *data;

    if (bytes == NULL) {
        return false;
    }
    data = g_bytes_get_data(bytes, &n);
    *len = n;
    if (!boot_plan_claim(p, file->what, start, start + n, error)) {
        g_prefix_error(error, "%s '%s': ", file->what, file->path);
        return false;
    }
    if (!bus_can_load(bus, start, n)) {
        return machine_fail(error,
                            "%s '%s': %zu bytes at 0x%" PRIx64
                            " are not all inside the guest's memory",
                            file->what, file->path, n, start);
    }
    bus_load_image(bus, start, data, n);
    return true;
}

bool boot_plan_make_tree(BootPlan *p, TreeChosen *chosen, GError **error)
{
    chosen->random = p->random;
    chosen->opaque = p->opaque;
    g_clear_pointer(&p->tree, g_bytes_unref);
    p->tree = tree_set_chosen(p->template, chosen, error);
    return p->tree != NULL;
}
