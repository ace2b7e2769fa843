/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/boot/loader.c - the generic loader, which is no device at all: it
 * acts on memory when the machine resets. */
#include "machine/boot/loader.h"

#include <stdio.h>

#include "util/bits.h"

struct Loader {
    BootFile *file; /* NULL: data or a start address only */
    bool force_raw;
    bool has_addr, has_cpu, has_data;
    uint64_t addr, cpu;
    uint8_t data[8];
    uint64_t data_len;
    Gpa start;
    bool is_module; /* a hypervisor's guest: the tree tells of it */
    bool is_kernel; /* and it is its kernel */
    char *bootargs;
};

static bool read_data(Loader *l, Opts *opts, GError **error)
{
    uint64_t value = 0;
    bool big = false;

    if (!opts_get_uint(opts, "data", 0, UINT64_MAX, &value, error) ||
        !opts_get_uint(opts, "data-len", 1, 8, &l->data_len, error) ||
        !opts_get_bool(opts, "data-be", &big, error)) {
        return false;
    }
    if (l->data_len == 0) {
        return machine_fail(error, "loader: data needs data-len");
    }
    l->has_data = true;
    for (unsigned i = 0; i < l->data_len; i++) {
        unsigned at = big ? (unsigned)l->data_len - 1 - i : i;

        l->data[at] = (uint8_t)(value >> (8 * i));
    }
    return true;
}

static bool read_opts(Loader *l, Opts *opts, unsigned n_cpus,
                      uint64_t max_bytes, GError **error)
{
    const char *file = opts_get(opts, "file");

    l->has_addr = opts_has(opts, "addr");
    l->has_cpu = opts_has(opts, "cpu-num");
    if (!opts_get_uint(opts, "addr", 0, UINT64_MAX, &l->addr, error) ||
        !opts_get_uint(opts, "cpu-num", 0, n_cpus - 1, &l->cpu, error) ||
        !opts_get_bool(opts, "force-raw", &l->force_raw, error)) {
        return false;
    }
    if (file != NULL && opts_has(opts, "data")) {
        return machine_fail(error, "loader: give either file or data");
    }
    if (opts_has(opts, "data")) {
        if (!l->has_addr) {
            return machine_fail(error, "loader: data needs addr");
        }
        return read_data(l, opts, error);
    }
    if (file == NULL) {
        if (!l->has_addr || !l->has_cpu) {
            return machine_fail(error, "loader: without file or data it "
                                       "needs addr and cpu-num");
        }
        return true;
    }
    l->file = boot_file_open("loader file", file, max_bytes, error);
    return l->file != NULL;
}

Loader *loader_new(Opts *opts, unsigned n_cpus, uint64_t max_bytes,
                   GError **error)
{
    Loader *l = g_new0(Loader, 1);

    opts_get(opts, "id");
    if (!read_opts(l, opts, n_cpus, max_bytes, error) ||
        !opts_check_unused(opts, error)) {
        loader_free(l);
        return NULL;
    }
    l->start = l->addr;
    return l;
}

static bool read_guest(Loader *l, Opts *opts, uint64_t max_bytes,
                       GError **error)
{
    const char *kernel = opts_get(opts, "kernel");
    const char *initrd = opts_get(opts, "initrd");

    l->is_module = l->force_raw = true;
    l->is_kernel = kernel != NULL;
    l->has_addr = opts_has(opts, "addr");
    l->bootargs = g_strdup(opts_get(opts, "bootargs"));
    if (!opts_get_uint(opts, "addr", 0, UINT64_MAX, &l->addr, error)) {
        return false;
    }
    if (!l->has_addr) {
        return machine_fail(error, "guest-loader: it needs addr");
    }
    if ((kernel != NULL) == (initrd != NULL)) {
        return machine_fail(error, "guest-loader: give kernel or initrd");
    }
    if (!l->is_kernel && l->bootargs != NULL) {
        return machine_fail(error, "guest-loader: bootargs need kernel");
    }
    l->file = boot_file_open(l->is_kernel ? "guest kernel" : "guest initrd",
                             l->is_kernel ? kernel : initrd, max_bytes, error);
    return l->file != NULL;
}

