/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ui/sdl/sdl_priv.h - what the files of the window share. Two threads: "UI",
 * which alone calls SDL, and the event loop, which alone calls the machine.
 * What one wants of the other goes through ui_ask and ui_nudge. */
#ifndef CUTTLE_UI_SDL_SDL_PRIV_H
#define CUTTLE_UI_SDL_SDL_PRIV_H

#include "core/clipboard.h"
#include "core/display.h"
#include "core/input.h"
#include "ui/sdl/place.h"
#include "ui/sdl/sdl.h"
#include "util/sdl.h"

enum {
    FRAME_US = 16667,       /* a picture is shown at most so often */
    IDLE_FRAME_US = 100000, /* a live screen is looked at that often, after */
    ACTIVE_US = 1000000,    /* this time without input or change */
    SETTLE_US = 200000,     /* a window that was dragged to its size */
    NOTE_US = 4000000,      /* a message in the title */
    MAX_WINDOWS = 16,
};

/* ---- UI thread -> event loop: ask.c ---- */

typedef struct Window Window;

typedef enum {
    ASK_REPORT,
    ASK_RELEASE_KEYS,
    ASK_TYPE, /* on a text console */
    ASK_RESIZE,
    ASK_SHOW,  /* the display of number console in window */
    ASK_PAUSE, /* or go on */
    ASK_RESET,
    ASK_POWER_BUTTON,
    ASK_QUIT,
    ASK_COPIED, /* desktop_text */
} AskKind;

enum { ASK_MAX_EVENTS = 4, ASK_MAX_TEXT = 32 };

typedef struct {
    AskKind kind;
    Display *display; /* whose window it comes from; may be gone by then */
    InputKind input;  /* of REPORT */
    unsigned n;       /* of events, or bytes of text */
    InputEvent events[ASK_MAX_EVENTS];
    char text[ASK_MAX_TEXT]; /* of TYPE */
    uint32_t width, height;  /* of RESIZE */
    Window *window;          /* of SHOW */
    unsigned console;
} Ask;

/* ---- a window: window.c, cursor.c ---- */

typedef struct {
    SDL_Cursor *host;     /* its picture as the host's; NULL: none */
    SDL_Texture *texture; /* ... to be drawn in the window */
    int width, height, hot_x, hot_y;
    int x, y; /* of the hot spot, in the picture */
} WindowCursor;

/* What a window shows. Attached on the event loop, where displays come and go;
 * the sink keeps the display. */
typedef struct {
    Display *display;
    DisplaySink *sink;
    bool text; /* a console that is typed on */
} Source;

struct Window {
    SdlUi *ui;
    Source source;
    Source next; /* to be shown instead, if there is one: ui->lock */
    SDL_Window *win;
    SDL_Renderer *renderer;
    SDL_Texture *texture; /* the picture; NULL: blank */
    Size guest;           /* of the picture */
    Size asked;           /* what we gave the window last, or its user did */
    SDL_Rect place;       /* of the picture, in the window's pixels */
    WindowCursor cursor;
    bool hidden;       /* by its user: nothing is drawn */
    bool stale;        /* the window does not show the texture as it is */
    bool live;         /* the screen changes without telling */
    bool full_screen;  /* or about to be */
    int woken;         /* atomic: the display has news */
    int64_t next_look; /* g_get_monotonic_time */
    int64_t settles;   /* when its new size is told to the guest; 0: never */
};

/* Pointer movement that was not sent yet. */
typedef struct {
    Window *window; /* NULL: there is none */
    int x, y;       /* absolute: 0 to INPUT_ABS_MAX */
    int dx, dy;     /* relative */
} Motion;

/* A touch; its number is the guest's slot. */
typedef struct {
    SDL_TouchID device;
    SDL_FingerID id;
    bool down;
} Finger;

struct SdlUi {
    Machine *m;
    Displays *displays;
    Inputs *inputs;
    SdlOptions options;
    const char *name; /* of the machine; NULL: it has none */
    GThread *thread;

