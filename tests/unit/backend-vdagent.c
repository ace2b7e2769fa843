/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/unit/backend-vdagent.c - SPICE's agent, played: what it says at the
 * port, what the machine's clipboard and pointer make of it, and back. */
#include <glib.h>
#include <linux/input-event-codes.h>
#include <string.h>

#include "backend/char/char-backend.h"
#include "core/clipboard.h"
#include "core/display.h"
#include "core/input.h"
#include "util/bits.h"

enum {
    MOUSE = 1,
    CLIPBOARD = 4,
    CAPS = 6,
    GRAB,
    REQUEST,
    RELEASE,
    MAX_TEXT = 14,
    CHUNK = 2048,
};

enum { CAN_MOUSE = 1, CAN_DEMAND = 32, CAN_SELECT = 64, CAN_MAX = 1024 };
enum { HAS_CRLF = 512 };

typedef struct {
    Backends backends;
    CharDev *c;
    size_t room; /* at the port */
    GByteArray *sent;

    ClipboardPeer *host; /* somebody with a clipboard */
    unsigned n_changed, n_wanted;
    bool has_text;
    char *text;
} Bench;

/* ---- the host's side ---- */

static void changed(void *opaque, bool has_text)
{
    Bench *b = opaque;

    b->n_changed++;
    b->has_text = has_text;
}

static void wanted(void *opaque)
{
    ((Bench *)opaque)->n_wanted++;
}

static void text(void *opaque, const char *text)
{
    Bench *b = opaque;

    g_free(b->text);
    b->text = g_strdup(text != NULL ? text : "(none)");
}

static const ClipboardClass host_class = {changed, wanted, text};

/* ---- the guest's side ---- */

static size_t can_receive(void *opaque)
{
    return ((Bench *)opaque)->room;
}

static void receive(void *opaque, const uint8_t *bytes, size_t len)
{
    Bench *b = opaque;

    g_assert_cmpuint(len, <=, b->room);
    b->room -= len;
    g_byte_array_append(b->sent, bytes, (unsigned)len);
}

static const CharFrontEnd front = {can_receive, receive, NULL};

static void settle(void)
{
    while (g_main_context_iteration(NULL, FALSE)) {
    }
}

static void give(Bench *b, const uint8_t *bytes, size_t len)
{
    while (len > 0) {
        size_t n = char_write(b->c, bytes, len);

        bytes += n;
        len -= n;
        settle();
    }
}

static void give32(Bench *b, uint32_t value)
{
    uint8_t bytes[4];

    le32_store(bytes, value);
    give(b, bytes, sizeof(bytes));
}

/* In chunks of chunk bytes. */
static void say_in(Bench *b, uint32_t chunk, uint32_t type, const void *body,
                   uint32_t len)
{
    g_autoptr(GByteArray) m = g_byte_array_new();
    uint8_t header[20] = {1};

    le32_store(header + 4, type);
    le32_store(header + 16, len);
    g_byte_array_append(m, header, sizeof(header));
    g_byte_array_append(m, body, len);
    for (uint32_t at = 0; at < m->len; at += chunk) {
        uint32_t n = MIN(chunk, m->len - at);

        give32(b, 1);
        give32(b, n);
        give(b, m->data + at, n);
    }
}

static void say(Bench *b, uint32_t type, const void *body, uint32_t len)
{
    say_in(b, UINT32_MAX, type, body, len);
}

static void say_words(Bench *b, uint32_t type, unsigned n, ...)
{
    uint8_t body[64];
    va_list list;

    va_start(list, n);
    for (unsigned i = 0; i < n; i++) {
        le32_store(body + 4 * i, va_arg(list, uint32_t));
    }
    va_end(list);
    say(b, type, body, 4 * n);
}

/* Of the clipboard with selections. */
static void say_text(Bench *b, const char *text)
{
    g_autoptr(GByteArray) body = g_byte_array_new();
    static const uint8_t head[] = {0, 0, 0, 0, 1, 0, 0, 0};

    g_byte_array_append(body, head, sizeof(head));
    g_byte_array_append(body, (const uint8_t *)text, (unsigned)strlen(text));
    say(b, CLIPBOARD, body->data, body->len);
}

/* The next message of the host's: its type, 0 if there is none; its body in
 * *body. */
