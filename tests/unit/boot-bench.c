/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/unit/boot-bench.c - see boot-bench.h. */
#include "tests/unit/boot-bench.h"

#include <glib/gstdio.h>
#include <libfdt.h>

#include "util/bits.h"

static char *folder;

static void remove_all(void)
{
    GDir *dir = g_dir_open(folder, 0, NULL);
    const char *name;

    while ((name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *path = g_build_filename(folder, name, NULL);

        g_unlink(path);
    }
    g_dir_close(dir);
    g_rmdir(folder);
    g_free(folder);
}

int bench_run(void)
{
    int result;

    folder = g_dir_make_tmp("cuttle-XXXXXX", NULL);
    result = g_test_run();
    remove_all();
    return result;
}

char *bench_file(const char *name, const void *bytes, size_t len)
{
    char *path = g_build_filename(folder, name, NULL);

    g_assert_true(g_file_set_contents(path, bytes, (gssize)len, NULL));
    return path;
}

Machine *bench_build(MachineConfig *c)
{
    GError *error = NULL;
    Machine *m = machine_new(c, &error);

    g_assert_no_error(error);
    return m;
}

Machine *bench_bare(MachineConfig *c, unsigned harts)
{
    config_init(c, &target_riscv64);
    c->ram_bytes = 8 * MIB;
    c->cpus = harts;
    c->bios = g_strdup("none");
    c->no_defaults = true;
    c->seed = 1;
    return bench_build(c);
}

void bench_end(MachineConfig *c, Machine *m)
{
    machine_free(m);
    config_finish(c);
}

uint64_t bench_word(Machine *m, Gpa addr, unsigned size)
{
    uint64_t v = 0;

    g_assert_cmpint(bus_read(m->bus, addr, size, &v), ==, MEM_OK);
    return v;
}

uint64_t bench_chosen(Machine *m, const char *name)
{
    const void *blob = g_bytes_get_data(m->tree, NULL);
    int node = fdt_path_offset(blob, "/chosen"), len;
    const void *p = fdt_getprop(blob, node, name, &len);

    g_assert_nonnull(p);
    g_assert_cmpint(len, ==, 8);
    return be64_load(p);
}
