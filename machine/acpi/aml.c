/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/acpi/aml.c - AML out of calls. A construct with a length remembers
 * where it starts; its end inserts the length, which is one to three bytes. */
#include "machine/acpi/aml.h"

#include <stdarg.h>
#include <string.h>

#include "util/bits.h"

enum {
    OP_NAME = 0x08,
    OP_BYTE = 0x0a,
    OP_WORD = 0x0b,
    OP_DWORD = 0x0c,
    OP_STRING = 0x0d,
    OP_QWORD = 0x0e,
    OP_SCOPE = 0x10,
    OP_BUFFER = 0x11,
    OP_PACKAGE = 0x12,
    OP_METHOD = 0x14,
    OP_EXT = 0x5b,
    OP_DEVICE = 0x82,
    OP_NOTIFY = 0x86,
    OP_RETURN = 0xa4,
    OP_ARGUMENT = 0x68, /* the first; the others follow */
    NAME_CHARS = 4,
    MAX_DEPTH = 8,
};

typedef struct {
    unsigned start; /* where the length goes */
    bool buffer;    /* of resources: the end tag and the size come first */
} Open;

struct Aml {
    GByteArray *bytes;
    Open open[MAX_DEPTH];
    unsigned depth;
};

static void put(Aml *a, unsigned size, uint64_t value)
{
    uint8_t bytes[8];

    bytes_store_le(bytes, size, value);
    g_byte_array_append(a->bytes, bytes, size);
}

static void insert(GByteArray *to, unsigned at, const uint8_t *bytes,
                   unsigned n)
{
    unsigned behind = to->len - at;

    g_byte_array_set_size(to, to->len + n);
    memmove(to->data + at + n, to->data + at, behind);
    memcpy(to->data + at, bytes, n);
}

static void put_name(Aml *a, const char *name)
{
    size_t len;

    if (*name == '\\') {
        put(a, 1, *name++);
    }
    len = strlen(name);
    g_assert(len <= NAME_CHARS);
    g_byte_array_append(a->bytes, (const uint8_t *)name, (guint)len);
    for (; len < NAME_CHARS; len++) {
        put(a, 1, '_');
    }
}

Aml *aml_new(void)
{
    Aml *a = g_new0(Aml, 1);

    a->bytes = g_byte_array_new();
    return a;
}

GByteArray *aml_finish(Aml *a)
{
    GByteArray *bytes = a->bytes;

    g_assert(a->depth == 0);
    g_free(a);
    return bytes;
}

static void open_block(Aml *a, bool buffer)
{
    g_assert(a->depth < MAX_DEPTH);
    a->open[a->depth++] = (Open){a->bytes->len, buffer};
}

/* 20.2.4: the length counts its own bytes; six bits, or four and whole bytes
 * after the first, whose top bits say how many. */
static void insert_length(GByteArray *to, unsigned at)
{
    unsigned len = to->len - at;
    unsigned more = len + 1 < 0x40 ? 0 : len + 2 < 0x1000 ? 1 : 2;
    uint8_t bytes[3];

    len += more + 1;
    bytes[0] = (uint8_t)(more == 0 ? len : more << 6 | (len & 0xf));
    for (unsigned i = 1; i <= more; i++) {
        bytes[i] = (uint8_t)(len >> (8 * i - 4));
    }
    insert(to, at, bytes, more + 1);
}

void aml_end(Aml *a)
{
    Open open = a->open[--a->depth];

    if (open.buffer) {
        uint8_t size[3] = {OP_WORD};

        put(a, 2, 0x0079); /* end tag, no checksum */
        le16_store(size + 1, (uint16_t)(a->bytes->len - open.start));
        insert(a->bytes, open.start, size, sizeof(size));
    }
    insert_length(a->bytes, open.start);
}

/* ---- constructs ---- */

void aml_begin_scope(Aml *a, const char *name)
{
    put(a, 1, OP_SCOPE);
    open_block(a, false);
    put_name(a, name);
}

void aml_begin_device(Aml *a, const char *format, ...)
{
    g_autofree char *name = NULL;
    va_list args;

    va_start(args, format);
    name = g_strdup_vprintf(format, args);
    va_end(args);
    put(a, 1, OP_EXT);
    put(a, 1, OP_DEVICE);
    open_block(a, false);
    put_name(a, name);
}

void aml_begin_method(Aml *a, const char *name, unsigned n_args)
{
    put(a, 1, OP_METHOD);
    open_block(a, false);
    put_name(a, name);
    put(a, 1, n_args);
}

void aml_begin_package(Aml *a, uint8_t n_elements)
{
    put(a, 1, OP_PACKAGE);
    open_block(a, false);
    put(a, 1, n_elements);
}

void aml_begin_resources(Aml *a, const char *name)
{
    aml_name(a, name);
    put(a, 1, OP_BUFFER);
    open_block(a, true);
}

