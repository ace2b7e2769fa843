/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/arm/run.c - runs a bare AArch64 program on the whole engine with
 * nothing around it but RAM at 0x40000000: cpu-run BACKEND ELF [MODEL].
 * The program starts at its entry at the highest level with the MMU off and
 * ends by storing to the doubleword at the top of RAM: 1 passed, anything else
 * is the line that failed. Exits 0 if it passed, 1 with the CPU's state if not.
 * CPU_LOG in the environment takes the topics of -d; CPU_DUMP names a file for
 * RAM as it is in the end, to be compared with another emulator's. */
#include <elf.h>
#include <stdio.h>
#include <string.h>

#include "accel/accel.h"
#include "target/target.h"
#include "util/log.h"

enum { RAM_SIZE = 16 << 20, PASSED = 1, TIMEOUT_MS = 20000 };
#define RAM_BASE UINT64_C(0x40000000)

static bool load_elf(Ram *ram, const char *path, Gva *entry)
{
    g_autofree char *file = NULL;
    const Elf64_Ehdr *eh;
    gsize len;

    if (!g_file_get_contents(path, &file, &len, NULL) || len < sizeof(*eh)) {
        return false;
    }
    eh = (const void *)file;
    if (memcmp(file, ELFMAG, SELFMAG) != 0 || eh->e_machine != EM_AARCH64 ||
        eh->e_phoff + eh->e_phnum * sizeof(Elf64_Phdr) > len) {
        return false;
    }
    *entry = eh->e_entry;
    for (unsigned i = 0; i < eh->e_phnum; i++) {
        const Elf64_Phdr *ph = (const Elf64_Phdr *)(file + eh->e_phoff) + i;
        uint64_t at = ph->p_paddr - RAM_BASE;

        if (ph->p_type != PT_LOAD) {
            continue;
        }
        if (at > RAM_SIZE || ph->p_filesz > RAM_SIZE - at ||
            ph->p_offset > len || ph->p_filesz > len - ph->p_offset) {
            return false;
        }
        memcpy(ram->host + at, file + ph->p_offset, ph->p_filesz);
    }
    return true;
}

/* The line that failed, PASSED, or 0 when nothing came. */
static uint64_t wait_for(const Ram *ram)
{
    const uint64_t *box = (const uint64_t *)(ram->host + RAM_SIZE - 8);
    uint64_t result = 0;

    for (unsigned i = 0; i < TIMEOUT_MS && result == 0; i++) {
        result = __atomic_load_n(box, __ATOMIC_SEQ_CST);
        g_usleep(result ? 0 : 1000);
    }
    return result;
}

static int run(const char *backend, const char *path, const char *model)
{
    Bus *bus = bus_new();
    g_autoptr(GError) error = NULL;
    Ram *ram = ram_new("ram", RAM_SIZE, &error);
    Opts *opts = opts_new();
    Accel *accel;
    Gva entry;
    uint64_t result;
    Vcpu *v;

    g_assert_no_error(error);
    bus_add_ram(bus, RAM_BASE, ram, false);
    if (!load_elf(ram, path, &entry)) {
        printf("%s: not an AArch64 program\n", path);
        return 1;
    }
    opts_set(opts, "accel", "tcg");
    opts_set(opts, "backend", backend);
    accel = accel_new(&target_aarch64, opts, bus, &error);
    g_assert_no_error(error);
    v = target_aarch64.vcpu_new(model, 0, bus, &error);
    g_assert_no_error(error);
    accel_add_vcpu(accel, v, &error);
    g_assert_no_error(error);
    target_aarch64.reset(v, entry);
    clock_resume();
    accel_start(accel);
    result = wait_for(ram);
    accel_pause(accel);
    if (result != PASSED) {
        g_autofree char *state = target_aarch64.print_state(v);

        printf("%s: line %" G_GUINT64_FORMAT "\n%s", path, result, state);
    }
    if (g_getenv("CPU_DUMP")) {
        g_file_set_contents(g_getenv("CPU_DUMP"), (const char *)ram->host,
                            RAM_SIZE, NULL);
    }
    accel_stop(accel);
    accel_free(accel);
    target_aarch64.vcpu_free(v);
    bus_free(bus);
    ram_free(ram);
    opts_free(opts);
    return result != PASSED;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: cpu-run jit|interp ELF [MODEL]\n");
        return 2;
    }
    if (g_getenv("CPU_LOG")) {
        log_enable_topics(g_getenv("CPU_LOG"), NULL);
    }
    return run(argv[1], argv[2], argc > 3 ? argv[3] : "max");
}
