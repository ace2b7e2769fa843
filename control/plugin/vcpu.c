/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/plugin/vcpu.c - what plugins hear of vCPUs, and may ask about one:
 * events, system calls, registers, addresses.
 * Spec: a system call returns where a program goes on behind its instruction in
 * the same address space, with the same stack and thread pointer. Until then a
 * table keeps it: the kernel may move the thread to another vCPU. */
#include <string.h>

#include "control/memory.h"
#include "control/plugin/plugin_priv.h"

/* Calls that never return stay in the table; when it is that long, all are
 * forgotten. */
enum { MAX_SYSCALLS = 65536 };

typedef void VcpuFn(unsigned vcpu, void *data);
typedef void MoveFn(unsigned vcpu, CuttleMove how, uint64_t from, uint64_t to,
                    void *data);
typedef void SyscallFn(unsigned vcpu, const CuttleSyscall *call, void *data);
typedef void ReturnFn(unsigned vcpu, const CuttleSyscall *call, uint64_t result,
                      void *data);

/* ---- asking to hear ---- */

void cuttle_on_vcpu(CuttlePlugin *self, CuttleVcpuEvent event,
                    void (*fn)(unsigned vcpu, void *data), void *data)
{
    plugin_add_call(self, PLUGIN_VCPU + event, (void (*)(void))fn, data);
}

void cuttle_on_move(CuttlePlugin *self,
                    void (*fn)(unsigned vcpu, CuttleMove how, uint64_t from,
                               uint64_t to, void *data),
                    void *data)
{
    plugin_add_call(self, PLUGIN_MOVE, (void (*)(void))fn, data);
}

void cuttle_on_syscall(CuttlePlugin *self,
                       void (*fn)(unsigned vcpu, const CuttleSyscall *call,
                                  void *data),
                       void *data)
{
    plugin_add_call(self, PLUGIN_SYSCALL, (void (*)(void))fn, data);
}

void cuttle_on_syscall_return(CuttlePlugin *self,
                              void (*fn)(unsigned vcpu,
                                         const CuttleSyscall *call,
                                         uint64_t result, void *data),
                              void *data)
{
    plugin_add_call(self, PLUGIN_SYSCALL_RETURN, (void (*)(void))fn, data);
}

/* ---- system calls ---- */

/* Who waits for the answer, then the call. */
typedef struct {
    uint64_t return_pc, stack, thread, space;
    CuttleSyscall call;
} Waiting;

static guint waiting_hash(gconstpointer p)
{
    const Waiting *w = p;
    uint64_t h = w->stack ^ w->thread * 3 ^ w->space * 5 ^ w->return_pc * 7;

    return (guint)(h ^ h >> 32);
}

static gboolean waiting_equal(gconstpointer a, gconstpointer b)
{
    const Waiting *x = a, *y = b;

    return x->stack == y->stack && x->thread == y->thread &&
           x->space == y->space && x->return_pc == y->return_pc;
}

static void syscall_made(Plugins *p, const Vcpu *v, const TargetCall *c,
                         Gva from)
{
    Waiting *w = g_new(Waiting, 1);

    *w = (Waiting){c->return_pc,
                   c->stack,
                   c->thread,
                   c->space,
                   {.pc = from, .number = c->number}};
    memcpy(w->call.args, c->args, sizeof(w->call.args));
    PLUGIN_TELL(p, PLUGIN_SYSCALL, SyscallFn, v->index, &w->call);
    g_mutex_lock(&p->syscalls_lock);
    if (p->syscalls == NULL) {
        p->syscalls =
            g_hash_table_new_full(waiting_hash, waiting_equal, g_free, NULL);
    }
    if (g_hash_table_size(p->syscalls) >= MAX_SYSCALLS) {
        g_hash_table_remove_all(p->syscalls);
    }
    g_hash_table_replace(p->syscalls, w, w);
    g_mutex_unlock(&p->syscalls_lock);
}

static void syscall_returns(Plugins *p, const Vcpu *v, const TargetCall *c)
{
    Waiting key = {v->pc, c->stack, c->thread, c->space, {0}};
    gpointer found = NULL;

    g_mutex_lock(&p->syscalls_lock);
    if (p->syscalls != NULL) {
        g_hash_table_steal_extended(p->syscalls, &key, &found, NULL);
    }
    g_mutex_unlock(&p->syscalls_lock);
    if (found != NULL) {
        PLUGIN_TELL(p, PLUGIN_SYSCALL_RETURN, ReturnFn, v->index,
                    &((Waiting *)found)->call, c->result);
        g_free(found);
    }
}