void aml_name(Aml *a, const char *name)
{
    put(a, 1, OP_NAME);
    put_name(a, name);
}

void aml_integer(Aml *a, uint64_t value)
{
    if (value <= 1) {
        put(a, 1, value); /* ZeroOp, OneOp */
    } else if (value <= UINT8_MAX) {
        put(a, 1, OP_BYTE);
        put(a, 1, value);
    } else if (value <= UINT16_MAX) {
        put(a, 1, OP_WORD);
        put(a, 2, value);
    } else if (value <= UINT32_MAX) {
        put(a, 1, OP_DWORD);
        put(a, 4, value);
    } else {
        put(a, 1, OP_QWORD);
        put(a, 8, value);
    }
}

void aml_string(Aml *a, const char *text)
{
    put(a, 1, OP_STRING);
    g_byte_array_append(a->bytes, (const uint8_t *)text,
                        (guint)strlen(text) + 1);
}

void aml_name_integer(Aml *a, const char *name, uint64_t value)
{
    aml_name(a, name);
    aml_integer(a, value);
}

void aml_name_string(Aml *a, const char *name, const char *text)
{
    aml_name(a, name);
    aml_string(a, text);
}

/* 19.6.37: three letters of five bits, then four digits, big-endian. */
void aml_name_eisa_id(Aml *a, const char *name, const char *id)
{
    uint32_t value = (uint32_t)(id[0] - '@') << 26 |
                     (uint32_t)(id[1] - '@') << 21 |
                     (uint32_t)(id[2] - '@') << 16 |
                     (uint32_t)g_ascii_strtoull(id + 3, NULL, 16);

    aml_name(a, name);
    put(a, 1, OP_DWORD);
    put(a, 4, GUINT32_SWAP_LE_BE(value));
}

void aml_notify(Aml *a, const char *object, uint8_t value)
{
    put(a, 1, OP_NOTIFY);
    put_name(a, object);
    aml_integer(a, value);
}

void aml_return_argument(Aml *a, unsigned n)
{
    put(a, 1, OP_RETURN);
    put(a, 1, OP_ARGUMENT + n);
}

/* ---- resources ---- */

void aml_memory(Aml *a, uint32_t base, uint32_t size)
{
    put(a, 1, 0x86); /* Memory32Fixed */
    put(a, 2, 9);
    put(a, 1, 1); /* read and write */
    put(a, 4, base);
    put(a, 4, size);
}

void aml_interrupt(Aml *a, uint32_t gsi, bool edge)
{
    put(a, 1, 0x89); /* Extended Interrupt */
    put(a, 2, 6);
    put(a, 1, 1 | (edge ? 2 : 0)); /* consumer, high or rising, exclusive */
    put(a, 1, 1);
    put(a, 4, gsi);
}

void aml_window(Aml *a, AmlSpace space, uint64_t min, uint64_t size,
                uint64_t translation)
{
    enum { FIXED = 0x0c }; /* both ends; positive decode, producer */
    static const uint8_t tags[] = {[2] = 0x88, [4] = 0x87, [8] = 0x8a};
    static const uint8_t flags[] = {
        [AML_MEMORY] = 1, /* read and write, not cacheable */
        [AML_IO] = 3,     /* the entire range */
        [AML_BUS] = 0,
    };
    uint64_t most = MAX(min + size - 1, MAX(size, translation));
    unsigned width = most <= UINT16_MAX ? 2 : most <= UINT32_MAX ? 4 : 8;

    put(a, 1, tags[width]);
    put(a, 2, 3 + 5 * width);
    put(a, 1, space);
    put(a, 1, FIXED);
    put(a, 1, flags[space]);
    put(a, width, 0); /* granularity */
    put(a, width, min);
    put(a, width, min + size - 1);
    put(a, width, translation);
    put(a, width, size);
}

void aml_gpio_interrupt(Aml *a, const char *controller, uint16_t pin)
{
    enum { HEAD = 23, PINS = 2, PULL_UP = 1, EDGE = 1 };
    unsigned name = (unsigned)strlen(controller) + 1;

    put(a, 1, 0x8c); /* GPIO Connection */
    put(a, 2, HEAD - 3 + PINS + name);
    put(a, 1, 1);    /* revision */
    put(a, 1, 0);    /* interrupt */
    put(a, 2, 1);    /* consumer */
    put(a, 2, EDGE); /* rising, exclusive */
    put(a, 1, PULL_UP);
    put(a, 2, 0); /* drive strength */
    put(a, 2, 0); /* debounce */
    put(a, 2, HEAD);
    put(a, 1, 0);
    put(a, 2, HEAD + PINS);
    put(a, 2, HEAD + PINS + name);
    put(a, 2, 0); /* vendor data */
    put(a, 2, pin);
    g_byte_array_append(a->bytes, (const uint8_t *)controller, name);
}
