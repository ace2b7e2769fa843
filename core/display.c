/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/display.c - screens: what a device draws, copied into one picture per
 * screen when a sink looks, and what changed, kept for each sink.
 * A look takes what the device says it changed; of a live scanout it compares
 * every tile with the picture instead, because its guest writes to memory and
 * says nothing. This is the only file that knows pixman.
 * Threads: picture_lock guards the picture and is held while a scanout is
 * read; lock guards what devices leave for the next look. Both in this order.
 */
#include "core/display.h"

#include <pixman.h>
#include <string.h>

#include "util/log.h"

/* A live picture is compared and copied in tiles of this size, in pixels. */
enum { TILE_WIDTH = 64, TILE_HEIGHT = 16 };
enum { MAX_TILES = (DISPLAY_MAX_SIZE + TILE_WIDTH - 1) / TILE_WIDTH };

/* Regions with more rectangles become one. */
enum { MAX_REGION_RECTS = 256 };

struct Displays {
    GPtrArray *list; /* of Display, borrowed */
};

typedef struct {
    uint32_t *pixels; /* NULL: there is none */
    uint32_t width, height, hot_x, hot_y;
} Cursor;

struct Display {
    Displays *all; /* NULL: the device has let go of it */
    char *name;
    unsigned head;
    const DisplayOps *ops; /* NULL: none; changed under both locks */
    void *opaque;

    /* Under lock: what the next look has to do. */
    GMutex lock;
    GCond woken;            /* a sink's wake has returned */
    DisplayScanout scanout; /* width 0: blank; read under either lock */
    pixman_region32_t damage;
    Cursor next_cursor;
    bool cursor_set, cursor_moved;
    int cursor_x, cursor_y;

    /* Under picture_lock: as of the last look. */
    GMutex picture_lock;
    uint32_t *shadow; /* width * height words; NULL: blank */
    uint32_t width, height;
    Cursor cursor;
    int shown_x, shown_y;

    GPtrArray *sinks; /* changed under both locks, read under either */
};

struct DisplaySink {
    Display *d;
    void (*wake)(void *opaque);
    void *opaque;
    bool awake;         /* wake was called since the last look; under lock */
    unsigned waking;    /* calls of wake that are going on; under lock */
    DisplayChange news; /* all but the rectangles; under picture_lock */
    pixman_region32_t region; /* the same */
};

/* ---- formats ---------------------------------------------------------- */

/* Alpha of a scanout is not looked at. */
static const struct {
    pixman_format_code_t code;
    unsigned bytes;
} formats[PIXEL_N_FORMATS] = {
    [PIXEL_XRGB8888] = {PIXMAN_x8r8g8b8, 4},
    [PIXEL_ARGB8888] = {PIXMAN_x8r8g8b8, 4},
    [PIXEL_XBGR8888] = {PIXMAN_x8b8g8r8, 4},
    [PIXEL_ABGR8888] = {PIXMAN_x8b8g8r8, 4},
    [PIXEL_RGBX8888] = {PIXMAN_r8g8b8x8, 4},
    [PIXEL_RGBA8888] = {PIXMAN_r8g8b8x8, 4},
    [PIXEL_BGRX8888] = {PIXMAN_b8g8r8x8, 4},
    [PIXEL_BGRA8888] = {PIXMAN_b8g8r8x8, 4},
    [PIXEL_RGB888] = {PIXMAN_r8g8b8, 3},
    [PIXEL_RGB565] = {PIXMAN_r5g6b5, 2},
    [PIXEL_XRGB1555] = {PIXMAN_x1r5g5b5, 2},
};

unsigned pixel_bytes(PixelFormat format)
{
    return formats[format].bytes;
}

/* Turns lines of a scanout into the picture's words. pixman wants lines that
 * are aligned to words and guests need not have them, so each goes through a
 * buffer; lines that are words already are used where they lie. */
typedef struct {
    const DisplayScanout *from;
    unsigned bytes; /* of a pixel */
    uint32_t *raw, *words;
    pixman_image_t *raw_image, *words_image; /* NULL: nothing to convert */
} Converter;

