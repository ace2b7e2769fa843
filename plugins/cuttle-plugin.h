/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plugins/cuttle-plugin.h - what a plugin of cuttle-system is written against;
 * it includes nothing else of Cuttle. docs/plugins.md shows how.
 * A plugin is a shared object that exports cuttle_plugin_version and
 * cuttle_plugin_install; -plugin loads it before the machine starts.
 * Threads: install, finish and what they call run on the main thread, while no
 * vCPU does; translated runs on a vCPU's thread, one call at a time; every
 * other callback runs on its vCPU's thread, several vCPUs at once. Lifetime:
 * blocks, instructions and their strings are the emulator's and last until the
 * callback returns; what is handed over as data must last. */
#ifndef CUTTLE_PLUGIN_H
#define CUTTLE_PLUGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Grows when something is added; the emulator loads plugins of its own version
 * and those that are older, down to CUTTLE_PLUGIN_OLDEST. */
#define CUTTLE_PLUGIN_VERSION 1
#define CUTTLE_PLUGIN_OLDEST  1

#define CUTTLE_PLUGIN_EXPORT __attribute__((visibility("default")))

typedef struct CuttlePlugin CuttlePlugin; /* one -plugin */
typedef struct CuttleBlock CuttleBlock;   /* guest code that was translated */
typedef struct CuttleInsn CuttleInsn;     /* one instruction of it */

typedef struct {
    int version;       /* CUTTLE_PLUGIN_VERSION of the emulator */
    const char *guest; /* "riscv64", "riscv32", "aarch64" */
    unsigned n_vcpus;
    const char *kernel; /* -kernel's file, or NULL */
} CuttlePluginInfo;

/* ---- what a plugin exports ---- */

CUTTLE_PLUGIN_EXPORT extern const int cuttle_plugin_version;

/* argv: the option's arguments but the file, as "name=value". Not 0: the
 * emulator ends; the plugin has said why with cuttle_error. info lasts. */
CUTTLE_PLUGIN_EXPORT int cuttle_plugin_install(CuttlePlugin *self,
                                               const CuttlePluginInfo *info,
                                               int argc, char **argv);

/* ---- in cuttle_plugin_install: what to hear of ---- */

/* A block has been translated and will run, any number of times; it may come
 * again, also in other parts: the same code may start in the middle. */
void cuttle_on_block(CuttlePlugin *self,
                     void (*translated)(CuttleBlock *b, void *data),
                     void *data);

typedef enum {
    CUTTLE_VCPU_START, /* its thread starts */
    CUTTLE_VCPU_END,
    CUTTLE_VCPU_IDLE,   /* it waits for an interrupt */
    CUTTLE_VCPU_RESUME, /* it waits no longer */
} CuttleVcpuEvent;

void cuttle_on_vcpu(CuttlePlugin *self, CuttleVcpuEvent event,
                    void (*fn)(unsigned vcpu, void *data), void *data);

/* How control moves other than by what an instruction says. */
typedef enum {
    CUTTLE_INTERRUPT,
    CUTTLE_EXCEPTION, /* system calls are too */
} CuttleMove;

/* from: what was interrupted, or where the exception was taken; to: the
 * handler. */
void cuttle_on_move(CuttlePlugin *self,
                    void (*fn)(unsigned vcpu, CuttleMove how, uint64_t from,
                               uint64_t to, void *data),
                    void *data);

/* A program of the guest calls its kernel, by the conventions of Linux: the
 * arguments are those registers, whatever the call takes. */
typedef struct {
    uint64_t pc; /* of the instruction */
    uint64_t number;
    uint64_t args[6];
} CuttleSyscall;

void cuttle_on_syscall(CuttlePlugin *self,
                       void (*fn)(unsigned vcpu, const CuttleSyscall *call,
                                  void *data),
                       void *data);

/* It is back behind the instruction, maybe on another vCPU. Calls that do not
 * return (exit), or elsewhere (execve, a signal), are not heard of again. */
void cuttle_on_syscall_return(CuttlePlugin *self,
                              void (*fn)(unsigned vcpu,
                                         const CuttleSyscall *call,
                                         uint64_t result, void *data),
                              void *data);

/* The run is over and no vCPU runs: counters may be read, results printed. */
void cuttle_on_finish(CuttlePlugin *self, void (*fn)(void *data), void *data);

