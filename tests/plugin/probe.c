/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/plugin/probe.c - a plugin that tells everything it hears of the test
 * programs, by function, in a form that does not depend on how blocks are cut.
 *   insns NAME COUNTED CALLED       instructions, counted in line and by calls
 *   loads NAME COUNTED CALLED       likewise accesses; and stores
 *   access KIND SIZE OFFSET VALUE   in the function accesses, at the end of a
 *                                   page: offset there
 *   registers PC-OK FIRST CPSR      before each instruction of registers
 *   syscall ..., return ..., exceptions N, vcpus STARTED ENDED
 * It leaves out what is behind the symbol "done".
 *   registers=on: all calls may read registers */
#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/cuttle-plugin.h"

const int cuttle_plugin_version = CUTTLE_PLUGIN_VERSION;

enum { MAX_FUNCTIONS = 64, INSNS = 0, LOADS = 1, STORES = 2, N_KINDS = 3 };

typedef struct {
    char *name;
    CuttleCounter counted[N_KINDS], called[N_KINDS];
} Function;

static struct {
    CuttlePlugin *self;
    CuttleNeeds needs;
    Function functions[MAX_FUNCTIONS];
    unsigned n_functions;
    const CuttleRegister *registers;
    size_t n_registers;
    atomic_uint exceptions, started, ended;
} probe;

static Function *function_new(const char *name, size_t len)
{
    Function *f = &probe.functions[probe.n_functions++];

    if (probe.n_functions == MAX_FUNCTIONS) {
        abort();
    }
    f->name = strndup(name, len);
    for (unsigned kind = 0; kind < N_KINDS; kind++) {
        f->counted[kind] = cuttle_counter_new(probe.self);
        f->called[kind] = cuttle_counter_new(probe.self);
    }
    return f;
}

static Function *function_of(CuttleInsn *i)
{
    const char *symbol = cuttle_insn_symbol(i);
    size_t len = symbol != NULL ? strcspn(symbol, "+") : 0;

    if (len == 0 || (len == 4 && (strncmp(symbol, "done", len) == 0 ||
                                  strncmp(symbol, "idle", len) == 0))) {
        return NULL;
    }
    for (unsigned n = 0; n < probe.n_functions; n++) {
        Function *f = &probe.functions[n];

        if (strlen(f->name) == len && memcmp(f->name, symbol, len) == 0) {
            return f;
        }
    }
    return function_new(symbol, len);
}

static void insn_called(unsigned vcpu, void *data)
{
    const Function *f = data;

    cuttle_counter_add(f->called[INSNS], vcpu, 1);
}

static void accessed(unsigned vcpu, uint32_t info, uint64_t address,
                     const uint64_t value[2], void *data)
{
    const Function *f = data;
    bool store = cuttle_access_is_store(info);

    cuttle_counter_add(f->called[store ? STORES : LOADS], vcpu, 1);
    if (strcmp(f->name, "accesses") == 0 && (address & 0xfff) >= 0xf00) {
        cuttle_log("access %s %u 0x%x 0x%" PRIx64 "%s\n",
                   store ? "store" : "load", cuttle_access_size(info),
                   (unsigned)(address & 0xfff), value[0],
                   !cuttle_access_has_value(info) ? " unknown"
                   : value[1] != 0                ? " more"
                                                  : "");
    }
}

static uint64_t read_register(unsigned vcpu, const char *name)
{
    uint8_t bytes[16];
    uint64_t value = UINT64_MAX;

    for (size_t i = 0; i < probe.n_registers; i++) {
        if (strcmp(probe.registers[i].name, name) == 0 &&
            cuttle_register_read(vcpu, i, bytes)) {
            memcpy(&value, bytes, sizeof(value));
        }
    }
    return value;
}

static void show_registers(unsigned vcpu, void *data)
{
    uint64_t first = read_register(vcpu, "a0");

    if (first == UINT64_MAX) {
        first = read_register(vcpu, "x0");
    }
    cuttle_log("registers %d %" PRIu64 " %" PRIx64 "\n",
               read_register(vcpu, "pc") == (uintptr_t)data, first,
               (read_register(vcpu, "cpsr") + 1) >> 28);
}

static void look_at_insn(CuttleInsn *i)
{
    Function *f = function_of(i);

    if (f == NULL) {
        return;
    }
    cuttle_insn_count(i, f->counted[INSNS], 1);
    cuttle_insn_call(i, insn_called, probe.needs, f);
    cuttle_insn_count_access(i, CUTTLE_LOADS, f->counted[LOADS], 1);
    cuttle_insn_count_access(i, CUTTLE_STORES, f->counted[STORES], 1);
    cuttle_insn_call_access(i, CUTTLE_LOADS | CUTTLE_STORES, accessed,
                            probe.needs, f);
    if (probe.registers != NULL && strcmp(f->name, "registers") == 0) {
        cuttle_insn_call(i, show_registers, CUTTLE_REGISTERS,
                         (void *)(uintptr_t)cuttle_insn_pc(i));
    }
}

static void translated(CuttleBlock *b, void *data)
{
    for (size_t n = 0; n < cuttle_block_size(b); n++) {
        look_at_insn(cuttle_block_insn(b, n));
    }
}

static void moved(unsigned vcpu, CuttleMove how, uint64_t from, uint64_t to,
                  void *data)
{
    probe.exceptions += how == CUTTLE_EXCEPTION;
}

static void syscall_made(unsigned vcpu, const CuttleSyscall *call, void *data)
{
    cuttle_log("syscall %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
               call->number, call->args[0], call->args[1], call->args[2]);
}

static void syscall_returned(unsigned vcpu, const CuttleSyscall *call,
                             uint64_t result, void *data)
{
    cuttle_log("return %" PRIu64 " %" PRIu64 "\n", call->number, result);
}

static void one_more(unsigned vcpu, void *data)
{
    atomic_fetch_add((atomic_uint *)data, 1);
}

static void finish(void *data)
{
    static const char *const kinds[] = {"insns", "loads", "stores"};

    for (unsigned n = 0; n < probe.n_functions; n++) {
        const Function *f = &probe.functions[n];

        for (unsigned kind = 0; kind < N_KINDS; kind++) {
            cuttle_log("%s %s %" PRIu64 " %" PRIu64 "\n", kinds[kind], f->name,
                       cuttle_counter_sum(f->counted[kind]),
                       cuttle_counter_sum(f->called[kind]));
        }
        free(f->name);
    }
    cuttle_log("exceptions %u\nvcpus %u %u\n", probe.exceptions, probe.started,
               probe.ended);
}

int cuttle_plugin_install(CuttlePlugin *self, const CuttlePluginInfo *info,
                          int argc, char **argv)
{
    probe.self = self;
    if (argc > 0 && strcmp(argv[0], "registers=on") == 0) {
        probe.needs = CUTTLE_REGISTERS;
        probe.registers = cuttle_registers(self, &probe.n_registers);
    }
    cuttle_on_block(self, translated, NULL);
    cuttle_on_move(self, moved, NULL);
    cuttle_on_syscall(self, syscall_made, NULL);
    cuttle_on_syscall_return(self, syscall_returned, NULL);
    cuttle_on_vcpu(self, CUTTLE_VCPU_START, one_more, &probe.started);
    cuttle_on_vcpu(self, CUTTLE_VCPU_END, one_more, &probe.ended);
    cuttle_on_finish(self, finish, NULL);
    return 0;
}