static void converter_init(Converter *c, const DisplayScanout *from)
{
    pixman_format_code_t code = formats[from->format].code;
    size_t stride = ((size_t)from->width + 1) * sizeof(uint32_t);

    *c = (Converter){.from = from, .bytes = formats[from->format].bytes};
    if (code == PIXMAN_x8r8g8b8 && G_BYTE_ORDER == G_LITTLE_ENDIAN) {
        return;
    }
    c->raw = g_malloc0(stride);
    c->words = g_malloc0(stride);
    c->raw_image =
        pixman_image_create_bits(code, from->width, 1, c->raw, stride);
    c->words_image = pixman_image_create_bits(PIXMAN_x8r8g8b8, from->width, 1,
                                              c->words, stride);
}

static void converter_finish(Converter *c)
{
    if (c->raw_image != NULL) {
        pixman_image_unref(c->raw_image);
        pixman_image_unref(c->words_image);
    }
    g_free(c->raw);
    g_free(c->words);
}

/* Valid until the next line. */
static const uint8_t *convert_line(Converter *c, uint32_t x, uint32_t y,
                                   uint32_t width)
{
    const uint8_t *line =
        c->from->pixels + (size_t)y * c->from->stride + x * c->bytes;

    if (c->raw_image == NULL) {
        return line;
    }
    memcpy(c->raw, line, (size_t)width * c->bytes);
    pixman_image_composite32(PIXMAN_OP_SRC, c->raw_image, NULL, c->words_image,
                             0, 0, 0, 0, 0, 0, width, 1);
    return (const uint8_t *)c->words;
}

/* ---- regions ---------------------------------------------------------- */

static void region_add_rect(pixman_region32_t *r, int x, int y, unsigned width,
                            unsigned height)
{
    if (pixman_region32_n_rects(r) >= MAX_REGION_RECTS) {
        pixman_box32_t all = *pixman_region32_extents(r);

        pixman_region32_reset(r, &all);
    }
    pixman_region32_union_rect(r, r, x, y, width, height);
}

static void region_set_all(pixman_region32_t *r, uint32_t width,
                           uint32_t height)
{
    pixman_region32_fini(r);
    pixman_region32_init_rect(r, 0, 0, width, height);
}

/* As rectangles for a sink: where there are too many, neighbours share one.
 * Leaves the region empty. */
static void region_take(pixman_region32_t *r, DisplayChange *change)
{
    int n;
    const pixman_box32_t *boxes = pixman_region32_rectangles(r, &n);
    unsigned shares = MIN(n, DISPLAY_MAX_RECTS);

    change->n_rects = shares;
    for (unsigned i = 0; i < shares; i++) {
        pixman_box32_t all = boxes[(size_t)n * i / shares];

        for (unsigned k = (size_t)n * i / shares + 1;
             k < (size_t)n * (i + 1) / shares; k++) {
            all.x1 = MIN(all.x1, boxes[k].x1);
            all.y1 = MIN(all.y1, boxes[k].y1);
            all.x2 = MAX(all.x2, boxes[k].x2);
            all.y2 = MAX(all.y2, boxes[k].y2);
        }
        change->rects[i] =
            (DisplayRect){all.x1, all.y1, all.x2 - all.x1, all.y2 - all.y1};
    }
    pixman_region32_clear(r);
}

/* ---- a machine's screens ---------------------------------------------- */

Displays *displays_new(void)
{
    Displays *all = g_new(Displays, 1);

    all->list = g_ptr_array_new();
    return all;
}

void displays_free(Displays *all)
{
    if (all != NULL) {
        g_assert(all->list->len == 0);
        g_ptr_array_unref(all->list);
        g_free(all);
    }
}

unsigned displays_count(const Displays *all)
{
    return all->list->len;
}

Display *displays_get(const Displays *all, unsigned n)
{
    return n < all->list->len ? all->list->pdata[n] : NULL;
}

