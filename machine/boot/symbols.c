/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/boot/symbols.c - the first symbol table of an ELF file that
 * boot_elf_parse took. Labels without a size reach to the next, or to the end
 * of their section. */
#include "machine/boot/symbols.h"

#include <elf.h>
#include <inttypes.h>
#include <string.h>

#include "util/bits.h"

enum { MAX_NAME = 255 };

typedef struct {
    uint64_t start, end;
    bool is_function;
    const char *name; /* of names */
} Symbol;

struct Symbols {
    GArray *all; /* of Symbol, sorted */
    GStringChunk *names;
};

/* ---- the file ---- */

typedef struct {
    const uint8_t *bytes;
    size_t len;
    bool wide;
    const uint8_t *headers; /* of n sections, inside bytes */
    unsigned n, each;
} Sections;

typedef struct {
    uint32_t type, link;
    uint64_t flags, addr, offset, size, each;
} Section;

static bool find_sections(Sections *s)
{
    const uint8_t *p = s->bytes;
    uint64_t at;

    if (s->wide) {
        at = le64_load(p + offsetof(Elf64_Ehdr, e_shoff));
        s->each = le16_load(p + offsetof(Elf64_Ehdr, e_shentsize));
        s->n = le16_load(p + offsetof(Elf64_Ehdr, e_shnum));
    } else {
        at = le32_load(p + offsetof(Elf32_Ehdr, e_shoff));
        s->each = le16_load(p + offsetof(Elf32_Ehdr, e_shentsize));
        s->n = le16_load(p + offsetof(Elf32_Ehdr, e_shnum));
    }
    if (s->each < (s->wide ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr)) ||
        at > s->len || (uint64_t)s->n * s->each > s->len - at) {
        return false;
    }
    s->headers = p + at;
    return true;
}

/* False unless all of it is in the file. */
static bool read_section(const Sections *s, unsigned i, Section *out)
{
    const uint8_t *p = s->headers + (size_t)i * s->each;

    if (i >= s->n) {
        return false;
    }
    if (s->wide) {
        *out = (Section){
            .type = le32_load(p + offsetof(Elf64_Shdr, sh_type)),
            .link = le32_load(p + offsetof(Elf64_Shdr, sh_link)),
            .flags = le64_load(p + offsetof(Elf64_Shdr, sh_flags)),
            .addr = le64_load(p + offsetof(Elf64_Shdr, sh_addr)),
            .offset = le64_load(p + offsetof(Elf64_Shdr, sh_offset)),
            .size = le64_load(p + offsetof(Elf64_Shdr, sh_size)),
            .each = le64_load(p + offsetof(Elf64_Shdr, sh_entsize)),
        };
    } else {
        *out = (Section){
            .type = le32_load(p + offsetof(Elf32_Shdr, sh_type)),
            .link = le32_load(p + offsetof(Elf32_Shdr, sh_link)),
            .flags = le32_load(p + offsetof(Elf32_Shdr, sh_flags)),
            .addr = le32_load(p + offsetof(Elf32_Shdr, sh_addr)),
            .offset = le32_load(p + offsetof(Elf32_Shdr, sh_offset)),
            .size = le32_load(p + offsetof(Elf32_Shdr, sh_size)),
            .each = le32_load(p + offsetof(Elf32_Shdr, sh_entsize)),
        };
    }
    return out->offset <= s->len && out->size <= s->len - out->offset;
}

/* ---- a symbol ---- */

typedef struct {
    uint32_t name;
    uint8_t type;
    uint16_t section;
    uint64_t value, size;
} Entry;

static Entry read_entry(const uint8_t *p, bool wide)
{
    if (wide) {
        return (Entry){
            .name = le32_load(p + offsetof(Elf64_Sym, st_name)),
            .type = ELF64_ST_TYPE(p[offsetof(Elf64_Sym, st_info)]),
            .section = le16_load(p + offsetof(Elf64_Sym, st_shndx)),
            .value = le64_load(p + offsetof(Elf64_Sym, st_value)),
            .size = le64_load(p + offsetof(Elf64_Sym, st_size)),
        };
    }
    return (Entry){
        .name = le32_load(p + offsetof(Elf32_Sym, st_name)),
        .type = ELF32_ST_TYPE(p[offsetof(Elf32_Sym, st_info)]),
        .section = le16_load(p + offsetof(Elf32_Sym, st_shndx)),
        .value = le32_load(p + offsetof(Elf32_Sym, st_value)),
        .size = le32_load(p + offsetof(Elf32_Sym, st_size)),
    };
}