static uint32_t hear(Bench *b, GByteArray *body)
{
    g_autoptr(GByteArray) m = g_byte_array_new();
    uint32_t size = UINT32_MAX;

    settle();
    if (b->sent->len == 0) {
        return 0;
    }
    do {
        uint32_t n = le32_load(b->sent->data + 4);

        g_assert_cmpuint(le32_load(b->sent->data), ==, 1);
        g_assert_cmpuint(n, <=, CHUNK);
        g_assert_cmpuint(b->sent->len, >=, 8 + n);
        g_byte_array_append(m, b->sent->data + 8, n);
        g_byte_array_remove_range(b->sent, 0, 8 + n);
        size = le32_load(m->data + 16);
    } while (m->len < 20 + size);
    g_assert_cmpuint(m->len, ==, 20 + size);
    g_assert_cmpuint(le32_load(m->data), ==, 1);
    g_byte_array_set_size(body, 0);
    g_byte_array_append(body, m->data + 20, size);
    return le32_load(m->data + 4);
}

static void expect(Bench *b, uint32_t type, unsigned n, ...)
{
    g_autoptr(GByteArray) body = g_byte_array_new();
    va_list list;

    g_assert_cmpuint(hear(b, body), ==, type);
    g_assert_cmpuint(body->len / 4, ==, n);
    va_start(list, n);
    for (unsigned i = 0; i < n; i++) {
        g_assert_cmphex(le32_load(body->data + 4 * i), ==,
                        va_arg(list, uint32_t));
    }
    va_end(list);
}

static void expect_text(Bench *b, const char *wanted_text)
{
    g_autoptr(GByteArray) body = g_byte_array_new();
    g_autofree char *got = NULL;

    g_assert_cmpuint(hear(b, body), ==, CLIPBOARD);
    g_assert_cmpuint(body->len, >=, 8);
    g_assert_cmphex(le32_load(body->data), ==, 0);
    g_assert_cmphex(le32_load(body->data + 4), ==, 1);
    got = g_strndup((const char *)body->data + 8, body->len - 8);
    g_assert_cmpstr(got, ==, wanted_text);
}

static void expect_nothing(Bench *b)
{
    settle();
    g_assert_cmpuint(b->sent->len, ==, 0);
}

/* ---- life ---- */

static void set_up(Bench *b, gconstpointer options)
{
    g_autofree char *all =
        g_strdup_printf("qemu-vdagent,id=v,name=v,%s", (const char *)options);
    g_autoptr(GError) error = NULL;
    g_autoptr(Opts) opts = opts_parse(all, "backend", &error);

    backends_init(&b->backends);
    b->c = char_backend_new(&b->backends, "v", opts, &error);
    g_assert_no_error(error);
    g_assert_true(backends_add_char(&b->backends, "v", b->c, NULL));
    b->room = SIZE_MAX;
    b->sent = g_byte_array_new();
    b->host = clipboard_join(b->backends.clipboard, &host_class, b);
    g_assert_true(char_attach(b->c, &front, b, NULL));
    g_assert_true(b->c->open);
    expect_nothing(b); /* nobody is there yet */
}

static void tear_down(Bench *b, gconstpointer options)
{
    char_detach(b->c);
    clipboard_leave(b->host);
    g_byte_array_unref(b->sent);
    g_free(b->text);
    backends_finish(&b->backends);
}

/* The agent comes and says what it can do. */
static void greet(Bench *b, uint32_t can)
{
    char_front_opened(b->c, true);
    expect(b, CAPS, 2, 1, CAN_DEMAND | CAN_SELECT | CAN_MAX);
    say_words(b, CAPS, 2, 1, can);
    expect(b, CAPS, 2, 0, CAN_DEMAND | CAN_SELECT | CAN_MAX);
}

static const uint32_t CAN_COPY = CAN_DEMAND | CAN_SELECT;

/* ---- tests ---- */

static void test_from_guest(Bench *b, gconstpointer options)
{
    greet(b, CAN_COPY | CAN_MAX);
    expect(b, MAX_TEXT, 1, CLIPBOARD_MAX_TEXT);
    say_words(b, GRAB, 3, 0, 2, 1); /* a picture, or text */
    g_assert_true(b->has_text);
    expect_nothing(b);
    clipboard_request(b->host);
    clipboard_request(b->host);
    expect(b, REQUEST, 2, 0, 1);
    expect_nothing(b);
    g_assert_null(b->text);
    say_text(b, "gr\xc3\xbc\xc3\x9f dich\n");
    g_assert_cmpstr(b->text, ==, "gr\xc3\xbc\xc3\x9f dich\n");
    /* What was copied is gone, and something else. */
    say_words(b, RELEASE, 1, 0);
    g_assert_false(b->has_text);
    say_words(b, GRAB, 2, 0, 1);
    g_assert_true(b->has_text);
    say_words(b, GRAB, 2, 0, 2);
    g_assert_false(b->has_text);
    /* The primary selection is not the clipboard. */
    say_words(b, GRAB, 2, 1, 1);
    g_assert_false(b->has_text);
    expect_nothing(b);
}

