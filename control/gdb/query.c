/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/gdb/query.c - q and Q packets: what the stub can do, documents, the
 * monitor, how steps and memory behave. */
#include <stdlib.h>
#include <string.h>

#include "control/gdb/gdb_priv.h"
#include "util/bits.h"

/* Addresses that are called unused, and the page behind them, which is the
 * last. */
enum { UNUSED_BYTES = 0x100000, LAST_BYTES = 0x1000 };

/* ---- abilities ---------------------------------------------------------- */

static bool says(const char *features, const char *name)
{
    g_auto(GStrv) list = g_strsplit_set(features, ":;", -1);

    return g_strv_contains((const char *const *)list, name);
}

static void supported(GdbStub *s, const char *args, size_t len)
{
    s->multiprocess = says(args, "multiprocess+");
    s->knows_breakpoints = says(args, "swbreak+") || says(args, "hwbreak+");
    g_string_printf(s->reply,
                    "PacketSize=%x;QStartNoAckMode+;QNonStop+;multiprocess+;"
                    "vContSupported+;swbreak+;hwbreak+;"
                    "ConditionalBreakpoints+;qXfer:features:read+;"
                    "qXfer:threads:read+;qXfer:memory-map:read+",
                    GDB_PACKET_MAX);
}

static void no_ack_mode(GdbStub *s, const char *args, size_t len)
{
    gdb_ok(s);
    gdb_send_reply(s); /* the last that is acknowledged */
    s->no_ack = s->no_reply = true;
}

static void attached(GdbStub *s, const char *args, size_t len)
{
    g_string_assign(s->reply, "1");
}

/* lldb's. */
static void host_info(GdbStub *s, const char *args, size_t len)
{
    const TargetDebug *d = s->target->debug;
    const TargetReg *first = &g_array_index(s->regs, TargetReg, 0);

    gdb_set_takes_calls(s, false); /* it knows of none */
    g_string_assign(s->reply, "pid:1;triple:");
    gdb_put_hex(s->reply, d->triple, strlen(d->triple));
    g_string_append_printf(s->reply,
                           ";endian:little;ptrsize:%u;"
                           "watchpoint_exceptions_received:before;",
                           first->bits / 8);
}

/* ---- documents ---------------------------------------------------------- */

/* offset,length: that part of the text, behind 'm' if there is more. */
static void put_part(GdbStub *s, const char *args, const char *text)
{
    uint64_t offset, want;
    size_t len = strlen(text);

    if (!gdb_take_number(&args, &offset) || !gdb_take(&args, ',') ||
        !gdb_take_number(&args, &want) || *args != '\0') {
        gdb_error(s, GDB_EINVAL);
        return;
    }
    offset = MIN(offset, len);
    want = MIN(want, GDB_PACKET_MAX - 1);
    g_string_append_c(s->reply, len - offset > want ? 'm' : 'l');
    g_string_append_len(s->reply, text + offset,
                        (gssize)MIN(want, len - offset));
}

static void features(GdbStub *s, const char *args, size_t len)
{
    put_part(s, args, s->description);
}

static void threads(GdbStub *s, const char *args, size_t len)
{
    g_autoptr(GString) text = g_string_new(NULL);

    gdb_put_thread_list(s, text);
    put_part(s, args, text->str);
}

/* Addresses are virtual, so any of them may be memory. Two halves, for a
 * length has 64 bits. */
static void memory_map(GdbStub *s, const char *args, size_t len)
{
    put_part(s, args,
             "<?xml version=\"1.0\"?>\n<memory-map>\n"
             "<memory type=\"ram\" start=\"0x0\" "
             "length=\"0x8000000000000000\"/>\n"
             "<memory type=\"ram\" start=\"0x8000000000000000\" "
             "length=\"0x8000000000000000\"/>\n"
             "</memory-map>\n");
}

/* lldb's. It looks for room that the program does not have, for values of its
 * own, until it has found some. */
static void memory_region(GdbStub *s, const char *args, size_t len)
{
    uint64_t last = bits_mask(g_array_index(s->regs, TargetReg, 0).bits);
    uint64_t used = last - LAST_BYTES - UNUSED_BYTES + 1, start = 0, addr;
    uint64_t size = used;

    if (!gdb_take_number(&args, &addr) || *args != '\0' || addr > last) {
        gdb_error(s, GDB_EINVAL);
        return;
    }
    if (addr >= used) {
        bool is_last = addr > last - LAST_BYTES;

        start = is_last ? last - LAST_BYTES + 1 : used;
        size = is_last ? LAST_BYTES : UNUSED_BYTES;
    }
    g_string_append_printf(
        s->reply,
        "start:%" G_GINT64_MODIFIER "x;size:%" G_GINT64_MODIFIER "x;%s", start,
        size, start == used ? "" : "permissions:rwx;");
}

