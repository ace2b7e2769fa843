/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/boot/image.c - tells the formats of boot files apart, unpacks them
 * and copies their pieces to guest memory.
 * Left out: compressions other than gzip (named in the error). */
#include "machine/boot/image.h"

#include <string.h>
#include <zlib.h>

#include "machine/boot/file.h"
#include "util/bits.h"

enum {
    UIMAGE_HEADER = 64,
    UIMAGE_MAGIC = 0x27051956,
    UIMAGE_ARCH_RISCV = 26,
    UIMAGE_TYPE_KERNEL = 2,
    UIMAGE_TYPE_KERNEL_NOLOAD = 14,
    UIMAGE_COMP_NONE = 0,
    UIMAGE_COMP_GZIP = 1,
    IMAGE_HEADER = 64,
    IMAGE_MAGIC2 = 0x05435352,      /* "RSC\5" at 56 */
    IMAGE_MAGIC_ARM64 = 0x644d5241, /* "ARM\x64" at 56 */
    PE_COFF_END = 24,               /* signature and COFF header */
    PE_SECTION = 40,
    PE_MACHINE_RISCV32 = 0x5032,
    PE_MACHINE_RISCV64 = 0x5064,
    MAX_LAYERS = 3, /* gzip in uImage in gzip is more than anybody builds */
};

static bool is_gzip(const uint8_t *p, size_t len)
{
    return len >= 18 && p[0] == 0x1f && p[1] == 0x8b && p[2] == 8;
}

/* Grows the result as it goes, so a small file cannot ask for much. */
static GBytes *gunzip(const uint8_t *p, size_t len, uint64_t max,
                      GError **error)
{
    z_stream z = {.next_in = (Bytef *)p,
                  .avail_in = (uInt)MIN(len, UINT32_MAX)};
    g_autoptr(GByteArray) out = g_byte_array_new();
    int r;

    if (inflateInit2(&z, MAX_WBITS + 16) != Z_OK) {
        machine_fail(error, "cannot start zlib");
        return NULL;
    }
    do {
        uint8_t chunk[32768];

        z.next_out = chunk;
        z.avail_out = sizeof(chunk);
        r = inflate(&z, Z_NO_FLUSH);
        g_byte_array_append(out, chunk, (guint)(sizeof(chunk) - z.avail_out));
    } while (r == Z_OK && out->len <= MIN(max, G_MAXUINT32 / 2));
    inflateEnd(&z);
    if (r == Z_OK) {
        machine_fail(error, "gzip data unpack to more than %" PRIu64 " bytes",
                     max);
        return NULL;
    }
    if (r != Z_STREAM_END) {
        machine_fail(error, "gzip data are %s",
                     r == Z_BUF_ERROR ? "truncated" : "damaged");
        return NULL;
    }
    return g_byte_array_free_to_bytes(g_steal_pointer(&out));
}

static void replace_bytes(BootImage *image, GBytes *bytes)
{
    g_bytes_unref(image->bytes);
    image->bytes = bytes;
}

/* ---- uImage ---- */

static bool is_uimage(const uint8_t *p, size_t len)
{
    return len >= 4 && be32_load(p) == UIMAGE_MAGIC;
}

static bool check_uimage(const uint8_t *p, size_t len, GError **error)
{
    uint8_t head[UIMAGE_HEADER];

    if (len < UIMAGE_HEADER) {
        return machine_fail(error, "uImage header is truncated");
    }
    memcpy(head, p, sizeof(head));
    memset(head + 4, 0, 4); /* the checksum is taken over itself as zero */
    if (crc32(0, head, sizeof(head)) != be32_load(p + 4)) {
        return machine_fail(error, "uImage header has a wrong checksum");
    }
    if (p[29] != UIMAGE_ARCH_RISCV) {
        return machine_fail(error,
                            "uImage is for architecture %u, not for RISC-V "
                            "(%u)",
                            p[29], UIMAGE_ARCH_RISCV);
    }
    if (p[30] != UIMAGE_TYPE_KERNEL && p[30] != UIMAGE_TYPE_KERNEL_NOLOAD) {
        return machine_fail(error, "uImage type %u is not a kernel", p[30]);
    }
    if (p[31] != UIMAGE_COMP_NONE && p[31] != UIMAGE_COMP_GZIP) {
        return machine_fail(error, "uImage compression %u is not supported",
                            p[31]);
    }
    if (be32_load(p + 12) > len - UIMAGE_HEADER) {
        return machine_fail(error, "uImage is truncated");
    }
    return true;
}

