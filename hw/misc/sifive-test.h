/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/misc/sifive-test.h - the register through which a guest powers off or
 * resets the machine, "riscv.sifive.test". */
#ifndef CUTTLE_HW_MISC_SIFIVE_TEST_H
#define CUTTLE_HW_MISC_SIFIVE_TEST_H

#include "core/device.h"

enum { SIFIVE_TEST_SIZE = 0x1000 };

extern const DeviceClass sifive_test_class;

#endif
