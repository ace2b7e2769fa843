/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/qmp/input-commands.c - commands that press keys and move pointers. */
#include <linux/input-event-codes.h>
#include <string.h>

#include "control/qmp/qmp_priv.h"
#include "core/input.h"
#include "core/keys.h"
#include "qmp-handlers.h"

enum { HOLD_MS = 100, MAX_HOLD_MS = 60000, MAX_KEYS = 256 };

/* Events that go to one kind of device in one report. */
typedef struct {
    Inputs *inputs;
    const char *display; /* NULL: any */
    InputKind kind;
    unsigned n;
    InputEvent events[INPUT_MAX_REPORT];
} Batch;

static void batch_flush(Batch *b)
{
    if (b->n > 0) {
        inputs_report_at(b->inputs, b->display, b->kind, b->events, b->n);
        b->n = 0;
    }
}

static void batch_add(Batch *b, InputKind kind, unsigned type, unsigned code,
                      int64_t value)
{
    if (b->kind != kind || b->n == INPUT_MAX_REPORT) {
        batch_flush(b);
    }
    b->kind = kind;
    b->events[b->n++] =
        (InputEvent){(uint16_t)type, (uint16_t)code,
                     (int32_t)CLAMP(value, INT32_MIN, INT32_MAX)};
}

/* The wrapped value of a union. */
static JsonObject *data_of(JsonObject *o)
{
    return json_object_get_object_member(o, "data");
}

static bool is(JsonObject *o, const char *member, const char *value)
{
    return strcmp(json_object_get_string_member(o, member), value) == 0;
}

/* A KeyValue. 0: a key that does nothing. */
static unsigned key_of(JsonObject *value)
{
    int64_t number;

    if (is(value, "type", "qcode")) {
        return key_of_name(json_object_get_string_member(value, "data"));
    }
    number = json_object_get_int_member(value, "data");
    return number > 0 && number <= UINT8_MAX ? key_of_set1((unsigned)number)
                                             : KEY_RESERVED;
}

JsonNode *qmp_send_key(QmpCall *call, JsonObject *args, GError **error)
{
    JsonArray *list = json_object_get_array_member(args, "keys");
    int64_t hold = arg_int(args, "hold-time", HOLD_MS);
    uint16_t keys[MAX_KEYS];
    unsigned n = 0;

    if (hold < 0 || hold > MAX_HOLD_MS) {
        return qmp_generic(error, "Parameter 'hold-time' expects a number of "
                                  "milliseconds up to a minute");
    }
    if (json_array_get_length(list) > MAX_KEYS) {
        return qmp_generic(error, "Parameter 'keys' has too many keys");
    }
    for (unsigned i = 0; i < json_array_get_length(list); i++) {
        unsigned key = key_of(json_array_get_object_element(list, i));

        if (key != KEY_RESERVED) {
            keys[n++] = (uint16_t)key;
        }
    }
    if (!typist_stroke(call->control->typist, keys, n, (uint32_t)hold)) {
        return qmp_generic(error, "too many keys wait to be typed");
    }
    return NULL;
}

/* ---- input-send-event --------------------------------------------------- */

/* A button is a key of the pointer, or a step of a wheel. */
typedef struct {
    const char *name;
    uint16_t type, code;
    int8_t step;
} Button;

static const Button buttons[] = {
    {"left", EV_KEY, BTN_LEFT, 0},
    {"middle", EV_KEY, BTN_MIDDLE, 0},
    {"right", EV_KEY, BTN_RIGHT, 0},
    {"wheel-up", EV_REL, REL_WHEEL, 1},
    {"wheel-down", EV_REL, REL_WHEEL, -1},
    {"side", EV_KEY, BTN_SIDE, 0},
    {"extra", EV_KEY, BTN_EXTRA, 0},
    {"wheel-left", EV_REL, REL_HWHEEL, -1},
    {"wheel-right", EV_REL, REL_HWHEEL, 1},
    {"touch", EV_KEY, BTN_TOUCH, 0},
};

static InputKind pointer_kind(const Batch *b)
{
    return inputs_is_absolute(b->inputs) ? INPUT_ABSOLUTE : INPUT_RELATIVE;
}

static void send_button(Batch *b, JsonObject *data)
{
    bool down = json_object_get_boolean_member(data, "down");
    const Button *button = buttons;

    while (!is(data, "button", button->name)) {
        button++; /* the schema has no other */
    }
    if (button->type == EV_REL) {
        if (down) {
            batch_add(b, pointer_kind(b), EV_REL, button->code, button->step);
        }
    } else {
        batch_add(b, button->code == BTN_TOUCH ? INPUT_TOUCH : pointer_kind(b),
                  EV_KEY, button->code, down);
    }
}

