/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/watchdog/i6300esb.c - a watchdog on PCI: a guest that does not reload it
 * in time has hung. Two stages run down one after the other; when the second
 * has, the host decides what to do (-action watchdog=). Spec: Intel 6300ESB I/O
 * Controller Hub datasheet (300641), 15: watchdog timer. Left out: the
 * interrupt between the stages, an APIC's or an SMI, which only a PC has;
 * drivers switch it off. Threads: under the device's lock; the timer's callback
 * takes it. */
#include "hw/watchdog/i6300esb.h"

#include "core/clock.h"
#include "core/notice.h"
#include "hw/pci/pci.h"
#include "util/bits.h"
#include "util/log.h"

/* In configuration space. */
enum { CONFIG = 0x60, LOCK = 0x68 };
enum { CONFIG_INTERRUPT = 3, CONFIG_FAST = 1 << 2, CONFIG_NO_OUTPUT = 1 << 5 };
enum { LOCK_LOCKED = 1, LOCK_ENABLED = 2, LOCK_FREE_RUNNING = 4 };

/* In BAR 0; all but RELOAD only behind the unlocking sequence. */
enum { PRELOAD1 = 0x00, PRELOAD2 = 0x04, RELOAD = 0x0c, BAR_BYTES = 0x10 };
enum { RELOAD_NOW = 1 << 8, RELOAD_TIMED_OUT = 1 << 9 };
/* Where Linux's driver looks for RELOAD_TIMED_OUT. */
enum { RELOAD_TIMED_OUT_LINUX = 1 << 12 };
enum { KEY1 = 0x80, KEY2 = 0x86 };

#define PRELOAD_MAX  UINT32_C(0xfffff)
#define MIN_STAGE_NS INT64_C(1000000) /* or a guest keeps the host busy */

typedef struct {
    Device dev;
    PciFunction function;
    uint32_t preload[2];
    uint8_t keys;      /* of the sequence that came so far */
    uint8_t stage;     /* that runs down: 0 or 1 */
    uint8_t timed_out; /* kept over the reset that follows */
    uint8_t is_running;
    uint64_t deadline; /* of the stage, guest time in ns */
    Timer timer;
} I6300esb;

/* ---- the timer ---------------------------------------------------------- */

/* A count is 2^15 clocks of PCI (33 MHz), about a millisecond, or 2^5. */
static int64_t stage_ns(const I6300esb *w)
{
    unsigned shift = w->function.config[CONFIG] & CONFIG_FAST ? 5 : 15;
    int64_t clocks = (int64_t)w->preload[w->stage] << shift;

    return MAX(clocks * 1000 / 33, MIN_STAGE_NS);
}

static void halt(I6300esb *w)
{
    w->is_running = 0;
    timer_cancel(&w->timer);
}

static void run_stage(I6300esb *w, uint8_t stage)
{
    w->stage = stage;
    w->is_running = 1;
    w->deadline = (uint64_t)(clock_now_ns() + stage_ns(w));
    timer_arm(&w->timer, (int64_t)w->deadline);
}

static void reset_registers(I6300esb *w)
{
    uint8_t *config = w->function.config;

    halt(w);
    config[CONFIG] = config[LOCK] = 0;
    w->function.writable[LOCK] = LOCK_LOCKED | LOCK_ENABLED | LOCK_FREE_RUNNING;
    w->preload[0] = w->preload[1] = PRELOAD_MAX;
    w->keys = w->stage = 0;
}

/* The guest has hung. */
static void bark(I6300esb *w)
{
    if (w->function.config[CONFIG] & CONFIG_NO_OUTPUT) {
        if (w->function.config[LOCK] & LOCK_FREE_RUNNING) {
            run_stage(w, 0);
        } else {
            halt(w);
        }
        return;
    }
    w->timed_out = 1;
    notice_post(NOTICE_WATCHDOG, &w->dev, 0);
    reset_registers(w);
}

static void stage_over(void *opaque)
{
    I6300esb *w = opaque;

    device_lock(&w->dev);
    if (!w->is_running || (int64_t)w->deadline > clock_now_ns()) {
        /* reloaded meanwhile */
    } else if (w->stage == 0) {
        run_stage(w, 1);
    } else {
        bark(w);
    }
    device_unlock(&w->dev);
}

/* ---- registers ---------------------------------------------------------- */

static void i6300esb_config_written(Device *dev, unsigned reg, unsigned size)
{
    I6300esb *w = (I6300esb *)dev;
    uint8_t lock = w->function.config[LOCK];

    if (reg > LOCK || reg + size <= LOCK) {
        return;
    }
    if (lock & LOCK_LOCKED) { /* until a reset */
        w->function.writable[LOCK] = 0;
    }
    if (!(lock & LOCK_ENABLED)) {
        halt(w);
    } else if (!w->is_running) {
        run_stage(w, 0);
    }
}

