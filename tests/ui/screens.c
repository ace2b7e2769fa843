/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/ui/screens.c - a machine whose screens and input devices are played by
 * whoever writes lines to its standard input; says what it gets on standard
 * output. screens N [-display's keys and values]: N screens of 320x240.
 *   screen N / size W H       which one is meant from here on; its new picture
 *   fill X Y W H RRGGBB       draws
 *   live on|off               says nothing about what it draws, or does
 *   cursor W H HX HY RRGGBB   a pointer of one colour; cursor 0 0 0 0 0: none
 *   at X Y                    where it is
 *   video FPS SECONDS         all of the picture changes so often
 *   tablet on|off             an absolute pointer
 *   echo on|off               a key that goes down fills the picture
 *   quit */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/display.h"
#include "core/input.h"
#include "machine/view.h"
#include "tests/unit/boot-bench.h"
#include "ui/sdl/sdl.h"

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
    Inputs *inputs;
    InputDev *keyboard, *mouse, *tablet;
    Screen screens[MAX_SCREENS];
    Screen *s;
    bool echo;
    int video_left;
    uint32_t video_frame;
} Rig;

static void resize(void *opaque, uint32_t width, uint32_t height)
{
    Screen *s = opaque;

    printf("resize %u %u %u\n", s->number, width, height);
}

static const DisplayOps ops = {.resize = resize};

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

static void fill(Screen *s, int x, int y, int width, int height, uint32_t color)
{
    for (int row = y; row < y + height; row++) {
        for (int column = x; column < x + width; column++) {
            s->pixels[row * s->width + column] = color;
        }
    }
    if (!s->live) {
        display_damage(s->display, &(DisplayRect){x, y, width, height});
    }
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

static const InputClass keyboard_class = {"keyboard", INPUT_KEYS,
                                          keyboard_report};
static const InputClass mouse_class = {"mouse", INPUT_RELATIVE, mouse_report};
static const InputClass tablet_class = {"tablet", INPUT_ABSOLUTE,
                                        tablet_report};

static void set_tablet(Rig *r, bool on)
{
    input_remove(g_steal_pointer(&r->tablet));
    if (on) {
        r->tablet = input_add(r->inputs, &tablet_class, r, NULL);
    }
}

/* ---- lines ---- */

static gboolean video_frame(void *opaque)
{
    Rig *r = opaque;
    Screen *s = r->s;

    fill(s, 0, 0, s->width, s->height, r->video_frame++ * 0x010305);
    if (--r->video_left == 0) {
        printf("video done\n");
        return G_SOURCE_REMOVE;
    }
    return G_SOURCE_CONTINUE;
}

static void start_video(Rig *r, int fps, int seconds)
{
    r->video_left = fps * seconds;
    g_timeout_add(1000 / fps, video_frame, r);
}

static void obey(Rig *r, const char *line)
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
        r->s->live = strcmp(word, "on") == 0;
        set_scanout(r->s);
    } else if (sscanf(line, "cursor %d %d %d %d %x", &a, &b, &c, &d, &color) ==
               5) {
        set_cursor(r->s, a, b, c, d, color);
    } else if (sscanf(line, "at %d %d", &a, &b) == 2) {
        display_move_cursor(r->s->display, a, b);
    } else if (sscanf(line, "video %d %d", &a, &b) == 2) {
        start_video(r, a, b);
    } else if (sscanf(line, "tablet %7s", word) == 1) {
        set_tablet(r, strcmp(word, "on") == 0);
    } else if (sscanf(line, "echo %7s", word) == 1) {
        r->echo = strcmp(word, "on") == 0;
    } else if (strcmp(line, "quit") == 0) {
        machine_quit(r->m, RUN_CAUSE_HOST_QUIT, 0);
    } else {
        g_error("no command: %s", line);
    }
}

static gboolean readable(GIOChannel *in, GIOCondition condition, void *opaque)
{
    g_autofree char *line = NULL;
    GIOStatus status = g_io_channel_read_line(in, &line, NULL, NULL, NULL);

    if (status == G_IO_STATUS_NORMAL) {
        obey(opaque, g_strchomp(line));
        return G_SOURCE_CONTINUE;
    }
    if (status == G_IO_STATUS_EOF) {
        machine_quit(((Rig *)opaque)->m, RUN_CAUSE_HOST_QUIT, 0);
        return G_SOURCE_REMOVE;
    }
    return G_SOURCE_CONTINUE;
}

static void heard(void *opaque, const MachineEvent *event)
{
    static const char *const names[] = {
        [MACHINE_STOPPED] = "stopped",     [MACHINE_RESUMED] = "resumed",
        [MACHINE_WAS_RESET] = "reset",     [MACHINE_SHUT_DOWN] = "shut down",
        [MACHINE_POWERDOWN] = "powerdown",
    };

    printf("machine %s\n", names[event->kind]);
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
    machine_observe(r->m, heard, r);
}

static void rig_finish(Rig *r)
{
    machine_unobserve(r->m, heard, r);
    input_remove(r->keyboard);
    input_remove(r->mouse);
    input_remove(r->tablet);
    for (unsigned i = 0; i < MAX_SCREENS; i++) {
        display_free(r->screens[i].display);
        g_free(r->screens[i].pixels);
    }
}

static int run(Rig *r, const SdlOptions *options)
{
    g_autoptr(GError) error = NULL;
    GIOChannel *in = g_io_channel_unix_new(STDIN_FILENO);
    SdlUi *ui = sdl_ui_new(r->m, options, &error);
    int code = EXIT_FAILURE;

    if (ui == NULL) {
        printf("error: %s\n", error->message);
    } else {
        g_io_channel_set_flags(in, G_IO_FLAG_NONBLOCK, NULL);
        g_io_add_watch(in, G_IO_IN | G_IO_HUP, readable, r);
        printf("ready\n");
        machine_run(r->m, &code, &error);
        sdl_ui_free(ui);
    }
    g_io_channel_unref(in);
    return code;
}

int main(int argc, char **argv)
{
    g_autoptr(Opts) opts = opts_parse(argc > 2 ? argv[2] : "", NULL, NULL);
    MachineConfig config;
    SdlOptions options;
    Rig r = {0};
    int code;

    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc < 2 || opts == NULL || !sdl_options_read(&options, opts, NULL)) {
        fprintf(stderr, "usage: screens N [OPTIONS]\n");
        return EXIT_FAILURE;
    }
    r.m = bench_bare(&config, 1);
    config.name = g_strdup("test");
    rig_start(&r, MIN(strtoul(argv[1], NULL, 10), MAX_SCREENS));
    code = run(&r, &options);
    rig_finish(&r);
    bench_end(&config, r.m);
    return code;
}
