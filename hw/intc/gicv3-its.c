/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/intc/gicv3-its.c - interrupt translation service: device and event to
 * LPI and CPU, by tables in the guest's memory that only commands change.
 * Spec: Arm IHI 0069G, 5 (ITS), 12.19 (GITS_*).
 * An interrupt reads three entries of eight bytes: device, event, collection.
 * Nothing is cached, so what the guest scribbles into its tables misleads its
 * own interrupts and nothing else.
 * A command that makes no sense is logged and skipped. A doorbell runs a batch
 * of commands; each look at GITS_CREADR runs the next one.
 * Left out: virtual LPIs (GICv4).
 * Threads: bus-locked; takes the controller's lock inside. */
#include "hw/intc/gicv3-its.h"

#include "hw/intc/gicv3_priv.h"
#include "hw/intc/trace.h"
#include "util/bits.h"
#include "util/log.h"

enum {
    CTLR = 0x0000,
    IIDR = 0x0004,
    TYPER = 0x0008,
    CBASER = 0x0080,
    CWRITER = 0x0088,
    CREADR = 0x0090,
    BASER = 0x0100,
    BASER_END = 0x0140,
    ID_REGS = 0xffd0,
};

enum { T_DEVICES, T_COLLECTIONS, N_TABLES };

enum {
    ENTRY_BYTES = 8,
    ID_BITS = 16, /* of devices, events, collections */
    COMMAND_BYTES = 32,
    BATCH = 1024,
    CTLR_ENABLED = 1,
    QUEUE_MASK = 0xfffe0, /* offsets in the queue */
};

#define VALID           BIT(63)
#define CTLR_QUIESCENT  BIT(31)
#define BASER_INDIRECT  BIT(62)
#define BASER_ADDRESS   UINT64_C(0x0000fffffffff000)
#define BASER_WRITABLE  (VALID | BASER_INDIRECT | UINT64_C(0x38e0ffffffffffff))
#define CBASER_ADDRESS  UINT64_C(0x000ffffffffff000)
#define CBASER_WRITABLE UINT64_C(0xb8effffffffffcff)

typedef struct {
    Device dev;
    uint32_t ctlr;
    uint64_t cbaser, cwriter, creadr;
    uint64_t baser[N_TABLES];

    Gicv3 *gic; /* NULL: interrupts go nowhere */
} Its;

static const uint64_t baser_fixed[N_TABLES] = {
    [T_DEVICES] = UINT64_C(1) << 56 | (uint64_t)(ENTRY_BYTES - 1) << 48,
    [T_COLLECTIONS] = UINT64_C(4) << 56 | (uint64_t)(ENTRY_BYTES - 1) << 48,
};

/* --- entries --- */

static bool entry_read(Its *s, Gpa at, uint64_t *entry)
{
    uint8_t bytes[ENTRY_BYTES];

    *entry = 0;
    if (!bus_dma_read(s->dev.bus, at, bytes, sizeof(bytes))) {
        return false;
    }
    *entry = le64_load(bytes);
    return true;
}

static bool entry_write(Its *s, Gpa at, uint64_t entry)
{
    uint8_t bytes[ENTRY_BYTES];

    le64_store(bytes, entry);
    return bus_dma_write(s->dev.bus, at, bytes, sizeof(bytes));
}

static uint64_t page_bytes(uint64_t baser)
{
    static const uint8_t bits[] = {12, 14, 16, 16};

    return UINT64_C(1) << bits[baser >> 8 & 3];
}

/* With 64 KiB pages bits 15:12 are bits 51:48 of the address (12.19.1). */
static Gpa table_base(uint64_t baser)
{
    Gpa base = baser & BASER_ADDRESS;

    if (page_bytes(baser) == 0x10000) {
        base = (base & ~UINT64_C(0xffff)) | (baser & 0xf000) << 36;
    }
    return base;
}

/* Where a table has the entry of id; false if it has none. */
static bool table_find(Its *s, unsigned table, uint32_t id, Gpa *at)
{
    uint64_t baser = s->baser[table], page = page_bytes(baser);
    uint64_t size = ((baser & 0xff) + 1) * page;
    uint64_t per_page = page / ENTRY_BYTES, level1;

    if (!(baser & VALID) || id >> ID_BITS != 0) {
        return false;
    }
    if (!(baser & BASER_INDIRECT)) {
        *at = table_base(baser) + (uint64_t)id * ENTRY_BYTES;
        return (uint64_t)id * ENTRY_BYTES < size;
    }
    if (id / per_page * ENTRY_BYTES >= size ||
        !entry_read(s, table_base(baser) + id / per_page * ENTRY_BYTES,
                    &level1) ||
        !(level1 & VALID)) {
        return false;
    }
    *at = (level1 & UINT64_C(0x000fffffffffffff) & ~(page - 1)) +
          id % per_page * ENTRY_BYTES;
    return true;
}

