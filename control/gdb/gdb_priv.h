/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/gdb/gdb_priv.h - the stub's parts. A thread is a vCPU; its number
 * there is Vcpu.index + 1, in process 1.
 * Threads: main thread, but what stop_lock guards. */
#ifndef CUTTLE_CONTROL_GDB_GDB_PRIV_H
#define CUTTLE_CONTROL_GDB_GDB_PRIV_H

#include "control/gdb/gdb.h"
#include "control/gdb/packet.h"
#include "machine/view.h"

enum {
    GDB_SIGNAL_NONE = 0,
    GDB_SIGNAL_INT = 2,
    GDB_SIGNAL_QUIT = 3,
    GDB_SIGNAL_TRAP = 5,
    GDB_SIGNAL_ABRT = 6,
    GDB_SIGNAL_STOP = 17,
    GDB_SIGNAL_ALRM = 14,
    GDB_SIGNAL_TERM = 15,
};

/* As error replies carry them. */
enum { GDB_EPERM = 1, GDB_ENOENT = 2, GDB_EFAULT = 14, GDB_EINVAL = 22 };

typedef struct {
    GdbStub *stub;
    Vcpu *v;
    VcpuDebugger debugger;
    DebugStop stop; /* stop_lock: what it said last */
    bool stopped;   /* stop_lock: and nobody has looked at it */
    bool running;   /* as far as the debugger knows */
    bool stepping;
    bool breaks_in; /* the step's end is told as an interrupt */
    bool ranging;   /* steps on while pc is in [range_start, range_end) */
    Gva range_start, range_end;
    int signal;    /* of its last stop */
    DebugStop why; /* likewise, if the signal is SIGTRAP and has_why */
    bool has_why;
    bool hardware;   /* why is POINT: of a hardware breakpoint */
    bool unreported; /* non-stop: in the queue of stops */
    DebugCall *call; /* stop_lock: what it asked for last; NULL: never */
} GdbThread;

typedef struct {
    unsigned type; /* of the Z packet: 0 ... 4 */
    DebugPoint point;
    GPtrArray *conditions; /* of GBytes: it acts if one holds; NULL: always */
} GdbPoint;

struct GdbStub {
    Machine *m;
    CharDev *chr;
    const Target *target;
    GdbThread *threads;
    unsigned n_threads;
    GArray *regs; /* of TargetReg */
    char *description;
    GMutex stop_lock;
    bool takes_calls; /* stop_lock: the debugger makes calls */

    /* The connection's. */
    GdbFramer in;
    GByteArray *last; /* sent, not acknowledged */
    guint closer;     /* idle source that ends the connection */
    bool connected;
    bool no_ack;
    bool multiprocess, knows_breakpoints; /* the debugger said so */
    bool non_stop;
    bool awaits_stop;   /* all-stop: the debugger waits for a reply */
    bool changing;      /* it is us who stop it or let it go on */
    GdbThread *calling; /* the debugger makes its call; NULL: none */
    GdbThread *owed;   /* all-stop: the stop to tell behind the call, or NULL */
    GQueue unreported; /* non-stop: GdbThread */
    bool notified;     /* its head was told, and not yet confirmed */
    unsigned next_stopped; /* behind '?': that and later ones are to tell */
    unsigned g_thread, next_listed;
    int c_thread;        /* -1: all */
    unsigned step_flags; /* STEP_* of query.c */
    bool physical;       /* memory is addressed so */
    GRWLock points_lock; /* vCPUs read; the main thread writes */
    GArray *points;      /* of GdbPoint */
    GString *reply;
    bool no_reply; /* it comes later, or never */

    GdbMonitor *monitor; /* NULL: none */
    void *monitor_opaque;
};

/* stub.c */
void gdb_ok(GdbStub *s);
void gdb_error(GdbStub *s, int number);
void gdb_error_text(GdbStub *s, const char *text);
/* Sends the reply now; for those that come later, and several. */
void gdb_send_reply(GdbStub *s);
/* A notification. */
void gdb_notify(GdbStub *s, const char *body);

