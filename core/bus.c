/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/bus.c - finds who answers an address, and carries accesses there.
 * The map is one array sorted by address, guarded by a sequence lock: readers
 * copy the region they hit and look again if a writer was there meanwhile.
 * So a guest that moves a PCI BAR for ever costs no memory, and a lookup
 * writes nothing shared. Arrays that were outgrown stay until bus_free,
 * because a reader may still look at one; there are a handful at most.
 * Threads: bus->lock serialises writers. Every field of a slot is read with
 * acquire and written with release, which orders it inside the two accesses
 * to sequence around it. */
#include "core/bus.h"

#include <stdatomic.h>
#include <string.h>

#include "core/bus-view.h"
#include "core/device.h"
#include "util/bits.h"
#include "util/log.h"

typedef enum {
    REGION_RAM,
    REGION_ROM,
    REGION_DEVICE,
    REGION_FLASH,        /* reads and writes go to the device */
    REGION_FLASH_DIRECT, /* reads go to ram */
} RegionKind;

/* A region as its finder holds it. */
typedef struct {
    Gpa base;
    Gpa last;
    Ram *ram;
    Device *dev;
    uint32_t kind;
    uint32_t index;  /* the device's number for it */
    uint32_t secure; /* only for secure accesses */
} Region;

/* A region in the map. */
typedef struct {
    _Atomic Gpa base;
    _Atomic Gpa last;
    Ram *_Atomic ram;
    Device *_Atomic dev;
    _Atomic uint32_t kind;
    _Atomic uint32_t index;
    _Atomic uint32_t secure;
} Slot;

typedef struct Table {
    struct Table *outgrown; /* the one before */
    unsigned capacity;
    _Atomic unsigned n;
    Slot slots[];
} Table;

typedef struct {
    void (*fn)(void *opaque);
    void *opaque;
} Listener;

struct Bus {
    _Atomic unsigned sequence; /* odd while the map changes */
    Table *_Atomic table;
    GMutex lock; /* of writers, and of listeners */
    GArray *listeners;
};

/* Where this thread's last lookup hit. Only a hint: it may be another bus's. */
static __thread unsigned last_hit;

static __thread BusRequester requester = {BUS_NOBODY, BUS_NOBODY, false};

#define GET(slot, member) \
 atomic_load_explicit(&(slot)->member, memory_order_acquire)
#define PUT(slot, member, v) \
 atomic_store_explicit(&(slot)->member, v, memory_order_release)

static inline void slot_get(Slot *s, Region *r)
{
    r->base = GET(s, base);
    r->last = GET(s, last);
    r->ram = GET(s, ram);
    r->dev = GET(s, dev);
    r->kind = GET(s, kind);
    r->index = GET(s, index);
    r->secure = GET(s, secure);
}

static void slot_put(Slot *s, const Region *r)
{
    PUT(s, base, r->base);
    PUT(s, last, r->last);
    PUT(s, ram, r->ram);
    PUT(s, dev, r->dev);
    PUT(s, kind, r->kind);
    PUT(s, index, r->index);
    PUT(s, secure, r->secure);
}