    /* Between the threads. */
    GMutex lock;
    GCond started;
    bool start_done;    /* lock */
    GError *error;      /* why it did not start: lock */
    GArray *asks;       /* of Ask: lock */
    bool asked;         /* the event loop will come for them: lock */
    char *note;         /* a message to be shown: lock */
    char *guest_text;   /* copied there, for the desktop: lock */
    char *desktop_text; /* and there, for the guest: lock */
    int run_state;      /* atomic: RunState */
    int absolute;       /* atomic: bool */
    int touch;          /* atomic: bool: there is a touch screen */
    int leds;           /* atomic: of the guest's keyboard */
    int nudged;         /* atomic: an event is in SDL's queue */
    int leaving;        /* atomic */

    ClipboardPeer *clipboard; /* the event loop's */

    /* The UI thread's. */
    Window *windows[MAX_WINDOWS];
    unsigned n_windows;
    Uint32 nudge_event;
    bool software; /* no graphics card draws for us */
    bool grabbed;
    int shown_state, shown_absolute; /* as in the titles and cursors now */
    char *shown_note;
    int64_t note_ends;
    int64_t last_active; /* input or a change of a live screen */
    Motion motion;
    Finger fingers[INPUT_MAX_TOUCHES];
    unsigned n_touches; /* so far; a touch's id */
    char *known_text;   /* in the desktop's clipboard, as far as we know */
};

/* Any thread. */
void ui_ask(SdlUi *ui, const Ask *ask);
void ui_ask_simple(SdlUi *ui, AskKind kind);
/* The UI thread looks at what is new. */
void ui_nudge(SdlUi *ui);
/* Shows text in the titles for a while. */
void ui_note(SdlUi *ui, const char *text);
/* Event loop, without the UI thread: what was asked is forgotten. */
void ui_asks_finish(SdlUi *ui);

/* ---- UI thread ---- */

void *ui_thread(void *ui); /* thread.c */

/* window.c */
Window *window_new(SdlUi *ui, Display *d, GError **error);
void window_free(Window *w);
/* Event loop: the window shows another display soon. */
void window_set_next(Window *w, Display *d);
/* Shows it, if there is one. */
void window_take_next(Window *w);
/* Looks and draws if it is time to. */
void window_frame(Window *w, int64_t now);
/* When window_frame has something to do next; INT64_MAX: when woken. */
int64_t window_next(const Window *w);
/* An SDL_WINDOWEVENT. */
void window_event(Window *w, const SDL_WindowEvent *e);
void window_set_full_screen(Window *w, bool full);
/* The window gets the picture's own size. */
void window_fit(Window *w);
void window_set_title(Window *w);
/* A place in the window (its units) as one in the picture; cut to it. */
void window_to_picture(const Window *w, int wx, int wy, int *x, int *y);
/* The picture is lost on the way to the graphics card. */
void window_reload(Window *w);

/* cursor.c: while the picture is held. */
void cursor_take_shape(Window *w, const DisplayPicture *p);
void cursor_drop(Window *w);
void cursor_draw(const Window *w);
/* The host's pointer as it should be above w, which has it. */
void cursor_apply(Window *w);

/* input.c */
void input_key(Window *w, unsigned scancode, bool down);
void input_motion(Window *w, const SDL_MouseMotionEvent *e);
void input_button(Window *w, const SDL_MouseButtonEvent *e);
void input_wheel(Window *w, const SDL_MouseWheelEvent *e);
void input_flush(SdlUi *ui); /* movement that waits */
void input_grab(Window *w, bool grab);
void input_finger(Window *w, const SDL_TouchFingerEvent *e);
/* The guest's Caps Lock and so on become as the host's are. */
void input_sync_locks(Window *w);

/* text.c: keys for text consoles. */
void text_focus(const Window *w); /* it has the keyboard, or another source */
void text_key(const Window *w, const SDL_Keysym *k);
void text_input(const Window *w, const char *utf8);

/* clipboard.c */
void clipboard_start(SdlUi *ui);  /* event loop */
void clipboard_copied(SdlUi *ui); /* event loop: desktop_text is there */
void clipboard_look(SdlUi *ui);   /* is there something new? */
void clipboard_turn(SdlUi *ui);   /* takes guest_text */

/* screenshot.c */
void screenshot_take(Window *w);

/* hotkeys.c: true: the key was the window's own. */
bool hotkey_press(Window *w, const SDL_KeyboardEvent *e);
/* "Ctrl-Alt-G", as the title has it. */
const char *hotkey_grab_name(const SdlUi *ui);

#endif
