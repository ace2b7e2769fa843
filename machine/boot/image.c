/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/boot/image.c - tells the formats of boot files apart, unpacks them
 * and copies their pieces to guest memory.
 * Left out: compressions other than gzip and zstd (named in the error). */
#include "machine/boot/image.h"

#include <elf.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "machine/boot/file.h"
#include "util/bits.h"

enum {
    UIMAGE_HEADER = 64,
    UIMAGE_MAGIC = 0x27051956,
    UIMAGE_TYPE_KERNEL = 2,
    UIMAGE_TYPE_KERNEL_NOLOAD = 14,
    UIMAGE_COMP_NONE = 0,
    UIMAGE_COMP_GZIP = 1,
    IMAGE_HEADER = 64,
    IMAGE_MAGIC2 = 0x05435352,      /* "RSC\5" at 56 */
    IMAGE_MAGIC_ARM64 = 0x644d5241, /* "ARM\x64" at 56 */
    ZIMAGE_MAGIC = 0x016f2818,      /* at 36 */
    PE_COFF_END = 24,               /* signature and COFF header */
    PE_SECTION = 40,
    MAX_LAYERS = 3, /* gzip in uImage in gzip is more than anybody builds */
};

#define MAX_IMAGE_SIZE (UINT64_C(1) << 40)

const BootGuest boot_guest_riscv64 = {
    .name = "RISC-V",
    .bits = 64,
    .elf_machine = EM_RISCV,
    .pe_machine = 0x5064,
    .uimage_arch = 26,
};
const BootGuest boot_guest_riscv32 = {
    .name = "RISC-V",
    .bits = 32,
    .elf_machine = EM_RISCV,
    .pe_machine = 0x5032,
    .uimage_arch = 26,
};
const BootGuest boot_guest_aarch64 = {
    .name = "AArch64",
    .bits = 64,
    .elf_machine = EM_AARCH64,
    .pe_machine = 0xaa64,
    .uimage_arch = 22,
};

/* What a number in a uImage or PE header stands for. */
static const struct {
    const char *name;
    uint8_t uimage;
    uint16_t pe;
} architectures[] = {
    {"x86", 3, 0x14c},        {"x86-64", 24, 0x8664},
    {"Arm", 2, 0x1c2},        {"AArch64", 22, 0xaa64},
    {"RISC-V", 26, 0x5064},   {"32-bit RISC-V", 26, 0x5032},
    {"MIPS", 5, 0x366},       {"PowerPC", 7, 0x1f0},
    {"LoongArch", 0, 0x6264},
};

static const char *uimage_name(unsigned arch)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(architectures); i++) {
        if (architectures[i].uimage == arch && arch != 0) {
            return architectures[i].name;
        }
    }
    return "another architecture";
}

static const char *pe_name(unsigned machine)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(architectures); i++) {
        if (architectures[i].pe == machine) {
            return architectures[i].name;
        }
    }
    return "another machine";
}

static bool is_gzip(const uint8_t *p, size_t len)
{
    return len >= 18 && p[0] == 0x1f && p[1] == 0x8b && p[2] == 8;
}

static bool unpacks_too_much(GByteArray *out, uint64_t max)
{
    return out->len > MIN(max, G_MAXUINT32 / 2);
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
    } while (r == Z_OK && !unpacks_too_much(out, max));
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

