/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/fuzz/riscv.c - any bytes as RISC-V code: they translate into IR that
 * is well-formed, and running them breaks nothing. The first byte chooses the
 * CPU, the second how long to run. */
#include "tests/riscv/hart.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct {
        const char *cpu;
        bool rv64;
    } cpus[] = {
        {"max", true},
        {"max", false},
        {"rv64,c=off", true},
        {"rv64i", true},
    };
    static Hart *harts[G_N_ELEMENTS(cpus)];
    unsigned which;
    Hart *h;

    if (size < 6) {
        return 0;
    }
    which = data[0] % G_N_ELEMENTS(cpus);
    if (!harts[which]) {
        harts[which] = hart_new(cpus[which].cpu, cpus[which].rv64);
    }
    h = harts[which];
    target_riscv64.reset(&h->cpu->vcpu, HART_RAM);
    h->cpu->mtvec = HART_RAM + 2;
    for (unsigned i = 1; i < 32; i++) {
        h->cpu->x[i] = HART_RAM + 0x1000 * i;
    }
    size = MIN(size, HART_RAM_SIZE);
    hart_write(h, 0, data + 2, size - 2);
    for (unsigned i = 0; i < data[1]; i++) {
        hart_step(h, 16);
    }
    return 0;
}
