/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/hmp/memory-commands.c - looking at memory: x, xp, print, gva2gpa, and
 * saving it. A format is /COUNT, a letter (x d u o c s i) and a size (b h w g),
 * each of which may be left out. */
#include <inttypes.h>
#include <string.h>

#include "control/hmp/hmp_priv.h"
#include "control/memory.h"
#include "util/disas.h"

enum { MAX_COUNT = 4096, MAX_INSN = 16 };

typedef struct {
    unsigned count;
    char letter;
    unsigned size; /* bytes */
} Format;

static bool parse_format(HmpCall *call, Format *f)
{
    const char *p = call->format;

    *f = (Format){1, 'x', 4};
    if (p == NULL) {
        return true;
    }
    if (g_ascii_isdigit(*p)) {
        char *end;
        guint64 n = g_ascii_strtoull(p, &end, 10);

        f->count = (unsigned)MIN(n, MAX_COUNT);
        p = end;
    }
    for (; *p != '\0'; p++) {
        const char *size = strchr("bhwg", *p);

        if (size != NULL) {
            f->size = 1U << (size - "bhwg");
        } else if (strchr("xduocsi", *p) != NULL) {
            f->letter = *p;
        } else {
            hmp_print(call, "invalid char in format: '%c'\n", *p);
            return false;
        }
    }
    f->size = f->letter == 'c' || f->letter == 's' ? 1 : f->size;
    return true;
}

/* ---- values ---- */

static void put_char(HmpCall *call, uint64_t v)
{
    unsigned c = v & 0xff;

    if (g_ascii_isprint((char)c)) {
        hmp_print(call, "'%c'", c);
    } else {
        hmp_print(call, "'\\x%02x'", c);
    }
}

static void put_value(HmpCall *call, const Format *f, uint64_t v)
{
    unsigned bits = 8 * f->size;
    int64_t s = (int64_t)(v << (64 - bits)) >> (64 - bits);

    switch (f->letter) {
    case 'd':
        hmp_print(call, "%*" PRId64, (int)(bits / 8 * 5 / 2), s);
        break;
    case 'u':
        hmp_print(call, "%*" PRIu64, (int)(bits / 8 * 5 / 2), v);
        break;
    case 'o':
        hmp_print(call, "0%*.*" PRIo64, (int)(bits + 2) / 3,
                  (int)(bits + 2) / 3, v);
        break;
    case 'c':
        put_char(call, v);
        break;
    default:
        hmp_print(call, "0x%0*" PRIx64, (int)(bits / 4), v);
        break;
    }
}

/* ---- memory ---- */

static bool read_memory(HmpCall *call, bool physical, uint64_t at, void *to,
                        size_t len)
{
    Vcpu *v = hmp_cpu(call);

    return physical ? memory_read_physical(v->bus, at, to, len)
                    : memory_read_virtual(v, at, to, len);
}

static void cannot(HmpCall *call, uint64_t at)
{
    hmp_print(call, "Cannot access memory at 0x%" PRIx64 "\n", at);
}

static void dump_values(HmpCall *call, const Format *f, bool physical,
                        uint64_t at)
{
    unsigned line = f->letter == 'c' ? 8 : 16 / f->size > 8 ? 8 : 16 / f->size;

    for (unsigned i = 0; i < f->count; i++, at += f->size) {
        uint64_t v = 0;

        if (!read_memory(call, physical, at, &v, f->size)) {
            g_string_append(call->out, i % line != 0 ? "\n" : "");
            cannot(call, at);
            return;
        }
        if (i % line == 0) {
            hmp_print(call, "%016" PRIx64 ":", at);
        }
        hmp_print(call, " ");
        put_value(call, f, v);
        if (i % line == line - 1 || i + 1 == f->count) {
            hmp_print(call, "\n");
        }
    }
}

/* As many bytes of [at, at + len) as can be read. */
static size_t read_some(HmpCall *call, bool physical, uint64_t at, uint8_t *to,
                        size_t len)
{
    while (len > 0 && !read_memory(call, physical, at, to, len)) {
        len -= MIN(len, 2);
    }
    return len;
}