/* ---- the monitor -------------------------------------------------------- */

static void monitor_command(GdbStub *s, const char *args, size_t len)
{
    g_autofree char *line = g_malloc0(len / 2 + 1);
    g_autofree char *answer = NULL;

    if (len % 2 != 0 || !gdb_take_bytes(&args, (uint8_t *)line, len / 2)) {
        gdb_error(s, GDB_EINVAL);
        return;
    }
    if (s->monitor != NULL) {
        answer = s->monitor(s->monitor_opaque, line, s->g_thread);
    }
    if (answer == NULL) {
        answer = g_strdup("there is no monitor\n");
    }
    if (*answer == '\0') {
        gdb_ok(s);
        return;
    }
    /* In pieces: a packet has an end. */
    for (const char *at = answer; *at != '\0';) {
        size_t part = MIN(strlen(at), GDB_PACKET_MAX / 2 - 1);

        g_string_assign(s->reply, "O");
        gdb_put_hex(s->reply, at, part);
        gdb_send_reply(s);
        at += part;
    }
    gdb_ok(s);
}

/* ---- steps and memory --------------------------------------------------- */

static void step_bits(GdbStub *s, const char *args, size_t len)
{
    g_string_printf(s->reply, "ENABLE=%x,NOIRQ=%x,NOTIMER=%x", GDB_STEP_ENABLE,
                    GDB_STEP_NO_IRQ, GDB_STEP_NO_TIMER);
}

static void step_flags(GdbStub *s, const char *args, size_t len)
{
    g_string_printf(s->reply, "0x%x", s->step_flags);
}

static void set_step_flags(GdbStub *s, const char *args, size_t len)
{
    unsigned all = GDB_STEP_ENABLE | GDB_STEP_NO_IRQ | GDB_STEP_NO_TIMER;
    uint64_t flags;

    if (g_str_has_prefix(args, "0x")) {
        args += 2;
    }
    if (!gdb_take_number(&args, &flags) || *args != '\0' || (flags & ~all)) {
        gdb_error(s, GDB_EINVAL);
        return;
    }
    s->step_flags = (unsigned)flags;
    gdb_ok(s);
}

static void physical_mode(GdbStub *s, const char *args, size_t len)
{
    g_string_assign(s->reply, s->physical ? "1" : "0");
}

static void set_physical_mode(GdbStub *s, const char *args, size_t len)
{
    if (!g_str_equal(args, "0") && !g_str_equal(args, "1")) {
        gdb_error(s, GDB_EINVAL);
        return;
    }
    s->physical = *args == '1';
    gdb_ok(s);
}

static void own_features(GdbStub *s, const char *args, size_t len)
{
    g_string_assign(s->reply, "sstepbits;sstep;PhyMemMode");
}

/* ---- tables ------------------------------------------------------------- */

static const GdbCommandRow queries[] = {
    {"Attached", attached},
    {"C", gdb_current_thread},
    {"HostInfo", host_info},
    {"MemoryRegionInfo:", memory_region},
    {"ProcessInfo", host_info},
    {"Rcmd,", monitor_command},
    {"Supported", supported},
    {"ThreadExtraInfo,", gdb_thread_info},
    {"ThreadStopInfo", gdb_thread_stop_reason},
    {"Xfer:features:read:target.xml:", features},
    {"Xfer:memory-map:read::", memory_map},
    {"Xfer:threads:read::", threads},
    {"fThreadInfo", gdb_first_threads},
    {"sThreadInfo", gdb_next_threads},
    {"qemu.PhyMemMode", physical_mode},
    {"qemu.Supported", own_features},
    {"qemu.sstepbits", step_bits},
    {"qemu.sstep", step_flags},
};

static const GdbCommandRow settings[] = {
    {"NonStop:", gdb_set_non_stop},
    {"StartNoAckMode", no_ack_mode},
    {"qemu.PhyMemMode:", set_physical_mode},
    {"qemu.sstep=", set_step_flags},
};

void gdb_query(GdbStub *s, const char *args, size_t len)
{
    gdb_dispatch(s, queries, G_N_ELEMENTS(queries), args, len);
}

void gdb_set(GdbStub *s, const char *args, size_t len)
{
    gdb_dispatch(s, settings, G_N_ELEMENTS(settings), args, len);
}