/* A device's entry: valid, 44 bits of its event table's address, its number of
 * bits of event less 1. */
static uint64_t device_entry(Gpa itt, unsigned size)
{
    return VALID | itt >> 8 << 5 | size;
}

/* Where the entry of an event is; false if device or event are not mapped. */
static bool event_find(Its *s, uint32_t device, uint32_t event, Gpa *at)
{
    uint64_t entry;

    if (!table_find(s, T_DEVICES, device, at) || !entry_read(s, *at, &entry) ||
        !(entry & VALID) || (entry & 31) >= ID_BITS ||
        event >> ((entry & 31) + 1) != 0) {
        return false;
    }
    *at = ((entry & ~VALID) >> 5 << 8) + (uint64_t)event * ENTRY_BYTES;
    return true;
}

/* An event's entry: valid, collection, LPI. */
static uint64_t event_entry(uint32_t collection, uint32_t intid)
{
    return VALID | (uint64_t)collection << 32 | intid;
}

static bool is_lpi(uint32_t intid)
{
    return intid >= GIC_LPI_BASE && intid - GIC_LPI_BASE < N_LPIS;
}

static bool collection_cpu(Its *s, uint32_t collection, unsigned *cpu)
{
    uint64_t entry;
    Gpa at;

    if (s->gic == NULL || !table_find(s, T_COLLECTIONS, collection, &at) ||
        !entry_read(s, at, &entry) || !(entry & VALID)) {
        return false;
    }
    *cpu = entry & 0xffff;
    return gicv3_has_cpu(s->gic, *cpu);
}

/* What an event means. */
typedef struct {
    Gpa at; /* its entry */
    uint32_t intid;
    unsigned cpu;
} Target;

static bool translate(Its *s, uint32_t device, uint32_t event, Target *t)
{
    uint64_t entry;

    if (!event_find(s, device, event, &t->at) ||
        !entry_read(s, t->at, &entry) || !(entry & VALID)) {
        return false;
    }
    t->intid = (uint32_t)entry;
    return is_lpi(t->intid) && collection_cpu(s, entry >> 32 & 0xffff, &t->cpu);
}

/* --- commands: double words as in table 5-6 and on --- */

typedef struct {
    uint64_t w[4];
} Command;

static uint32_t device_of(const Command *c)
{
    return (uint32_t)(c->w[0] >> 32);
}

static uint32_t event_of(const Command *c)
{
    return (uint32_t)c->w[1];
}

static uint32_t collection_of(const Command *c)
{
    return c->w[2] & 0xffff;
}

/* PTA is 0: processor numbers. */
static uint64_t processor(uint64_t word)
{
    return word >> 16 & UINT64_C(0x7ffffffff);
}

static bool has_processor(Its *s, uint64_t n)
{
    return s->gic != NULL && n <= UINT32_MAX &&
           gicv3_has_cpu(s->gic, (unsigned)n);
}

static bool do_mapd(Its *s, const Command *c)
{
    unsigned size = c->w[1] & 31;
    Gpa at;

    if (!table_find(s, T_DEVICES, device_of(c), &at)) {
        return false;
    }
    if (!(c->w[2] & VALID)) {
        return entry_write(s, at, 0);
    }
    return size < ID_BITS &&
           entry_write(
               s, at,
               device_entry(c->w[2] & UINT64_C(0x000fffffffffff00), size));
}

static bool do_mapc(Its *s, const Command *c)
{
    uint64_t cpu = processor(c->w[2]);
    Gpa at;

    if (!table_find(s, T_COLLECTIONS, collection_of(c), &at)) {
        return false;
    }
    if (!(c->w[2] & VALID)) {
        return entry_write(s, at, 0);
    }
    return has_processor(s, cpu) && entry_write(s, at, VALID | cpu);
}

static bool map_event(Its *s, const Command *c, uint32_t intid)
{
    Gpa at;

    return is_lpi(intid) && event_find(s, device_of(c), event_of(c), &at) &&
           entry_write(s, at, event_entry(collection_of(c), intid));
}

static bool do_mapti(Its *s, const Command *c)
{
    return map_event(s, c, (uint32_t)(c->w[1] >> 32));
}

static bool do_mapi(Its *s, const Command *c)
{
    return map_event(s, c, event_of(c));
}

static bool do_movi(Its *s, const Command *c)
{
    Target t;
    unsigned to;

    if (!translate(s, device_of(c), event_of(c), &t) ||
        !collection_cpu(s, collection_of(c), &to) ||
        !entry_write(s, t.at, event_entry(collection_of(c), t.intid))) {
        return false;
    }
    gicv3_lpi_move(s->gic, t.cpu, to, t.intid);
    return true;
}

