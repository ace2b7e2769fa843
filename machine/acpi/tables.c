/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/acpi/tables.c - headers, pointers and sums of ACPI tables, and the
 * commands that make firmware complete them where it puts them. */
#include "machine/acpi/tables.h"

#include <string.h>

#include "hw/misc/fw-cfg.h"
#include "util/bits.h"

#define TABLES_FILE "etc/acpi/tables"
#define RSDP_FILE   "etc/acpi/rsdp"
#define LOADER_FILE "etc/table-loader"

enum {
    MAX_TABLES = 16,
    HEADER = 36,
    LENGTH_AT = 4,
    CHECKSUM_AT = 9,
    RSDP_BYTES = 36,
    RSDP_SUM_AT = 8, /* over the first 20 bytes, which revision 0 had */
    RSDP_XSDT_AT = 24,
    RSDP_SUM_ALL_AT = 32,
    /* The script. */
    COMMAND_BYTES = 128,
    FILE_NAME_BYTES = 56,
    COMMAND_ALLOCATE = 1,
    COMMAND_ADD_POINTER = 2,
    COMMAND_ADD_CHECKSUM = 3,
    ZONE_HIGH = 1,
    ZONE_FSEG = 2,
    TABLES_ALIGN = 64,
    RSDP_ALIGN = 16,
};

typedef struct {
    char signature[4];
    unsigned start;
} Table;

struct Acpi {
    GByteArray *bytes; /* of all tables */
    GByteArray *script;
    Table tables[MAX_TABLES];
    unsigned n_tables;
};

/* ---- the script ---- */

static uint8_t *add_command(Acpi *a, uint32_t command)
{
    unsigned at = a->script->len;

    g_byte_array_set_size(a->script, at + COMMAND_BYTES);
    memset(a->script->data + at, 0, COMMAND_BYTES);
    le32_store(a->script->data + at, command);
    return a->script->data + at + 4;
}

static void allocate(Acpi *a, const char *file, uint32_t align, uint8_t zone)
{
    uint8_t *p = add_command(a, COMMAND_ALLOCATE);

    memcpy(p, file, strlen(file));
    le32_store(p + FILE_NAME_BYTES, align);
    p[FILE_NAME_BYTES + 4] = zone;
}

/* The eight bytes at offset of to hold an offset in TABLES_FILE. */
static void add_pointer(Acpi *a, const char *to, uint32_t offset)
{
    uint8_t *p = add_command(a, COMMAND_ADD_POINTER);

    memcpy(p, to, strlen(to));
    memcpy(p + FILE_NAME_BYTES, TABLES_FILE, strlen(TABLES_FILE));
    le32_store(p + 2 * FILE_NAME_BYTES, offset);
    p[2 * FILE_NAME_BYTES + 4] = 8;
}

static void add_checksum(Acpi *a, const char *file, uint32_t at, uint32_t start,
                         uint32_t len)
{
    uint8_t *p = add_command(a, COMMAND_ADD_CHECKSUM);

    memcpy(p, file, strlen(file));
    le32_store(p + FILE_NAME_BYTES, at);
    le32_store(p + FILE_NAME_BYTES + 4, start);
    le32_store(p + FILE_NAME_BYTES + 8, len);
}

/* ---- tables ---- */

Acpi *acpi_new(void)
{
    Acpi *a = g_new0(Acpi, 1);

    a->bytes = g_byte_array_new();
    a->script = g_byte_array_new();
    allocate(a, TABLES_FILE, TABLES_ALIGN, ZONE_HIGH);
    allocate(a, RSDP_FILE, RSDP_ALIGN, ZONE_FSEG);
    return a;
}

static void end_table(Acpi *a)
{
    const Table *t = &a->tables[a->n_tables - 1];
    uint32_t len = a->bytes->len - t->start;

    le32_store(a->bytes->data + t->start + LENGTH_AT, len);
    add_checksum(a, TABLES_FILE, t->start + CHECKSUM_AT, t->start, len);
}