static bool is_y(JsonObject *data)
{
    return is(data, "axis", "y");
}

static int64_t absolute(JsonObject *data)
{
    return CLAMP(json_object_get_int_member(data, "value"), 0, INPUT_ABS_MAX);
}

static void send_key_event(Batch *b, JsonObject *data)
{
    unsigned key = key_of(json_object_get_object_member(data, "key"));

    if (key != KEY_RESERVED) {
        batch_add(b, INPUT_KEYS, EV_KEY, key,
                  json_object_get_boolean_member(data, "down"));
    }
}

static void send_relative(Batch *b, JsonObject *data)
{
    batch_add(b, INPUT_RELATIVE, EV_REL, is_y(data) ? REL_Y : REL_X,
              json_object_get_int_member(data, "value"));
}

static void send_absolute(Batch *b, JsonObject *data)
{
    batch_add(b, INPUT_ABSOLUTE, EV_ABS, is_y(data) ? ABS_Y : ABS_X,
              absolute(data));
}

/* A touch begins and ends with its tracking id; in between it has a place. */
static void send_touch(Batch *b, JsonObject *data)
{
    batch_add(b, INPUT_TOUCH, EV_ABS, ABS_MT_SLOT,
              json_object_get_int_member(data, "slot"));
    if (is(data, "type", "data")) {
        batch_add(b, INPUT_TOUCH, EV_ABS,
                  is_y(data) ? ABS_MT_POSITION_Y : ABS_MT_POSITION_X,
                  absolute(data));
    } else if (is(data, "type", "begin")) {
        batch_add(b, INPUT_TOUCH, EV_ABS, ABS_MT_TRACKING_ID,
                  CLAMP(json_object_get_int_member(data, "tracking-id"), 0,
                        UINT16_MAX));
    } else if (!is(data, "type", "update")) {
        batch_add(b, INPUT_TOUCH, EV_ABS, ABS_MT_TRACKING_ID, -1);
    }
}

static const struct {
    const char *type;
    void (*send)(Batch *b, JsonObject *data);
} senders[] = {
    {"key", send_key_event}, {"btn", send_button}, {"rel", send_relative},
    {"abs", send_absolute},  {"mtt", send_touch},
};

/* A touch that is nowhere would take later events with it. */
static bool check_slots(JsonArray *list)
{
    for (unsigned i = 0; i < json_array_get_length(list); i++) {
        JsonObject *o = json_array_get_object_element(list, i);

        if (is(o, "type", "mtt")) {
            int64_t slot = json_object_get_int_member(data_of(o), "slot");

            if (slot < 0 || slot >= INPUT_MAX_TOUCHES) {
                return false;
            }
        }
    }
    return true;
}

JsonNode *qmp_input_send_event(QmpCall *call, JsonObject *args, GError **error)
{
    JsonArray *list = json_object_get_array_member(args, "events");
    Batch b = {.inputs = machine_backends(call->control->m)->inputs,
               .display = arg_string(args, "device")};

    if (!check_slots(list)) {
        return qmp_generic(error, "Parameter 'slot' expects a number from 0 "
                                  "to 9");
    }
    for (unsigned i = 0; i < json_array_get_length(list); i++) {
        JsonObject *o = json_array_get_object_element(list, i);

        for (unsigned k = 0; k < G_N_ELEMENTS(senders); k++) {
            if (is(o, "type", senders[k].type)) {
                senders[k].send(&b, data_of(o));
            }
        }
    }
    batch_flush(&b);
    return NULL;
}

/* ---- query-mice --------------------------------------------------------- */

JsonNode *qmp_query_mice(QmpCall *call, JsonObject *args, GError **error)
{
    const Inputs *inputs = machine_backends(call->control->m)->inputs;
    JsonArray *list = json_array_new();
    const InputClass *cls;
    bool active;

    for (unsigned i = 0; inputs_get(inputs, i, &cls, &active); i++) {
        JsonObject *o;

        if (!(cls->kinds & (INPUT_RELATIVE | INPUT_ABSOLUTE))) {
            continue;
        }
        o = json_object_new();
        json_object_set_string_member(o, "name", cls->name);
        json_object_set_int_member(o, "index", i);
        json_object_set_boolean_member(o, "current", active);
        json_object_set_boolean_member(o, "absolute",
                                       (cls->kinds & INPUT_ABSOLUTE) != 0);
        json_array_add_object_element(list, o);
    }
    return node_of_array(list);
}
