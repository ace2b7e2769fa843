/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/ui/screens.c - screens and input devices that lines play. */
#include "tests/ui/screens.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/clipboard.h"
#include "core/display.h"
#include "core/input.h"
#include "tests/unit/boot-bench.h"

enum { MAX_SCREENS = 4, MAX_PIXELS = 2048 * 2048 };

typedef struct {
    unsigned number;
    Display *display;
    uint32_t *pixels;
    int width, height;
    bool live;
} Screen;

typedef struct {
    Machine *m;
    const ScreensFront *front;
    Inputs *inputs;
    InputDev *keyboard, *mouse, *tablet, *touch;
    Screen screens[MAX_SCREENS];
    Screen *s;
    bool echo;
    ClipboardPeer *clipboard;
    char *copied;
    int video_left;
    bool video_is_rich;
    uint32_t video_frame;
} Rig;

static void resize(void *opaque, uint32_t width, uint32_t height)
{
    Screen *s = opaque;

    printf("resize %u %u %u\n", s->number, width, height);
}

static void type(void *opaque, const char *bytes, size_t len)
{
    printf("typed");
    for (size_t i = 0; i < len; i++) {
        printf(" %02x", (uint8_t)bytes[i]);
    }
    printf("\n");
}

static DisplayOps ops = {.resize = resize};

/* ---- drawing ---- */

static void set_scanout(Screen *s)
{
    display_set_scanout(s->display, &(DisplayScanout){
                                        .pixels = (uint8_t *)s->pixels,
                                        .stride = s->width * 4,
                                        .width = s->width,
                                        .height = s->height,
                                        .format = PIXEL_XRGB8888,
                                        .live = s->live,
                                    });
}

static void damage(Screen *s, int x, int y, int width, int height)
{
    if (!s->live) {
        display_damage(s->display, &(DisplayRect){x, y, width, height});
    }
}

static void fill(Screen *s, int x, int y, int width, int height, uint32_t color)
{
    for (int row = y; row < y + height; row++) {
        for (int column = x; column < x + width; column++) {
            s->pixels[row * s->width + column] = color;
        }
    }
    damage(s, x, y, width, height);
}

/* Soft edges that move, as in a film: every pixel changes. */
static void fill_rich(Screen *s, uint32_t frame)
{
    for (int y = 0; y < s->height; y++) {
        for (int x = 0; x < s->width; x++) {
            uint32_t shade = (uint32_t)(x / 3 + y / 2) + frame * 5;

            s->pixels[y * s->width + x] = (shade & 0xff) << 16 |
                                          (shade / 2 & 0xff) << 8 |
                                          ((shade / 5 + (uint32_t)x) & 0xff);
        }
    }
    damage(s, 0, 0, s->width, s->height);
}

static void set_size(Screen *s, int width, int height)
{
    g_assert_cmpint(width * height, <=, MAX_PIXELS);
    s->width = width;
    s->height = height;
    set_scanout(s);
    fill(s, 0, 0, width, height, 0x204060);
}

static void set_cursor(Screen *s, int width, int height, int x, int y,
                       uint32_t color)
{
    g_autofree uint32_t *pixels = g_new(uint32_t, width * height + 1);

    for (int i = 0; i < width * height; i++) {
        pixels[i] = 0xff000000 | color;
    }
    display_set_cursor(s->display, width > 0 ? pixels : NULL, width, height, x,
                       y);
}

static gboolean video_frame(void *opaque)
{
    Rig *r = opaque;
    Screen *s = r->s;

    if (r->video_is_rich) {
        fill_rich(s, r->video_frame++);
    } else {
        fill(s, 0, 0, s->width, s->height, r->video_frame++ * 0x010305);
    }
    if (--r->video_left == 0) {
        printf("video done\n");
        return G_SOURCE_REMOVE;
    }
    return G_SOURCE_CONTINUE;
}

static void start_video(Rig *r, int fps, int seconds, bool is_rich)
{
    r->video_left = fps * seconds;
    r->video_is_rich = is_rich;
    g_timeout_add(1000 / fps, video_frame, r);
}

/* ---- input ---- */

