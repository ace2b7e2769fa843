/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/display.h - one screen of the machine, between the device that draws it
 * and those who show it: a window, a remote client, a screen dump.
 * The device says where its picture lies (a scanout) and what it changed. A
 * sink asks for what is new at its own pace, so a slow one drops frames and
 * never holds up the guest. Sinks see 32-bit pixels whatever the guest chose.
 * Threads: displays come and go on the event loop; the rest from any thread.
 * The locks are inside and held for a copy of the picture at most; damage and
 * the cursor do not even wait for that. A device may hold its own lock,
 * callbacks get none but that of the picture, if they say [any].
 * Lifetime: the device owns its displays from start to stop. A sink that is
 * still attached then sees a blank screen until it is detached. */
#ifndef CUTTLE_CORE_DISPLAY_H
#define CUTTLE_CORE_DISPLAY_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a scanout or a cursor may measure at most, in pixels. */
enum { DISPLAY_MAX_SIZE = 8192, DISPLAY_MAX_CURSOR = 256 };

typedef struct Display Display;
typedef struct DisplaySink DisplaySink;

typedef struct {
    int x, y, width, height;
} DisplayRect;

/* Little-endian words, the most significant part named first, as in DRM's
 * names for them. */
typedef enum {
    PIXEL_XRGB8888,
    PIXEL_ARGB8888,
    PIXEL_XBGR8888,
    PIXEL_ABGR8888,
    PIXEL_RGBX8888,
    PIXEL_RGBA8888,
    PIXEL_BGRX8888,
    PIXEL_BGRA8888,
    PIXEL_RGB888,
    PIXEL_RGB565,
    PIXEL_XRGB1555,
    PIXEL_N_FORMATS,
} PixelFormat;

unsigned pixel_bytes(PixelFormat format);

/* A place of a text console. */
typedef struct {
    uint32_t ch;     /* 0: the right half of a wide character; ' ' for none */
    uint32_t fg, bg; /* XRGB words */
    bool underlined;
} DisplayCell;

/* A reader's copy of a screen in characters; starts as all zeroes. */
typedef struct {
    unsigned columns, rows; /* 0: it is no text console */
    DisplayCell *cells;     /* row by row */
    bool *changed;          /* rows, by the last look */
    unsigned cursor_x, cursor_y;
    bool cursor_shown;
    uint32_t width, height; /* of the screen in pixels; 0: blank */
    uint64_t seen;          /* the console's: when the copy was right */
} DisplayText;

/* ---- for devices -------------------------------------------------------- */

typedef struct {
    const uint8_t *pixels; /* valid until another scanout is set */
    uint32_t stride;       /* bytes */
    uint32_t width, height;
    PixelFormat format;
    bool live; /* the guest writes to it and tells nobody: every look compares
                * it with the look before */
} DisplayScanout;

/* What the host's side asks of the device. On the event loop. */
typedef struct {
    /* The window has this size: the guest may want its screen so. NULL: the
     * guest cannot be told. */
    void (*resize)(void *opaque, uint32_t width, uint32_t height);
    /* For text consoles: what the user typed while this screen is in front,
     * in UTF-8, with the xterm's sequences for keys that are no characters.
     * NULL: a screen of the guest, its keys go to core/input.h. */
    void (*type)(void *opaque, const char *bytes, size_t len);
    /* Of a text console: its program means these characters by the bytes 0x80
     * to 0xff, not UTF-8, here and in what is typed. */
    void (*set_charset)(void *opaque, const uint32_t *high);
    /* [any] For those who draw when somebody looks only: brings the scanout up
     * to date and says where it changed; false: nowhere. NULL: it always is. */
    bool (*draw)(void *opaque, DisplayRect *changed);
    /* [any] Of a text console: puts what changed since text was filled last
     * into it; false: nothing did. */
    bool (*read_text)(void *opaque, DisplayText *text);
} DisplayOps;

/* All screens of a machine, in order of creation, but text consoles behind the
 * others; Backends has it. */
