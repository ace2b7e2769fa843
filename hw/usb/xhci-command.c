/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/usb/xhci-command.c - the command ring: slots, their contexts, their
 * endpoints' states. Spec: xHCI 1.2, 4.6.
 * Left out: commands for virtual functions, bandwidth, latency tolerance and
 * forced headers: a TRB error says so. */
#include "hw/usb/trace.h"
#include "hw/usb/xhci_priv.h"
#include "util/log.h"

/* Words of the input control context (6.2.5.1). */
enum { INPUT_DROP, INPUT_ADD };
/* Words of a slot context (6.2.2). */
enum { SLOT_INFO, SLOT_PORT, SLOT_TARGET, SLOT_STATE };

#define ROUTE_MASK       0xfffffu
#define ENTRIES_SHIFT    27
#define STATE_SHIFT      27
#define LATENCY_MASK     0xffffu
#define TARGET_SHIFT     22
#define PACKET_SHIFT     16
#define STREAMS_MASK     (31u << 10)
#define ENDPOINT_TYPE(c) ((c)->w[EP_INFO] >> 3 & 7)

/* The contexts of an input context: slot, then endpoints. */
static Gpa input_at(const Trb *t, unsigned index)
{
    return align_down(t->param, 16) + (Gpa)(index + 1) * CONTEXT_BYTES;
}

static bool load_control(Xhci *x, const Trb *t, Context *out)
{
    return context_load(x, align_down(t->param, 16), out);
}

/* The slot's own context; one without an address yet is all zero. */
static bool load_slot(Xhci *x, unsigned slot, Context *out)
{
    const XhciSlot *s = &x->slots[slot - 1];

    *out = (Context){0};
    return s->context == 0 || context_load(x, s->context, out);
}

static SlotState slot_state(const Context *c)
{
    return (SlotState)(c->w[SLOT_STATE] >> STATE_SHIFT);
}

static void set_slot_state(Context *c, SlotState state, uint8_t address)
{
    c->w[SLOT_STATE] = (uint32_t)state << STATE_SHIFT | address;
}

static void set_entries(Context *c, uint32_t n)
{
    c->w[SLOT_INFO] = (uint32_t)bits_set(c->w[SLOT_INFO], ENTRIES_SHIFT, 5, n);
}

/* ---- slots -------------------------------------------------------------- */

static CompletionCode enable_slot(Xhci *x, const Trb *t, unsigned *slot)
{
    unsigned max = MIN(x->config & 0xff, XHCI_SLOTS);

    for (unsigned i = 0; i < max; i++) {
        if (!x->slots[i].enabled) {
            x->slots[i] = (XhciSlot){.enabled = 1};
            *slot = i + 1;
            return CC_SUCCESS;
        }
    }
    return CC_NO_SLOTS;
}

void xhci_disable_slot(Xhci *x, unsigned slot)
{
    x->slots[slot - 1] = (XhciSlot){0};
}

static CompletionCode disable_slot(Xhci *x, const Trb *t, unsigned *slot)
{
    Context c;

    if (load_slot(x, *slot, &c) && x->slots[*slot - 1].context != 0) {
        c.w[SLOT_STATE] = 0;
        context_store(x, &c);
    }
    xhci_disable_slot(x, *slot);
    return CC_SUCCESS;
}

/* The device's older slots have lost it. */
static void take_port(Xhci *x, unsigned slot, unsigned port, uint32_t route)
{
    for (unsigned i = 0; i < XHCI_SLOTS; i++) {
        if (x->slots[i].port == port && x->slots[i].route == route) {
            x->slots[i].port = 0;
        }
    }
    x->slots[slot - 1].port = (uint8_t)port;
    x->slots[slot - 1].route = route;
}

static void start_endpoint(Context *c)
{
    endpoint_forget_transfer(c);
    endpoint_set_state(c, EP_RUNNING);
}

static bool find_context(Xhci *x, unsigned slot)
{
    Gpa at = align_down(x->dcbaap, 64) + 8 * (Gpa)slot;
    uint8_t bytes[8];

    if (!bus_dma_read(x->dev.bus, at, bytes, sizeof(bytes))) {
        xhci_fail(x, "device contexts are not in memory");
        return false;
    }
    x->slots[slot - 1].context = align_down(le64_load(bytes), 64);
    return true;
}

