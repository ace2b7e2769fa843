/* SPDX-License-Identifier: GPL-2.0-or-later */
/* target/target.h - what a guest architecture is to those who run it: one
 * constant table.
 * Threads: every function runs on the vCPU's own thread, except where noted;
 * translate works on its job only and may run on any vCPU's thread.
 * Lifetime: constant data. */
#ifndef CUTTLE_TARGET_TARGET_H
#define CUTTLE_TARGET_TARGET_H

#include "core/state.h"
#include "core/vcpu.h"
#include "tcg/ir/build.h"

enum { TARGET_CORE_REGS = 40 };
enum { TARGET_PAGE_BITS = 12, TARGET_PAGE_SIZE = 1 << TARGET_PAGE_BITS };

/* One block to translate. */
typedef struct {
    IrBuilder *ir;       /* ir_begin was called */
    const Vcpu *vcpu;    /* for the CPU's configuration only, not its state */
    uint32_t flags;      /* TargetContext.flags: all of state a block knows */
    uint32_t start;      /* offset in the page */
    const uint8_t *page; /* the page's bytes, TARGET_PAGE_SIZE */
    /* The two bytes at the start of the next page, for an instruction that
     * crosses into it; false: a fault was recorded. Called at most once, for
     * the first instruction of a block only. */
    bool (*next_page)(void *opaque, uint16_t *bytes);
    void *opaque;
    unsigned max_insns;
    /* No instruction after the first starts at this offset or behind; 0: the
     * page is the limit. */
    uint32_t limit;
    bool exact; /* a debugger may look at the state at every exit */
    /* Results, with block->end and n_insns in ir->block. */
    bool crosses; /* the only instruction ends in the next page */
} TransJob;

/* The address space and mode memory accesses and fetches happen in. Equal
 * space and mode: equal translations, so they share a soft TLB. */
typedef struct {
    uint64_t space;    /* e.g. satp */
    uint32_t domain;   /* pages that are global are the same in all spaces of
                        * one domain; 0 if there is but one */
    uint32_t mode;     /* privilege and everything else that changes rights */
    uint32_t alt_mode; /* of accesses with IR_MO_ALT, in the same space; if no
                        * block makes any: mode */
    int32_t asid;      /* for tlb_flush; -1: no address space (bare) */
    uint32_t flags; /* what translated code depends on: part of a block's key;
                     * with space it decides where fetches go. The top four bits
                     * are the engine's. */
} TargetContext;

typedef struct {
    Gpa gpa;              /* of the accessed byte */
    uint8_t prot;         /* PROT_*: what may be cached (W only once dirty) */
    uint8_t page_bits;    /* log2 of the size for which this holds; below
                           * TARGET_PAGE_BITS: do not cache */
    bool global;          /* the same in every address space of the domain */
    uint32_t block_flags; /* of code in it: joins TargetContext.flags */
} PageInfo;

/* Takes one device-tree property; value as the tree carries it (big-endian
 * cells, NUL-terminated strings). */
typedef void TargetPutProp(void *opaque, const char *name, const void *value,
                           size_t len);

/* A register as debuggers see it; its number is its place in the list. */
typedef struct {
    const char *feature; /* gdb's name of the set it is in; a set's registers
                          * follow each other */
    char name[24];
    const char *type; /* gdb's: "int", "data_ptr" ..., or one of types() */
    const char *group;
    const char *role; /* "pc", "sp", "fp", "ra", "arg1" ... or NULL */
    uint16_t bits;    /* at most 128 */
    bool in_g;        /* is in gdb's packet of general registers */
    uint32_t id;      /* the target's own */
} TargetReg;

/* A system call as its guest's kernels take it, and where it was made: what a
 * thread still is when its call returns. */
typedef struct {
    uint64_t number, args[6]; /* if it was just made */
    uint64_t result;          /* if it just returned */
    uint64_t return_pc, stack, thread, space;
} TargetCall;

/* For debuggers. Main thread, while the vCPU stands; or its own, with exact
 * state. */
typedef struct {
    const char *arch;                        /* gdb's name */
    const char *triple;                      /* of compilers */
    void (*list)(const Vcpu *v, GArray *to); /* appends each TargetReg */
    /* What the feature's description says of types, as XML, or NULL. */
    const char *(*types)(const char *feature);
    /* bits / 8 bytes, little-endian. False: cannot be read, or written. */
    bool (*read)(Vcpu *v, const TargetReg *reg, uint8_t *to);
    bool (*write)(Vcpu *v, const TargetReg *reg, const uint8_t *from);
} TargetDebug;

