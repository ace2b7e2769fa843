/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/block/cfi-flash.c - a bank of NOR flash: two 16-bit chips side by side,
 * which get the same commands, so one state stands for both.
 * Spec: Common Flash Interface publication 100; Intel StrataFlash 28F640J3
 * data sheet (command set 0001).
 * While the bank reads as an array the bus reads its memory directly; every
 * store comes here. What changes is written to the drive sector by sector,
 * one request at a time, behind the guest's back.
 * Left out: suspend and resume, block locks and protection registers (the
 * query table says there are none; lock commands succeed and do nothing).
 * Threads: bus-locked; completions take the same lock. */
#include "hw/block/cfi-flash.h"

#include <gio/gio.h>
#include <string.h>

#include "core/block.h"
#include "util/bits.h"
#include "util/log.h"

enum {
    CMD_PROGRAM_ALT = 0x10,
    CMD_ERASE = 0x20,
    CMD_PROGRAM = 0x40,
    CMD_CLEAR_STATUS = 0x50,
    CMD_LOCK_SETUP = 0x60,
    CMD_STATUS = 0x70,
    CMD_ID = 0x90,
    CMD_QUERY = 0x98,
    CMD_CONFIRM = 0xd0,
    CMD_BUFFERED = 0xe8,
    CMD_RESET_AMD = 0xf0, /* what probing drivers try first */
    CMD_ARRAY = 0xff,
};

/* Status register (table 11 of the data sheet). */
enum {
    STATUS_LOCKED = 0x02,
    STATUS_PROGRAM_ERROR = 0x10,
    STATUS_ERASE_ERROR = 0x20,
    STATUS_READY = 0x80,
};

typedef enum {
    MODE_ARRAY,
    MODE_STATUS,
    MODE_ID,
    MODE_QUERY,
    /* Between the cycles of a command; reads give the status. */
    MODE_PROGRAM,     /* data follows */
    MODE_ERASE,       /* confirmation follows */
    MODE_LOCK,        /* what to lock follows */
    MODE_BUF_COUNT,   /* units less one follow */
    MODE_BUF_DATA,    /* buf_left bytes follow */
    MODE_BUF_CONFIRM, /* confirmation follows */
    N_MODES
} Mode;

enum {
    MANUFACTURER = 0x89, /* Intel */
    CHIP = 0x18,
    LANES = 2, /* chips beside each other */
    MAX_SECTORS = 1024,
};

typedef struct {
    Device dev;
    uint32_t mode; /* Mode */
    uint8_t status;
    uint32_t buf_base; /* what the buffer covers */
    uint32_t buf_left;
    uint8_t buf[CFI_FLASH_BUFFER]; /* ones where nothing was written */
    uint8_t *bytes;                /* of ram */

    uint64_t size;
    BlockDev *drive;
    bool claimed;
    Ram *ram;
    bool mapped;
    Gpa base;
    uint8_t query[0x40];

    uint64_t dirty[MAX_SECTORS / 64]; /* sectors to write back */
    bool writing;                     /* request is under way */
    bool write_failed;                /* said so once */
    uint8_t *copy;                    /* of the sector under way */
    struct iovec iov;
    BlockRequest request;
} CfiFlash;

/* --- writing back --- */

/* The first dirty sector, which it marks clean; -1 if there is none. */
static int take_dirty(CfiFlash *f)
{
    for (unsigned w = 0; w < G_N_ELEMENTS(f->dirty); w++) {
        if (f->dirty[w] != 0) {
            int bit = __builtin_ctzll(f->dirty[w]);

            f->dirty[w] &= f->dirty[w] - 1;
            return (int)(64 * w) + bit;
        }
    }
    return -1;
}

static void write_back(CfiFlash *f);

static void report(CfiFlash *f, int result)
{
    if (result < 0 && !f->write_failed) {
        f->write_failed = true;
        g_printerr("drive '%s': writing flash contents: %s\n", f->drive->id,
                   g_strerror(-result));
    }
}

static void write_done(BlockRequest *r, int result)
{
    CfiFlash *f = r->opaque;

    device_lock(&f->dev);
    f->writing = false;
    report(f, result);
    write_back(f);
    device_unlock(&f->dev);
}

static void write_back(CfiFlash *f)
{
    uint64_t offset;
    int sector;

    if (f->writing || (sector = take_dirty(f)) < 0) {
        return;
    }
    offset = (uint64_t)sector * CFI_FLASH_SECTOR;
    memcpy(f->copy, f->bytes + offset, CFI_FLASH_SECTOR);
    f->iov = (struct iovec){f->copy, CFI_FLASH_SECTOR};
    f->request = (BlockRequest){.op = BLOCK_WRITE,
                                .offset = offset,
                                .len = CFI_FLASH_SECTOR,
                                .iov = &f->iov,
                                .n_iov = 1,
                                .done = write_done,
                                .opaque = f};
    f->writing = true;
    block_submit(f->drive, &f->request);
}