/* Index of the first region that ends at or after addr; n if there is none. */
static unsigned table_search(Table *t, unsigned n, Gpa addr)
{
    unsigned lo = 0, hi = n;

    while (lo < hi) {
        unsigned mid = (lo + hi) / 2;

        if (GET(&t->slots[mid], last) < addr) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    return lo;
}

static inline bool table_find(Table *t, Gpa addr, Region *r)
{
    unsigned n = GET(t, n);
    unsigned i = last_hit;

    if (i < n) {
        slot_get(&t->slots[i], r);
        if (addr >= r->base && addr <= r->last) {
            return true;
        }
    }
    i = table_search(t, n, addr);
    if (i == n) {
        *r = (Region){0}; /* gcc 12 wants it */
        return false;
    }
    slot_get(&t->slots[i], r);
    last_hit = i;
    return addr >= r->base && addr <= r->last;
}

static inline bool find_any(Bus *bus, Gpa addr, Region *r)
{
    for (;;) {
        unsigned before =
            atomic_load_explicit(&bus->sequence, memory_order_acquire);
        bool hit = table_find(GET(bus, table), addr, r);

        if (G_LIKELY((before & 1) == 0 &&
                     atomic_load_explicit(&bus->sequence,
                                          memory_order_relaxed) == before)) {
            return hit;
        }
    }
}

/* What the thread's accesses may find. */
static inline bool find(Bus *bus, Gpa addr, Region *r)
{
    return find_any(bus, addr, r) && (!r->secure || requester.secure);
}

static Table *table_new(unsigned capacity, Table *outgrown)
{
    Table *t = g_malloc0(sizeof(Table) + capacity * sizeof(Slot));

    t->capacity = capacity;
    t->outgrown = outgrown;
    return t;
}

Bus *bus_new(void)
{
    Bus *bus = g_new0(Bus, 1);

    g_mutex_init(&bus->lock);
    bus->table = table_new(32, NULL);
    bus->listeners = g_array_new(FALSE, FALSE, sizeof(Listener));
    return bus;
}

void bus_free(Bus *bus)
{
    if (bus == NULL) {
        return;
    }
    for (Table *t = bus->table, *next; t != NULL; t = next) {
        next = t->outgrown;
        g_free(t);
    }
    g_array_unref(bus->listeners);
    g_mutex_clear(&bus->lock);
    g_free(bus);
}

/* --- changes of the map --- */

static void change_begin(Bus *bus)
{
    g_mutex_lock(&bus->lock);
    atomic_fetch_add(&bus->sequence, 1); /* pairs with the first load in find */
}

/* Listeners run without the lock: they may ask the bus. */
static void change_end(Bus *bus)
{
    unsigned n = bus->listeners->len;

    atomic_fetch_add(&bus->sequence, 1);
    g_mutex_unlock(&bus->lock);
    for (unsigned i = 0; i < n; i++) {
        Listener l;

        g_mutex_lock(&bus->lock);
        l = g_array_index(bus->listeners, Listener, i);
        g_mutex_unlock(&bus->lock);
        l.fn(l.opaque);
    }
}

static void slot_copy(Slot *to, Slot *from)
{
    Region r;

    slot_get(from, &r);
    slot_put(to, &r);
}

static Table *table_grow_locked(Bus *bus)
{
    Table *old = bus->table;
    Table *t = table_new(old->capacity * 2, old);

    for (unsigned i = 0; i < old->n; i++) {
        slot_copy(&t->slots[i], &old->slots[i]);
    }
    t->n = old->n;
    bus->table = t;
    return t;
}

static bool is_free_locked(Table *t, Gpa base, Gpa last)
{
    unsigned i = table_search(t, t->n, base);

    return i == t->n || t->slots[i].base > last;
}

static void add_region(Bus *bus, Region r, uint64_t size)
{
    Table *t;
    unsigned at;

    r.last = r.base + size - 1;
    g_assert(size > 0 && r.last >= r.base);
    change_begin(bus);
    t = bus->table;
    g_assert(is_free_locked(t, r.base, r.last));
    if (t->n == t->capacity) {
        t = table_grow_locked(bus);
    }
    at = table_search(t, t->n, r.base);
    for (unsigned i = t->n; i > at; i--) {
        slot_copy(&t->slots[i], &t->slots[i - 1]);
    }
    slot_put(&t->slots[at], &r);
    t->n++;
    change_end(bus);
}

void bus_add_ram(Bus *bus, Gpa base, Ram *ram, bool read_only)
{
    Region r = {
        .base = base, .ram = ram, .kind = read_only ? REGION_ROM : REGION_RAM};

    add_region(bus, r, ram->size);
}

void bus_add_device(Bus *bus, Gpa base, uint64_t size, Device *dev,
                    unsigned region)
{
    Region r = {
        .base = base, .dev = dev, .kind = REGION_DEVICE, .index = region};

    add_region(bus, r, size);
}

void bus_add_flash(Bus *bus, Gpa base, Ram *ram, Device *dev)
{
    Region r = {
        .base = base, .ram = ram, .dev = dev, .kind = REGION_FLASH_DIRECT};

    add_region(bus, r, ram->size);
}

/* The region that starts at base, which must exist. */
static unsigned index_of_locked(Table *t, Gpa base)
{
    unsigned i = table_search(t, t->n, base);

    g_assert(i < t->n && t->slots[i].base == base);
    return i;
}

void bus_set_flash_direct(Bus *bus, Gpa base, bool direct)
{
    Table *t;
    Slot *s;

    change_begin(bus);
    t = bus->table;
    s = &t->slots[index_of_locked(t, base)];
    g_assert(s->kind == REGION_FLASH || s->kind == REGION_FLASH_DIRECT);
    PUT(s, kind, direct ? REGION_FLASH_DIRECT : REGION_FLASH);
    change_end(bus);
}

void bus_keep_secure(Bus *bus, Gpa base)
{
    Table *t;

    change_begin(bus);
    t = bus->table;
    PUT(&t->slots[index_of_locked(t, base)], secure, 1);
    change_end(bus);
}

void bus_remove(Bus *bus, Gpa base)
{
    Table *t;

    change_begin(bus);
    t = bus->table;
    for (unsigned i = index_of_locked(t, base); i + 1 < t->n; i++) {
        slot_copy(&t->slots[i], &t->slots[i + 1]);
    }
    t->n--;
    change_end(bus);
}

bool bus_is_free(Bus *bus, Gpa base, uint64_t size)
{
    Gpa last = base + size - 1;
    bool free;

    if (size == 0 || last < base) {
        return false;
    }
    g_mutex_lock(&bus->lock);
    free = is_free_locked(bus->table, base, last);
    g_mutex_unlock(&bus->lock);
    return free;
}

void bus_on_change(Bus *bus, void (*fn)(void *opaque), void *opaque)
{
    Listener l = {fn, opaque};

    g_mutex_lock(&bus->lock);
    g_array_append_val(bus->listeners, l);
    g_mutex_unlock(&bus->lock);
}

/* --- single accesses --- */

BusRequester bus_requester(void)
{
    return requester;
}

void bus_set_requester(BusRequester who)
{
    requester = who;
}

static inline MemResult region_read(const Region *r, Gpa addr, unsigned size,
                                    uint64_t *value)
{
    uint64_t offset = addr - r->base;

    if (r->kind == REGION_DEVICE || r->kind == REGION_FLASH) {
        return device_read(r->dev, r->index, offset, size, value);
    }
    *value = host_load(r->ram->host + offset, size);
    return MEM_OK;
}

static inline MemResult region_write(const Region *r, Gpa addr, unsigned size,
                                     uint64_t value)
{
    uint64_t offset = addr - r->base;

    switch (r->kind) {
    case REGION_RAM:
        host_store(r->ram->host + offset, size, value);
        return MEM_OK;
    case REGION_ROM:
        guest_log(LOG_GUEST_ERRORS,
                  "bus: store to read-only memory '%s' at 0x%" G_GINT64_MODIFIER
                  "x",
                  r->ram->name, addr);
        return MEM_OK;
    default:
        return device_write(r->dev, r->index, offset, size, value);
    }
}

/* Byte by byte, for what no single region answers. */
static MemResult read_split(Bus *bus, Gpa addr, unsigned size, uint64_t *value)
{
    MemResult result = MEM_OK;

    *value = 0;
    for (unsigned i = 0; i < size; i++) {
        uint64_t byte = 0;
        MemResult one = MEM_UNMAPPED;
        Region r;

        if (find(bus, addr + i, &r)) {
            one = region_read(&r, addr + i, 1, &byte);
        }
        result = result == MEM_OK ? one : result;
        *value |= (byte & 0xff) << (8 * i);
    }
    return result;
}

static MemResult write_split(Bus *bus, Gpa addr, unsigned size, uint64_t value)
{
    MemResult result = MEM_OK;

    for (unsigned i = 0; i < size; i++) {
        MemResult one = MEM_UNMAPPED;
        Region r;

        if (find(bus, addr + i, &r)) {
            one = region_write(&r, addr + i, 1, (value >> (8 * i)) & 0xff);
        }
        result = result == MEM_OK ? one : result;
    }
    return result;
}

MemResult bus_read(Bus *bus, Gpa addr, unsigned size, uint64_t *value)
{
    Region r;

    if (G_LIKELY(find(bus, addr, &r) && r.last - addr >= size - 1)) {
        return region_read(&r, addr, size, value);
    }
    return read_split(bus, addr, size, value);
}

MemResult bus_write(Bus *bus, Gpa addr, unsigned size, uint64_t value)
{
    Region r;

    if (G_LIKELY(find(bus, addr, &r) && r.last - addr >= size - 1)) {
        return region_write(&r, addr, size, value);
    }
    return write_split(bus, addr, size, value);
}

/* --- spans and copies --- */

bool bus_find_ram(Bus *bus, Gpa addr, RamSpan *out)
{
    Region r;

    if (!find(bus, addr, &r) || r.kind == REGION_DEVICE ||
        r.kind == REGION_FLASH) {
        return false;
    }
    out->ram = r.ram;
    out->offset = addr - r.base;
    out->len = r.last - addr + 1;
    out->host = r.ram->host + out->offset;
    out->writable = r.kind == REGION_RAM;
    return true;
}

typedef enum { DMA_READ, DMA_WRITE, DMA_LOAD } DmaKind;

/* Like bus_find_ram, for what a copy of this kind may touch; the span is cut
 * to len. */
static bool dma_span(Bus *bus, Gpa addr, uint64_t len, DmaKind kind, RamSpan *s)
{
    Region r;

    if (kind != DMA_LOAD) {
        if (!bus_find_ram(bus, addr, s)) {
            return false;
        }
    } else {
        if (!find_any(bus, addr, &r) || r.ram == NULL) {
            return false;
        }
        *s = (RamSpan){.ram = r.ram,
                       .offset = addr - r.base,
                       .len = r.last - addr + 1,
                       .host = r.ram->host + (addr - r.base),
                       .writable = true};
    }
    s->len = MIN(s->len, len);
    return kind == DMA_READ || s->writable;
}

static bool dma_check(Bus *bus, Gpa addr, uint64_t len, DmaKind kind)
{
    RamSpan s;

    if (len > 0 && addr + (len - 1) < addr) {
        return false;
    }
    for (; len > 0; addr += s.len, len -= s.len) {
        if (!dma_span(bus, addr, len, kind, &s)) {
            return false;
        }
    }
    return true;
}

bool bus_dma_read(Bus *bus, Gpa addr, void *to, size_t len)
{
    uint8_t *bytes = to;
    RamSpan s;

    if (!dma_check(bus, addr, len, DMA_READ)) {
        return false;
    }
    /* Fails only when the map changed just now; then the rest is zeroes. */
    for (; len > 0; addr += s.len, bytes += s.len, len -= s.len) {
        if (!dma_span(bus, addr, len, DMA_READ, &s)) {
            memset(bytes, 0, len);
            return false;
        }
        memcpy(bytes, s.host, s.len);
    }
    return true;
}

static bool dma_copy_in(Bus *bus, Gpa addr, const void *from, size_t len,
                        DmaKind kind)
{
    const uint8_t *bytes = from;
    RamSpan s;

    if (!dma_check(bus, addr, len, kind)) {
        return false;
    }
    for (; len > 0; addr += s.len, bytes += s.len, len -= s.len) {
        if (!dma_span(bus, addr, len, kind, &s)) {
            return false;
        }
        memcpy(s.host, bytes, s.len);
        ram_changed(s.ram, s.offset, s.len);
    }
    return true;
}

bool bus_dma_write(Bus *bus, Gpa addr, const void *from, size_t len)
{
    return dma_copy_in(bus, addr, from, len, DMA_WRITE);
}

bool bus_can_load(Bus *bus, Gpa addr, uint64_t len)
{
    return dma_check(bus, addr, len, DMA_LOAD);
}

bool bus_load_image(Bus *bus, Gpa addr, const void *from, size_t len)
{
    return dma_copy_in(bus, addr, from, len, DMA_LOAD);
}

void bus_dma_written(Bus *bus, Gpa addr, size_t len)
{
    RamSpan s;

    for (; len > 0; addr += s.len, len -= s.len) {
        if (!dma_span(bus, addr, len, DMA_WRITE, &s)) {
            return;
        }
        ram_changed(s.ram, s.offset, s.len);
    }
}

/* ---- showing ---- */

static BusRegionView view_of(const Region *r)
{
    static const char *const kinds[] = {
        [REGION_RAM] = "ram",
        [REGION_ROM] = "rom",
        [REGION_DEVICE] = "i/o",
        [REGION_FLASH] = "flash",
        [REGION_FLASH_DIRECT] = "flash",
    };
    BusRegionView v = {r->base, r->last, kinds[r->kind], "", NULL};

    if (r->dev != NULL) {
        v.name = r->dev->cls->name;
        v.id = r->dev->id;
    } else if (r->ram != NULL) {
        v.name = r->ram->name;
    }
    return v;
}

static int by_base(const void *a, const void *b)
{
    const Region *x = a, *y = b;

    return x->base < y->base ? -1 : x->base > y->base;
}

/* fn runs without the lock, on a copy. */
void bus_for_each(Bus *bus, void (*fn)(void *opaque, const BusRegionView *r),
                  void *opaque)
{
    g_autoptr(GArray) copy = g_array_new(FALSE, FALSE, sizeof(Region));
    Table *table;

    g_mutex_lock(&bus->lock);
    table = bus->table;
    for (unsigned i = 0; i < table->n; i++) {
        Region r;

        slot_get(&table->slots[i], &r);
        g_array_append_val(copy, r);
    }
    g_mutex_unlock(&bus->lock);
    g_array_sort(copy, by_base);
    for (unsigned i = 0; i < copy->len; i++) {
        BusRegionView v = view_of(&g_array_index(copy, Region, i));

        fn(opaque, &v);
    }
}