/* Slot and endpoint 0 from the input context into the device context. */
static CompletionCode set_up_slot(Xhci *x, const Trb *t, unsigned slot,
                                  UsbDevice *d)
{
    XhciSlot *s = &x->slots[slot - 1];
    bool bsr = t->control & TRB_BSR;
    Context c, ep;

    if (!context_load(x, input_at(t, 0), &c) ||
        !context_load(x, input_at(t, 1), &ep) || !find_context(x, slot)) {
        return CC_PARAMETER_ERROR;
    }
    c.at = s->context;
    ep.at = endpoint_at(s, 1);
    set_slot_state(&c, bsr ? SLOT_DEFAULT : SLOT_ADDRESSED,
                   bsr ? 0 : (uint8_t)slot);
    start_endpoint(&ep);
    if (!context_store(x, &c) || !context_store(x, &ep)) {
        return CC_PARAMETER_ERROR;
    }
    if (!bsr) {
        usb_set_address(d, (uint8_t)slot);
    }
    return CC_SUCCESS;
}

static CompletionCode address_device(Xhci *x, const Trb *t, unsigned *slot)
{
    Context control, in, old;
    unsigned port;
    uint32_t route;
    bool sleeps;
    UsbDevice *d;

    if (!load_control(x, t, &control) ||
        !context_load(x, input_at(t, 0), &in) || !load_slot(x, *slot, &old)) {
        return CC_PARAMETER_ERROR;
    }
    if (control.w[INPUT_DROP] != 0 || (control.w[INPUT_ADD] & 3) != 3) {
        return CC_TRB_ERROR;
    }
    if (slot_state(&old) >
        (t->control & TRB_BSR ? SLOT_ENABLED : SLOT_DEFAULT)) {
        return CC_CONTEXT_STATE_ERROR;
    }
    port = in.w[SLOT_PORT] >> 16 & 0xff;
    route = in.w[SLOT_INFO] & ROUTE_MASK;
    d = xhci_find_device(x, port, route, &sleeps);
    if (d == NULL || sleeps) {
        return CC_TRANSACTION_ERROR; /* nobody answers */
    }
    take_port(x, *slot, port, route);
    return set_up_slot(x, t, *slot, d);
}

static CompletionCode evaluate_context(Xhci *x, const Trb *t, unsigned *slot)
{
    XhciSlot *s = &x->slots[*slot - 1];
    Context control, in, c;

    if (!load_control(x, t, &control) || !load_slot(x, *slot, &c)) {
        return CC_PARAMETER_ERROR;
    }
    if (control.w[INPUT_DROP] != 0 || (control.w[INPUT_ADD] & ~3u) != 0) {
        return CC_TRB_ERROR;
    }
    if (slot_state(&c) == SLOT_ENABLED) {
        return CC_CONTEXT_STATE_ERROR;
    }
    if (control.w[INPUT_ADD] & 1) {
        if (!context_load(x, input_at(t, 0), &in)) {
            return CC_PARAMETER_ERROR;
        }
        c.w[SLOT_PORT] =
            (c.w[SLOT_PORT] & ~LATENCY_MASK) | (in.w[SLOT_PORT] & LATENCY_MASK);
        c.w[SLOT_TARGET] =
            (uint32_t)bits_set(c.w[SLOT_TARGET], TARGET_SHIFT, 10,
                               in.w[SLOT_TARGET] >> TARGET_SHIFT);
        context_store(x, &c);
    }
    if (control.w[INPUT_ADD] & 2) {
        if (!context_load(x, input_at(t, 1), &in) ||
            !context_load(x, endpoint_at(s, 1), &c)) {
            return CC_PARAMETER_ERROR;
        }
        c.w[EP_INFO] = (uint32_t)bits_set(c.w[EP_INFO], PACKET_SHIFT, 16,
                                          in.w[EP_INFO] >> PACKET_SHIFT);
        context_store(x, &c);
    }
    return CC_SUCCESS;
}

/* ---- endpoints' contexts ------------------------------------------------ */

static void disable_endpoint(Xhci *x, XhciSlot *s, unsigned index)
{
    Context c = {.at = endpoint_at(s, index)};

    s->ready &= ~(1u << index);
    context_store(x, &c);
}

static CompletionCode add_endpoint(Xhci *x, const Trb *t, XhciSlot *s,
                                   unsigned index)
{
    Context c;

    if (!context_load(x, input_at(t, index), &c)) {
        return CC_PARAMETER_ERROR;
    }
    if (ENDPOINT_TYPE(&c) == 0 || (c.w[EP_STATE] & STREAMS_MASK) != 0) {
        return CC_PARAMETER_ERROR;
    }
    c.at = endpoint_at(s, index);
    start_endpoint(&c);
    return context_store(x, &c) ? CC_SUCCESS : CC_PARAMETER_ERROR;
}

