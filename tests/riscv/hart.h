/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/riscv/hart.h - one RISC-V hart without an emulator around it: RAM at
 * 0x80000000, the SiFive test finisher at 0x100000, and the plainest possible
 * engine, which translates every block anew and interprets it. What runs here
 * is right or wrong because of target/riscv and the IR alone.
 * Threads: none. */
#ifndef CUTTLE_TESTS_RISCV_HART_H
#define CUTTLE_TESTS_RISCV_HART_H

#include "target/riscv/cpu.h"
#include "target/target.h"
#include "util/softfloat.h"

enum {
    HART_RAM_SIZE = 16 << 20,
    HART_RUNNING = -1, /* result while the finisher was not written */
};

#define HART_RAM      UINT64_C(0x80000000)
#define HART_FINISHER UINT64_C(0x100000)

typedef struct {
    Riscv *cpu;
    Bus *bus;
    Ram *ram;
    int result; /* 0 pass, else the failure's code */
    bool linked;
    Gva link_addr;
    uint64_t link_value;
    unsigned n_contexts, n_flushes, n_flush_alls; /* calls of the target */
    SfStatus fp; /* the guest's rounding mode and sticky flags */
    IrBuilder builder;
    IrBlock block;
} Hart;

/* cpu: as -cpu has it. The hart stands at HART_RAM in M mode. */
Hart *hart_new(const char *cpu, bool rv64);
void hart_free(Hart *h);

/* Puts instructions or other bytes at offset of RAM. */
void hart_write(Hart *h, uint64_t offset, const void *bytes, size_t len);
void hart_write_word(Hart *h, uint64_t offset, uint32_t word);

/* Loads the segments of an ELF file and goes to its entry; false: not one. */
bool hart_load_elf(Hart *h, const char *path);

/* Runs one block, then traps and interrupts. max_insns ends a block early. */
void hart_step(Hart *h, unsigned max_insns);

/* Runs until the finisher is written or n_blocks are done. */
void hart_run(Hart *h, unsigned n_blocks);

#endif
