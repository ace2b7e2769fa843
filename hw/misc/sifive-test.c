/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/misc/sifive-test.c - power off, fail or reset by one store.
 * Spec: sifive,test0 and test1 bindings. The low half of the word is the
 * command, the high half the exit status of a failure.
 * Threads: bus-locked. */
#include "hw/misc/sifive-test.h"

#include "core/loop.h"
#include "util/log.h"

enum { STATUS = 0x0 };

enum { FAIL = 0x3333, PASS = 0x5555, RESET = 0x7777 };

typedef struct {
    Device dev;
} SifiveTest;

static void wrote_status(Device *dev, uint64_t value)
{
    switch (value & 0xffff) {
    case PASS:
        run_request_shutdown(0, true);
        break;
    case FAIL:
        run_request_shutdown((int)(value >> 16 & 0xffff), true);
        break;
    case RESET:
        run_request_reset(true);
        break;
    default:
        guest_log(LOG_GUEST_ERRORS, "sifive-test: unknown command 0x%x",
                  (unsigned)(value & 0xffff));
    }
}

static const RegDesc regs[] = {
    {STATUS, "status", NO_FIELD, .wrote = wrote_status},
};

const DeviceClass sifive_test_class = {
    .name = "riscv.sifive.test",
    .help = "SiFive test finisher: power off and reset",
    .compatible = "sifive,test1",
    .size = sizeof(SifiveTest),
    .access = ACCESS_ANY,
    .regs = regs,
    .n_regs = G_N_ELEMENTS(regs),
};
