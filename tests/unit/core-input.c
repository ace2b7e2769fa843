/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/unit/core-input.c - which device gets a report, and what stays down. */
#include <glib.h>
#include <linux/input-event-codes.h>

#include "core/input.h"

/* A device that writes down what it gets. */
typedef struct {
    InputDev *dev;
    GString *got; /* "type.code=value" of each event, reports end with ';' */
} Fake;

static void on_report(void *opaque, const InputEvent *events, unsigned n)
{
    Fake *f = opaque;

    g_assert_cmpint(n, >, 0);
    g_assert_cmpint(n, <=, INPUT_MAX_REPORT);
    for (unsigned i = 0; i < n; i++) {
        g_string_append_printf(f->got, "%s%u.%u=%d", i ? " " : "",
                               events[i].type, events[i].code, events[i].value);
    }
    g_string_append_c(f->got, ';');
}

static const InputClass keyboard = {"keyboard", INPUT_KEYS, on_report};
static const InputClass mouse = {"mouse", INPUT_RELATIVE, on_report};
static const InputClass tablet = {"tablet", INPUT_ABSOLUTE, on_report};
static const InputClass screen = {"screen", INPUT_TOUCH, on_report};
static const InputClass combo = {"combo", INPUT_KEYS | INPUT_RELATIVE,
                                 on_report};

static void fake_add(Fake *f, Inputs *all, const InputClass *cls,
                     const char *display)
{
    f->got = g_string_new(NULL);
    f->dev = input_add(all, cls, f, display);
}

static void fake_remove(Fake *f)
{
    input_remove(f->dev);
    g_string_free(f->got, TRUE);
}

static void assert_got(Fake *f, const char *text)
{
    g_assert_cmpstr(f->got->str, ==, text);
    g_string_truncate(f->got, 0);
}

static void key(Inputs *all, unsigned code, int value)
{
    InputEvent e = {EV_KEY, code, value};

    inputs_report(all, INPUT_KEYS, &e, 1);
}

static void test_keys(void)
{
    Inputs *all = inputs_new();
    InputEvent chord[] = {{EV_KEY, KEY_A, 1}, {EV_KEY, KEY_B, 1}};
    Fake f;

    key(all, KEY_A, 1); /* nobody there */
    fake_add(&f, all, &keyboard, NULL);
    key(all, KEY_A, 1);
    assert_got(&f, "1.30=1;");
    key(all, KEY_A, 1);
    assert_got(&f, "");
    inputs_report(all, INPUT_KEYS, chord, 2);
    assert_got(&f, "1.48=1;");
    key(all, KEY_C, 0);
    key(all, KEY_CNT, 1);
    key(all, UINT16_MAX, 1);
    assert_got(&f, "");
    key(all, KEY_A, 0);
    assert_got(&f, "1.30=0;");
    inputs_release_all(all);
    assert_got(&f, "1.48=0;");
    inputs_release_all(all);
    assert_got(&f, "");
    fake_remove(&f);
    inputs_free(all);
}

/* A report that is too long comes in pieces. */
static void test_long_report(void)
{
    Inputs *all = inputs_new();
    InputEvent events[INPUT_MAX_REPORT * 2 + 1];
    Fake f;
    unsigned reports = 0;

    fake_add(&f, all, &mouse, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(events); i++) {
        events[i] = (InputEvent){EV_REL, REL_X, i};
    }
    inputs_report(all, INPUT_RELATIVE, events, G_N_ELEMENTS(events));
    for (const char *p = f.got->str; *p != '\0'; p++) {
        reports += *p == ';';
    }
    g_assert_cmpint(reports, ==, 3);
    g_assert_true(g_str_has_suffix(f.got->str, ";2.0=128;"));
    fake_remove(&f);
    inputs_free(all);
}

/* The last one added has the events; who loses them lets go. */
static void test_active(void)
{
    Inputs *all = inputs_new();
    InputEvent move = {EV_REL, REL_Y, -3};
    const InputClass *cls;
    bool active;
    Fake one, two;

    fake_add(&one, all, &keyboard, NULL);
    key(all, KEY_A, 1);
    fake_add(&two, all, &combo, NULL);
    assert_got(&one, "1.30=1;1.30=0;");
    key(all, KEY_A, 0);
    key(all, KEY_B, 1);
    inputs_report(all, INPUT_RELATIVE, &move, 1);
    assert_got(&one, "");
    assert_got(&two, "1.48=1;2.1=-3;");

    g_assert_true(inputs_get(all, 1, &cls, &active));
    g_assert_true(cls == &keyboard);
    g_assert_false(active);
    g_assert_true(inputs_activate(all, 1));
    assert_got(&two, "1.48=0;");
    key(all, KEY_B, 1);
    inputs_report(all, INPUT_RELATIVE, &move, 1);
    assert_got(&one, "1.48=1;");
    assert_got(&two, "2.1=-3;");
    g_assert_true(inputs_get(all, 1, &cls, &active));
    g_assert_true(cls == &combo && active); /* it still has the pointer */
    g_assert_false(inputs_get(all, 2, &cls, &active));
    g_assert_false(inputs_activate(all, 2));
    fake_remove(&one);
    key(all, KEY_C, 1);
    assert_got(&two, "1.46=1;");
    fake_remove(&two);
    inputs_free(all);
}

