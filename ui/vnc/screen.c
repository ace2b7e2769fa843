/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ui/vnc/screen.c - what a client sees, through libvncserver.
 * Each client has the library's screen structure and a copy of the picture to
 * itself, so that nothing of the library is shared between threads and the
 * display's lock is held for copying alone. A client that takes its time is
 * shown fewer pictures.
 * Of the library only encoding and the messages in `known` are used: it serves
 * from ServerInit on, and is not asked to listen or to check passwords.
 * Threads: the client's. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

#include "backend/fd.h"
#include "ui/vnc/vnc_priv.h"

enum {
    BLANK_WIDTH = 640, /* while the guest shows nothing */
    BLANK_HEIGHT = 480,
    FRAME_MS = 16,       /* between two updates at least */
    LIVE_MS = 33,        /* between two looks at a live picture ... */
    LIVE_QUIET_MS = 132, /* ... that has not changed for QUIET_LOOKS */
    QUIET_LOOKS = 30,
    STUCK_MS = 20000,         /* a client that takes nothing is gone */
    MAX_CURSOR_BYTES = 30000, /* the library's buffer, less its headers */
    RESIZE_FORWARDED = 4,     /* ExtendedDesktopSize: the guest decides */
};

/* Made once: making one renews locks that are the process's. */
static rfbScreenInfoPtr template;

static void log_nothing(const char *format, ...)
{
}

void vnc_screen_setup(void)
{
    if (template == NULL) {
        rfbLog = log_nothing;
        rfbErr = log_nothing;
        vnc_input_setup();
        template = rfbGetScreen(NULL, NULL, BLANK_WIDTH, BLANK_HEIGHT, 8, 3, 4);
    }
}

/* ---- pictures ---- */

static bool is_waiting(const VncClient *c)
{
    return !sraRgnEmpty(c->rfb->requestedRegion);
}

/* False: no memory. What was there is lost. */
static bool set_size(VncClient *c, int width, int height)
{
    uint32_t *pixels =
        g_try_malloc0_n((size_t)width * (size_t)height, sizeof(uint32_t));

    if (pixels == NULL) {
        return false;
    }
    g_free(c->pixels);
    c->pixels = pixels;
    c->screen.frameBuffer = (char *)pixels;
    c->screen.width = width;
    c->screen.height = height;
    c->screen.paddedWidthInBytes = width * (int)sizeof(uint32_t);
    c->screen.sizeInBytes = c->screen.paddedWidthInBytes * height;
    return true;
}

/* Tells a client that can be told. */
static bool resize(VncClient *c, int width, int height)
{
    if (!set_size(c, width, height)) {
        return false;
    }
    sraRgnDestroy(c->rfb->modifiedRegion);
    c->rfb->modifiedRegion = sraRgnCreateRect(0, 0, width, height);
    sraRgnMakeEmpty(c->rfb->copyRegion);
    c->rfb->newFBSizePending = c->rfb->useNewFBSize;
    /* If the client asked, this is the better answer. */
    c->rfb->requestedDesktopSizeChange = rfbExtDesktopSize_GenericChange;
    c->rfb->lastDesktopSizeChangeError = rfbExtDesktopSize_Success;
    return true;
}

static void copy(VncClient *c, const DisplayPicture *p, DisplayRect r)
{
    int right = MIN(MIN(r.x + r.width, (int)p->width), c->screen.width);
    int bottom = MIN(MIN(r.y + r.height, (int)p->height), c->screen.height);

    if (r.x < 0 || r.y < 0 || r.x >= right) {
        return;
    }
    for (int y = r.y; y < bottom; y++) {
        memcpy(c->pixels + (size_t)y * (size_t)c->screen.width + r.x,
               p->pixels + (size_t)y * p->stride + r.x,
               (size_t)(right - r.x) * sizeof(uint32_t));
    }
    if (r.y < bottom) {
        rfbMarkRectAsModified(&c->screen, r.x, r.y, right, bottom);
    }
}

