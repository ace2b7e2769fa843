/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/gdb/agent.h - expressions that the debugger compiles and the target
 * evaluates: conditions of breakpoints.
 * Spec: "The GDB Agent Expression Mechanism" of the GDB manual.
 * Threads: any, one evaluation each. */
#ifndef CUTTLE_CONTROL_GDB_AGENT_H
#define CUTTLE_CONTROL_GDB_AGENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What an expression looks at; false: it is not there. */
typedef struct {
    bool (*reg)(void *opaque, unsigned number, uint64_t *value);
    bool (*memory)(void *opaque, uint64_t addr, void *to, size_t len);
    void *opaque;
} AgentView;

/* The top of the stack at the end. False: the code is wrong, takes too long, or
 * something is not there. Any bytes may be given. */
bool agent_eval(const uint8_t *code, size_t len, const AgentView *view,
                uint64_t *value);

#endif