/* Everybody who remembers these bytes hears that they changed. */
static void changed(CfiFlash *f, uint64_t offset, uint64_t len)
{
    ram_changed(f->ram, offset, len);
    if (f->drive == NULL) {
        return;
    }
    for (uint64_t s = offset / CFI_FLASH_SECTOR;
         s <= (offset + len - 1) / CFI_FLASH_SECTOR; s++) {
        f->dirty[s / 64] |= BIT(s % 64);
    }
    write_back(f);
}

/* --- the array --- */

static bool is_read_only(const CfiFlash *f)
{
    return f->drive != NULL && f->drive->read_only;
}

/* Programming only clears bits. */
static void program(CfiFlash *f, uint64_t offset, const uint8_t *data,
                    uint64_t len)
{
    if (is_read_only(f)) {
        f->status |= STATUS_PROGRAM_ERROR | STATUS_LOCKED;
        return;
    }
    for (uint64_t i = 0; i < len; i++) {
        f->bytes[offset + i] &= data[i];
    }
    changed(f, offset, len);
}

static void erase(CfiFlash *f, uint64_t offset)
{
    if (is_read_only(f)) {
        f->status |= STATUS_ERASE_ERROR | STATUS_LOCKED;
        return;
    }
    offset = align_down(offset, CFI_FLASH_SECTOR);
    memset(f->bytes + offset, 0xff, CFI_FLASH_SECTOR);
    changed(f, offset, CFI_FLASH_SECTOR);
}

/* --- commands --- */

static void set_mode(CfiFlash *f, Mode mode)
{
    bool direct = mode == MODE_ARRAY;
    bool was_direct = f->mode == MODE_ARRAY;

    f->mode = mode;
    if (f->mapped && direct != was_direct) {
        bus_set_flash_direct(f->dev.bus, f->base, direct);
    }
}

static void command(CfiFlash *f, uint8_t cmd)
{
    switch (cmd) {
    case CMD_PROGRAM:
    case CMD_PROGRAM_ALT:
        set_mode(f, MODE_PROGRAM);
        break;
    case CMD_ERASE:
        set_mode(f, MODE_ERASE);
        break;
    case CMD_LOCK_SETUP:
        set_mode(f, MODE_LOCK);
        break;
    case CMD_BUFFERED:
        set_mode(f, MODE_BUF_COUNT);
        break;
    case CMD_STATUS:
        set_mode(f, MODE_STATUS);
        break;
    case CMD_ID:
        set_mode(f, MODE_ID);
        break;
    case CMD_QUERY:
        set_mode(f, MODE_QUERY);
        break;
    case CMD_CLEAR_STATUS:
        f->status = STATUS_READY;
        set_mode(f, MODE_ARRAY);
        break;
    case CMD_ARRAY:
    case CMD_RESET_AMD:
        set_mode(f, MODE_ARRAY);
        break;
    default:
        guest_log(LOG_GUEST_ERRORS, "cfi-flash: unknown command 0x%02x", cmd);
        set_mode(f, MODE_ARRAY);
    }
}

/* A wrong cycle ends a command with both error bits: sequence error. */
static void sequence_error(CfiFlash *f)
{
    f->status |= STATUS_PROGRAM_ERROR | STATUS_ERASE_ERROR;
    set_mode(f, MODE_STATUS);
}

/* The count is in units of a chip's 16 bits, less one; each chip takes as
 * many, so a unit is a word of the bank. */
static void begin_buffer(CfiFlash *f, uint64_t offset, uint64_t count)
{
    uint32_t bytes = (uint32_t)((count & 0xffff) + 1) * 2 * LANES;

    if (bytes > CFI_FLASH_BUFFER) {
        sequence_error(f);
        return;
    }
    memset(f->buf, 0xff, sizeof(f->buf));
    f->buf_base = (uint32_t)align_down(offset, CFI_FLASH_BUFFER);
    f->buf_left = bytes;
    set_mode(f, MODE_BUF_DATA);
}

static void fill_buffer(CfiFlash *f, uint64_t offset, const uint8_t *data,
                        unsigned size)
{
    uint64_t at = offset - f->buf_base;

    if (offset < f->buf_base || at + size > CFI_FLASH_BUFFER) {
        sequence_error(f); /* outside the buffer's range (4.8) */
        return;
    }
    memcpy(f->buf + at, data, size);
    f->buf_left -= MIN(size, f->buf_left);
    if (f->buf_left == 0) {
        set_mode(f, MODE_BUF_CONFIRM);
    }
}