bool displays_have(const Displays *all, const Display *d)
{
    return g_ptr_array_find(all->list, d, NULL);
}

/* Text consoles come behind the screens of guests. */
static int place_of(const Displays *all, const Display *d)
{
    unsigned n = all->list->len;

    while (!display_is_text(d) && n > 0 &&
           display_is_text(all->list->pdata[n - 1])) {
        n--;
    }
    return (int)n;
}

Display *display_new(Displays *all, const char *name, unsigned head,
                     const DisplayOps *ops, void *opaque)
{
    Display *d = g_new0(Display, 1);

    d->all = all;
    d->name = g_strdup(name);
    d->head = head;
    d->ops = ops;
    d->opaque = opaque;
    g_mutex_init(&d->lock);
    g_cond_init(&d->woken);
    g_mutex_init(&d->picture_lock);
    pixman_region32_init(&d->damage);
    d->sinks = g_ptr_array_new();
    g_ptr_array_insert(all->list, place_of(all, d), d);
    return d;
}

static void destroy(Display *d)
{
    g_free(d->shadow);
    g_free(d->cursor.pixels);
    g_free(d->next_cursor.pixels);
    pixman_region32_fini(&d->damage);
    g_ptr_array_unref(d->sinks);
    g_mutex_clear(&d->lock);
    g_cond_clear(&d->woken);
    g_mutex_clear(&d->picture_lock);
    g_free(d->name);
    g_free(d);
}

void display_free(Display *d)
{
    bool last;

    if (d == NULL) {
        return;
    }
    display_set_cursor(d, NULL, 0, 0, 0, 0);
    display_set_scanout(d, NULL);
    g_ptr_array_remove(d->all->list, d);
    g_mutex_lock(&d->picture_lock);
    g_mutex_lock(&d->lock);
    d->all = NULL;
    d->ops = NULL;
    last = d->sinks->len == 0;
    g_mutex_unlock(&d->lock);
    g_mutex_unlock(&d->picture_lock);
    if (last) {
        destroy(d);
    } /* else the last sink does it */
}

const char *display_name(const Display *d)
{
    return d->name;
}

unsigned display_head(const Display *d)
{
    return d->head;
}

bool display_resize(Display *d, uint32_t width, uint32_t height)
{
    if (d->ops == NULL || d->ops->resize == NULL) {
        return false;
    }
    d->ops->resize(d->opaque, width, height);
    return true;
}

bool display_is_text(const Display *d)
{
    return d->ops != NULL && d->ops->type != NULL;
}

void display_type(Display *d, const char *bytes, size_t len)
{
    if (display_is_text(d)) {
        d->ops->type(d->opaque, bytes, len);
    }
}

void display_set_charset(Display *d, const uint32_t *high)
{
    if (d->ops != NULL && d->ops->set_charset != NULL) {
        d->ops->set_charset(d->opaque, high);
    }
}

/* ---- the device's side ------------------------------------------------ */

/* Wakes the sinks that were not woken since their last look. No lock held: a
 * sink may be detached meanwhile, but waits for its wake to return. */
static void wake_sinks(Display *d)
{
    g_mutex_lock(&d->lock);
    for (unsigned i = 0; i < d->sinks->len;) {
        DisplaySink *s = d->sinks->pdata[i];

        if (s->wake == NULL || s->awake) {
            i++;
            continue;
        }
        s->awake = true;
        s->waking++;
        g_mutex_unlock(&d->lock);
        s->wake(s->opaque);
        g_mutex_lock(&d->lock);
        s->waking--;
        g_cond_broadcast(&d->woken);
        i = 0; /* the list may be another */
    }
    g_mutex_unlock(&d->lock);
}