Loader *guest_loader_new(Opts *opts, uint64_t max_bytes, GError **error)
{
    Loader *l = g_new0(Loader, 1);

    opts_get(opts, "id");
    if (!read_guest(l, opts, max_bytes, error) ||
        !opts_check_unused(opts, error)) {
        loader_free(l);
        return NULL;
    }
    return l;
}

/* Two cells each, as the root has it. */
static void put_module(const Loader *l, Tree *t)
{
    tree_begin(t, "module@0x%08" PRIx64, l->addr);
    tree_reg(t, (const uint64_t[]){l->addr, l->file->size}, 1);
    if (l->is_kernel) {
        tree_strings(t, "compatible", "multiboot,module\0multiboot,kernel");
    } else {
        tree_strings(t, "compatible", "multiboot,module\0multiboot,ramdisk");
    }
    if (l->bootargs != NULL) {
        tree_string(t, "bootargs", l->bootargs);
    }
    tree_end(t);
}

void loader_put_modules(GPtrArray *loaders, Tree *t)
{
    for (unsigned i = 0; i < loaders->len; i++) {
        const Loader *l = g_ptr_array_index(loaders, i);

        if (l->is_module) {
            put_module(l, t);
        }
    }
}

void loader_free(Loader *l)
{
    if (l != NULL) {
        boot_file_free(l->file);
        g_free(l->bootargs);
        g_free(l);
    }
}

static bool load_raw(Loader *l, Bus *bus, GBytes *bytes, GError **error)
{
    size_t len;
    const void *p = g_bytes_get_data(bytes, &len);

    if (!l->has_addr) {
        return machine_fail(error, "a raw file needs addr");
    }
    if (!bus_can_load(bus, l->addr, len)) {
        return machine_fail(error,
                            "%zu bytes at 0x%" PRIx64
                            " are not all inside the guest's memory",
                            len, l->addr);
    }
    return bus_load_image(bus, l->addr, p, len);
}

static bool is_elf(GBytes *bytes)
{
    size_t len;
    const uint8_t *p = g_bytes_get_data(bytes, &len);

    return len >= 4 && memcmp(p, "\177ELF", 4) == 0;
}

static bool load_file(Loader *l, Bus *bus, const BootGuest *guest,
                      GError **error)
{
    g_autoptr(GBytes) bytes = boot_file_read(l->file, error);
    BootImage image;
    bool ok;

    if (bytes == NULL) {
        return false;
    }
    if (l->force_raw || !is_elf(bytes)) {
        ok = load_raw(l, bus, bytes, error);
    } else {
        ok = boot_image_parse(&image, bytes, guest, 0, error) &&
             boot_image_load(&image, bus, error);
        l->start = image.entry;
        boot_image_finish(&image);
    }
    if (!ok) {
        g_prefix_error(error, "%s '%s': ", l->file->what, l->file->path);
    }
    return ok;
}

bool loader_load(Loader *l, Bus *bus, const BootGuest *guest, GError **error)
{
    if (l->file != NULL) {
        return load_file(l, bus, guest, error);
    }
    if (l->has_data && !bus_load_image(bus, l->addr, l->data, l->data_len)) {
        return machine_fail(error, "loader: no memory at 0x%" PRIx64, l->addr);
    }
    return true;
}

bool loader_start(const Loader *l, unsigned cpu, Gpa *pc)
{
    if (!l->has_cpu || l->cpu != cpu) {
        return false;
    }
    *pc = l->start;
    return true;
}

BootFile *loader_program(const Loader *l)
{
    return l->force_raw ? NULL : l->file;
}

void loader_print_help(void)
{
    printf("loader options:\n"
           "  addr=<uint64>          - where to load, and where cpu-num "
           "starts\n"
           "  cpu-num=<uint32>       - the CPU that starts there\n"
           "  data=<uint64>          - a number to store at addr\n"
           "  data-be=<bool>         - store it big-endian\n"
           "  data-len=<1..8>        - its size in bytes\n"
           "  file=<str>             - a file to load: ELF or raw\n"
           "  force-raw=<bool>       - load an ELF file as raw bytes\n");
}

void guest_loader_print_help(void)
{
    printf("guest-loader options:\n"
           "  addr=<uint64>          - where to load\n"
           "  bootargs=<str>         - the kernel's command line\n"
           "  initrd=<str>           - the guest's initial RAM disk\n"
           "  kernel=<str>           - the guest's kernel\n");
}