static void test_to_guest(Bench *b, gconstpointer options)
{
    g_autofree char *much = g_strnfill(CLIPBOARD_MAX_TEXT, 'x');

    clipboard_offer(b->host, "before");
    greet(b, CAN_COPY);
    expect(b, GRAB, 2, 0, 1);
    say_words(b, REQUEST, 2, 0, 1);
    expect_text(b, "before");
    clipboard_grab(b->host);
    expect(b, GRAB, 2, 0, 1);
    say_words(b, REQUEST, 2, 0, 1);
    say_words(b, REQUEST, 2, 0, 1);
    g_assert_cmpuint(b->n_wanted, ==, 1);
    expect_nothing(b);
    clipboard_supply(b->host, much);
    expect_text(b, much);
    expect_nothing(b);
    /* Asked for, and then there is another; or none. */
    clipboard_grab(b->host);
    expect(b, GRAB, 2, 0, 1);
    say_words(b, REQUEST, 2, 0, 1);
    clipboard_release(b->host);
    expect(b, CLIPBOARD, 2, 0, 0);
    expect(b, RELEASE, 1, 0);
    say_words(b, REQUEST, 2, 0, 1);
    expect(b, CLIPBOARD, 2, 0, 0);
    /* Of the primary selection there is nothing to ask. */
    say_words(b, REQUEST, 2, 1, 1);
    expect_nothing(b);
}

/* Agents of old, and of Windows. */
static void test_kinds(Bench *b, gconstpointer options)
{
    greet(b, CAN_DEMAND);
    say_words(b, GRAB, 1, 1);
    clipboard_request(b->host);
    expect(b, REQUEST, 1, 1);
    say(b, CLIPBOARD, "\1\0\0\0old", 7);
    g_assert_cmpstr(b->text, ==, "old");
    clipboard_offer(b->host, "a\nb");
    expect(b, GRAB, 1, 1);
    /* It says again what it can do. */
    say_words(b, CAPS, 2, 0, CAN_COPY | HAS_CRLF);
    say_words(b, REQUEST, 2, 0, 1);
    expect_text(b, "a\r\nb");
    say_words(b, GRAB, 2, 0, 1);
    clipboard_request(b->host);
    expect(b, REQUEST, 2, 0, 1);
    say_text(b, "c\r\nd");
    g_assert_cmpstr(b->text, ==, "c\nd");
    /* And that it does no more. */
    say_words(b, CAPS, 2, 0, 0);
    g_assert_false(b->has_text);
    clipboard_offer(b->host, "e");
    expect_nothing(b);
    say_words(b, CAPS, 2, 0, CAN_COPY);
    expect(b, GRAB, 2, 0, 1);
    b->room = 0;
    clipboard_grab(b->host);
    settle();
    say_words(b, CAPS, 2, 0, 0);
    b->room = SIZE_MAX;
    char_accept_input(b->c);
    expect_nothing(b);
    say_words(b, GRAB, 2, 0, 1);
    g_assert_false(b->has_text);
}

/* It goes, and comes back in the middle of what it said. */
static void test_reopened(Bench *b, gconstpointer options)
{
    greet(b, CAN_COPY);
    say_words(b, GRAB, 2, 0, 1);
    clipboard_request(b->host);
    give(b, (const uint8_t *)"\1\0\0", 3);
    char_front_opened(b->c, false);
    settle();
    g_assert_cmpstr(b->text, ==, "(none)");
    g_assert_false(b->has_text);
    clipboard_offer(b->host, "text");
    g_byte_array_set_size(b->sent, 0);
    give(b, (const uint8_t *)"late", 4);
    greet(b, CAN_COPY);
    expect(b, GRAB, 2, 0, 1);
    say_words(b, REQUEST, 2, 0, 1);
    expect_text(b, "text");
}