void display_set_scanout(Display *d, const DisplayScanout *scanout)
{
    static const DisplayScanout blank;
    const DisplayScanout *s = scanout != NULL ? scanout : &blank;

    g_assert(s->width <= DISPLAY_MAX_SIZE && s->height <= DISPLAY_MAX_SIZE);
    g_assert(s->stride >= s->width * pixel_bytes(s->format) || s->height == 1);
    g_mutex_lock(&d->picture_lock);
    g_mutex_lock(&d->lock);
    d->scanout = s->width != 0 && s->height != 0 ? *s : blank;
    region_set_all(&d->damage, d->scanout.width, d->scanout.height);
    g_mutex_unlock(&d->lock);
    g_mutex_unlock(&d->picture_lock);
    wake_sinks(d);
}

void display_damage(Display *d, const DisplayRect *rect)
{
    int64_t left = MAX(rect->x, 0), top = MAX(rect->y, 0);
    int64_t right = (int64_t)rect->x + rect->width;
    int64_t bottom = (int64_t)rect->y + rect->height;
    bool hit;

    g_mutex_lock(&d->lock);
    right = MIN(right, d->scanout.width);
    bottom = MIN(bottom, d->scanout.height);
    hit = left < right && top < bottom;
    if (hit && !d->scanout.live) {
        region_add_rect(&d->damage, left, top, right - left, bottom - top);
    }
    g_mutex_unlock(&d->lock);
    if (hit) {
        wake_sinks(d);
    }
}

void display_changed(Display *d)
{
    wake_sinks(d);
}

void display_set_cursor(Display *d, const uint32_t *pixels, uint32_t width,
                        uint32_t height, uint32_t hot_x, uint32_t hot_y)
{
    Cursor c = {NULL, width, height, hot_x, hot_y};

    g_assert(width <= DISPLAY_MAX_CURSOR && height <= DISPLAY_MAX_CURSOR);
    if (pixels != NULL && width != 0 && height != 0) {
        c.pixels = g_memdup2(pixels, sizeof(*pixels) * width * height);
    }
    g_mutex_lock(&d->lock);
    g_free(d->next_cursor.pixels);
    d->next_cursor = c;
    d->cursor_set = true;
    g_mutex_unlock(&d->lock);
    wake_sinks(d);
}

void display_move_cursor(Display *d, int x, int y)
{
    bool moved;

    g_mutex_lock(&d->lock);
    moved = d->cursor_x != x || d->cursor_y != y;
    d->cursor_x = x;
    d->cursor_y = y;
    d->cursor_moved |= moved;
    g_mutex_unlock(&d->lock);
    if (moved) {
        wake_sinks(d);
    }
}

/* ---- looking ---------------------------------------------------------- */

/* What a look found, for every sink. */
typedef struct {
    bool resized, cursor_shape, cursor_moved;
    pixman_region32_t damage;
} News;

/* Gives the picture the scanout's size. */
static void fit_shadow(Display *d, const DisplayScanout *scanout, News *news)
{
    uint32_t width = scanout->width, height = scanout->height;

    if (width == d->width && height == d->height) {
        return;
    }
    g_free(d->shadow);
    d->shadow = g_try_malloc0_n((size_t)width * height, sizeof(uint32_t));
    if (d->shadow == NULL && width != 0) {
        log_printf(LOG_GUEST_ERRORS, "display %s: no memory for %ux%u pixels",
                   d->name, width, height);
    }
    d->width = width;
    d->height = height;
    news->resized = true;
}

/* Copies the rectangles that the device named. */
static void copy_damage(Display *d, const DisplayScanout *scanout, News *news)
{
    Converter c;
    int n;
    const pixman_box32_t *boxes;

    boxes = pixman_region32_rectangles(&news->damage, &n);
    if (n == 0) {
        return;
    }
    converter_init(&c, scanout);
    for (int i = 0; i < n; i++) {
        uint32_t width = boxes[i].x2 - boxes[i].x1;

        for (int y = boxes[i].y1; y < boxes[i].y2; y++) {
            memcpy(d->shadow + (size_t)y * d->width + boxes[i].x1,
                   convert_line(&c, boxes[i].x1, y, width),
                   width * sizeof(uint32_t));
        }
    }
    converter_finish(&c);
}

/* Compares a line with the picture, copies the tiles that differ and marks
 * them. */
