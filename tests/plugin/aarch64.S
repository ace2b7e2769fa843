/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/plugin/aarch64.S - what riscv.S is. */
#define SYMBOL(name)              \
    .globl name;                  \
    .type name, @function;        \
name:
#define END(name) .size name, . - name

#define NOWHERE 0x0b000000
#define SYSTEM_OFF 0x84000008

    .arch armv8.1-a
SYMBOL(_start)
    ldr x0, =vectors
    msr vbar_el1, x0
    bl counted_loop
    bl early_exit
    bl skips_fault
    bl repeats_fault
    bl registers
    bl map_ram
    bl accesses
    msr sctlr_el1, xzr
    isb
    b user
    END(_start)

/* 1 + 1000 * 3 + 1 */
SYMBOL(counted_loop)
    mov x0, #1000
1:  sub x0, x0, #1
    nop
    cbnz x0, 1b
    ret
    END(counted_loop)

/* A block is left before its end: 2 + 10 * 5 + 1 + 1. */
SYMBOL(early_exit)
    mov x0, #10
    mov x1, #4
1:  sub x0, x0, #1
    cmp x0, x1
    b.eq 2f
    nop
3:  cbnz x0, 1b
    ret
2:  add x1, x1, #100
    b 3b
    END(early_exit)

/* In the middle of a block a load faults, and is left out: 6. */
SYMBOL(skips_fault)
    mov x4, #4
    mov x1, #NOWHERE
    nop
    ldr w2, [x1]
    nop
    ret
    END(skips_fault)

/* Likewise, and is done again: 9. */
SYMBOL(repeats_fault)
    mov x4, #0
    mov x1, #NOWHERE
    nop
    ldr w2, [x1]
    ldr w3, [x1]
    nop
    add x2, x2, #1
    ret
    END(repeats_fault)

/* Fault in x1's memory: moves it to where there is some, and the way back on
 * by x4: 2 * 7. */
SYMBOL(handler)
    adr x1, handler
    mrs x5, elr_el1
    add x5, x5, x4
    msr elr_el1, x5
    nop
    nop
    eret
    END(handler)

/* x0 and the flags before each but the first: 5, then 0 and Z, then 1. */
SYMBOL(registers)
    mov x0, #5
    subs x0, x0, #5
    adds x0, x0, #1
    ret
    END(registers)

/* RAM where it is, as normal memory; and the float registers. */
SYMBOL(map_ram)
    mov x0, #3 << 20
    msr cpacr_el1, x0
    ldr x0, =ram_map
    ldr x1, =0x40000701
    str x1, [x0, #8]
    msr ttbr0_el1, x0
    mov x0, #0xff
    msr mair_el1, x0
    ldr x0, =0x800019
    msr tcr_el1, x0
    isb
    mrs x0, sctlr_el1
    orr x0, x0, #1
    msr sctlr_el1, x0
    isb
    ret
    END(map_ram)

/* What is done to memory, up to the end of a page; run.py has the list. */
SYMBOL(accesses)
    ldr x0, =page_end
    ldr w1, =0x12345678
    str w1, [x0, #-8]
    ldrsh x2, [x0, #-6]
    ldrb w2, [x0, #-8]
    str w1, [x0, #-2]
    ldr w2, [x0, #-2]
    sub x0, x0, #8
    ldadd w1, w2, [x0]
    ldsmax wzr, w2, [x0]
    ldxr w2, [x0]
    stxr w3, w1, [x0]
    stxr w3, w2, [x0]
    mov w2, w1
    cas w2, wzr, [x0]
    cas w2, w1, [x0]
    stp x1, x1, [x0, #-8]
    fmov s1, w1
    str s1, [x0, #4]
    movi v2.16b, #0x11
    str q2, [x0]
    ldr q3, [x0]
    sub x0, x0, #8
    mov x4, #0
    mov x5, #0
    casp x4, x5, x4, x5, [x0]
    dc zva, x0
    ldr x1, =1f - 512
    msr vbar_el1, x1
    mov x1, #NOWHERE
    ldr x2, [x1, x0]
    .balign 2048
    .skip 512
1:  ldr x0, =vectors
    msr vbar_el1, x0
    ret
    END(accesses)

/* To user mode and back by a system call, twice: 5 here. */
SYMBOL(user)
    ldr x0, =user_code
    msr elr_el1, x0
    msr spsr_el1, xzr
    nop
    eret
    END(user)

/* Calls 64 with 1, 2, 3 and then 93 with what that gave. */
SYMBOL(user_code)
    mov x8, #64
    mov x0, #1
    mov x1, #2
    mov x2, #3
    svc #0
    mov x8, #93
    svc #0
    END(user_code)

/* The answer to 64 is 7. */
SYMBOL(user_end)
    cmp x8, #93
    b.eq done
    mov x0, #7
    eret
    END(user_end)

/* Nothing from here on is counted: it depends on when the machine stops. */
SYMBOL(done)
    ldr w0, =SYSTEM_OFF
    hvc #0
1:  wfi
    b 1b
    .ltorg
    END(done)

    .balign 2048
SYMBOL(vectors)
    .balign 512
    .skip 512
    b handler /* from this level */
    .balign 512
    b user_end
    END(vectors)

    .data
    .balign 4096
ram_map:
    .skip 4096
    .skip 4096
page_end:
    .skip 16