void acpi_begin(Acpi *a, const char *signature, uint8_t revision)
{
    Table *t = &a->tables[a->n_tables];

    g_assert(a->n_tables < MAX_TABLES && strlen(signature) == 4);
    if (a->n_tables > 0) {
        end_table(a);
    }
    a->n_tables++;
    while (a->bytes->len % 8 != 0) {
        acpi_put_zeros(a, 1);
    }
    t->start = a->bytes->len;
    memcpy(t->signature, signature, 4);
    acpi_put_bytes(a, signature, 4);
    acpi_put(a, 4, 0); /* length */
    acpi_put(a, 1, revision);
    acpi_put(a, 1, 0); /* checksum */
    acpi_put_bytes(a, "BOCHS ", 6);
    acpi_put_bytes(a, "BXPC    ", 8);
    acpi_put(a, 4, 1);
    acpi_put_bytes(a, "BXPC", 4);
    acpi_put(a, 4, 1);
}

void acpi_put(Acpi *a, unsigned size, uint64_t value)
{
    uint8_t bytes[8];

    bytes_store_le(bytes, size, value);
    acpi_put_bytes(a, bytes, size);
}

void acpi_put_bytes(Acpi *a, const void *bytes, size_t len)
{
    g_byte_array_append(a->bytes, bytes, (guint)len);
}

void acpi_put_zeros(Acpi *a, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        acpi_put(a, 1, 0);
    }
}

unsigned acpi_offset(const Acpi *a)
{
    return a->bytes->len - a->tables[a->n_tables - 1].start;
}

void acpi_put_register(Acpi *a, uint64_t address)
{
    enum { MEMORY = 0, BITS = 32, DWORD = 3 };

    acpi_put(a, 1, MEMORY);
    acpi_put(a, 1, BITS);
    acpi_put(a, 1, 0);
    acpi_put(a, 1, DWORD);
    acpi_put(a, 8, address);
}

static void put_pointer(Acpi *a, const Table *t)
{
    add_pointer(a, TABLES_FILE, a->bytes->len);
    acpi_put(a, 8, t->start);
}

void acpi_put_pointer(Acpi *a, const char *signature)
{
    for (unsigned i = 0; i < a->n_tables; i++) {
        if (memcmp(a->tables[i].signature, signature, 4) == 0) {
            put_pointer(a, &a->tables[i]);
            return;
        }
    }
    g_assert_not_reached();
}

/* All tables but DSDT, to which FACP points, and itself. */
static void put_xsdt(Acpi *a)
{
    unsigned n = a->n_tables;

    acpi_begin(a, "XSDT", 1);
    for (unsigned i = 0; i < n; i++) {
        if (memcmp(a->tables[i].signature, "DSDT", 4) != 0) {
            put_pointer(a, &a->tables[i]);
        }
    }
    end_table(a);
}

static void make_rsdp(Acpi *a, uint8_t rsdp[RSDP_BYTES])
{
    memset(rsdp, 0, RSDP_BYTES);
    memcpy(rsdp, "RSD PTR ", 8);
    memcpy(rsdp + 9, "BOCHS ", 6);
    rsdp[15] = 2; /* revision */
    le32_store(rsdp + 20, RSDP_BYTES);
    le64_store(rsdp + RSDP_XSDT_AT, a->tables[a->n_tables - 1].start);
    add_pointer(a, RSDP_FILE, RSDP_XSDT_AT);
    add_checksum(a, RSDP_FILE, RSDP_SUM_AT, 0, 20);
    add_checksum(a, RSDP_FILE, RSDP_SUM_ALL_AT, 0, RSDP_BYTES);
}

bool acpi_finish(Acpi *a, Device *fw_cfg, GError **error)
{
    uint8_t rsdp[RSDP_BYTES];
    bool ok;

    put_xsdt(a);
    make_rsdp(a, rsdp);
    ok = fw_cfg_add_file(fw_cfg, TABLES_FILE, a->bytes->data, a->bytes->len,
                         true, error) &&
         fw_cfg_add_file(fw_cfg, RSDP_FILE, rsdp, sizeof(rsdp), true, error) &&
         fw_cfg_add_file(fw_cfg, LOADER_FILE, a->script->data, a->script->len,
                         true, error);
    g_byte_array_unref(a->bytes);
    g_byte_array_unref(a->script);
    g_free(a);
    return ok;
}
