/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/acpi/tables.h - a set of ACPI tables and the script by which
 * firmware places them: it allocates, adds addresses and sums up.
 * Spec: ACPI 6.3, 5.2; the loader script as EDK2 (OvmfPkg/AcpiPlatformDxe)
 * and SeaBIOS read it.
 * Threads: main thread.
 * Lifetime: acpi_finish gives the files away and frees the rest. */
#ifndef CUTTLE_MACHINE_ACPI_TABLES_H
#define CUTTLE_MACHINE_ACPI_TABLES_H

#include "core/device.h"

typedef struct Acpi Acpi;

Acpi *acpi_new(void);

/* A table whose bytes are put until the next one begins or all are
 * finished. */
void acpi_begin(Acpi *a, const char *signature, uint8_t revision);
void acpi_put(Acpi *a, unsigned size, uint64_t value);
void acpi_put_bytes(Acpi *a, const void *bytes, size_t len);
void acpi_put_zeros(Acpi *a, unsigned n);
/* Where the next byte goes, from the table's start. */
unsigned acpi_offset(const Acpi *a);
/* A generic address: a 32-bit register in memory. */
void acpi_put_register(Acpi *a, uint64_t address);
/* Eight bytes that will hold the address of the table of that signature,
 * which came earlier. */
void acpi_put_pointer(Acpi *a, const char *signature);

/* Adds the root tables and gives all of it to fw_cfg; frees a. */
bool acpi_finish(Acpi *a, Device *fw_cfg, GError **error);

#endif