static MemResult i6300esb_read(Device *dev, unsigned region, uint64_t offset,
                               unsigned size, uint64_t *value)
{
    const I6300esb *w = (const I6300esb *)dev;

    *value = offset == RELOAD && w->timed_out
                 ? RELOAD_TIMED_OUT | RELOAD_TIMED_OUT_LINUX
                 : 0;
    return MEM_OK;
}

static void write_unlocked(I6300esb *w, uint64_t offset, uint64_t value)
{
    switch (offset) {
    case PRELOAD1:
    case PRELOAD2:
        w->preload[offset / PRELOAD2] = (uint32_t)value & PRELOAD_MAX;
        break;
    case RELOAD:
        if ((value & RELOAD_NOW) && w->is_running) {
            run_stage(w, 0);
        }
        if (value & (RELOAD_TIMED_OUT | RELOAD_TIMED_OUT_LINUX)) {
            w->timed_out = 0;
        }
        break;
    default:
        guest_log(LOG_GUEST_ERRORS, "i6300esb: write to offset 0x%x",
                  (unsigned)offset);
    }
}

static MemResult i6300esb_write(Device *dev, unsigned region, uint64_t offset,
                                unsigned size, uint64_t value)
{
    I6300esb *w = (I6300esb *)dev;

    if (offset == RELOAD && value == KEY1) {
        w->keys = 1;
    } else if (offset == RELOAD && value == KEY2 && w->keys == 1) {
        w->keys = 2;
    } else {
        if (w->keys == 2) {
            write_unlocked(w, offset, value);
        }
        w->keys = 0;
    }
    return MEM_OK;
}

/* ---- life --------------------------------------------------------------- */

static bool i6300esb_start(Device *dev, GError **error)
{
    static const PciIds ids = {.vendor = 0x8086,
                               .device = 0x25ab,
                               .subsys_vendor = 0x1af4,
                               .subsys = 0x1100,
                               .class_code = 0x088000};
    I6300esb *w = (I6300esb *)dev;

    timer_init(&w->timer, stage_over, w);
    if (!pci_init(dev, &ids, error)) {
        return false;
    }
    pci_add_bar(&w->function, 0, PCI_BAR_MEM32, false, BAR_BYTES);
    w->function.writable[CONFIG] =
        CONFIG_INTERRUPT | CONFIG_FAST | CONFIG_NO_OUTPUT;
    return true;
}

static void i6300esb_reset(Device *dev)
{
    I6300esb *w = (I6300esb *)dev;

    pci_reset(&w->function);
    reset_registers(w);
}

static bool i6300esb_loaded(Device *dev, GError **error)
{
    I6300esb *w = (I6300esb *)dev;

    pci_loaded(&w->function);
    w->preload[0] &= PRELOAD_MAX;
    w->preload[1] &= PRELOAD_MAX;
    w->stage &= 1;
    w->function.writable[LOCK] =
        w->function.config[LOCK] & LOCK_LOCKED
            ? 0
            : LOCK_LOCKED | LOCK_ENABLED | LOCK_FREE_RUNNING;
    timer_cancel(&w->timer);
    if (w->is_running) {
        timer_arm(&w->timer, (int64_t)w->deadline);
    }
    return true;
}

static void i6300esb_stop(Device *dev)
{
    timer_cancel(&((I6300esb *)dev)->timer);
    pci_finish(dev);
}

/* ---- class -------------------------------------------------------------- */

/* clang-format off */
static const StateField i6300esb_state[] = {
    PCI_STATE(I6300esb, function),
    STATE_U_ARRAY(I6300esb, preload),
    STATE_U(I6300esb, keys),
    STATE_U(I6300esb, stage),
    STATE_U(I6300esb, timed_out),
    STATE_U(I6300esb, is_running),
    STATE_U(I6300esb, deadline),
    STATE_LAST,
};
static const PropDesc i6300esb_props[] = { PCI_PROPS(I6300esb, function) };
/* clang-format on */

static const PciClass i6300esb_kind = {
    .bus = PCI_BUS_NAME,
    .function = offsetof(I6300esb, function),
    .config_written = i6300esb_config_written,
};

const DeviceClass i6300esb_class = {
    .name = "i6300esb",
    .help = "watchdog on PCI",
    .size = sizeof(I6300esb),
    .access = ACCESS_ANY,
    .user_creatable = true,
    .state = i6300esb_state,
    .props = i6300esb_props,
    .n_props = G_N_ELEMENTS(i6300esb_props),
    .read = i6300esb_read,
    .write = i6300esb_write,
    .start = i6300esb_start,
    .reset = i6300esb_reset,
    .loaded = i6300esb_loaded,
    .stop = i6300esb_stop,
    .kind = &i6300esb_kind,
};
