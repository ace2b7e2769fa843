/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/acpi/aml.h - writes the byte code of ACPI's definition blocks, one
 * object after the other: what is begun is ended, and gets its length then.
 * Spec: ACPI 6.3, 20 (AML) and 6.4 (resource descriptors).
 * Threads: main thread.
 * Lifetime: the caller owns the array that aml_finish gives. */
#ifndef CUTTLE_MACHINE_ACPI_AML_H
#define CUTTLE_MACHINE_ACPI_AML_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct Aml Aml;

Aml *aml_new(void);
GByteArray *aml_finish(Aml *a); /* everything begun was ended */

/* Names have up to four characters; a leading backslash means the root. */
void aml_begin_scope(Aml *a, const char *name);
void aml_begin_device(Aml *a, const char *format, ...) G_GNUC_PRINTF(2, 3);
void aml_begin_method(Aml *a, const char *name, unsigned n_args);
/* To be named before, with aml_name. */
void aml_begin_package(Aml *a, uint8_t n_elements);
void aml_begin_resources(Aml *a, const char *name);
void aml_end(Aml *a);

/* Name (name, ...): the object follows. */
void aml_name(Aml *a, const char *name);
void aml_integer(Aml *a, uint64_t value);
void aml_string(Aml *a, const char *text);

void aml_name_integer(Aml *a, const char *name, uint64_t value);
void aml_name_string(Aml *a, const char *name, const char *text);
/* "PNP0A08", packed into a number. */
void aml_name_eisa_id(Aml *a, const char *name, const char *id);

/* In a method. */
void aml_notify(Aml *a, const char *object, uint8_t value);
void aml_return_argument(Aml *a, unsigned n);

/* ---- between aml_begin_resources and aml_end ---------------------------- */

typedef enum { AML_MEMORY, AML_IO, AML_BUS } AmlSpace;

void aml_memory(Aml *a, uint32_t base, uint32_t size);
void aml_interrupt(Aml *a, uint32_t gsi, bool edge);
/* A bridge's window, in the descriptor of the least width in which min, max
 * and the rest fit. translation: what is added to get the CPU's address. */
void aml_window(Aml *a, AmlSpace space, uint64_t min, uint64_t size,
                uint64_t translation);
/* An edge on a pin of a GPIO controller. */
void aml_gpio_interrupt(Aml *a, const char *controller, uint16_t pin);

#endif