static bool do_movall(Its *s, const Command *c)
{
    uint64_t from = processor(c->w[2]), to = processor(c->w[3]);

    if (!has_processor(s, from) || !has_processor(s, to)) {
        return false;
    }
    gicv3_lpi_move_all(s->gic, (unsigned)from, (unsigned)to);
    return true;
}

static bool do_int(Its *s, const Command *c)
{
    Target t;

    if (!translate(s, device_of(c), event_of(c), &t)) {
        return false;
    }
    gicv3_lpi_set(s->gic, t.cpu, t.intid, true);
    return true;
}

static bool do_clear(Its *s, const Command *c)
{
    Target t;

    if (!translate(s, device_of(c), event_of(c), &t)) {
        return false;
    }
    gicv3_lpi_set(s->gic, t.cpu, t.intid, false);
    return true;
}

static bool do_discard(Its *s, const Command *c)
{
    Target t;

    if (!translate(s, device_of(c), event_of(c), &t)) {
        return false;
    }
    gicv3_lpi_set(s->gic, t.cpu, t.intid, false);
    return entry_write(s, t.at, 0);
}

static bool do_inv(Its *s, const Command *c)
{
    Target t;

    if (!translate(s, device_of(c), event_of(c), &t)) {
        return false;
    }
    gicv3_lpi_reload(s->gic, t.cpu, t.intid);
    return true;
}

static bool do_invall(Its *s, const Command *c)
{
    unsigned cpu;

    if (!collection_cpu(s, collection_of(c), &cpu)) {
        return false;
    }
    gicv3_lpi_reload_all(s->gic, cpu);
    return true;
}

/* Everything before is done. */
static bool do_sync(Its *s, const Command *c)
{
    return true;
}

typedef bool Run(Its *s, const Command *c);

/* clang-format off */
static Run *const commands[] = {
    [0x01] = do_movi,
    [0x03] = do_int,
    [0x04] = do_clear,
    [0x05] = do_sync,
    [0x08] = do_mapd,
    [0x09] = do_mapc,
    [0x0a] = do_mapti,
    [0x0b] = do_mapi,
    [0x0c] = do_inv,
    [0x0d] = do_invall,
    [0x0e] = do_movall,
    [0x0f] = do_discard,
};
/* clang-format on */

static void run_command(Its *s, Gpa at)
{
    uint8_t bytes[COMMAND_BYTES];
    Command c;
    unsigned code;

    if (!bus_dma_read(s->dev.bus, at, bytes, sizeof(bytes))) {
        guest_log(LOG_GUEST_ERRORS, "its: the command queue is not in RAM");
        return;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(c.w); i++) {
        c.w[i] = le64_load(bytes + 8 * i);
    }
    trace(gicv3_its_command, c.w[0], c.w[1], c.w[2]);
    code = c.w[0] & 0xff;
    if (code >= G_N_ELEMENTS(commands) || commands[code] == NULL ||
        !commands[code](s, &c)) {
        guest_log(LOG_GUEST_ERRORS,
                  "its: command 0x%x of device 0x%x, event 0x%x skipped", code,
                  device_of(&c), event_of(&c));
    }
}

/* A batch of what waits between CREADR and CWRITER. */
static void run_queue(Its *s)
{
    uint64_t size = ((s->cbaser & 0xff) + 1) * 4096;

    if (!(s->ctlr & CTLR_ENABLED) || !(s->cbaser & VALID) ||
        s->dev.bus == NULL || s->cwriter >= size) {
        return;
    }
    for (unsigned i = 0; i < BATCH && s->creadr != s->cwriter; i++) {
        run_command(s, (s->cbaser & CBASER_ADDRESS) + s->creadr);
        s->creadr = (s->creadr + COMMAND_BYTES) % size;
    }
}

/* --- registers --- */

/* Physical LPIs, entries of events, bits of event, device, collection. */
static uint64_t typer(void)
{
    return 1 | (ENTRY_BYTES - 1) << 4 | (ID_BITS - 1) << 8 |
           (ID_BITS - 1) << 13 | (uint64_t)(ID_BITS - 1) << 32 | BIT(36);
}

static uint64_t *baser_at(Its *s, uint64_t at)
{
    uint64_t n = (at - BASER) / 8;

    return at >= BASER && n < N_TABLES ? &s->baser[n] : NULL;
}

