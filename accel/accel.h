/* SPDX-License-Identifier: GPL-2.0-or-later */
/* accel/accel.h - runs vCPUs: by translation (tcg) with host code or with the
 * IR interpreter.
 * Threads: main thread only; the vCPUs' threads are the accelerator's own.
 * Lifetime: the machine owns the accelerator and the vCPUs and frees the
 * accelerator before them, after the devices; the accelerator borrows bus and
 * vCPUs. */
#ifndef CUTTLE_ACCEL_ACCEL_H
#define CUTTLE_ACCEL_ACCEL_H

#include <stdio.h>

#include "core/vcpu.h"
#include "util/opts.h"

typedef struct Accel Accel;

/* From -accel's text: tcg[,backend=jit|interp][,tb-size=MiB]
 * [,one-insn-per-tb=on][,thread=multi]. opts may be NULL. Errors name the
 * option. */
Accel *accel_new(const struct Target *target, Opts *opts, Bus *bus,
                 GError **error);

/* Gives v its engine; before accel_start. */
bool accel_add_vcpu(Accel *a, Vcpu *v, GError **error);

/* What Linux perf is told of the code that runs. */
typedef struct {
    bool map;     /* /tmp/perf-PID.map */
    bool jitdump; /* jit-PID.dump in the current folder */
    /* The name of guest code, g_free; NULL: none is known. Called by vCPUs'
     * threads, one at a time. */
    char *(*name)(void *opaque, Gva pc);
    void *opaque;
} AccelPerf;

/* Before accel_start. Errors name the option; the interpreter is one. */
bool accel_tell_perf(Accel *a, const AccelPerf *want, GError **error);

/* Hangs what on all code; before accel_start. It is borrowed. */
bool accel_instrument(Accel *a, const Instrumentation *what, GError **error);

/* Starts one thread a vCPU; they run at once unless accel_pause came first. */
void accel_start(Accel *a);

/* Returns when every vCPU stands between two blocks. */
void accel_pause(Accel *a);
void accel_resume(Accel *a);

/* Ends and joins the threads. */
void accel_stop(Accel *a);
void accel_free(Accel *a);

/* The translations of v that the engine has, by address. While v stands. */
void accel_print_tlb(Accel *a, Vcpu *v, FILE *out);

/* What -d stats shows: translation cost, cache fill, TLB misses, exits. */
void accel_print_stats(Accel *a, FILE *out);

#endif