static void copy_all(VncClient *c, const DisplayPicture *p)
{
    memset(c->pixels, 0, (size_t)c->screen.sizeInBytes);
    copy(c, p, (DisplayRect){0, 0, (int)p->width, (int)p->height});
    rfbMarkRectAsModified(&c->screen, 0, 0, c->screen.width, c->screen.height);
}

/* Whether the client's size is not the picture's though it could be. */
static bool has_other_size(const VncClient *c, const DisplayPicture *p)
{
    return p->width != 0 && c->rfb->useNewFBSize &&
           ((int)p->width != c->screen.width ||
            (int)p->height != c->screen.height);
}

/* ---- cursors ---- */

static void free_cursor(rfbCursor *k)
{
    g_free(k->richSource);
    g_free(k->alphaSource);
    g_free(k->mask);
    free(k->source); /* the library's, for clients of two colours */
    *k = (rfbCursor){0};
}

static uint32_t unmultiplied(uint32_t argb)
{
    uint32_t alpha = argb >> 24, out = 0;

    for (unsigned shift = 0; shift < 24 && alpha > 0; shift += 8) {
        uint32_t part = (argb >> shift) & 0xff;

        out |= MIN(part * 255 / alpha, 255) << shift;
    }
    return out;
}

/* The part of a large cursor that fits the library's buffer is shown. */
static void make_cursor(rfbCursor *k, const DisplayPicture *p)
{
    unsigned width = p->cursor_width;
    unsigned height =
        MIN(p->cursor_height,
            MAX_CURSOR_BYTES / (width * sizeof(uint32_t) + width));
    unsigned row_bytes = (width + 7) / 8;
    uint32_t *rich = g_new(uint32_t, (size_t)width * height);

    k->width = (unsigned short)width;
    k->height = (unsigned short)height;
    k->xhot = (unsigned short)MIN(p->cursor_hot_x, width - 1);
    k->yhot = (unsigned short)MIN(p->cursor_hot_y, height - 1);
    k->richSource = (unsigned char *)rich;
    k->alphaSource = g_new(unsigned char, (size_t)width *height);
    k->mask = g_new0(unsigned char, (size_t)row_bytes *height);
    for (unsigned y = 0; y < height; y++) {
        for (unsigned x = 0; x < width; x++) {
            uint32_t argb = p->cursor[y * width + x];

            rich[y * width + x] = unmultiplied(argb);
            k->alphaSource[y * width + x] = (unsigned char)(argb >> 24);
            if (argb >> 31) {
                k->mask[y * row_bytes + x / 8] |=
                    (unsigned char)(0x80 >> x % 8);
            }
        }
    }
}

/* Where the library drew the cursor, for a client that does not do it. */
static void mark_cursor(VncClient *c)
{
    const rfbCursor *k = c->screen.cursor;

    if (k != NULL && !c->rfb->enableCursorShapeUpdates) {
        int x = c->rfb->cursorX - k->xhot, y = c->rfb->cursorY - k->yhot;

        rfbMarkRectAsModified(&c->screen, x, y, x + k->width, y + k->height);
    }
}

static void set_cursor(VncClient *c, const DisplayPicture *p)
{
    mark_cursor(c);
    free_cursor(&c->cursor);
    c->screen.cursor = NULL;
    if (p->cursor != NULL && p->cursor_width > 0 && p->cursor_height > 0) {
        make_cursor(&c->cursor, p);
        c->screen.cursor = &c->cursor;
    }
    mark_cursor(c);
    c->rfb->cursorWasChanged = c->rfb->enableCursorShapeUpdates;
}

static void move_cursor(VncClient *c, const DisplayPicture *p)
{
    c->screen.cursorX = CLAMP(p->cursor_x, 0, c->screen.width - 1);
    c->screen.cursorY = CLAMP(p->cursor_y, 0, c->screen.height - 1);
    c->rfb->cursorWasMoved = TRUE;
}

