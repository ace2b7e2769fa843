/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ui/vnc/vnc_priv.h - a server and its clients.
 * Threads: a server is the main thread's; each client has a thread that does
 * all its reading, drawing and writing, so one that hangs holds up only itself.
 * It asks the server for what is under a lock, and posts the rest.
 * Lifetime: a client is shared by its server, its thread and what it posted. */
#ifndef CUTTLE_UI_VNC_VNC_PRIV_H
#define CUTTLE_UI_VNC_VNC_PRIV_H

#include <rfb/rfb.h>
#include <rfb/rfbregion.h>

#include "core/clipboard.h"
#include "core/display.h"
#include "core/input.h"
#include "core/remote.h"
#include "ui/vnc/auth.h"
#include "ui/vnc/stream.h"

typedef struct VncServer VncServer;
typedef struct VncClient VncClient;

typedef enum {
    VNC_SHARE_ALLOW_EXCLUSIVE, /* who wants to be alone throws others out */
    VNC_SHARE_FORCE_SHARED,    /* ... is refused */
    VNC_SHARE_IGNORE,          /* ... gets company */
} VncShare;

struct VncServer {
    RemoteServer remote; /* clients: of VncClient's peer; lock for changes */
    Remotes *remotes;
    Inputs *inputs;
    Clipboard *clipboard;
    Display *display;
    DisplaySink *keeper; /* so that display stays when its device goes */
    char *title;         /* of the clients' windows */
    GArray *listeners;   /* of VncListener */
    uint64_t max_clients;
    VncShare share;
    bool password, read_only, lossy;
    TlsCreds *tls; /* NULL: connections are not encrypted */
    VncAuth auth;
    GMutex lock;
    GPtrArray *clients; /* of VncClient, a reference each; lock for changes */
    int absolute, leds; /* what the guest has now; atomic */
};

/* ---- server.c, for clients' threads ---- */

/* The handshake is done; false: this client may not stay. */
bool vnc_server_admit(VncServer *s, VncClient *c, bool shared);

/* ---- client.c ---- */

/* What somebody did, for the main thread. */
typedef struct {
    enum { VNC_KEY, VNC_POINTER, VNC_RESIZE, VNC_COPIED } kind;
    bool down;             /* key */
    bool relative;         /* pointer: x and y are a way */
    uint32_t keysym, set1; /* key; set1, its place: 0: unknown */
    uint32_t buttons;      /* pointer: bits as in RFB */
    int x, y;              /* pointer */
    int width, height;     /* pointer: of the screen it is on; resize */
} VncEvent;

enum { VNC_MAX_EVENTS = 256, VNC_N_KEYS = 0x300 };

struct VncClient {
    VncServer *server; /* outlives the thread */
    VncStream *stream;
    RemoteAddress *peer;
    GThread *thread;          /* of main; NULL: joined */
    int wake_fd;              /* an eventfd: look around */
    int closing;              /* atomic */
    bool websocket, is_local; /* the latter: on this computer */

    /* of the server, under its lock */
    bool admitted, exclusive;

    /* what the thread found, for the main thread */
    GMutex lock;
    GCond room;
    GArray *events; /* of VncEvent; lock */
    bool posted;    /* the main thread will look at events; lock */
    char *text_in;  /* copied by the client, for the guest; lock */
    char *text_out; /* and the other way; lock */

    ClipboardPeer *clipboard; /* the main thread's; NULL: read-only */

    /* the main thread's, for events and for input.c */
    bool connected;
    bool keys[VNC_N_KEYS]; /* down, by evdev's number */
    uint32_t buttons;
    int last_x, last_y;
    bool has_pointer; /* last_x and last_y are known */