/* One instruction; how long it is. */
static size_t put_insn(HmpCall *call, const uint8_t *code, size_t len,
                       uint64_t at)
{
    Vcpu *v = hmp_cpu(call);
    const Target *t = v->target;
    g_autoptr(GString) text = g_string_new(NULL);
    int arch, mode;

    if (t->disassemble != NULL) {
        size_t n = t->disassemble(v, code, len, at, text);

        hmp_print(call, "0x%08" PRIx64 ":  %s\n", at, text->str);
        return n;
    }
    t->disassembly(v, &arch, &mode);
    {
        g_autofree char *lines = disas_text(arch, mode, code, MIN(len, 4), at);

        g_string_append(call->out, lines);
    }
    return MIN(len, 4);
}

static void dump_insns(HmpCall *call, unsigned count, bool physical,
                       uint64_t at)
{
    for (unsigned i = 0; i < count; i++) {
        uint8_t code[MAX_INSN];
        size_t len = read_some(call, physical, at, code, sizeof(code));

        if (len == 0) {
            cannot(call, at);
            return;
        }
        len = put_insn(call, code, len, at);
        at += MAX(len, 1);
    }
}

static void dump_string(HmpCall *call, bool physical, uint64_t at)
{
    char c = 0;

    hmp_print(call, "%016" PRIx64 ": \"", at);
    for (unsigned i = 0; i < MAX_COUNT; i++) {
        if (!read_memory(call, physical, at + i, &c, 1) || c == '\0') {
            break;
        }
        hmp_print(call, g_ascii_isprint(c) ? "%c" : "\\x%02x",
                  (unsigned char)c);
    }
    hmp_print(call, "\"\n");
}

static void dump(HmpCall *call, bool physical)
{
    Machine *m = call->control->m;
    uint64_t at;
    Format f;

    if (!parse_format(call, &f) || !hmp_expression(call, call->rest, &at)) {
        return;
    }
    machine_hold(m);
    if (f.letter == 'i') {
        dump_insns(call, f.count, physical, at);
    } else if (f.letter == 's') {
        dump_string(call, physical, at);
    } else {
        dump_values(call, &f, physical, at);
    }
    machine_release(m);
}

void hmp_x(HmpCall *call)
{
    dump(call, false);
}

void hmp_xp(HmpCall *call)
{
    dump(call, true);
}

void hmp_print_value(HmpCall *call)
{
    uint64_t v;
    Format f;

    if (!parse_format(call, &f) || !hmp_expression(call, call->rest, &v)) {
        return;
    }
    switch (f.letter) {
    case 'd':
        hmp_print(call, "%" PRId64 "\n", (int64_t)v);
        break;
    case 'u':
        hmp_print(call, "%" PRIu64 "\n", v);
        break;
    case 'o':
        hmp_print(call, "%#" PRIo64 "\n", v);
        break;
    case 'c':
        put_char(call, v);
        hmp_print(call, "\n");
        break;
    default:
        hmp_print(call, "%#" PRIx64 "\n", v);
        break;
    }
}

void hmp_gva2gpa(HmpCall *call)
{
    uint64_t va;
    bool mapped;
    Gpa gpa = 0;

    if (!hmp_expression(call, call->rest, &va)) {
        return;
    }
    machine_hold(call->control->m);
    mapped = memory_translate(hmp_cpu(call), va, &gpa);
    machine_release(call->control->m);
    if (mapped) {
        hmp_print(call, "gpa: %#" PRIx64 "\n", gpa);
    } else {
        hmp_print(call, "Unmapped\n");
    }
}

/* ---- saving ---- */

static void save(HmpCall *call, const char *command)
{
    JsonObject *args = json_object_new();
    uint64_t at, size;
    JsonNode *result;

    if (!hmp_expression(call, call->words[0], &at) ||
        !hmp_expression(call, call->words[1], &size)) {
        json_object_unref(args);
        return;
    }
    json_object_set_int_member(args, "val", (int64_t)at);
    json_object_set_int_member(args, "size", (int64_t)size);
    json_object_set_string_member(args, "filename", call->words[2]);
    if (*command == 'm') {
        json_object_set_int_member(args, "cpu-index", *call->cpu);
    }
    result = hmp_qmp(call, command, args);
    g_clear_pointer(&result, json_node_unref);
}

void hmp_memsave(HmpCall *call)
{
    save(call, "memsave");
}

void hmp_pmemsave(HmpCall *call)
{
    save(call, "pmemsave");
}