typedef void GdbCommand(GdbStub *s, const char *args, size_t len);
typedef struct {
    const char *prefix; /* of the packet; args is what follows */
    GdbCommand *fn;
} GdbCommandRow;
/* Runs the first row whose prefix fits; false: none does. */
bool gdb_dispatch(GdbStub *s, const GdbCommandRow *rows, unsigned n,
                  const char *body, size_t len);

/* threads.c: numbers. -1 is all, 0 is any; false: there is no such thread, or
 * no number. Moves *at. */
bool gdb_take_thread(const GdbStub *s, const char **at, int *number);
void gdb_put_thread(const GdbStub *s, GString *to, const GdbThread *t);
GdbThread *gdb_thread(GdbStub *s, int number); /* NULL: not one thread */
GdbCommand gdb_set_thread, gdb_thread_alive, gdb_current_thread,
    gdb_first_threads, gdb_next_threads, gdb_thread_info;
void gdb_put_thread_list(GdbStub *s, GString *to); /* XML */

/* regs.c */
void gdb_describe(GdbStub *s);
GdbCommand gdb_read_all, gdb_write_all, gdb_read_one, gdb_write_one;

/* memory.c */
GdbCommand gdb_read_memory, gdb_write_memory, gdb_write_binary;

/* fileio.c: takes_calls and call of VcpuDebugger; the reply to F. */
bool gdb_takes_calls(void *opaque);
bool gdb_call(void *opaque, Vcpu *v, DebugCall *call);
GdbCommand gdb_call_done;
/* Tells the debugger of a call, if it can hear of it. */
void gdb_send_calls(GdbStub *s);
/* False ends those that are under way. */
void gdb_set_takes_calls(GdbStub *s, bool takes);
/* The call's bytes, if that is what the debugger means by addr; else NULL. */
uint8_t *gdb_call_bytes(GdbStub *s, uint64_t addr, uint64_t len);

/* points.c */
GdbCommand gdb_add_point, gdb_remove_point;
void gdb_points_init(GdbStub *s);
void gdb_points_finish(GdbStub *s);
void gdb_forget_points(GdbStub *s);
/* VcpuDebugger.wants. */
bool gdb_wants_stop(void *opaque, Vcpu *v, Gva pc);
/* Whether a breakpoint at va is a hardware one. */
bool gdb_point_is_hardware(const GdbStub *s, Gva va);

/* resume.c */
GdbCommand gdb_resume_threads, gdb_resume_support, gdb_continue, gdb_step,
    gdb_interrupt, gdb_set_non_stop, gdb_detach, gdb_kill, gdb_attach;
/* Tells the engine whether and how the thread steps when it goes on. */
void gdb_set_step(GdbThread *t);

/* stops.c */
GdbCommand gdb_stop_reason, gdb_stopped_next, gdb_thread_stop_reason;
/* Everything stands, and nobody is held any more. The second half alone. */
void gdb_stop_all(GdbStub *s, RunState why);
void gdb_let_go(GdbStub *s);
/* Non-stop: one stands, and is to be reported; then the reports are begun. */
void gdb_stop_thread(GdbThread *t, int signal);
void gdb_tell_stops(GdbStub *s);
/* All-stop: what has stopped during a call. */
void gdb_report_owed(GdbStub *s);
/* Looks what vCPUs say, soon. [any] */
void gdb_post_stops(GdbStub *s);
/* Ctrl-C. */
void gdb_break_in(GdbStub *s);
void gdb_stub_gone(GdbStub *s);
void gdb_machine_event(void *opaque, const MachineEvent *event);
void gdb_thread_stopped(void *opaque, Vcpu *v, const DebugStop *stop);
/* A connection begins or is lost. */
void gdb_session_start(GdbStub *s);
void gdb_session_end(GdbStub *s);

/* query.c */
GdbCommand gdb_query, gdb_set;
enum { GDB_STEP_ENABLE = 1, GDB_STEP_NO_IRQ = 2, GDB_STEP_NO_TIMER = 4 };

#endif