/* ---- looking ---- */

/* With the picture held. False: no memory. */
static bool take(VncClient *c, const DisplayChange *change,
                 const DisplayPicture *p)
{
    if (has_other_size(c, p)) {
        if (!resize(c, (int)p->width, (int)p->height)) {
            return false;
        }
        copy_all(c, p);
    } else if (change->resized || p->width == 0) {
        copy_all(c, p);
    } else {
        for (unsigned i = 0; i < change->n_rects; i++) {
            copy(c, p, change->rects[i]);
        }
    }
    if (change->cursor_shape) {
        set_cursor(c, p);
    }
    if (change->cursor_moved) {
        move_cursor(c, p);
    }
    return true;
}

static bool look(VncClient *c)
{
    DisplayChange change;
    DisplayPicture picture;
    bool changed = display_look(c->sink, &change), ok = true;

    c->live = change.live;
    c->quiet = changed ? 0 : c->quiet + 1;
    display_picture(c->server->display, &picture);
    if (changed) {
        ok = take(c, &change, &picture);
    } else if (has_other_size(c, &picture)) {
        /* The client has said only now that it can be told. */
        ok = resize(c, (int)picture.width, (int)picture.height);
        if (ok) {
            copy_all(c, &picture);
        }
    }
    display_done(c->server->display);
    return ok;
}

/* Of what is no picture. False: the client is gone. */
static bool tell(VncClient *c)
{
    if (vnc_input_tell(c) && vnc_clipboard_tell(c)) {
        return true;
    }
    vnc_client_cut(c);
    return false;
}

int vnc_screen_update(VncClient *c)
{
    int64_t now = g_get_monotonic_time();
    int early = (int)((c->last_update - now) / 1000) + FRAME_MS;

    /* Some clients take the first update for a picture. */
    if ((c->last_update != 0 && !tell(c)) || !is_waiting(c)) {
        return -1;
    }
    if (early > 0) {
        return early;
    }
    if (!look(c)) {
        vnc_client_cut(c);
        return -1;
    }
    if (vnc_encoding_send(c)) {
        c->last_update = now;
    }
    if (!tell(c) || !is_waiting(c)) {
        return -1;
    }
    return !c->live ? -1 : c->quiet < QUIET_LOOKS ? LIVE_MS : LIVE_QUIET_MS;
}

/* ---- messages ---- */

/* Others of the library's are refused: nobody here has a use for them. */
static bool is_known(uint8_t type)
{
    static const uint8_t known[] = {
        rfbSetPixelFormat, rfbSetEncodings, rfbFramebufferUpdateRequest,
        rfbKeyEvent,       rfbPointerEvent, rfbClientCutText,
        rfbSetDesktopSize, rfbQemuEvent,
    };

    return memchr(known, type, sizeof(known)) != NULL;
}

bool vnc_screen_read(VncClient *c)
{
    uint8_t type;
    ssize_t n = recv(c->rfb->sock, &type, 1, MSG_PEEK);

    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return true;
    }
    if (n != 1 || !is_known(type)) {
        return false;
    }
    if (type == rfbClientCutText) {
        return vnc_clipboard_read(c);
    }
    rfbProcessClientMessage(c->rfb);
    if (c->rfb->sock >= 0 && (type == rfbKeyEvent || type == rfbPointerEvent)) {
        c->quiet = 0; /* something will happen on the screen */
    }
    return c->rfb->sock >= 0;
}

static int want_size(int width, int height, int n_screens,
                     struct rfbExtDesktopScreen *screens, rfbClientPtr rfb)
{
    VncClient *c = rfb->clientData;
    VncEvent e = {.kind = VNC_RESIZE, .width = width, .height = height};

    if (c->server->read_only) {
        return rfbExtDesktopSize_ResizeProhibited;
    }
    if (n_screens != 1 || width <= 0 || height <= 0 ||
        width > DISPLAY_MAX_SIZE || height > DISPLAY_MAX_SIZE) {
        return rfbExtDesktopSize_InvalidScreenLayout;
    }
    vnc_client_push(c, &e);
    return RESIZE_FORWARDED;
}