/* What a person wrote: neither an assembler's mark ($x) nor a compiler's local
 * label; one word, as it gets into files of lines. */
static bool is_name(const char *name, size_t len)
{
    if (len == 0 || len > MAX_NAME || name[0] == '$' ||
        (len >= 2 && name[0] == '.' && name[1] == 'L')) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        if ((uint8_t)name[i] <= ' ' || name[i] == 0x7f) {
            return false;
        }
    }
    return true;
}

static void add_entry(Symbols *s, const Sections *file, const Section *names,
                      const Entry *e)
{
    const char *name = (const char *)file->bytes + names->offset + e->name;
    Section in;
    Symbol symbol;
    size_t len;

    if ((e->type != STT_FUNC && e->type != STT_NOTYPE) ||
        e->section == SHN_UNDEF || e->section >= SHN_LORESERVE ||
        e->name >= names->size || !read_section(file, e->section, &in) ||
        !(in.flags & SHF_EXECINSTR)) {
        return;
    }
    len = strnlen(name, names->size - e->name);
    if (!is_name(name, len)) {
        return;
    }
    symbol.start = e->value;
    symbol.end = e->size > 0 ? e->value + e->size : in.addr + in.size;
    symbol.is_function = e->type == STT_FUNC;
    symbol.name = g_string_chunk_insert_len(s->names, name, (gssize)len);
    g_array_append_val(s->all, symbol);
}

static bool find_table(const Sections *file, Section *table, Section *names)
{
    size_t least = file->wide ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);

    for (unsigned i = 0; i < file->n; i++) {
        if (read_section(file, i, table) && table->type == SHT_SYMTAB) {
            return table->each >= least &&
                   read_section(file, table->link, names) &&
                   names->type == SHT_STRTAB;
        }
    }
    return false;
}

/* Of several names for an address a function's comes last. */
static gint by_address(gconstpointer a, gconstpointer b)
{
    const Symbol *x = a, *y = b;

    if (x->start != y->start) {
        return x->start < y->start ? -1 : 1;
    }
    return x->is_function - y->is_function;
}

void symbols_add(Symbols *s, const BootImage *image, const BootGuest *guest)
{
    Sections file = {.wide = guest->bits == 64};
    Section table, names;

    file.bytes = g_bytes_get_data(image->bytes, &file.len);
    if (strcmp(image->format, "ELF") != 0 || !find_sections(&file) ||
        !find_table(&file, &table, &names)) {
        return;
    }
    for (uint64_t i = 0; i < table.size / table.each; i++) {
        Entry e =
            read_entry(file.bytes + table.offset + i * table.each, file.wide);

        add_entry(s, &file, &names, &e);
    }
    g_array_sort(s->all, by_address);
}

/* ---- the table ---- */

Symbols *symbols_new(void)
{
    Symbols *s = g_new0(Symbols, 1);

    s->all = g_array_new(FALSE, FALSE, sizeof(Symbol));
    s->names = g_string_chunk_new(65536);
    return s;
}

void symbols_free(Symbols *s)
{
    if (s != NULL) {
        g_array_unref(s->all);
        g_string_chunk_free(s->names);
        g_free(s);
    }
}

void symbols_clear(Symbols *s)
{
    g_array_set_size(s->all, 0);
    g_string_chunk_clear(s->names);
}

char *symbols_name(const Symbols *s, Gva pc)
{
    const Symbol *all = (const Symbol *)(void *)s->all->data;
    unsigned low = 0, high = s->all->len;

    while (low < high) {
        unsigned middle = low + (high - low) / 2;

        if (all[middle].start <= pc) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == 0 || pc >= all[low - 1].end) {
        return NULL;
    }
    if (pc == all[low - 1].start) {
        return g_strdup(all[low - 1].name);
    }
    return g_strdup_printf("%s+0x%" PRIx64, all[low - 1].name,
                           pc - all[low - 1].start);
}