static void compare_line(Display *d, Converter *c, uint32_t y, bool *dirty)
{
    uint32_t *old = d->shadow + (size_t)y * d->width;
    const uint8_t *new = convert_line(c, 0, y, d->width);

    /* Most lines have not changed: one look says so. */
    if (memcmp(new, old, d->width * sizeof(*old)) == 0) {
        return;
    }
    for (uint32_t x = 0, tile = 0; x < d->width; x += TILE_WIDTH, tile++) {
        size_t len = MIN(TILE_WIDTH, d->width - x) * sizeof(*old);

        if (memcmp(new + x * sizeof(*old), old + x, len) != 0) {
            memcpy(old + x, new + x * sizeof(*old), len);
            dirty[tile] = true;
        }
    }
}

static void compare_live(Display *d, const DisplayScanout *scanout, News *news)
{
    unsigned n_tiles = (d->width + TILE_WIDTH - 1) / TILE_WIDTH;
    Converter c;

    converter_init(&c, scanout);
    for (uint32_t top = 0; top < d->height; top += TILE_HEIGHT) {
        uint32_t height = MIN(TILE_HEIGHT, d->height - top);
        bool dirty[MAX_TILES + 1] = {false}; /* the last one stays clean */

        for (uint32_t y = top; y < top + height; y++) {
            compare_line(d, &c, y, dirty);
        }
        for (unsigned from = 0, to; from < n_tiles; from = to + 1) {
            for (to = from; dirty[to]; to++) {
            }
            if (to > from) {
                region_add_rect(
                    &news->damage, from * TILE_WIDTH, top,
                    MIN(to * TILE_WIDTH, d->width) - from * TILE_WIDTH, height);
            }
        }
    }
    converter_finish(&c);
}

/* Takes what devices left; gives the scanout to read. */
static DisplayScanout take_pending(Display *d, News *news)
{
    DisplayScanout scanout;
    DisplayRect drawn = {0};
    bool drew = d->ops != NULL && d->ops->draw != NULL &&
                d->ops->draw(d->opaque, &drawn);

    g_mutex_lock(&d->lock);
    scanout = d->scanout;
    if (drew) {
        region_add_rect(&d->damage, drawn.x, drawn.y, drawn.width,
                        drawn.height);
    }
    if (!scanout.live) {
        pixman_region32_copy(&news->damage, &d->damage);
    }
    pixman_region32_clear(&d->damage);
    if (d->cursor_set) {
        g_free(d->cursor.pixels);
        d->cursor = d->next_cursor;
        d->next_cursor.pixels = NULL;
        news->cursor_shape = true;
    }
    news->cursor_moved = d->cursor_moved;
    d->shown_x = d->cursor_x;
    d->shown_y = d->cursor_y;
    d->cursor_set = d->cursor_moved = false;
    g_mutex_unlock(&d->lock);
    return scanout;
}

static void tell_sink(const Display *d, DisplaySink *s, News *news)
{
    s->news.resized |= news->resized;
    s->news.cursor_shape |= news->cursor_shape;
    s->news.cursor_moved |= news->cursor_moved;
    if (s->news.resized) {
        region_set_all(&s->region, d->width, d->height);
    } else {
        pixman_region32_union(&s->region, &s->region, &news->damage);
    }
}

/* Brings the picture up to date, under picture_lock. */
static void refresh(Display *d)
{
    News news = {0};
    DisplayScanout scanout;

    pixman_region32_init(&news.damage);
    scanout = take_pending(d, &news);
    fit_shadow(d, &scanout, &news);
    if (d->shadow == NULL) {
        pixman_region32_clear(&news.damage);
    } else if (scanout.live) {
        compare_live(d, &scanout, &news);
    } else {
        copy_damage(d, &scanout, &news);
    }
    for (unsigned i = 0; i < d->sinks->len; i++) {
        tell_sink(d, d->sinks->pdata[i], &news);
    }
    pixman_region32_fini(&news.damage);
}

