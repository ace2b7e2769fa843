/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/unit/control-input.c - keys and pointers from the monitors, as the
 * machine's input devices get them; names of keys. */
#include <linux/input-event-codes.h>
#include <string.h>

#include "control/control_priv.h"
#include "control/hmp/hmp.h"
#include "control/qmp/qmp_priv.h"
#include "core/clock.h"
#include "core/input.h"
#include "core/keys.h"
#include "tests/unit/boot-bench.h"

typedef struct {
    MachineConfig config;
    Machine *m;
    Control *control;
    unsigned cpu;
    GString *seen; /* "type code value," and ';' after each report */
    InputDev *keyboard, *mouse, *tablet, *touch;
} Rig;

static void hear(void *opaque, const InputEvent *events, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        g_string_append_printf(opaque, "%x %x %d,", events[i].type,
                               events[i].code, events[i].value);
    }
    g_string_append_c(opaque, ';');
}

static InputDev *plug(Rig *r, const InputClass *cls)
{
    return input_add(machine_backends(r->m)->inputs, cls, r->seen, NULL);
}

static void rig_start(Rig *r)
{
    static const InputClass keyboard = {"Keyboard", INPUT_KEYS, hear};
    static const InputClass mouse = {"Mouse", INPUT_RELATIVE, hear};
    static const InputClass touch = {"Touch", INPUT_TOUCH, hear};
    GError *error = NULL;

    memset(r, 0, sizeof(*r));
    r->m = bench_bare(&r->config, 1);
    r->control = control_new(r->m, "test", &error);
    g_assert_no_error(error);
    r->seen = g_string_new(NULL);
    r->keyboard = plug(r, &keyboard);
    r->mouse = plug(r, &mouse);
    r->touch = plug(r, &touch);
}

static void plug_tablet(Rig *r)
{
    static const InputClass tablet = {"Tablet", INPUT_ABSOLUTE, hear};

    r->tablet = plug(r, &tablet);
}

static void rig_finish(Rig *r)
{
    input_remove(r->keyboard);
    input_remove(r->mouse);
    input_remove(r->tablet);
    input_remove(r->touch);
    control_free(r->control);
    bench_end(&r->config, r->m);
    g_string_free(r->seen, TRUE);
    clock_pause();
}

static void expect_seen(Rig *r, const char *text)
{
    g_assert_cmpstr(r->seen->str, ==, text);
    g_string_set_size(r->seen, 0);
}

static void line(Rig *r, const char *text, const char *answer)
{
    g_autofree char *got = hmp_run(r->control, text, &r->cpu);

    g_assert_cmpstr(got, ==, answer);
}

/* Events as QMP's input-send-event gets them; NULL or the error. */
static char *send(Rig *r, const char *events)
{
    g_autofree char *text = g_strdup_printf("{\"events\": [%s]}", events);
    g_autoptr(JsonNode) n = json_from_string(text, NULL);
    g_autoptr(GError) error = NULL;
    JsonNode *result =
        qmp_run(r->control, "input-send-event",
                json_object_ref(json_node_get_object(n)), &error);

    g_clear_pointer(&result, json_node_unref);
    return error != NULL ? g_strdup(error->message) : NULL;
}

static void expect_sent(Rig *r, const char *events, const char *seen)
{
    g_autofree char *error = send(r, events);

    g_assert_cmpstr(error, ==, NULL);
    expect_seen(r, seen);
}

static void wait_for(Rig *r, const char *text)
{
    gint64 end = g_get_monotonic_time() + 5 * G_USEC_PER_SEC;

    while (strcmp(r->seen->str, text) != 0) {
        g_assert_cmpint(g_get_monotonic_time(), <, end);
        g_main_context_iteration(NULL, FALSE);
    }
    g_string_set_size(r->seen, 0);
}

static void test_names(void)
{
    const char *name;

    g_assert_cmpuint(key_of_name("ret"), ==, KEY_ENTER);
    g_assert_cmpuint(key_of_name("less"), ==, KEY_102ND);
    g_assert_cmpuint(key_of_name("nothing"), ==, KEY_RESERVED);
    g_assert_cmpstr(key_name(KEY_RIGHTCTRL), ==, "ctrl_r");
    g_assert_null(key_name(KEY_RESERVED));
    g_assert_cmpuint(key_of_set1(0x1e), ==, KEY_A);
    g_assert_cmpuint(key_of_set1(0xc8), ==, KEY_UP);
    g_assert_cmpuint(key_of_set1(0), ==, KEY_RESERVED);
    for (unsigned i = 1; (name = key_list_name(i)) != NULL; i++) {
        unsigned key = key_of_name(name);

        g_assert_cmpuint(key, !=, KEY_RESERVED);
        g_assert_cmpuint(key_of_name(key_name(key)), ==, key);
        for (unsigned k = 1; k < i; k++) {
            g_assert_cmpstr(key_list_name(k), !=, name);
        }
    }
}