/* All but endpoint 0. */
static void disable_endpoints(Xhci *x, XhciSlot *s)
{
    for (unsigned i = 2; i < XHCI_ENDPOINTS && xhci_runs(x); i++) {
        disable_endpoint(x, s, i);
    }
}

static CompletionCode change_endpoints(Xhci *x, const Trb *t, XhciSlot *s,
                                       const Context *control)
{
    if ((control->w[INPUT_DROP] & 3) != 0 || (control->w[INPUT_ADD] & 3) != 1) {
        return CC_TRB_ERROR;
    }
    for (unsigned i = 2; i < XHCI_ENDPOINTS && xhci_runs(x); i++) {
        CompletionCode code = CC_SUCCESS;

        if (control->w[INPUT_DROP] & 1u << i) {
            disable_endpoint(x, s, i);
        }
        if (control->w[INPUT_ADD] & 1u << i) {
            code = add_endpoint(x, t, s, i);
        }
        if (code != CC_SUCCESS) {
            return code;
        }
    }
    return CC_SUCCESS;
}

static CompletionCode configure_endpoint(Xhci *x, const Trb *t, unsigned *slot)
{
    XhciSlot *s = &x->slots[*slot - 1];
    uint8_t address = (uint8_t)*slot;
    Context control, c, in;
    CompletionCode code;

    if (!load_slot(x, *slot, &c)) {
        return CC_PARAMETER_ERROR;
    }
    if (slot_state(&c) < SLOT_ADDRESSED) {
        return CC_CONTEXT_STATE_ERROR;
    }
    if (t->control & TRB_DECONFIGURE) {
        disable_endpoints(x, s);
        set_entries(&c, 1);
        set_slot_state(&c, SLOT_ADDRESSED, address);
        context_store(x, &c);
        return CC_SUCCESS;
    }
    if (!load_control(x, t, &control) ||
        !context_load(x, input_at(t, 0), &in)) {
        return CC_PARAMETER_ERROR;
    }
    code = change_endpoints(x, t, s, &control);
    if (code == CC_SUCCESS) {
        set_entries(&c, in.w[SLOT_INFO] >> ENTRIES_SHIFT);
        set_slot_state(&c, SLOT_CONFIGURED, address);
        context_store(x, &c);
    }
    return code;
}

static CompletionCode reset_device(Xhci *x, const Trb *t, unsigned *slot)
{
    Context c;

    if (!load_slot(x, *slot, &c)) {
        return CC_PARAMETER_ERROR;
    }
    if (slot_state(&c) < SLOT_ADDRESSED) {
        return CC_CONTEXT_STATE_ERROR;
    }
    disable_endpoints(x, &x->slots[*slot - 1]);
    set_entries(&c, 1);
    set_slot_state(&c, SLOT_DEFAULT, 0);
    context_store(x, &c);
    return CC_SUCCESS;
}

/* ---- endpoints' states (4.8.3) ------------------------------------------ */

typedef CompletionCode EndpointCommand(Xhci *x, const Trb *t, unsigned slot,
                                       unsigned index, Context *c);

static CompletionCode reset_endpoint(Xhci *x, const Trb *t, unsigned slot,
                                     unsigned index, Context *c)
{
    if (endpoint_state(c) != EP_HALTED) {
        return CC_CONTEXT_STATE_ERROR;
    }
    if (!(t->control & TRB_PRESERVE)) {
        endpoint_forget_transfer(c);
    }
    endpoint_set_state(c, EP_STOPPED);
    return CC_SUCCESS;
}

static CompletionCode stop_endpoint(Xhci *x, const Trb *t, unsigned slot,
                                    unsigned index, Context *c)
{
    if (endpoint_state(c) != EP_RUNNING) {
        return CC_CONTEXT_STATE_ERROR;
    }
    xhci_report_stopped(x, slot, index, c);
    endpoint_set_state(c, EP_STOPPED);
    return CC_SUCCESS;
}

static CompletionCode set_dequeue(Xhci *x, const Trb *t, unsigned slot,
                                  unsigned index, Context *c)
{
    if (endpoint_state(c) != EP_STOPPED && endpoint_state(c) != EP_ERROR) {
        return CC_CONTEXT_STATE_ERROR;
    }
    c->w[EP_DEQUEUE] = (uint32_t)t->param & ~14u;
    c->w[EP_DEQUEUE_HIGH] = (uint32_t)(t->param >> 32);
    endpoint_forget_transfer(c);
    endpoint_set_state(c, EP_STOPPED);
    return CC_SUCCESS;
}