static bool parse_uimage(BootImage *image, uint64_t max, GError **error)
{
    size_t len;
    const uint8_t *p = g_bytes_get_data(image->bytes, &len);
    bool placed;
    GBytes *data;

    if (!check_uimage(p, len, error)) {
        return false;
    }
    placed = p[30] == UIMAGE_TYPE_KERNEL;
    image->low = be32_load(p + 16);
    image->entry = be32_load(p + 20);
    if (p[31] == UIMAGE_COMP_GZIP) {
        data = gunzip(p + UIMAGE_HEADER, be32_load(p + 12), max, error);
    } else {
        data = g_bytes_new_from_bytes(image->bytes, UIMAGE_HEADER,
                                      be32_load(p + 12));
    }
    if (data == NULL) {
        return false;
    }
    replace_bytes(image, data);
    p = g_bytes_get_data(data, &len);
    image->format = "uImage";
    image->placed = placed;
    image->n_segments = 1;
    image->segments[0] = (BootSegment){placed ? image->low : 0, p, len, len};
    image->high = image->low + len;
    return true;
}

/* ---- EFI zboot: a PE program that carries the packed kernel ---- */

static bool is_zboot(const uint8_t *p, size_t len)
{
    return len >= 64 && memcmp(p, "MZ", 2) == 0 &&
           memcmp(p + 4, "zimg", 4) == 0;
}

static bool unpack_zboot(BootImage *image, uint64_t max, GError **error)
{
    size_t len;
    const uint8_t *p = g_bytes_get_data(image->bytes, &len);
    uint32_t offset = le32_load(p + 8), size = le32_load(p + 12);
    GBytes *data;

    if (memcmp(p + 24, "gzip", 5) != 0) {
        return machine_fail(error,
                            "EFI zboot image is compressed with "
                            "'%.31s', only gzip is supported",
                            (const char *)p + 24);
    }
    if (offset > len || size > len - offset) {
        return machine_fail(error, "EFI zboot image is truncated");
    }
    data = gunzip(p + offset, size, max, error);
    if (data == NULL) {
        return false;
    }
    replace_bytes(image, data);
    return true;
}

/* ---- Image and anything else ---- */

/* The section table says how long the file must be at least. */
static bool check_pe_sections(const uint8_t *p, size_t len, uint32_t pe,
                              GError **error)
{
    uint64_t table;
    unsigned n;

    if (len - pe < PE_COFF_END) {
        return machine_fail(error, "kernel is truncated in its PE header");
    }
    n = le16_load(p + pe + 6);
    table = (uint64_t)pe + PE_COFF_END + le16_load(p + pe + 20);
    for (unsigned i = 0; i < n; i++) {
        uint64_t at = table + (uint64_t)i * PE_SECTION;

        if (at + PE_SECTION > len ||
            (uint64_t)le32_load(p + at + 16) + le32_load(p + at + 20) > len) {
            return machine_fail(error,
                                "kernel is truncated: PE section %u "
                                "ends after the file",
                                i);
        }
    }
    return true;
}

/* A kernel Image for EFI has a PE header, which names the machine. */
static bool check_pe(const uint8_t *p, size_t len, unsigned xlen,
                     GError **error)
{
    uint32_t pe;
    uint16_t machine, want;

    if (len < IMAGE_HEADER || memcmp(p, "MZ", 2) != 0) {
        return true;
    }
    pe = le32_load(p + 60);
    if (pe > len || len - pe < 6 || memcmp(p + pe, "PE\0\0", 4) != 0) {
        return true;
    }
    machine = le16_load(p + pe + 4);
    want = xlen == 64 ? PE_MACHINE_RISCV64 : PE_MACHINE_RISCV32;
    if (machine != want) {
        return machine_fail(error,
                            "kernel is for EFI machine 0x%x, the guest is "
                            "0x%x (riscv%u)",
                            machine, want, xlen);
    }
    return check_pe_sections(p, len, pe, error);
}