static void test_display(void)
{
    Inputs *all = inputs_new();
    InputEvent move = {EV_ABS, ABS_X, 5};
    Fake left, right, any;

    fake_add(&any, all, &tablet, NULL);
    fake_add(&left, all, &tablet, "left");
    fake_add(&right, all, &tablet, "right");
    inputs_report_at(all, "left", INPUT_ABSOLUTE, &move, 1);
    assert_got(&left, "3.0=5;");
    inputs_report_at(all, "right", INPUT_ABSOLUTE, &move, 1);
    assert_got(&right, "3.0=5;");
    inputs_report_at(all, "third", INPUT_ABSOLUTE, &move, 1);
    assert_got(&any, "3.0=5;");
    assert_got(&left, "");
    assert_got(&right, "");
    fake_remove(&any);
    inputs_report_at(all, "third", INPUT_ABSOLUTE, &move, 1);
    assert_got(&left, "");
    assert_got(&right, "");
    fake_remove(&left);
    fake_remove(&right);
    inputs_free(all);
}

static void test_touch(void)
{
    Inputs *all = inputs_new();
    InputEvent down[] = {{EV_ABS, ABS_MT_SLOT, 3},
                         {EV_ABS, ABS_MT_TRACKING_ID, 7}};
    InputEvent bad[] = {{EV_ABS, ABS_MT_SLOT, INPUT_MAX_TOUCHES},
                        {EV_ABS, ABS_MT_SLOT, -1}};
    Fake f;

    fake_add(&f, all, &screen, NULL);
    inputs_report(all, INPUT_TOUCH, down, 2);
    assert_got(&f, "3.47=3 3.57=7 1.330=1;");
    inputs_report(all, INPUT_TOUCH, bad, 2);
    assert_got(&f, "");
    down[0].value = 1; /* a second finger */
    inputs_report(all, INPUT_TOUCH, down, 2);
    assert_got(&f, "3.47=1 3.57=7;");
    inputs_release_all(all);
    assert_got(&f, "3.47=1 3.57=-1 3.47=3 3.57=-1 1.330=0;");
    inputs_release_all(all);
    assert_got(&f, "");
    fake_remove(&f);
    inputs_free(all);
}

typedef struct {
    unsigned calls, leds;
    bool absolute, touch;
} Seen;

static void observe(void *opaque, const InputsState *state)
{
    Seen *s = opaque;

    s->calls++;
    s->leds = state->leds;
    s->absolute = state->absolute;
    s->touch = state->touch;
}

static void *set_lights(void *opaque)
{
    input_set_leds(opaque, INPUT_LED_NUM);
    input_set_leds(opaque, INPUT_LED_CAPS);
    return NULL;
}

static void run_loop(void)
{
    while (g_main_context_iteration(NULL, FALSE)) {
    }
}

static void test_observer(void)
{
    Inputs *all = inputs_new();
    Seen seen = {0};
    Fake keys, pointer, touch;

    inputs_observe(all, observe, &seen);
    fake_add(&keys, all, &keyboard, NULL);
    g_assert_cmpint(seen.calls, ==, 0);
    fake_add(&pointer, all, &tablet, NULL);
    g_assert_cmpint(seen.calls, ==, 1);
    g_assert_true(seen.absolute && inputs_is_absolute(all));

    g_thread_join(g_thread_new("guest", set_lights, keys.dev));
    g_assert_cmpint(seen.calls, ==, 1); /* on the event loop only */
    run_loop();
    g_assert_cmpint(seen.calls, ==, 2);
    g_assert_cmpint(seen.leds, ==, INPUT_LED_CAPS);
    fake_add(&touch, all, &screen, NULL);
    g_assert_true(seen.touch && inputs_state(all).touch);
    fake_remove(&touch);
    g_assert_false(seen.touch);
    g_assert_cmpint(seen.calls, ==, 4);

    fake_remove(&pointer);
    g_assert_false(seen.absolute || inputs_is_absolute(all));
    inputs_unobserve(all, observe, &seen);
    set_lights(keys.dev);
    fake_remove(&keys);
    g_assert_cmpint(seen.calls, ==, 5);
    inputs_free(all); /* a post is under way still */
    run_loop();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/input/keys", test_keys);
    g_test_add_func("/input/long-report", test_long_report);
    g_test_add_func("/input/active", test_active);
    g_test_add_func("/input/display", test_display);
    g_test_add_func("/input/touch", test_touch);
    g_test_add_func("/input/observer", test_observer);
    return g_test_run();
}