typedef struct Displays Displays;
Displays *displays_new(void);
void displays_free(Displays *all); /* NULL-safe; empty by then */

/* name: the device's, for titles and screendump; head counts its screens. */
Display *display_new(Displays *all, const char *name, unsigned head,
                     const DisplayOps *ops, void *opaque);
void display_free(Display *d); /* NULL-safe */

/* NULL: the screen is blank. The old scanout is not read any more when this
 * returns. The caller has checked sizes against memory and DISPLAY_MAX_SIZE. */
void display_set_scanout(Display *d, const DisplayScanout *scanout);
/* The rectangle, cut to the scanout, was drawn to. */
void display_damage(Display *d, const DisplayRect *rect);
/* DisplayOps.draw or read_text has something to say. */
void display_changed(Display *d);
/* For read_text: gives text this size; what it has is lost if it had
 * another. */
void display_text_fit(DisplayText *text, unsigned columns, unsigned rows);

/* A pointer the screen shows above its picture; pixels are copied: 32-bit ARGB
 * words with alpha multiplied in, width * height of them. NULL: none. */
void display_set_cursor(Display *d, const uint32_t *pixels, uint32_t width,
                        uint32_t height, uint32_t hot_x, uint32_t hot_y);
void display_move_cursor(Display *d, int x, int y);

/* ---- for sinks ---------------------------------------------------------- */

unsigned displays_count(const Displays *all);
Display *displays_get(const Displays *all, unsigned n);    /* NULL: no such */
bool displays_have(const Displays *all, const Display *d); /* d may be gone */
const char *display_name(const Display *d);
unsigned display_head(const Display *d);

/* As DisplayOps.resize; false: the guest cannot be told. Event loop. */
bool display_resize(Display *d, uint32_t width, uint32_t height);

/* Is this a text console? Its sinks send what is typed here and not as keys;
 * display_type does nothing for other screens. Event loop. */
bool display_is_text(const Display *d);
void display_type(Display *d, const char *bytes, size_t len);
/* As DisplayOps.set_charset: 128 characters. Event loop. */
void display_set_charset(Display *d, const uint32_t *high);

/* wake(opaque) is called, on any thread, when there may be something new for
 * the first time since the last look; it must not block, nor look or detach
 * itself. NULL: this sink looks by the clock. A live scanout needs that in any
 * case. The first look finds everything new. */
DisplaySink *display_attach(Display *d, void (*wake)(void *opaque),
                            void *opaque);
/* wake is not running any more when this returns. NULL-safe. */
void display_detach(DisplaySink *s);

enum { DISPLAY_MAX_RECTS = 32 };

typedef struct {
    bool resized; /* all of it is new; n_rects is 1 unless it is blank */
    bool cursor_shape, cursor_moved;
    bool live; /* the next look needs no wake to find something */
    unsigned n_rects;
    DisplayRect rects[DISPLAY_MAX_RECTS];
} DisplayChange;

/* Brings the picture up to date and says what changed since this sink's last
 * look. False: nothing did. */
bool display_look(DisplaySink *s, DisplayChange *change);

/* The same for sinks that want characters and no picture. text is the sink's
 * from look to look; a new one finds everything new. */
bool display_look_text(DisplaySink *s, DisplayText *text);
void display_text_finish(DisplayText *text); /* zero-safe */

/* As of the last look of any sink. */
typedef struct {
    uint32_t width, height; /* 0: blank */
    const uint32_t *pixels; /* XRGB8888 words of the host, x undefined */
    uint32_t stride;        /* words */
    const uint32_t *cursor; /* ARGB, alpha multiplied in; NULL: none */
    uint32_t cursor_width, cursor_height;
    uint32_t cursor_hot_x, cursor_hot_y;
    int cursor_x, cursor_y; /* of the hot spot, in the picture */
} DisplayPicture;

/* Nobody changes it until display_done; looks of other sinks wait. */
void display_picture(Display *d, DisplayPicture *picture);
void display_done(Display *d);

#endif