static CompletionCode of_endpoint(Xhci *x, const Trb *t, unsigned slot,
                                  EndpointCommand *fn)
{
    XhciSlot *s = &x->slots[slot - 1];
    unsigned index = t->control >> 16 & 31;
    CompletionCode code;
    Context c;

    if (index == 0 || s->context == 0) {
        return index == 0 ? CC_TRB_ERROR : CC_ENDPOINT_DISABLED;
    }
    if (!context_load(x, endpoint_at(s, index), &c)) {
        return CC_PARAMETER_ERROR;
    }
    if (endpoint_state(&c) == EP_DISABLED) {
        return CC_ENDPOINT_DISABLED;
    }
    code = fn(x, t, slot, index, &c);
    if (code == CC_SUCCESS) {
        s->ready &= ~(1u << index);
        context_store(x, &c);
    }
    return code;
}

static CompletionCode cmd_reset_endpoint(Xhci *x, const Trb *t, unsigned *slot)
{
    return of_endpoint(x, t, *slot, reset_endpoint);
}

static CompletionCode cmd_stop_endpoint(Xhci *x, const Trb *t, unsigned *slot)
{
    return of_endpoint(x, t, *slot, stop_endpoint);
}

static CompletionCode cmd_set_dequeue(Xhci *x, const Trb *t, unsigned *slot)
{
    return of_endpoint(x, t, *slot, set_dequeue);
}

static CompletionCode cmd_noop(Xhci *x, const Trb *t, unsigned *slot)
{
    return CC_SUCCESS;
}

/* ---- the ring ----------------------------------------------------------- */

static const struct {
    CompletionCode (*fn)(Xhci *x, const Trb *t, unsigned *slot);
    bool of_slot; /* its slot must be enabled */
} commands[64] = {
    [TRB_ENABLE_SLOT] = {enable_slot},
    [TRB_DISABLE_SLOT] = {disable_slot, true},
    [TRB_ADDRESS_DEVICE] = {address_device, true},
    [TRB_CONFIGURE_ENDPOINT] = {configure_endpoint, true},
    [TRB_EVALUATE_CONTEXT] = {evaluate_context, true},
    [TRB_RESET_ENDPOINT] = {cmd_reset_endpoint, true},
    [TRB_STOP_ENDPOINT] = {cmd_stop_endpoint, true},
    [TRB_SET_DEQUEUE] = {cmd_set_dequeue, true},
    [TRB_RESET_DEVICE] = {reset_device, true},
    [TRB_COMMAND_NOOP] = {cmd_noop},
};

static CompletionCode obey(Xhci *x, const Trb *t, unsigned *slot)
{
    unsigned type = trb_type(t);

    if (commands[type].fn == NULL) {
        guest_log(LOG_UNIMP, "xhci: command %u", type);
        return CC_TRB_ERROR;
    }
    if (commands[type].of_slot) {
        *slot = t->control >> 24;
        if (*slot == 0 || *slot > XHCI_SLOTS || !x->slots[*slot - 1].enabled) {
            return CC_SLOT_DISABLED;
        }
    }
    return commands[type].fn(x, t, slot);
}

static void complete(Xhci *x, uint64_t trb, CompletionCode code, unsigned slot)
{
    Trb event = {trb, (uint32_t)code << 24,
                 TRB_COMMAND_EVENT << 10 | (uint32_t)slot << 24};

    xhci_event(x, 0, event, false);
}

bool xhci_command(Xhci *x)
{
    CompletionCode code;
    unsigned slot = 0;
    Trb t;

    if (!x->command_ready) {
        return false;
    }
    if (ring_look(x, &x->commands, &t) != RING_TRB) {
        x->command_ready = 0;
        return false;
    }
    code = obey(x, &t, &slot);
    trace(usb_xhci_command, device_label(&x->dev), trb_name(&t), slot, code);
    complete(x, x->commands.at, code, slot);
    ring_next(&x->commands);
    return true;
}

void xhci_stop_commands(Xhci *x)
{
    if (x->commands_run) {
        x->commands_run = x->command_ready = 0;
        complete(x, x->commands.at, CC_COMMAND_RING_STOPPED, 0);
    }
}