static bool check_foreign(const uint8_t *p, size_t len, GError **error)
{
    if (len >= IMAGE_HEADER && le32_load(p + 56) == IMAGE_MAGIC_ARM64) {
        return machine_fail(error, "kernel Image is for AArch64, not for "
                                   "RISC-V");
    }
    if (len >= 0x206 && memcmp(p + 0x202, "HdrS", 4) == 0) {
        return machine_fail(error, "kernel is a bzImage for x86, not for "
                                   "RISC-V");
    }
    return true;
}

static bool parse_flat(BootImage *image, unsigned xlen, GError **error)
{
    size_t len;
    const uint8_t *p = g_bytes_get_data(image->bytes, &len);
    uint64_t memory = len;

    if (!check_foreign(p, len, error) || !check_pe(p, len, xlen, error)) {
        return false;
    }
    image->format = "raw";
    if (len >= IMAGE_HEADER && le32_load(p + 56) == IMAGE_MAGIC2) {
        uint64_t size = le64_load(p + 16);

        image->format = "Image";
        if (le64_load(p + 24) & 1) {
            return machine_fail(error, "kernel Image is big-endian");
        }
        if (size > memory && size < UINT64_C(1) << 40) {
            memory = size; /* with its .bss */
        }
    }
    image->n_segments = 1;
    image->segments[0] = (BootSegment){0, p, len, memory};
    image->high = memory;
    return true;
}

bool boot_image_parse(BootImage *out, GBytes *file, unsigned xlen, uint64_t max,
                      GError **error)
{
    memset(out, 0, sizeof(*out));
    out->bytes = g_bytes_ref(file);
    for (unsigned layer = 0; layer < MAX_LAYERS; layer++) {
        size_t len;
        const uint8_t *p = g_bytes_get_data(out->bytes, &len);

        if (is_gzip(p, len)) {
            GBytes *data = gunzip(p, len, max, error);

            if (data == NULL) {
                return false;
            }
            replace_bytes(out, data);
        } else if (is_zboot(p, len)) {
            if (!unpack_zboot(out, max, error)) {
                return false;
            }
        } else if (len >= 4 && memcmp(p, "\177ELF", 4) == 0) {
            return boot_elf_parse(out, xlen, error);
        } else if (is_uimage(p, len)) {
            return parse_uimage(out, max, error);
        } else if (len > 0) {
            return parse_flat(out, xlen, error);
        } else {
            return machine_fail(error, "nothing is in it");
        }
    }
    return machine_fail(error, "packed more than %d times", MAX_LAYERS - 1);
}

void boot_image_finish(BootImage *image)
{
    g_clear_pointer(&image->bytes, g_bytes_unref);
    image->n_segments = 0;
}

void boot_image_place(BootImage *image, Gpa base)
{
    if (image->placed) {
        return;
    }
    for (unsigned i = 0; i < image->n_segments; i++) {
        image->segments[i].addr += base;
    }
    image->placed = true;
    image->high += base - image->low;
    image->low = base;
    image->entry = base;
}

/* ---- to memory ---- */

bool boot_is_memory(Bus *bus, Gpa addr, uint64_t len)
{
    if (addr + len < addr) {
        return false;
    }
    while (len > 0) {
        RamSpan span;
        uint64_t n;

        if (!bus_find_ram(bus, addr, &span) || span.len == 0) {
            return false;
        }
        n = MIN(len, span.len);
        addr += n;
        len -= n;
    }
    return true;
}

static void clear(Bus *bus, Gpa addr, uint64_t len)
{
    static const uint8_t zero[65536];

    while (len > 0) {
        uint64_t n = MIN(len, sizeof(zero));

        bus_load_image(bus, addr, zero, n);
        addr += n;
        len -= n;
    }
}

bool boot_image_load(const BootImage *image, Bus *bus, GError **error)
{
    for (unsigned i = 0; i < image->n_segments; i++) {
        const BootSegment *s = &image->segments[i];

        if (!boot_is_memory(bus, s->addr, s->memory)) {
            return machine_fail(error,
                                "0x%" PRIx64 " bytes at 0x%" PRIx64
                                " are not all inside the guest's memory",
                                s->memory, s->addr);
        }
    }
    for (unsigned i = 0; i < image->n_segments; i++) {
        const BootSegment *s = &image->segments[i];

        bus_load_image(bus, s->addr, s->bytes, s->len);
        /* An Image's .bss is the kernel's own to clear. */
        if (strcmp(image->format, "ELF") == 0) {
            clear(bus, s->addr + s->len, s->memory - s->len);
        }
    }
    return true;
}