    /* the thread's */
    rfbScreenInfo screen;
    rfbClientPtr rfb; /* NULL: not yet, or no more */
    rfbCursor cursor;
    DisplaySink *sink;
    uint32_t *pixels; /* what the client is shown, screen.width * height */
    bool live;
    bool wants_keys, wants_motion, wants_leds; /* QEMU's extensions */
    int told_absolute, told_leds;              /* -1: nothing yet */
    char *text; /* the guest's, as far as the client was told; NULL: none */
    uint32_t clipboard_caps, clipboard_max; /* of the extension */
    int64_t last_update;
    int64_t plain_from, plain_until; /* when updates are not compressed */
    unsigned quiet; /* looks at a live screen in a row that found nothing */
};

/* fd: connected. The thread runs when this returns; NULL: there is none. */
VncClient *vnc_client_new(VncServer *s, int fd, RemoteAddress *peer,
                          bool websocket);
VncClient *vnc_client_ref(VncClient *c);
void vnc_client_unref(VncClient *c);
/* Ends its connection; the thread is on its way out. [any] */
void vnc_client_cut(VncClient *c);
/* Something is new on the server's side. [any] */
void vnc_client_wake(VncClient *c);
/* For the main thread, soon; waits while there are too many. Its thread. */
void vnc_client_push(VncClient *c, const VncEvent *e);

/* ---- server.c, on the main thread ---- */

/* Not for who only wanted the page. */
void vnc_server_connected(VncServer *s, VncClient *c);
void vnc_server_initialized(VncServer *s, VncClient *c);
void vnc_server_lost(VncServer *s, VncClient *c);

/* ---- handshake.c ---- */

/* From the first byte to the client's wish for company. False: it failed and
 * the client was told. */
bool vnc_handshake(VncClient *c, bool *shared);
/* False: there is no encrypted stream; it was counted as a wrong password. */
bool vnc_start_tls(VncClient *c);

/* ---- web.c ---- */

/* Answers HTTP requests until one of them makes a WebSocket of the stream;
 * false: none did. */
bool vnc_web(VncClient *c);

/* ---- screen.c: what a client sees, all on its thread ---- */

/* Once for the process, before any thread of a client. */
void vnc_screen_setup(void);
/* Makes the library serve the client; fd is plain and handed over. */
bool vnc_screen_start(VncClient *c, int fd);
void vnc_screen_stop(VncClient *c);
/* Reads one message. False: the client is gone, or sent what nobody takes. */
bool vnc_screen_read(VncClient *c);
/* Sends what is new, if the client waits and it is time. Returns in how many
 * milliseconds to come back; -1: when woken. */
int vnc_screen_update(VncClient *c);

/* ---- encoding.c ---- */

bool vnc_encoding_is_local(const RemoteAddress *peer);
/* Sends what is new; false: there was nothing. */
bool vnc_encoding_send(VncClient *c);

/* ---- input.c ---- */

/* QEMU's extensions of RFB: keys by place, relative motion, lights. */
void vnc_input_setup(void);
/* Hooks of the library. */
void vnc_input_attach(VncClient *c);
/* Tells the client of what its extensions are about. False: it is gone. */
bool vnc_input_tell(VncClient *c);

/* On the main thread. */
void vnc_input_apply(VncClient *c, const VncEvent *e);
void vnc_input_release(VncClient *c);

/* ---- clipboard.c ---- */

/* Main thread; leaving what was not joined is nothing. */
void vnc_clipboard_join(VncClient *c);
void vnc_clipboard_leave(VncClient *c);
void vnc_clipboard_copied(VncClient *c); /* VNC_COPIED */

void vnc_clipboard_attach(VncClient *c); /* hooks of the library */
/* Reads a ClientCutText. False: the client is gone. */
bool vnc_clipboard_read(VncClient *c);
/* Sends what was copied. False: the client is gone. */
bool vnc_clipboard_tell(VncClient *c);

/* ---- text.c ---- */

/* A key was pressed at a text console; code is evdev's number or 0. Main
 * thread. */
void vnc_text_key(const VncClient *c, unsigned code, uint32_t keysym);

/* ---- keys.c ---- */

/* evdev's number; 0: there is none. */
unsigned vnc_key_of_keysym(uint32_t keysym);

#endif