/* Together, held in guest time, and one stroke after the other. */
static void test_sendkey(void)
{
    Rig r;

    rig_start(&r);
    clock_pause();
    line(&r, "sendkey ctrl-alt-0xd3 20", "");
    line(&r, "sendkey a 1", "");
    for (unsigned i = 0; i < 10; i++) {
        g_usleep(5000);
        g_main_context_iteration(NULL, FALSE);
    }
    expect_seen(&r, "1 1d 1,;1 38 1,;1 6f 1,;");
    clock_resume();
    wait_for(&r, "1 6f 0,;1 38 0,;1 1d 0,;1 1e 1,;1 1e 0,;");
    line(&r, "sendkey nope", "invalid parameter: nope\n");
    line(&r, "sendkey a-", "invalid parameter: \n");
    line(&r, "sendkey 0x100", "invalid parameter: 0x100\n");
    line(&r, "sendkey a 99999999",
         "Error: Parameter 'hold-time' expects a number of milliseconds up to "
         "a minute\n");
    expect_seen(&r, "");
    rig_finish(&r);
}

/* A client that types without end is told, and what waits goes with it. */
static void test_flood(void)
{
    Rig r;
    g_autofree char *got = NULL;

    rig_start(&r);
    clock_pause();
    do {
        g_clear_pointer(&got, g_free);
        got = hmp_run(r.control, "sendkey a-b-c-d-e-f-g-h-i-j-k-l-m-n", &r.cpu);
    } while (*got == '\0');
    g_assert_cmpstr(got, ==, "Error: too many keys wait to be typed\n");
    rig_finish(&r);
}

#define KEY_EVENT(name, down)                                              \
 "{\"type\": \"key\", \"data\": {\"down\": " down ", \"key\": {\"type\": " \
 "\"qcode\", \"data\": \"" name "\"}}}"
#define BUTTON(name, down) \
 "{\"type\": \"btn\", \"data\": {\"down\": " down ", \"button\": \"" name "\"}}"
#define MOVE(type, axis, value)                          \
 "{\"type\": \"" type "\", \"data\": {\"axis\": \"" axis \
 "\", \"value\": " value "}}"
#define TOUCH(type, slot, id, axis, value)                                \
 "{\"type\": \"mtt\", \"data\": {\"type\": \"" type "\", \"slot\": " slot \
 ", \"tracking-id\": " id ", \"axis\": \"" axis "\", \"value\": " value "}}"

static void test_events(void)
{
    Rig r;
    g_autofree char *error = NULL;

    rig_start(&r);
    expect_sent(&r, KEY_EVENT("a", "true") "," KEY_EVENT("b", "true"),
                "1 1e 1,1 30 1,;");
    expect_sent(&r, KEY_EVENT("a", "true") "," KEY_EVENT("b", "false"),
                "1 30 0,;");
    expect_sent(&r, MOVE("rel", "x", "-5") "," BUTTON("left", "true"),
                "2 0 -5,1 110 1,;");
    expect_sent(&r,
                BUTTON("wheel-down", "true") "," BUTTON("wheel-down", "false"),
                "2 8 -1,;");
    expect_sent(&r, MOVE("abs", "x", "5"), ""); /* nobody is */
    plug_tablet(&r);
    g_string_set_size(r.seen, 0); /* the others let go */
    expect_sent(&r,
                MOVE("abs", "x", "5") "," MOVE("abs", "y", "99999") "," BUTTON(
                    "right", "true"),
                "3 0 5,3 1 32767,1 111 1,;");
    expect_sent(&r,
                TOUCH("begin", "1", "7", "x",
                      "0") "," TOUCH("data", "1", "7", "y",
                                     "9") "," TOUCH("end", "1", "7", "x", "0"),
                "3 2f 1,3 39 7,1 14a 1,3 2f 1,3 36 9,3 2f 1,3 39 -1,1 14a 0,;");
    error = send(&r, TOUCH("begin", "10", "7", "x", "0"));
    g_assert_cmpstr(error, ==, "Parameter 'slot' expects a number from 0 to 9");
    rig_finish(&r);
}

static void test_mice(void)
{
    Rig r;

    rig_start(&r);
    plug_tablet(&r);
    line(&r, "info mice",
         "* Mouse #0: Tablet (absolute)\n"
         "* Mouse #2: Mouse\n");
    line(&r, "mouse_move 3 -4 1", "");
    expect_seen(&r, "2 0 3,2 1 -4,;2 8 1,;");
    line(&r, "mouse_set 2", "");
    line(&r, "mouse_move 3 -4 1", "");
    expect_seen(&r, "2 0 3,2 1 -4,2 8 1,;");
    line(&r, "mouse_button 5", "");
    expect_seen(&r, "1 110 1,1 111 1,;");
    line(&r, "mouse_button 1", "");
    expect_seen(&r, "1 111 0,;");
    line(&r, "mouse_set 3", "Mouse at index '3' not found\n");
    line(&r, "mouse_set x", "Mouse at index 'x' not found\n");
    rig_finish(&r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/input/names", test_names);
    g_test_add_func("/input/sendkey", test_sendkey);
    g_test_add_func("/input/flood", test_flood);
    g_test_add_func("/input/events", test_events);
    g_test_add_func("/input/mice", test_mice);
    return g_test_run();
}