static void write_cycle(CfiFlash *f, uint64_t offset, const uint8_t *data,
                        unsigned size)
{
    uint8_t cmd = data[0];

    switch ((Mode)f->mode) {
    case MODE_PROGRAM:
        program(f, offset, data, size);
        set_mode(f, MODE_STATUS);
        break;
    case MODE_ERASE:
        if (cmd != CMD_CONFIRM) {
            sequence_error(f);
            break;
        }
        erase(f, offset);
        set_mode(f, MODE_STATUS);
        break;
    case MODE_LOCK:
        set_mode(f, cmd == CMD_ARRAY ? MODE_ARRAY : MODE_STATUS);
        break;
    case MODE_BUF_COUNT:
        begin_buffer(f, offset, bytes_load_le(data, MIN(size, 2)));
        break;
    case MODE_BUF_DATA:
        fill_buffer(f, offset, data, size);
        break;
    case MODE_BUF_CONFIRM:
        if (cmd != CMD_CONFIRM) {
            sequence_error(f);
            break;
        }
        program(f, f->buf_base, f->buf, CFI_FLASH_BUFFER);
        set_mode(f, MODE_STATUS);
        break;
    default:
        /* A store to the high byte of a chip is no command. */
        if (offset % 2 == 0) {
            command(f, cmd);
        }
    }
}

/* What one chip gives at a word address while it does not read as array. */
static uint8_t chip_read(const CfiFlash *f, uint64_t word)
{
    word &= 0xff;
    switch ((Mode)f->mode) {
    case MODE_ID:
        return word == 0 ? MANUFACTURER : word == 1 ? CHIP : 0;
    case MODE_QUERY:
        return word < sizeof(f->query) ? f->query[word] : 0;
    default:
        return f->status;
    }
}

static uint64_t bank_word(const CfiFlash *f, uint64_t word)
{
    return chip_read(f, word) * UINT64_C(0x00010001);
}

static MemResult cfi_read(Device *dev, unsigned region, uint64_t offset,
                          unsigned size, uint64_t *value)
{
    CfiFlash *f = (CfiFlash *)dev;
    uint64_t word = offset / 4;

    if (offset >= f->size || size > f->size - offset) {
        return MEM_OK;
    }
    if (f->mode == MODE_ARRAY) {
        *value = bytes_load_le(f->bytes + offset, size);
    } else {
        *value = (bank_word(f, word) | bank_word(f, word + 1) << 32) >>
                 (8 * (offset % 4));
    }
    return MEM_OK;
}

static MemResult cfi_write(Device *dev, unsigned region, uint64_t offset,
                           unsigned size, uint64_t value)
{
    CfiFlash *f = (CfiFlash *)dev;
    uint8_t data[8] = {0};

    if (offset >= f->size || size > f->size - offset) {
        return MEM_OK;
    }
    bytes_store_le(data, size, value);
    write_cycle(f, offset, data, size);
    return MEM_OK;
}

/* --- life --- */

/* The query table of one chip (CFI 100, table 1; data sheet, appendix). */
static void fill_query(CfiFlash *f)
{
    uint32_t chip = (uint32_t)(f->size / LANES);
    uint32_t sector = CFI_FLASH_SECTOR / LANES;
    uint8_t *q = f->query;

    memcpy(q + 0x10, "QRY", 3);
    q[0x13] = 0x01; /* Intel extended command set */
    q[0x15] = 0x31; /* its table below */
    q[0x1b] = 0x45; /* supply 4.5 to 5.5 V */
    q[0x1c] = 0x55;
    q[0x1f] = 0x07; /* typical times: 2^7 us per word and per buffer */
    q[0x20] = 0x07;
    q[0x21] = 0x0a; /* 2^10 ms per sector */
    q[0x23] = 0x04; /* at most 2^4 times the typical ones */
    q[0x24] = 0x04;
    q[0x25] = 0x04;
    q[0x27] = (uint8_t)__builtin_ctz(chip);
    q[0x28] = 0x02; /* 8 and 16 bits wide */
    q[0x2a] = (uint8_t)__builtin_ctz(CFI_FLASH_BUFFER / LANES);
    q[0x2c] = 0x01; /* one region of sectors */
    le16_store(q + 0x2d, (uint16_t)(chip / sector - 1));
    le16_store(q + 0x2f, (uint16_t)(sector / 256));
    memcpy(q + 0x31, "PRI10", 5);
}