/* ---- events ---- */

static void started(void *opaque, Vcpu *v)
{
    const Plugins *p = opaque;

    PLUGIN_TELL(p, PLUGIN_VCPU + CUTTLE_VCPU_START, VcpuFn, v->index);
}

static void ended(void *opaque, Vcpu *v)
{
    const Plugins *p = opaque;

    PLUGIN_TELL(p, PLUGIN_VCPU + CUTTLE_VCPU_END, VcpuFn, v->index);
}

static void idle(void *opaque, Vcpu *v)
{
    const Plugins *p = opaque;

    PLUGIN_TELL(p, PLUGIN_VCPU + CUTTLE_VCPU_IDLE, VcpuFn, v->index);
}

static void resumed(void *opaque, Vcpu *v)
{
    const Plugins *p = opaque;

    PLUGIN_TELL(p, PLUGIN_VCPU + CUTTLE_VCPU_RESUME, VcpuFn, v->index);
}

static void moved(void *opaque, Vcpu *v, VcpuMove how, Gva from)
{
    Plugins *p = opaque;
    TargetCall call;

    if (how == VCPU_INTERRUPT || how == VCPU_EXCEPTION) {
        PLUGIN_TELL(p, PLUGIN_MOVE, MoveFn, v->index,
                    how == VCPU_INTERRUPT ? CUTTLE_INTERRUPT : CUTTLE_EXCEPTION,
                    from, v->pc);
        return;
    }
    if (p->calls[PLUGIN_SYSCALL]->len + p->calls[PLUGIN_SYSCALL_RETURN]->len ==
        0) {
        return;
    }
    v->target->system_call(v, &call);
    if (how == VCPU_SYSTEM_CALL) {
        syscall_made(p, v, &call, from);
    } else {
        syscall_returns(p, v, &call);
    }
}

const VcpuHooks plugin_hooks = {started, ended, idle, resumed, moved};

void plugin_vcpus_finish(Plugins *p)
{
    g_clear_pointer(&p->syscalls, g_hash_table_unref);
    g_clear_pointer(&p->regs, g_array_unref);
    g_clear_pointer(&p->reg_names, g_array_unref);
}

/* ---- questions ---- */

bool cuttle_physical(unsigned vcpu, uint64_t address, CuttlePhysical *out)
{
    Vcpu *v = machine_vcpu(plugins_here->m, vcpu);
    RamSpan span;

    if (v == NULL || !memory_translate(v, address, &out->address)) {
        return false;
    }
    out->is_device = !bus_find_ram(v->bus, out->address, &span);
    return true;
}

static void list_registers(Plugins *p)
{
    const Vcpu *v = machine_vcpu(p->m, 0);

    p->regs = g_array_new(FALSE, FALSE, sizeof(TargetReg));
    p->reg_names = g_array_new(FALSE, FALSE, sizeof(CuttleRegister));
    v->target->debug->list(v, p->regs);
    for (unsigned i = 0; i < p->regs->len; i++) {
        const TargetReg *r = &g_array_index(p->regs, TargetReg, i);
        CuttleRegister name = {r->name, r->feature, r->bits};

        g_array_append_val(p->reg_names, name);
    }
    p->what.exact = true;
}

const CuttleRegister *cuttle_registers(CuttlePlugin *self, size_t *n)
{
    Plugins *p = self->all;

    if (p->regs == NULL) {
        list_registers(p);
    }
    *n = p->regs->len;
    return (const CuttleRegister *)(void *)p->reg_names->data;
}

bool cuttle_register_read(unsigned vcpu, size_t i, uint8_t to[16])
{
    const Plugins *p = plugins_here;
    Vcpu *v = machine_vcpu(p->m, vcpu);

    if (v == NULL || p->regs == NULL || i >= p->regs->len) {
        return false;
    }
    memset(to, 0, 16);
    return v->target->debug->read(v, &g_array_index(p->regs, TargetReg, i), to);
}