/* One zstd frame, the same way. */
static GBytes *unzstd(const uint8_t *p, size_t len, uint64_t max,
                      GError **error)
{
    ZSTD_DStream *z = ZSTD_createDStream();
    g_autoptr(GByteArray) out = g_byte_array_new();
    ZSTD_inBuffer in = {p, len, 0};
    size_t r = 1;

    while (z != NULL && r != 0 && !ZSTD_isError(r) &&
           !unpacks_too_much(out, max)) {
        uint8_t bytes[32768];
        ZSTD_outBuffer chunk = {bytes, sizeof(bytes), 0};

        r = ZSTD_decompressStream(z, &chunk, &in);
        g_byte_array_append(out, bytes, (guint)chunk.pos);
        if (r != 0 && chunk.pos == 0 && in.pos == in.size) {
            break; /* wants more than there is */
        }
    }
    ZSTD_freeDStream(z);
    if (z == NULL || ZSTD_isError(r)) {
        machine_fail(error, "zstd data are damaged");
        return NULL;
    }
    if (r != 0) {
        machine_fail(error, unpacks_too_much(out, max)
                                ? "zstd data unpack to too much"
                                : "zstd data are truncated");
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

static bool check_uimage(const uint8_t *p, size_t len, const BootGuest *guest,
                         GError **error)
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
    if (p[29] != guest->uimage_arch) {
        return machine_fail(error, "uImage is for %s (%u), not for %s (%u)",
                            uimage_name(p[29]), p[29], guest->name,
                            guest->uimage_arch);
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

static bool parse_uimage(BootImage *image, const BootGuest *guest, uint64_t max,
                         GError **error)
{
    size_t len;
    const uint8_t *p = g_bytes_get_data(image->bytes, &len);
    bool placed;
    GBytes *data;

    if (!check_uimage(p, len, guest, error)) {
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
    bool gzip = memcmp(p + 24, "gzip", 5) == 0;
    GBytes *data;

    if (!gzip && memcmp(p + 24, "zstd", 5) != 0 &&
        memcmp(p + 24, "zstd22", 7) != 0) {
        return machine_fail(error,
                            "EFI zboot image is compressed with '%.31s', only "
                            "gzip and zstd are supported",
                            (const char *)p + 24);
    }
    if (offset > len || size > len - offset) {
        return machine_fail(error, "EFI zboot image is truncated");
    }
    data = gzip ? gunzip(p + offset, size, max, error)
                : unzstd(p + offset, size, max, error);
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
static bool check_pe(const uint8_t *p, size_t len, const BootGuest *guest,
                     GError **error)
{
    uint32_t pe;
    uint16_t machine;

    if (len < IMAGE_HEADER || memcmp(p, "MZ", 2) != 0) {
        return true;
    }
    pe = le32_load(p + 60);
    if (pe > len || len - pe < 6 || memcmp(p + pe, "PE\0\0", 4) != 0) {
        return true;
    }
    machine = le16_load(p + pe + 4);
    if (machine != guest->pe_machine) {
        return machine_fail(error,
                            "kernel is an EFI program for %s (0x%x), not for "
                            "%s (0x%x)",
                            pe_name(machine), machine, guest->name,
                            guest->pe_machine);
    }
    return check_pe_sections(p, len, pe, error);
}

static bool check_foreign(const uint8_t *p, size_t len, const BootGuest *guest,
                          GError **error)
{
    uint32_t magic = len >= IMAGE_HEADER ? le32_load(p + 56) : 0;

    if (magic == IMAGE_MAGIC_ARM64 && guest != &boot_guest_aarch64) {
        return machine_fail(error, "kernel Image is for AArch64, not for %s",
                            guest->name);
    }
    if (magic == IMAGE_MAGIC2 && guest == &boot_guest_aarch64) {
        return machine_fail(error, "kernel Image is for RISC-V, not for %s",
                            guest->name);
    }
    if (len >= 0x206 && memcmp(p + 0x202, "HdrS", 4) == 0) {
        return machine_fail(error, "kernel is a bzImage for x86, not for %s",
                            guest->name);
    }
    if (len >= 0x30 && le32_load(p + 0x24) == ZIMAGE_MAGIC) {
        return machine_fail(error,
                            "kernel is a zImage for 32-bit Arm, not for "
                            "%s",
                            guest->name);
    }
    return true;
}

/* The header of an Image: bytes 8 to 31 are the same for both architectures.
 * Arm's kernels before 3.17 left image_size 0. */
static bool read_image_header(BootImage *image, const uint8_t *p,
                              uint64_t *memory, GError **error)
{
    uint64_t size = le64_load(p + 16);

    image->format = "Image";
    image->text_offset = le64_load(p + 8);
    image->image_size_known = size != 0;
    if (le64_load(p + 24) & 1) {
        return machine_fail(error, "kernel Image is big-endian");
    }
    if (size >= MAX_IMAGE_SIZE) {
        return machine_fail(error,
                            "kernel Image: a size of 0x%" PRIx64
                            " bytes in its header is impossible",
                            size);
    }
    *memory = MAX(*memory, size); /* with its .bss */
    return true;
}

static bool parse_flat(BootImage *image, const BootGuest *guest, GError **error)
{
    size_t len;
    const uint8_t *p = g_bytes_get_data(image->bytes, &len);
    uint64_t memory = len;
    uint32_t magic = len >= IMAGE_HEADER ? le32_load(p + 56) : 0;

    if (!check_foreign(p, len, guest, error) ||
        !check_pe(p, len, guest, error)) {
        return false;
    }
    image->format = "raw";
    if ((magic == IMAGE_MAGIC2 || magic == IMAGE_MAGIC_ARM64) &&
        !read_image_header(image, p, &memory, error)) {
        return false;
    }
    image->n_segments = 1;
    image->segments[0] = (BootSegment){0, p, len, memory};
    image->high = memory;
    return true;
}

bool boot_image_parse(BootImage *out, GBytes *file, const BootGuest *guest,
                      uint64_t max, GError **error)
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
            return boot_elf_parse(out, guest, error);
        } else if (is_uimage(p, len)) {
            return parse_uimage(out, guest, max, error);
        } else if (len > 0) {
            return parse_flat(out, guest, error);
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

        if (!bus_can_load(bus, s->addr, s->memory)) {
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