/* One that reads nothing is told how things are when it does. */
static void test_slow_guest(Bench *b, gconstpointer options)
{
    greet(b, CAN_COPY);
    b->room = 10;
    for (unsigned i = 0; i < 1000; i++) {
        clipboard_grab(b->host);
        say_words(b, REQUEST, 2, 0, 1);
        clipboard_supply(b->host, "text");
    }
    settle();
    g_assert_cmpuint(b->sent->len, ==, 10);
    b->room = 5000;
    char_accept_input(b->c);
    expect(b, GRAB, 2, 0, 1);
    expect_text(b, "text");
    expect(b, GRAB, 2, 0, 1);
    expect_nothing(b);
}

/* Whatever the chunks. */
static void test_chunks(Bench *b, gconstpointer options)
{
    static const char body[] = "\0\0\0\0\1\0\0\0chunks";

    greet(b, CAN_COPY);
    for (uint32_t chunk = 1; chunk < 40; chunk++) {
        say_words(b, GRAB, 2, 0, 1);
        clipboard_request(b->host);
        expect(b, REQUEST, 2, 0, 1);
        give32(b, 1);
        give32(b, 0); /* an empty one */
        say_in(b, chunk, CLIPBOARD, body, sizeof(body) - 1);
        g_assert_cmpstr(b->text, ==, "chunks");
        g_clear_pointer(&b->text, g_free);
    }
}

static void ask_guest(Bench *b)
{
    say_words(b, GRAB, 2, 0, 1);
    g_clear_pointer(&b->text, g_free);
    clipboard_request(b->host);
    expect(b, REQUEST, 2, 0, 1);
}

static void test_hostile(Bench *b, gconstpointer options)
{
    g_autofree char *much = g_strnfill(CLIPBOARD_MAX_TEXT + 1, 'x');
    uint8_t *grab = g_malloc0(1 << 20);

    greet(b, CAN_COPY);
    /* Too long, not UTF-8, not asked for, too short, of no kind. */
    ask_guest(b);
    say_text(b, much);
    g_assert_cmpstr(b->text, ==, "(none)");
    ask_guest(b);
    say_text(b, "\xff");
    g_assert_cmpstr(b->text, ==, "(none)");
    say_text(b, "more");
    clipboard_request(b->host); /* it may know now */
    expect(b, REQUEST, 2, 0, 1);
    say(b, CLIPBOARD, "\0", 1);
    say(b, CLIPBOARD, "", 0);
    say(b, GRAB, "", 0);
    say(b, REQUEST, "\0\0\0\0", 4);
    say(b, RELEASE, "", 0);
    say(b, GRAB, grab, 1 << 20);
    say(b, 99, grab, 1 << 20);
    say(b, CAPS, "", 0);
    say_text(b, "at last");
    g_assert_cmpstr(b->text, ==, "at last");
    g_free(grab);
    /* No such protocol, no such port: nobody listens until it comes anew. */
    for (unsigned i = 0; i < 2; i++) {
        say_words(b, GRAB, 2, 0, 1);
        g_assert_true(b->has_text);
        give32(b, i == 0 ? 1 : 3);
        give32(b, 20);
        give(b, (const uint8_t *)"\2\0\0\0\x6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
             20);
        g_assert_false(b->has_text);
        say_words(b, GRAB, 2, 0, 1);
        g_assert_false(b->has_text);
        clipboard_offer(b->host, "text");
        expect_nothing(b);
        clipboard_release(b->host);
        greet(b, CAN_COPY);
    }
}

static void report(Bench *b, unsigned n, const InputEvent *events)
{
    inputs_report(b->backends.inputs, INPUT_ABSOLUTE, events, n);
}

static void expect_mouse(Bench *b, uint32_t x, uint32_t y, uint32_t buttons)
{
    g_autoptr(GByteArray) body = g_byte_array_new();

    g_assert_cmpuint(hear(b, body), ==, MOUSE);
    g_assert_cmpuint(body->len, ==, 13);
    g_assert_cmpuint(le32_load(body->data), ==, x);
    g_assert_cmpuint(le32_load(body->data + 4), ==, y);
    g_assert_cmphex(le32_load(body->data + 8), ==, buttons);
    g_assert_cmpuint(body->data[12], ==, 0);
}