static void print_report(const char *name, const InputEvent *events, unsigned n)
{
    printf("%s", name);
    for (unsigned i = 0; i < n; i++) {
        printf(" %u:%u:%d", events[i].type, events[i].code, events[i].value);
    }
    printf("\n");
}

static void keyboard_report(void *opaque, const InputEvent *events, unsigned n)
{
    Rig *r = opaque;

    for (unsigned i = 0; i < n; i++) {
        print_report("keyboard", &events[i], 1);
    }
    if (r->echo && events[0].value != 0) {
        fill(r->s, 0, 0, r->s->width, r->s->height, events[0].code);
    }
}

static void mouse_report(void *opaque, const InputEvent *events, unsigned n)
{
    print_report("mouse", events, n);
}

static void tablet_report(void *opaque, const InputEvent *events, unsigned n)
{
    print_report("tablet", events, n);
}

static void touch_report(void *opaque, const InputEvent *events, unsigned n)
{
    print_report("touch", events, n);
}

static const InputClass keyboard_class = {"keyboard", INPUT_KEYS,
                                          keyboard_report};
static const InputClass mouse_class = {"mouse", INPUT_RELATIVE, mouse_report};
static const InputClass tablet_class = {"tablet", INPUT_ABSOLUTE,
                                        tablet_report};

static const InputClass touch_class = {"touch", INPUT_TOUCH, touch_report};

static void plug(Rig *r, InputDev **dev, const InputClass *cls, bool on)
{
    input_remove(g_steal_pointer(dev));
    if (on) {
        *dev = input_add(r->inputs, cls, r, NULL);
    }
}

/* ---- clipboard ---- */

static void clipboard_changed(void *opaque, bool has_text)
{
    printf("clipboard %s\n", has_text ? "full" : "empty");
}

static void clipboard_wanted(void *opaque)
{
    Rig *r = opaque;

    clipboard_supply(r->clipboard, r->copied);
}

static void clipboard_text(void *opaque, const char *text)
{
    g_autofree char *escaped = text != NULL ? g_strescape(text, NULL) : NULL;

    if (escaped != NULL) {
        printf("pasted %s\n", escaped);
    } else {
        printf("nothing to paste\n");
    }
}

static const ClipboardClass clipboard_class = {
    clipboard_changed, clipboard_wanted, clipboard_text};

static void copy(Rig *r, const char *escaped)
{
    g_free(r->copied);
    r->copied = g_strcompress(escaped);
    clipboard_grab(r->clipboard);
}

/* ---- lines ---- */

static void unplug(Screen *s)
{
    display_free(g_steal_pointer(&s->display));
    printf("unplugged\n");
}

static bool is_on(const char *word)
{
    return strcmp(word, "on") == 0;
}

static bool draw(Rig *r, const char *line)
{
    int a, b, c, d;
    unsigned color;
    char word[8];

    if (sscanf(line, "screen %d", &a) == 1) {
        r->s = &r->screens[a];
    } else if (sscanf(line, "size %d %d", &a, &b) == 2) {
        set_size(r->s, a, b);
    } else if (sscanf(line, "fill %d %d %d %d %x", &a, &b, &c, &d, &color) ==
               5) {
        fill(r->s, a, b, c, d, color);
    } else if (sscanf(line, "live %7s", word) == 1) {
        r->s->live = is_on(word);
        set_scanout(r->s);
    } else if (sscanf(line, "cursor %d %d %d %d %x", &a, &b, &c, &d, &color) ==
               5) {
        set_cursor(r->s, a, b, c, d, color);
    } else if (sscanf(line, "at %d %d", &a, &b) == 2) {
        display_move_cursor(r->s->display, a, b);
    } else if (sscanf(line, "video %d %d", &a, &b) == 2) {
        start_video(r, a, b, g_str_has_suffix(line, " rich"));
    } else if (strcmp(line, "text") == 0) {
        ops.type = type;
    } else if (strcmp(line, "unplug") == 0) {
        unplug(r->s);
    } else {
        return false;
    }
    return true;
}