/* ---- start and stop ---- */

/* The library starts a client with a version, which ours has had: it is given
 * one end of a pair for that, and the client's descriptor then. The bytes in
 * the pair say that the client is no WebSocket. */
static rfbClientPtr plug(VncClient *c, int fd)
{
    rfbClientPtr rfb;
    int pair[2];

    if (fd >= FD_SETSIZE || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0) {
        return NULL;
    }
    if (pair[0] >= FD_SETSIZE || write(pair[1], "RFB ", 4) != 4) {
        close(pair[0]);
        close(pair[1]);
        return NULL;
    }
    rfb = rfbNewClient(&c->screen, pair[0]); /* closes it if it fails */
    close(pair[1]);
    if (rfb != NULL) {
        FD_CLR(rfb->sock, &c->screen.allFds);
        close(rfb->sock);
        fd_set_nonblocking(fd, true);
        rfb->sock = fd;
        rfb->state = RFB_INITIALISATION_SHARED; /* ClientInit was read */
        rfb->clientData = c;
        rfb->viewOnly = c->server->read_only;
    }
    return rfb;
}

static void set_screen(VncClient *c)
{
    rfbPixelFormat *f = &c->screen.serverFormat;

    c->screen = *template;
    c->screen.depth = 24;
    c->screen.desktopName = c->server->title;
    c->screen.cursor = NULL;
    c->screen.deferUpdateTime = 0;
    c->screen.maxClientWait = STUCK_MS;
    c->screen.setDesktopSizeHook = want_size;
    pthread_mutex_init(&c->screen.cursorMutex, NULL);
    f->depth = 24;
    f->redShift = 16;
    f->greenShift = 8;
    f->blueShift = 0;
    vnc_input_attach(c);
    vnc_clipboard_attach(c);
}

static void wake(void *opaque)
{
    vnc_client_wake(opaque);
}

/* The screen has the picture's size from the start, so a client that cannot be
 * told of another is right at first. */
static bool first_size(VncClient *c)
{
    DisplayPicture p;
    DisplayChange change;
    int width, height;

    display_look(c->sink, &change);
    display_picture(c->server->display, &p);
    width = p.width != 0 ? (int)p.width : BLANK_WIDTH;
    height = p.width != 0 ? (int)p.height : BLANK_HEIGHT;
    display_done(c->server->display);
    return set_size(c, width, height);
}

bool vnc_screen_start(VncClient *c, int fd)
{
    DisplayPicture p;

    set_screen(c);
    c->sink = display_attach(c->server->display, wake, c);
    if (!first_size(c)) {
        return false;
    }
    c->rfb = plug(c, fd);
    if (c->rfb == NULL) {
        return false;
    }
    display_picture(c->server->display, &p);
    copy_all(c, &p);
    set_cursor(c, &p);
    move_cursor(c, &p);
    display_done(c->server->display);
    rfbProcessClientMessage(c->rfb); /* sends ServerInit */
    return true;
}

/* The library forgets these (0.9.14). */
static void free_extensions(rfbClientPtr rfb)
{
    while (rfb->extensions != NULL) {
        rfbExtensionData *first = rfb->extensions;

        rfb->extensions = first->next;
        free(first);
    }
}

void vnc_screen_stop(VncClient *c)
{
    if (c->rfb != NULL) {
        free_extensions(c->rfb);
        rfbClientConnectionGone(c->rfb);
        c->rfb = NULL;
    }
    display_detach(c->sink);
    c->sink = NULL;
    if (c->screen.desktopName != NULL) {
        free(c->screen.underCursorBuffer);
        pthread_mutex_destroy(&c->screen.cursorMutex);
    }
    free_cursor(&c->cursor);
    g_clear_pointer(&c->pixels, g_free);
    g_clear_pointer(&c->text, g_free);
}