/* The reason why install fails, in one line without a full stop. */
void cuttle_error(CuttlePlugin *self, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* ---- counters: a 64-bit number of each vCPU ---- */

typedef uint32_t CuttleCounter;

/* In cuttle_plugin_install and when a block was translated. There are four
 * million; behind the last, all are one that nobody should trust:
 * CUTTLE_NO_COUNTER. */
#define CUTTLE_NO_COUNTER ((CuttleCounter)0)
CuttleCounter cuttle_counter_new(CuttlePlugin *self);

uint64_t cuttle_counter_get(CuttleCounter c, unsigned vcpu);
uint64_t cuttle_counter_sum(CuttleCounter c); /* of all vCPUs */
/* vCPU's own thread only. */
void cuttle_counter_add(CuttleCounter c, unsigned vcpu, uint64_t n);

/* ---- in the callback of cuttle_on_block ---- */

uint64_t cuttle_block_pc(const CuttleBlock *b);       /* virtual address */
uint64_t cuttle_block_physical(const CuttleBlock *b); /* of its first byte */
size_t cuttle_block_size(const CuttleBlock *b);       /* instructions */
CuttleInsn *cuttle_block_insn(CuttleBlock *b, size_t n);

uint64_t cuttle_insn_pc(const CuttleInsn *i);
const uint8_t *cuttle_insn_bytes(const CuttleInsn *i, size_t *size);
/* Assembly; and the name of its place in the ELF files that the machine booted,
 * "name" or "name+0x1c", or NULL. */
const char *cuttle_insn_text(CuttleInsn *i);
const char *cuttle_insn_symbol(CuttleInsn *i);

/* What a callback needs to be exact beside memory. */
typedef enum { CUTTLE_NOTHING, CUTTLE_REGISTERS } CuttleNeeds;

typedef void CuttleRun(unsigned vcpu, void *data);

/* Each time before the block's first instruction. A block may be left before
 * its last one, at a taken branch or a fault. */
void cuttle_block_call(CuttleBlock *b, CuttleRun *fn, CuttleNeeds needs,
                       void *data);
void cuttle_block_count(CuttleBlock *b, CuttleCounter c, uint16_t n);

/* Each time before the instruction, whatever comes of it: one that faults and
 * is done again has started twice. */
void cuttle_insn_call(CuttleInsn *i, CuttleRun *fn, CuttleNeeds needs,
                      void *data);
void cuttle_insn_count(CuttleInsn *i, CuttleCounter c, uint16_t n);

/* ---- memory ---- */

enum { CUTTLE_LOADS = 1, CUTTLE_STORES = 2 };

/* An access was made. info is for the functions below; value is what was moved,
 * its lowest 64 bits first. */
typedef void CuttleAccess(unsigned vcpu, uint32_t info, uint64_t address,
                          const uint64_t value[2], void *data);

/* Each time after the instruction has made such an access, of kinds that are
 * or-ed; never if it faults. An atomic operation is a load and, if it stores, a
 * store. An access that crosses a page is one; one of several registers may be
 * several. */
void cuttle_insn_call_access(CuttleInsn *i, unsigned kinds, CuttleAccess *fn,
                             CuttleNeeds needs, void *data);
void cuttle_insn_count_access(CuttleInsn *i, unsigned kinds, CuttleCounter c,
                              uint16_t n);

static inline unsigned cuttle_access_size(uint32_t info) /* bytes */
{
    return 1u << (info & 7);
}

static inline bool cuttle_access_is_store(uint32_t info)
{
    return (info & 8) != 0;
}

/* False: value is not what was moved (blocks of zeros). */
static inline bool cuttle_access_has_value(uint32_t info)
{
    return (info & 16) == 0;
}

typedef struct {
    uint64_t address;
    bool is_device; /* else memory */
} CuttlePhysical;

/* Where the vCPU's address leads now; it walks the guest's page tables. In
 * callbacks on the vCPU's thread. False: nowhere. */
bool cuttle_physical(unsigned vcpu, uint64_t address, CuttlePhysical *out);

/* ---- registers ---- */

typedef struct {
    const char *name; /* as gdb has them: "pc", "a0", "x0" */
    const char *set;  /* gdb's: "org.gnu.gdb.riscv.cpu" */
    unsigned bits;    /* at most 128 */
} CuttleRegister;

/* All of them, *n; they last. In cuttle_plugin_install, and for the whole run
 * code is such that they are exact where CUTTLE_REGISTERS asks for it. */
const CuttleRegister *cuttle_registers(CuttlePlugin *self, size_t *n);

/* Register number i of that list, little-endian. In callbacks that asked for
 * CUTTLE_REGISTERS, and in those of vCPUs, moves and system calls. False: it
 * cannot be read now. */
bool cuttle_register_read(unsigned vcpu, size_t i, uint8_t to[16]);

/* ---- any time ---- */

/* To the log: standard error, or the file of -D. */
void cuttle_log(const char *format, ...) __attribute__((format(printf, 1, 2)));

#ifdef __cplusplus
}
#endif

#endif