/* The 64-bit register at an offset that is a multiple of 8. */
static uint64_t reg_get(Its *s, uint64_t at)
{
    uint64_t *baser = baser_at(s, at);

    if (baser != NULL) {
        return *baser;
    }
    switch (at) {
    case CTLR: /* and IIDR: implementer Arm */
        return s->ctlr | CTLR_QUIESCENT | UINT64_C(0x43b) << 32;
    case TYPER:
        return typer();
    case CBASER:
        return s->cbaser;
    case CWRITER:
        return s->cwriter;
    case CREADR:
        return s->creadr;
    }
    if (at >= ID_REGS) {
        return gicv3_id_reg((uint32_t)at) |
               (uint64_t)gicv3_id_reg((uint32_t)at + 4) << 32;
    }
    return 0;
}

static void reg_put(Its *s, uint64_t at, uint64_t value)
{
    uint64_t *baser = baser_at(s, at);

    if (baser != NULL) {
        /* Tables do not move while they are used (12.19.1). */
        if (!(s->ctlr & CTLR_ENABLED)) {
            *baser = (value & BASER_WRITABLE) | baser_fixed[baser - s->baser];
        }
        return;
    }
    switch (at) {
    case CTLR:
        s->ctlr = value & CTLR_ENABLED;
        run_queue(s);
        break;
    case CBASER:
        if (!(s->ctlr & CTLR_ENABLED)) {
            s->cbaser = value & CBASER_WRITABLE;
            s->creadr = s->cwriter = 0;
        }
        break;
    case CWRITER:
        s->cwriter = value & QUEUE_MASK;
        run_queue(s);
        break;
    default:
        if (at < BASER || at >= BASER_END) { /* those not there are zero */
            guest_log(LOG_GUEST_ERRORS, "its: write of register 0x%x",
                      (unsigned)at);
        }
    }
}

static MemResult its_read(Device *dev, unsigned region, uint64_t offset,
                          unsigned size, uint64_t *value)
{
    Its *s = (Its *)dev;

    if (region != ITS_CONTROL || offset >= ITS_FRAME_SIZE) {
        return MEM_OK;
    }
    if (align_down(offset, 8) == CREADR) {
        run_queue(s);
    }
    *value = reg_get(s, align_down(offset, 8)) >> (8 * (offset % 8));
    return MEM_OK;
}

static void on_message(Its *s, uint32_t device, uint32_t event)
{
    Target t;

    trace(gicv3_its_message, device, event);
    if (!(s->ctlr & CTLR_ENABLED)) {
        return;
    }
    if (device != BUS_NOBODY && translate(s, device, event, &t)) {
        gicv3_lpi_set(s->gic, t.cpu, t.intid, true);
    } else {
        guest_log(LOG_GUEST_ERRORS, "its: no LPI for device 0x%x, event 0x%x",
                  device, event);
    }
}

static MemResult its_write(Device *dev, unsigned region, uint64_t offset,
                           unsigned size, uint64_t value)
{
    Its *s = (Its *)dev;
    uint64_t at = align_down(offset, 8);

    if (region == ITS_TRANSLATION) {
        if (offset == ITS_TRANSLATER && s->dev.bus != NULL) {
            on_message(s, bus_requester().device, (uint32_t)value);
        }
        return MEM_OK;
    }
    if (region == ITS_CONTROL && offset < ITS_FRAME_SIZE) {
        reg_put(s, at,
                bits_set(reg_get(s, at), 8 * (offset % 8), 8 * size, value));
    }
    return MEM_OK;
}

/* --- life --- */

void gicv3_its_connect(Device *its, Device *gic)
{
    ((Its *)its)->gic = (Gicv3 *)gic;
}

static void reset(Device *dev)
{
    Its *s = (Its *)dev;

    s->ctlr = 0;
    s->cbaser = s->cwriter = s->creadr = 0;
    for (unsigned i = 0; i < N_TABLES; i++) {
        s->baser[i] = baser_fixed[i] | 2 << 8; /* pages of 64 KiB */
    }
}

/* Offsets in the queue are multiples of a command, whatever was loaded. */
static bool loaded(Device *dev, GError **error)
{
    Its *s = (Its *)dev;

    s->cwriter &= QUEUE_MASK;
    s->creadr &= QUEUE_MASK;
    return true;
}

static const StateField state[] = {
    STATE_U(Its, ctlr),   STATE_U(Its, cbaser),      STATE_U(Its, cwriter),
    STATE_U(Its, creadr), STATE_U_ARRAY(Its, baser), STATE_LAST,
};

const DeviceClass gicv3_its_class = {
    .name = "arm-gicv3-its",
    .help = "Arm GICv3 interrupt translation service",
    .compatible = "arm,gic-v3-its",
    .size = sizeof(Its),
    .access = ACCESS_32_64,
    .read = its_read,
    .write = its_write,
    .state = state,
    .reset = reset,
    .loaded = loaded,
};