static void test_mouse(Bench *b, gconstpointer options)
{
    static const DisplayOps ops;
    static uint32_t pixels[300 * 200];
    const InputEvent corner[] = {{EV_ABS, ABS_X, INPUT_ABS_MAX},
                                 {EV_ABS, ABS_Y, INPUT_ABS_MAX}};
    const InputEvent middle[] = {{EV_ABS, ABS_X, INPUT_ABS_MAX / 2 + 1},
                                 {EV_ABS, ABS_Y, INPUT_ABS_MAX / 2 + 1}};
    Display *d = display_new(b->backends.displays, "d", 0, &ops, b);
    DisplaySink *sink = display_attach(d, NULL, NULL);
    DisplayChange change;

    display_set_scanout(d, &(DisplayScanout){(uint8_t *)pixels, 1200, 300, 200,
                                             PIXEL_XRGB8888, false});
    display_look(sink, &change);
    g_assert_false(inputs_is_absolute(b->backends.inputs));
    char_front_opened(b->c, true);
    expect(b, CAPS, 2, 1, CAN_MOUSE);
    say_words(b, CAPS, 2, 0, CAN_MOUSE | CAN_COPY);
    g_assert_true(inputs_is_absolute(b->backends.inputs));
    say_words(b, GRAB, 2, 0, 1); /* clipboard=off */
    g_assert_false(b->has_text);
    report(b, 2, corner);
    expect_mouse(b, 299, 199, 0);
    /* Movements become one, what is pressed does not. */
    report(b, 2, corner);
    report(b, 2, middle);
    report(b, 1, (InputEvent[]){{EV_KEY, BTN_RIGHT, 1}});
    report(b, 1, (InputEvent[]){{EV_KEY, BTN_RIGHT, 0}});
    report(b, 1, (InputEvent[]){{EV_REL, REL_WHEEL, -1}});
    expect_mouse(b, 149, 99, 0);
    expect_mouse(b, 149, 99, 1 << 3);
    expect_mouse(b, 149, 99, 0);
    expect_mouse(b, 149, 99, 1 << 5);
    expect_mouse(b, 149, 99, 0);
    expect_nothing(b);
    /* Too much for one that does not read: the last state is right. */
    b->room = 0;
    for (unsigned i = 0; i < 1000; i++) {
        report(b, 1, (InputEvent[]){{EV_KEY, BTN_LEFT, (int)i % 2 == 0}});
        report(b, 1, (InputEvent[]){{EV_REL, REL_WHEEL, INT32_MIN}});
    }
    report(b, 1, (InputEvent[]){{EV_KEY, BTN_MIDDLE, 1}});
    settle();
    b->room = 1 << 16;
    char_accept_input(b->c);
    settle();
    g_assert_cmpuint(b->sent->len, <=, 64 * 41);
    while (b->sent->len > 41) {
        g_byte_array_remove_range(b->sent, 0, 41);
    }
    expect_mouse(b, 149, 99, 1 << 2);
    char_front_opened(b->c, false);
    settle();
    g_assert_false(inputs_is_absolute(b->backends.inputs));
    /* The end comes with a button down. */
    char_front_opened(b->c, true);
    settle();
    say_words(b, CAPS, 2, 0, CAN_MOUSE);
    report(b, 1, (InputEvent[]){{EV_KEY, BTN_LEFT, 1}});
    display_detach(sink);
    display_free(d);
}

static void test_options(void)
{
    static const char *const wrong[] = {"clipboard=maybe", "mice=on"};
    Backends all;

    backends_init(&all);
    for (unsigned i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(Opts) opts = opts_parse(wrong[i], NULL, NULL);

        opts_set(opts, "backend", "qemu-vdagent");
        g_assert_null(char_backend_new(&all, "v", opts, &error));
        g_assert_nonnull(error);
    }
    backends_finish(&all);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(name, options) \
 g_test_add("/vdagent/" #name, Bench, options, set_up, test_##name, tear_down)
    TEST(from_guest, "clipboard=on,mouse=off");
    TEST(to_guest, "clipboard=on,mouse=off");
    TEST(kinds, "clipboard=on,mouse=off");
    TEST(reopened, "clipboard=on,mouse=off");
    TEST(slow_guest, "clipboard=on,mouse=off");
    TEST(chunks, "clipboard=on,mouse=off");
    TEST(hostile, "clipboard=on,mouse=off");
    TEST(mouse, "");
#undef TEST
    g_test_add_func("/vdagent/options", test_options);
    return g_test_run();
}