static void obey(Rig *r, const char *line)
{
    unsigned leds;
    char word[8];

    if (draw(r, line) ||
        (r->front->obey != NULL && r->front->obey(r->m, line))) {
        return;
    }
    if (sscanf(line, "tablet %7s", word) == 1) {
        plug(r, &r->tablet, &tablet_class, is_on(word));
    } else if (sscanf(line, "touch %7s", word) == 1) {
        plug(r, &r->touch, &touch_class, is_on(word));
    } else if (g_str_has_prefix(line, "copy ")) {
        copy(r, line + strlen("copy "));
    } else if (strcmp(line, "uncopy") == 0) {
        clipboard_release(r->clipboard);
    } else if (strcmp(line, "paste") == 0) {
        clipboard_request(r->clipboard);
    } else if (sscanf(line, "echo %7s", word) == 1) {
        r->echo = is_on(word);
    } else if (sscanf(line, "leds %u", &leds) == 1) {
        input_set_leds(r->keyboard, leds);
    } else if (strcmp(line, "quit") == 0) {
        machine_quit(r->m, RUN_CAUSE_HOST_QUIT, 0);
    } else {
        g_error("no command: %s", line);
    }
}

static gboolean readable(GIOChannel *in, GIOCondition condition, void *opaque)
{
    Rig *r = opaque;
    g_autofree char *line = NULL;
    GIOStatus status = g_io_channel_read_line(in, &line, NULL, NULL, NULL);

    if (status == G_IO_STATUS_NORMAL) {
        obey(r, g_strchomp(line));
        return G_SOURCE_CONTINUE;
    }
    if (status == G_IO_STATUS_EOF) {
        machine_quit(r->m, RUN_CAUSE_HOST_QUIT, 0);
        return G_SOURCE_REMOVE;
    }
    return G_SOURCE_CONTINUE;
}

/* ---- life ---- */

static void rig_start(Rig *r, unsigned n)
{
    const Backends *b = machine_backends(r->m);

    r->inputs = b->inputs;
    for (unsigned i = 0; i < n; i++) {
        Screen *s = &r->screens[i];

        s->number = i;
        s->pixels = g_new0(uint32_t, MAX_PIXELS);
        s->display = display_new(b->displays, "screen", i, &ops, s);
        set_size(s, 320, 240);
    }
    r->s = r->screens;
    r->keyboard = input_add(r->inputs, &keyboard_class, r, NULL);
    r->mouse = input_add(r->inputs, &mouse_class, r, NULL);
    r->clipboard = clipboard_join(b->clipboard, &clipboard_class, r);
}

static void rig_finish(Rig *r)
{
    input_remove(r->keyboard);
    input_remove(r->mouse);
    input_remove(r->tablet);
    input_remove(r->touch);
    clipboard_leave(r->clipboard);
    g_free(r->copied);
    for (unsigned i = 0; i < MAX_SCREENS; i++) {
        display_free(r->screens[i].display);
        g_free(r->screens[i].pixels);
    }
}

static int run(Rig *r, void *arguments)
{
    g_autoptr(GError) error = NULL;
    GIOChannel *in = g_io_channel_unix_new(STDIN_FILENO);
    void *front = r->front->open(r->m, arguments, &error);
    int code = EXIT_FAILURE;

    if (front == NULL) {
        printf("error: %s\n", error->message);
    } else {
        g_io_channel_set_flags(in, G_IO_FLAG_NONBLOCK, NULL);
        g_io_add_watch(in, G_IO_IN | G_IO_HUP, readable, r);
        printf("ready\n");
        machine_run(r->m, &code, &error);
        r->front->close(r->m, front);
    }
    g_io_channel_unref(in);
    return code;
}

int screens_run(Machine *m, MachineConfig *config, const char *n,
                const ScreensFront *front, void *arguments)
{
    Rig r = {.m = m, .front = front};
    int code;

    setvbuf(stdout, NULL, _IOLBF, 0);
    config->name = g_strdup("test");
    rig_start(&r, MIN(strtoul(n, NULL, 10), MAX_SCREENS));
    code = run(&r, arguments);
    rig_finish(&r);
    bench_end(config, m);
    return code;
}
