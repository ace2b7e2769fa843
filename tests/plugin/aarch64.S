/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/plugin/aarch64.S - what riscv.S is. */
#define SYMBOL(name)              \
    .globl name;                  \
    .type name, @function;        \
name:
#define END(name) .size name, . - name

#define NOWHERE 0x0b000000
#define SYSTEM_OFF 0x84000008

SYMBOL(_start)
    adr x0, vectors
    msr vbar_el1, x0
    bl counted_loop
    bl early_exit
    bl skips_fault
    bl repeats_fault
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

/* To user mode and back by a system call, twice: 5 here. */
SYMBOL(user)
    adr x0, user_code
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