static bool check_size(CfiFlash *f, GError **error)
{
    if ((f->size & (f->size - 1)) != 0 || f->size < CFI_FLASH_SECTOR ||
        f->size / CFI_FLASH_SECTOR > MAX_SECTORS) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                    "device '%s': size %" G_GUINT64_FORMAT
                    " is no power of two from 256 KiB to 256 MiB",
                    f->dev.cls->name, f->size);
        return false;
    }
    if (f->drive != NULL && f->drive->size != f->size) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                    "drive '%s': has %" G_GUINT64_FORMAT
                    " bytes, but the flash has %" G_GUINT64_FORMAT,
                    f->drive->id, f->drive->size, f->size);
        return false;
    }
    return true;
}

static bool read_drive(CfiFlash *f, GError **error)
{
    int result;

    if (!block_claim(f->drive, error)) {
        return false;
    }
    f->claimed = true;
    f->copy = g_malloc(CFI_FLASH_SECTOR);
    result = block_read(f->drive, 0, f->bytes, f->size);
    if (result < 0) {
        g_set_error(error, G_IO_ERROR, g_io_error_from_errno(-result),
                    "drive '%s': %s", f->drive->id, g_strerror(-result));
        return false;
    }
    return true;
}

static bool start(Device *dev, GError **error)
{
    CfiFlash *f = (CfiFlash *)dev;

    if (!check_size(f, error)) {
        return false;
    }
    f->ram = ram_new(dev->id != NULL ? dev->id : "flash", f->size, error);
    if (f->ram == NULL) {
        return false;
    }
    f->bytes = f->ram->host;
    f->status = STATUS_READY;
    fill_query(f);
    /* Memory-only flash holds zeroes, not ones: they cost nothing. */
    return f->drive == NULL || read_drive(f, error);
}

/* The main thread waits for what is not yet on the drive. */
static void finish_writing(CfiFlash *f)
{
    int sector;

    while (f->writing) {
        g_main_context_iteration(NULL, TRUE);
    }
    while ((sector = take_dirty(f)) >= 0) {
        uint64_t offset = (uint64_t)sector * CFI_FLASH_SECTOR;

        report(f, block_write(f->drive, offset, f->bytes + offset,
                              CFI_FLASH_SECTOR));
    }
}

static void stop(Device *dev)
{
    CfiFlash *f = (CfiFlash *)dev;

    if (f->claimed) {
        finish_writing(f);
        block_release(f->drive);
        f->claimed = false;
    }
    g_clear_pointer(&f->ram, ram_free);
    g_clear_pointer(&f->copy, g_free);
}

static void reset(Device *dev)
{
    CfiFlash *f = (CfiFlash *)dev;

    f->status = STATUS_READY;
    set_mode(f, MODE_ARRAY);
}

static bool loaded(Device *dev, GError **error)
{
    CfiFlash *f = (CfiFlash *)dev;

    if (f->mode >= N_MODES || f->buf_left > CFI_FLASH_BUFFER ||
        f->buf_base > f->size - CFI_FLASH_BUFFER) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                    "saved state '%s' %u: command under way makes no sense",
                    dev->cls->name, dev->instance);
        reset(dev);
        return false;
    }
    if (f->mapped) {
        bus_set_flash_direct(dev->bus, f->base, f->mode == MODE_ARRAY);
    }
    if (!is_read_only(f)) {
        changed(f, 0, f->size);
    }
    return true;
}

void cfi_flash_map(Device *dev, Gpa base)
{
    CfiFlash *f = (CfiFlash *)dev;

    bus_add_flash(dev->bus, base, f->ram, dev);
    f->base = base;
    f->mapped = true;
}

Ram *cfi_flash_ram(Device *dev)
{
    return ((CfiFlash *)dev)->ram;
}

static size_t contents_size(const void *owner)
{
    return ((const CfiFlash *)owner)->size;
}

static const StateField state[] = {
    STATE_U(CfiFlash, mode),
    STATE_U(CfiFlash, status),
    STATE_U(CfiFlash, buf_base),
    STATE_U(CfiFlash, buf_left),
    STATE_B(CfiFlash, buf),
    STATE_BUF(CfiFlash, bytes, contents_size),
    STATE_LAST,
};

static const PropDesc props[] = {
    {"size", PROP_U64, offsetof(CfiFlash, size), "32M", "bytes of the bank"},
    {"drive", PROP_BLOCK, offsetof(CfiFlash, drive), NULL,
     "disk with the contents"},
};

const DeviceClass cfi_flash_class = {
    .name = "cfi.pflash01",
    .help = "NOR flash, Intel command set",
    .compatible = "cfi-flash",
    .size = sizeof(CfiFlash),
    .access = ACCESS_ANY,
    .read = cfi_read,
    .write = cfi_write,
    .state = state,
    .props = props,
    .n_props = G_N_ELEMENTS(props),
    .start = start,
    .reset = reset,
    .loaded = loaded,
    .stop = stop,
};
