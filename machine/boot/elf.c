/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/boot/elf.c - ELF executables of 32 and 64 bits. Only the
 * program headers count; addresses are physical ones (p_paddr). */
#include <elf.h>

#include "machine/boot/file.h"
#include "machine/boot/image.h"
#include "util/bits.h"

/* The fields of both classes, widened. */
typedef struct {
    uint64_t entry, phoff;
    uint16_t machine, phentsize, phnum;
} Header;

typedef struct {
    uint32_t type;
    uint64_t offset, paddr, filesz, memsz;
} ProgramHeader;

static const char *machine_name(uint16_t machine)
{
    switch (machine) {
    case EM_386:
        return "x86";
    case EM_X86_64:
        return "x86-64";
    case EM_ARM:
        return "Arm";
    case EM_AARCH64:
        return "AArch64";
    case EM_RISCV:
        return "RISC-V";
    case EM_PPC64:
        return "PowerPC";
    case EM_S390:
        return "s390";
    case EM_MIPS:
        return "MIPS";
    case 258:
        return "LoongArch";
    default:
        return "another machine";
    }
}

static Header read_header(const uint8_t *p, bool wide)
{
    if (wide) {
        return (Header){
            .machine = le16_load(p + offsetof(Elf64_Ehdr, e_machine)),
            .entry = le64_load(p + offsetof(Elf64_Ehdr, e_entry)),
            .phoff = le64_load(p + offsetof(Elf64_Ehdr, e_phoff)),
            .phentsize = le16_load(p + offsetof(Elf64_Ehdr, e_phentsize)),
            .phnum = le16_load(p + offsetof(Elf64_Ehdr, e_phnum)),
        };
    }
    return (Header){
        .machine = le16_load(p + offsetof(Elf32_Ehdr, e_machine)),
        .entry = le32_load(p + offsetof(Elf32_Ehdr, e_entry)),
        .phoff = le32_load(p + offsetof(Elf32_Ehdr, e_phoff)),
        .phentsize = le16_load(p + offsetof(Elf32_Ehdr, e_phentsize)),
        .phnum = le16_load(p + offsetof(Elf32_Ehdr, e_phnum)),
    };
}

static ProgramHeader read_program_header(const uint8_t *p, bool wide)
{
    if (wide) {
        return (ProgramHeader){
            .type = le32_load(p + offsetof(Elf64_Phdr, p_type)),
            .offset = le64_load(p + offsetof(Elf64_Phdr, p_offset)),
            .paddr = le64_load(p + offsetof(Elf64_Phdr, p_paddr)),
            .filesz = le64_load(p + offsetof(Elf64_Phdr, p_filesz)),
            .memsz = le64_load(p + offsetof(Elf64_Phdr, p_memsz)),
        };
    }
    return (ProgramHeader){
        .type = le32_load(p + offsetof(Elf32_Phdr, p_type)),
        .offset = le32_load(p + offsetof(Elf32_Phdr, p_offset)),
        .paddr = le32_load(p + offsetof(Elf32_Phdr, p_paddr)),
        .filesz = le32_load(p + offsetof(Elf32_Phdr, p_filesz)),
        .memsz = le32_load(p + offsetof(Elf32_Phdr, p_memsz)),
    };
}

/* The order matters to the person reading: a file for another machine is
 * called that, not truncated or odd. */
static bool check_identity(const uint8_t *p, size_t len, const BootGuest *guest,
                           GError **error)
{
    unsigned bits;
    uint16_t machine;

    if (len < sizeof(Elf32_Ehdr)) {
        return machine_fail(error, "ELF header is truncated");
    }
    bits = p[EI_CLASS] == ELFCLASS64 ? 64 : 32;
    if (p[EI_CLASS] != ELFCLASS64 && p[EI_CLASS] != ELFCLASS32) {
        return machine_fail(error, "ELF class %u is unknown", p[EI_CLASS]);
    }
    if (p[EI_DATA] != ELFDATA2LSB) {
        return machine_fail(error, "ELF file is big-endian, the guest is not");
    }
    machine = le16_load(p + offsetof(Elf32_Ehdr, e_machine));
    if (machine != guest->elf_machine) {
        return machine_fail(error,
                            "ELF file is for %s (machine %u), not for %s",
                            machine_name(machine), machine, guest->name);
    }
    if (bits != guest->bits) {
        return machine_fail(error,
                            "ELF file is for a %u-bit %s, the guest is a "
                            "%u-bit one",
                            bits, guest->name, guest->bits);
    }
    if (bits == 64 && len < sizeof(Elf64_Ehdr)) {
        return machine_fail(error, "ELF header is truncated");
    }
    return true;
}

static bool add_segment(BootImage *image, const ProgramHeader *ph,
                        const uint8_t *bytes, size_t len, GError **error)
{
    if (ph->offset > len || ph->filesz > len - ph->offset) {
        return machine_fail(error,
                            "ELF file is truncated: the segment at "
                            "0x%" PRIx64 " ends after the file",
                            ph->paddr);
    }
    if (ph->memsz < ph->filesz || ph->paddr + ph->memsz < ph->paddr) {
        return machine_fail(
            error, "ELF segment at 0x%" PRIx64 " has a bad size", ph->paddr);
    }
    if (image->n_segments == BOOT_MAX_SEGMENTS) {
        return machine_fail(error, "ELF file has more than %u segments",
                            BOOT_MAX_SEGMENTS);
    }
    image->segments[image->n_segments++] = (BootSegment){
        .addr = ph->paddr,
        .bytes = bytes + ph->offset,
        .len = ph->filesz,
        .memory = ph->memsz,
    };
    image->low = MIN(image->low, ph->paddr);
    image->high = MAX(image->high, ph->paddr + ph->memsz);
    return true;
}

bool boot_elf_parse(BootImage *image, const BootGuest *guest, GError **error)
{
    size_t len;
    const uint8_t *bytes = g_bytes_get_data(image->bytes, &len);
    bool wide = guest->bits == 64;
    size_t want = wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
    Header h;

    if (!check_identity(bytes, len, guest, error)) {
        return false;
    }
    h = read_header(bytes, wide);
    if (h.phnum > 0 && h.phentsize < want) {
        return machine_fail(error, "ELF program headers are too small");
    }
    if (h.phoff > len || (uint64_t)h.phnum * h.phentsize > len - h.phoff) {
        return machine_fail(error, "ELF file is truncated: the program "
                                   "headers end after the file");
    }
    image->format = "ELF";
    image->placed = true;
    image->entry = h.entry;
    image->low = UINT64_MAX;
    for (unsigned i = 0; i < h.phnum; i++) {
        ProgramHeader ph = read_program_header(
            bytes + h.phoff + (size_t)i * h.phentsize, wide);

        if (ph.type == PT_LOAD && ph.memsz > 0 &&
            !add_segment(image, &ph, bytes, len, error)) {
            return false;
        }
    }
    if (image->n_segments == 0) {
        return machine_fail(error, "ELF file has nothing to load");
    }
    return true;
}
