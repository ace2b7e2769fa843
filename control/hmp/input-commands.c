/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/hmp/input-commands.c - keys and pointers for people. */
#include <stdlib.h>
#include <string.h>

#include "control/hmp/hmp_priv.h"
#include "core/input.h"
#include "core/keys.h"
#include "util/opts.h"

/* A union's branch: {"type": type, "data": take}. */
static JsonObject *wrap(const char *type, JsonNode *take)
{
    JsonObject *o = json_object_new();

    json_object_set_string_member(o, "type", type);
    json_object_set_member(o, "data", take);
    return o;
}

static void run(HmpCall *call, const char *command, JsonObject *args)
{
    JsonNode *result = hmp_qmp(call, command, args);

    g_clear_pointer(&result, json_node_unref);
}

/* A name, or a scan code with 0x. NULL: neither. */
static JsonObject *key_value(const char *text)
{
    uint64_t number;

    if (g_str_has_prefix(text, "0x") && opts_parse_uint(text, &number) &&
        number <= UINT8_MAX) {
        return wrap("number", node_int((int64_t)number));
    }
    if (key_of_name(text) == 0 && strcmp(text, "unmapped") != 0) {
        return NULL;
    }
    return wrap("qcode", node_string(text));
}

void hmp_sendkey(HmpCall *call)
{
    g_autoptr(JsonObject) args = json_object_new();
    g_auto(GStrv) names = g_strsplit(call->words[0], "-", -1);
    JsonArray *keys = json_array_new();
    uint64_t hold;

    json_object_set_array_member(args, "keys", keys);
    for (unsigned i = 0; names[i] != NULL; i++) {
        JsonObject *key = key_value(names[i]);

        if (key == NULL) {
            hmp_print(call, "invalid parameter: %s\n", names[i]);
            return;
        }
        json_array_add_object_element(keys, key);
    }
    if (call->n_words > 1) {
        if (!opts_parse_uint(call->words[1], &hold) || hold > INT32_MAX) {
            hmp_print(call, "invalid hold time: %s\n", call->words[1]);
            return;
        }
        json_object_set_int_member(args, "hold-time", (int64_t)hold);
    }
    run(call, "send-key", g_steal_pointer(&args));
}

void hmp_complete_keys(const Control *c, const char *word, GPtrArray *list)
{
    const char *dash = strrchr(word, '-');
    const char *last = dash != NULL ? dash + 1 : word;
    const char *name;

    for (unsigned i = 0; (name = key_list_name(i)) != NULL; i++) {
        if (g_str_has_prefix(name, last)) {
            g_ptr_array_add(list, g_strdup_printf("%.*s%s", (int)(last - word),
                                                  word, name));
        }
    }
}

/* ---- pointers ----------------------------------------------------------- */

static void add_move(JsonArray *events, const char *axis, const char *word)
{
    JsonObject *data = json_object_new();

    json_object_set_string_member(data, "axis", axis);
    json_object_set_int_member(data, "value", strtol(word, NULL, 0));
    json_array_add_object_element(events, wrap("rel", node_of(data)));
}

static void add_button(JsonArray *events, const char *button, bool down)
{
    JsonObject *data = json_object_new();

    json_object_set_string_member(data, "button", button);
    json_object_set_boolean_member(data, "down", down);
    json_array_add_object_element(events, wrap("btn", node_of(data)));
}

static void send(HmpCall *call, JsonArray *take)
{
    JsonObject *args = json_object_new();

    json_object_set_array_member(args, "events", take);
    run(call, "input-send-event", args);
}

void hmp_mouse_move(HmpCall *call)
{
    JsonArray *events = json_array_new();
    long wheel = call->n_words > 2 ? strtol(call->words[2], NULL, 0) : 0;

    add_move(events, "x", call->words[0]);
    add_move(events, "y", call->words[1]);
    if (wheel != 0) {
        add_button(events, wheel > 0 ? "wheel-up" : "wheel-down", true);
    }
    send(call, events);
}

void hmp_mouse_button(HmpCall *call)
{
    static const char *const names[] = {"left", "middle", "right"};
    JsonArray *events = json_array_new();
    unsigned long state = strtoul(call->words[0], NULL, 0);

    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        add_button(events, names[i], state >> i & 1);
    }
    send(call, events);
}

void hmp_mouse_set(HmpCall *call)
{
    Inputs *inputs = machine_backends(call->control->m)->inputs;
    const InputClass *cls;
    uint64_t n;
    bool active;

    if (!opts_parse_uint(call->words[0], &n) || n > INT32_MAX ||
        !inputs_get(inputs, (unsigned)n, &cls, &active) ||
        !(cls->kinds & (INPUT_RELATIVE | INPUT_ABSOLUTE))) {
        hmp_print(call, "Mouse at index '%s' not found\n", call->words[0]);
        return;
    }
    inputs_activate(inputs, (unsigned)n);
}
