/* SPDX-License-Identifier: GPL-2.0-or-later */
/* util/trace.h - trace events: named places in the code that tell, when asked,
 * that they were passed and with what.
 * A folder lists its events in its trace.h, one X(name, (KIND, argument)...)
 * a line, and hands the list to TRACE_DECLARE_TABLE; one source of the library
 * has TRACE_DEFINE_TABLE. The code then says
 *     trace(virtio_notify, device, queue);
 * which costs a load and a branch while the event is off: the arguments are
 * not even evaluated. What comes out, and where, is trace-out.h.
 * Threads: events may happen and be switched on any thread.
 * Lifetime: the tables are constant but for `on`. */
#ifndef CUTTLE_UTIL_TRACE_H
#define CUTTLE_UTIL_TRACE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum {
    TRACE_UINT,
    TRACE_INT,
    TRACE_HEX,
    TRACE_STR, /* NULL is shown as "-" */
} TraceKind;

typedef union {
    uint64_t number; /* of TRACE_INT as two's complement */
    const char *text;
} TraceValue;

typedef struct {
    TraceKind kind;
    const char *name;
} TraceArg;

typedef struct {
    const char *name;
    const TraceArg *args;
    unsigned n_args;
    bool on;     /* relaxed atomic: switched while others look */
    uint16_t id; /* its place in all tables together */
} TraceEvent;

/* ---- for code that has events ------------------------------------------- */

#define trace_enabled(event) \
 __builtin_expect(__atomic_load_n(&trace_event_##event.on, __ATOMIC_RELAXED), 0)

#define trace(event, ...)      \
 do {                          \
  if (trace_enabled(event)) {  \
   trace_##event(__VA_ARGS__); \
  }                            \
 } while (0)

/* ---- for the tables of a folder ----------------------------------------- */

/* f of each (KIND, argument) pair, with commas between. */
#define TRACE_MAP_1(f, a)                            f a
#define TRACE_MAP_2(f, a, ...)                       f a, TRACE_MAP_1(f, __VA_ARGS__)
#define TRACE_MAP_3(f, a, ...)                       f a, TRACE_MAP_2(f, __VA_ARGS__)
#define TRACE_MAP_4(f, a, ...)                       f a, TRACE_MAP_3(f, __VA_ARGS__)
#define TRACE_MAP_5(f, a, ...)                       f a, TRACE_MAP_4(f, __VA_ARGS__)
#define TRACE_MAP_6(f, a, ...)                       f a, TRACE_MAP_5(f, __VA_ARGS__)
#define TRACE_MAP_7(f, a, ...)                       f a, TRACE_MAP_6(f, __VA_ARGS__)
#define TRACE_PICK_8(a, b, c, d, e, f, g, pick, ...) pick
#define TRACE_MAP(f, ...)                                                      \
 TRACE_PICK_8(__VA_ARGS__, TRACE_MAP_7, TRACE_MAP_6, TRACE_MAP_5, TRACE_MAP_4, \
              TRACE_MAP_3, TRACE_MAP_2, TRACE_MAP_1, )                         \
 (f, __VA_ARGS__)

#define TRACE_TYPE_UINT uint64_t
#define TRACE_TYPE_INT  int64_t
#define TRACE_TYPE_HEX  uint64_t
#define TRACE_TYPE_STR  const char *

#define TRACE_MEMBER_UINT number
#define TRACE_MEMBER_INT  number
#define TRACE_MEMBER_HEX  number
#define TRACE_MEMBER_STR  text

#define TRACE_PARAMETER(kind, arg) TRACE_TYPE_##kind arg
#define TRACE_VALUE(kind, arg) \
 {                             \
  .TRACE_MEMBER_##kind = arg   \
 }
#define TRACE_ARG(kind, arg) \
 {                           \
  TRACE_##kind, #arg         \
 }

#define TRACE_DECLARE(event, ...)                                         \
 extern TraceEvent trace_event_##event;                                   \
 G_GNUC_UNUSED __attribute__((cold, noinline)) static void trace_##event( \
     TRACE_MAP(TRACE_PARAMETER, __VA_ARGS__))                             \
 {                                                                        \
  const TraceValue values[] = {TRACE_MAP(TRACE_VALUE, __VA_ARGS__)};      \
                                                                          \
  trace_happened(&trace_event_##event, values);                           \
 }
#define TRACE_DEFINE(event, ...)                \
 static const TraceArg trace_args_##event[] = { \
     TRACE_MAP(TRACE_ARG, __VA_ARGS__)};        \
 TraceEvent trace_event_##event = {             \
     #event, trace_args_##event, G_N_ELEMENTS(trace_args_##event), false, 0};
#define TRACE_POINTER(event, ...) &trace_event_##event,

/* In the folder's header, and in a source of its library. */
#define TRACE_DECLARE_TABLE(table, EVENTS) \
 EVENTS(TRACE_DECLARE) extern TraceEvent *const table[]
#define TRACE_DEFINE_TABLE(table, EVENTS) \
 EVENTS(TRACE_DEFINE) TraceEvent *const table[] = {EVENTS(TRACE_POINTER) NULL}

/* Sends it where events go now (trace-out.c). */
void trace_happened(const TraceEvent *e, const TraceValue *values);

/* ---- for who steers ------------------------------------------------------ */

/* The tables there are, each and all of them ended by NULL; before any other
 * call here. Numbers the events. */
void trace_set_tables(TraceEvent *const *const *tables);

/* One after the other those whose name fits pattern (* and ?; NULL: all).
 * Start with *pos = 0; NULL at the end. */
TraceEvent *trace_next(unsigned *pos, const char *pattern);

/* Switches the events that fit pattern; false if it is the name of none. */
bool trace_switch(const char *pattern, bool on);

/* Switches on what fits pattern, or off after a leading '-'. False with an
 * error if it is the name of no event. */
bool trace_enable(const char *pattern, GError **error);

#endif
