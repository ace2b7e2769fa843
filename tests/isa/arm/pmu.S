/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/isa/arm/pmu.S - counters stand at the levels that their filters leave
 * out. */
#include "check.h"

#define NOT_EL1 (1 << 31)
#define NOT_EL0 (1 << 30)
#define CYCLES  0x11
#define HERE    0x3c5 /* EL1 on its own stack; 0x3c0 is EL0 */

/* Runs a while in EL0 and comes back by SVC to 2. */
.macro VISIT_EL0
    adr x27, 2f - 0x400
    msr vbar_el1, x27
    adr x0, 1f
    msr elr_el1, x0
    mov x0, #0x3c0
    msr spsr_el1, x0
    mov x3, #1000
    isb
    eret
1:  sub x3, x3, #1
    cbnz x3, 1b
    svc 0
    .balign 2048
    .space 0x400
2:
.endm

.macro RUN
    mov x3, #1000
1:  sub x3, x3, #1
    cbnz x3, 1b
.endm

/* Counters 31 and 0 must have moved, or not, between here and the last time. */
.macro MOVED_AT line, cycles, event
    mov x28, #\line
    mrs x0, pmccntr_el0
    cmp x0, x10
    cset w27, ne
    cmp w27, #\cycles
    b.ne fail
    mov x10, x0
    mrs x0, pmevcntr0_el0
    cmp x0, x11
    cset w27, ne
    cmp w27, #\event
    b.ne fail
    mov x11, x0
.endm
#define MOVED MOVED_AT __LINE__,

    START
    LI x0, CYCLES
    msr pmevtyper0_el0, x0
    LI x0, 0x80000001
    msr pmcntenset_el0, x0
    mov x0, #0x41
    msr pmcr_el0, x0
    isb
    mrs x10, pmccntr_el0
    mrs x11, pmevcntr0_el0
    RUN
    MOVED 1, 1

    LI x0, NOT_EL1
    msr pmccfiltr_el0, x0
    LI x0, NOT_EL0 | CYCLES
    msr pmevtyper0_el0, x0
    mrs x1, pmevtyper0_el0
    CHECK x1, NOT_EL0 | CYCLES
    mrs x10, pmccntr_el0
    RUN
    MOVED 0, 1
    VISIT_EL0
    MOVED 1, 1
    RUN
    MOVED 0, 1

    LI x0, NOT_EL1 | CYCLES
    msr pmevtyper0_el0, x0
    mrs x11, pmevcntr0_el0
    RUN
    MOVED 0, 0
    VISIT_EL0
    MOVED 1, 1
    LI x0, NOT_EL1 | NOT_EL0
    msr pmccfiltr_el0, x0
    VISIT_EL0
    MOVED 0, 1
    msr pmccfiltr_el0, xzr
    RUN
    MOVED 1, 0
    PASS