typedef struct Target {
    const char *name; /* "riscv64": the guest's name in messages */
    const IrGuest *ir;
    size_t state_size; /* of the struct that starts with Vcpu */
    const StateField *state;
    /* Top bits of an address that translation may ignore: the engine takes
     * such addresses for pages of their own, that a flush must reach. */
    unsigned tag_bits;
    /* Instructions are at multiples of 1 << this, which may be 1 or more. */
    unsigned insn_shift;
    const char *default_cpu;
    void (*print_cpus)(void);             /* -cpu help */
    const char *(*cpu_model)(unsigned n); /* the n-th name, NULL behind */

    /* A CPU from -cpu's text "model,prop=on,...". config_error names what is
     * wrong. hart is its number. */
    Vcpu *(*vcpu_new)(const char *cpu, unsigned index, Bus *bus,
                      GError **error);
    void (*vcpu_free)(Vcpu *v);
    void (*reset)(Vcpu *v, Gva pc); /* a0, a1 ... are the boot ROM's to set */

    void (*context)(Vcpu *v, TargetContext *out);

    /* Builds IR from job->start until a branch that ends the block, the page's
     * end or max_insns. False: a fault was recorded before the first
     * instruction. An illegal instruction is a block that raises it. */
    bool (*translate)(TransJob *job);

    /* Looks va up for an access. False: recorded as the vCPU's exception (at
     * v->pc) unless probe. */
    bool (*find_page)(Vcpu *v, Gva va, MemAccess access, bool probe,
                      PageInfo *out);

    /* Record what the engine found at v->pc. */
    void (*raise_bus_fault)(Vcpu *v, Gva va, MemAccess access);
    void (*raise_misaligned)(Vcpu *v, Gva va, MemAccess access);

    /* A DEBUG_GUEST point is met: kind DEBUG_EXEC, by the instruction at
     * v->pc == va, or by an access of size bytes at va, neither of which has
     * happened. True: an exception was recorded. NULL: has no such points. */
    bool (*debug_hit)(Vcpu *v, unsigned kind, Gva va, unsigned size,
                      MemAccess access);

    /* Takes the recorded exception: state and pc move to the handler. */
    void (*take_exception)(Vcpu *v);
    /* Looks at irq_lines; takes an interrupt if one is enabled. True if it
     * did. */
    bool (*take_interrupt)(Vcpu *v);
    /* Whether a halted vCPU should go on. */
    bool (*has_work)(Vcpu *v);

    /* The number that firmware calls and device trees know this CPU by (Arm:
     * its affinity). NULL: its index. [any] */
    uint64_t (*cpu_number)(const Vcpu *v);
    /* Whether -cpu's feature of this name is on. NULL: cannot say. [any] */
    bool (*has_feature)(const Vcpu *v, const char *name);

    /* What the device tree says of this CPU beside device_type, reg, status
     * and its interrupt controller; for RISC-V compatible, riscv,isa,
     * riscv,isa-base, riscv,isa-extensions, riscv,cb*-block-size, mmu-type.
     * Main thread, while nothing runs. */
    void (*fdt_cpu)(const Vcpu *v, TargetPutProp *put, void *opaque);

    /* Where this CPU's time counter comes from (RISC-V: mtime, in ticks of
     * 10 MHz); without it, guest time. Call it again after the counter was
     * written, so that alarms on it move. NULL: the target has no such thing.
     * [any] */
    void (*set_time_source)(Vcpu *v, uint64_t (*time)(void *opaque),
                            void *opaque);

    /* Connects an output of the CPU (a timer's or counter's line, by the
     * target's number) to what hears it; before start. NULL: has none. */
    void (*connect_output)(Vcpu *v, unsigned number, IrqLine line);

    /* Firmware the machine plays. reset_for_kernel: reset, and then as such
     * firmware leaves the CPU to a kernel. power_on: v, switched off with
     * power_off, starts so at entry, with context in its first argument
     * register. False: it was on. Any thread; v's next instruction sees it.
     * power_off is called on v's own thread, or before start with v off from
     * the beginning. is_on: [any]. NULL: the target has no such thing. */
    void (*reset_for_kernel)(Vcpu *v, Gva pc);
    bool (*power_on)(Vcpu *v, Gva entry, uint64_t context);
    void (*power_off)(Vcpu *v);
    bool (*is_on)(const Vcpu *v);

    /* The state fields were just restored: derive the rest. Main thread,
     * while nothing runs; context and translations are forgotten after. */
    void (*loaded)(Vcpu *v);

    const TargetDebug *debug;
    /* v makes a call, or returns from one: see VcpuMove. */
    void (*system_call)(const Vcpu *v, TargetCall *out);

    /* For -d: capstone's numbers for this guest code. */
    void (*disassembly)(const Vcpu *v, int *cs_arch, int *cs_mode);
    /* Where the host's capstone does not know the guest: appends the text of
     * the instruction at code (len bytes left, at least 1) and gives its
     * length, at most len. */
    size_t (*disassemble)(const Vcpu *v, const uint8_t *code, size_t len,
                          Gva pc, GString *out);
    /* Registers for -d exec and tests; g_free the text. */
    char *(*print_state)(const Vcpu *v);

    /* For core files: ELF's machine number, whether words are 64 bits, and the
     * general registers in the order Linux has them in a prstatus note, at most
     * TARGET_CORE_REGS; how many. While v stands. */
    uint16_t elf_machine;
    bool elf_wide;
    unsigned (*core_regs)(const Vcpu *v, uint64_t *to);
} Target;

extern const Target target_riscv64;
extern const Target target_riscv32;
extern const Target target_aarch64;

#endif