DisplaySink *display_attach(Display *d, void (*wake)(void *opaque),
                            void *opaque)
{
    DisplaySink *s = g_new0(DisplaySink, 1);

    s->d = d;
    s->wake = wake;
    s->opaque = opaque;
    s->news = (DisplayChange){true, true, true};
    pixman_region32_init(&s->region);
    g_mutex_lock(&d->picture_lock);
    g_mutex_lock(&d->lock);
    g_ptr_array_add(d->sinks, s);
    g_mutex_unlock(&d->lock);
    g_mutex_unlock(&d->picture_lock);
    return s;
}

void display_detach(DisplaySink *s)
{
    Display *d;
    bool last;

    if (s == NULL) {
        return;
    }
    d = s->d;
    g_mutex_lock(&d->picture_lock);
    g_mutex_lock(&d->lock);
    g_ptr_array_remove(d->sinks, s);
    g_mutex_unlock(&d->picture_lock);
    while (s->waking != 0) {
        g_cond_wait(&d->woken, &d->lock);
    }
    last = d->all == NULL && d->sinks->len == 0;
    g_mutex_unlock(&d->lock);
    pixman_region32_fini(&s->region);
    g_free(s);
    if (last) {
        destroy(d);
    }
}

/* Under picture_lock. */
static void begin_look(DisplaySink *s)
{
    g_mutex_lock(&s->d->lock);
    s->awake = false; /* what comes from here on wakes it again */
    g_mutex_unlock(&s->d->lock);
}

bool display_look(DisplaySink *s, DisplayChange *change)
{
    Display *d = s->d;

    g_mutex_lock(&d->picture_lock);
    begin_look(s);
    refresh(d);
    *change = s->news;
    change->live = d->scanout.live;
    region_take(&s->region, change);
    s->news = (DisplayChange){0};
    g_mutex_unlock(&d->picture_lock);
    return change->resized || change->cursor_shape || change->cursor_moved ||
           change->n_rects != 0;
}

/* ---- looking at characters ---------------------------------------------- */

void display_text_fit(DisplayText *text, unsigned columns, unsigned rows)
{
    if (text->columns != columns || text->rows != rows) {
        display_text_finish(text);
        text->columns = columns;
        text->rows = rows;
        text->cells = g_new0(DisplayCell, (size_t)columns * rows);
        text->changed = g_new0(bool, rows);
    }
}

void display_text_finish(DisplayText *text)
{
    g_free(text->cells);
    g_free(text->changed);
    *text = (DisplayText){0};
}

bool display_look_text(DisplaySink *s, DisplayText *text)
{
    Display *d = s->d;
    bool is_text, changed;
    uint32_t width = text->width, height = text->height;

    g_mutex_lock(&d->picture_lock);
    begin_look(s);
    is_text = d->ops != NULL && d->ops->read_text != NULL;
    if (is_text) {
        changed = d->ops->read_text(d->opaque, text);
    } else {
        changed = text->columns != 0;
        display_text_finish(text);
    }
    text->width = d->scanout.width;
    text->height = d->scanout.height;
    g_mutex_unlock(&d->picture_lock);
    return changed || width != text->width || height != text->height;
}

/* ---- the picture -------------------------------------------------------- */

void display_picture(Display *d, DisplayPicture *picture)
{
    bool blank;

    g_mutex_lock(&d->picture_lock);
    blank = d->shadow == NULL;
    *picture = (DisplayPicture){
        .width = blank ? 0 : d->width,
        .height = blank ? 0 : d->height,
        .pixels = d->shadow,
        .stride = d->width,
        .cursor = d->cursor.pixels,
        .cursor_width = d->cursor.width,
        .cursor_height = d->cursor.height,
        .cursor_hot_x = d->cursor.hot_x,
        .cursor_hot_y = d->cursor.hot_y,
        .cursor_x = d->shown_x,
        .cursor_y = d->shown_y,
    };
}

void display_done(Display *d)
{
    g_mutex_unlock(&d->picture_lock);
}
