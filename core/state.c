/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/state.c - writes and reads the sections of a saved machine.
 * Spec: docs/saved-state.md. A section is read twice: once only to check, so
 * that an error leaves the owner as it was, then for good. */
#include "core/state.h"

#include <gio/gio.h>
#include <string.h>

#include "util/bits.h"

/* --- writing --- */

static void put_number(GByteArray *out, unsigned size, uint64_t v)
{
    uint8_t bytes[8];

    bytes_store_le(bytes, size, v);
    g_byte_array_append(out, bytes, size);
}

static void put_name(GByteArray *out, const char *name)
{
    size_t len = strlen(name);

    g_assert(len <= UINT16_MAX);
    put_number(out, 2, len);
    g_byte_array_append(out, (const uint8_t *)name, (guint)len);
}

static uint64_t uint_get(const uint8_t *p, unsigned size)
{
    uint16_t v16;
    uint32_t v32;
    uint64_t v64;

    switch (size) {
    case 1:
        return *p;
    case 2:
        memcpy(&v16, p, 2);
        return v16;
    case 4:
        memcpy(&v32, p, 4);
        return v32;
    default:
        g_assert(size == 8);
        memcpy(&v64, p, 8);
        return v64;
    }
}

static void uint_put(uint8_t *p, unsigned size, uint64_t v)
{
    uint16_t v16 = (uint16_t)v;
    uint32_t v32 = (uint32_t)v;

    switch (size) {
    case 1:
        *p = (uint8_t)v;
        break;
    case 2:
        memcpy(p, &v16, 2);
        break;
    case 4:
        memcpy(p, &v32, 4);
        break;
    default:
        g_assert(size == 8);
        memcpy(p, &v, 8);
    }
}

/* The buffer a STATE_BUFFER field points to, and its size. */
static uint8_t *buffer_of(const StateField *f, const uint8_t *owner,
                          size_t *size)
{
    uint8_t *buffer;

    memcpy(&buffer, owner + f->offset, sizeof(buffer));
    *size = buffer == NULL ? 0 : f->size_of(owner);
    return buffer;
}

static uint32_t count_fields(const StateField *fields)
{
    uint32_t n = 0;

    while (fields != NULL && fields[n].kind != STATE_END) {
        n++;
    }
    return n;
}

static void save_fields(GByteArray *out, const StateField *fields,
                        const uint8_t *owner);

/* Everything after the name: kind, size of an element, count, contents. */
static void save_field(GByteArray *out, const StateField *f,
                       const uint8_t *owner)
{
    const uint8_t *at = owner + f->offset;
    size_t size = f->size;

    if (f->kind == STATE_BUFFER) {
        at = buffer_of(f, owner, &size);
    }
    put_number(out, 1, f->kind);
    put_number(out, 8, f->kind == STATE_STRUCT ? 0 : size);
    put_number(out, 4, f->count);
    switch (f->kind) {
    case STATE_UINT:
        for (uint32_t i = 0; i < f->count; i++) {
            put_number(out, f->size, uint_get(at + i * f->size, f->size));
        }
        break;
    case STATE_STRUCT:
        for (uint32_t i = 0; i < f->count; i++) {
            save_fields(out, f->fields, at + i * f->size);
        }
        break;
    default:
        if (size > 0) {
            g_byte_array_append(out, at, (guint)size);
        }
    }
}

static void save_fields(GByteArray *out, const StateField *fields,
                        const uint8_t *owner)
{
    uint32_t n = count_fields(fields);

    put_number(out, 4, n);
    for (uint32_t i = 0; i < n; i++) {
        put_name(out, fields[i].name);
        save_field(out, &fields[i], owner);
    }
}

void state_save(GByteArray *out, const char *section, unsigned instance,
                const StateField *fields, const void *owner)
{
    guint start;

    put_name(out, section);
    put_number(out, 4, instance);
    put_number(out, 8, 0);
    start = out->len;
    save_fields(out, fields, owner);
    le64_store(out->data + start - 8, out->len - start);
}

/* --- reading --- */

typedef struct {
    const uint8_t *data;
    size_t len;
    size_t pos;
    const char *section;
    unsigned instance;
    bool commit; /* false: check only */
    GError **error;
} Reader;

G_GNUC_PRINTF(2, 3)
static bool fail(Reader *r, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list args;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error(r->error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                "saved state '%s' %u: %s", r->section, r->instance, text);
    return false;
}

static bool get_bytes(Reader *r, size_t n, const uint8_t **out)
{
    if (r->len - r->pos < n) {
        return fail(r, "truncated");
    }
    *out = r->data + r->pos;
    r->pos += n;
    return true;
}

static bool get_number(Reader *r, unsigned size, uint64_t *v)
{
    const uint8_t *p = NULL;

    if (!get_bytes(r, size, &p)) {
        return false;
    }
    *v = bytes_load_le(p, size);
    return true;
}

static bool get_name(Reader *r, char **name)
{
    const uint8_t *p = NULL;
    uint64_t len;

    if (!get_number(r, 2, &len) || !get_bytes(r, len, &p)) {
        return false;
    }
    *name = g_strndup((const char *)p, len);
    return true;
}

static bool load_fields(Reader *r, const StateField *fields, uint8_t *owner);

static bool load_uints(Reader *r, const StateField *f, uint8_t *at)
{
    for (uint32_t i = 0; i < f->count; i++) {
        uint64_t v;

        if (!get_number(r, f->size, &v)) {
            return false;
        }
        if (r->commit) {
            uint_put(at + i * f->size, f->size, v);
        }
    }
    return true;
}

static bool load_structs(Reader *r, const StateField *f, uint8_t *at)
{
    for (uint32_t i = 0; i < f->count; i++) {
        if (!load_fields(r, f->fields, at + i * f->size)) {
            return false;
        }
    }
    return true;
}

static bool load_bytes(Reader *r, uint8_t *at, size_t size)
{
    const uint8_t *p = NULL;

    if (!get_bytes(r, size, &p)) {
        return false;
    }
    if (r->commit && size > 0) {
        memcpy(at, p, size);
    }
    return true;
}

static bool load_field(Reader *r, const StateField *f, uint8_t *owner)
{
    uint8_t *at = owner + f->offset;
    size_t size = f->size;
    uint64_t kind, saved_size, count;

    if (f->kind == STATE_BUFFER) {
        at = buffer_of(f, owner, &size);
    } else if (f->kind == STATE_STRUCT) {
        size = 0;
    }
    if (!get_number(r, 1, &kind) || !get_number(r, 8, &saved_size) ||
        !get_number(r, 4, &count)) {
        return false;
    }
    if (kind != f->kind) {
        return fail(r, "field '%s': has another kind", f->name);
    }
    if (saved_size != size || count != f->count) {
        return fail(r,
                    "field '%s': has %" G_GUINT64_FORMAT
                    " elements of size %" G_GUINT64_FORMAT
                    ", expected %u of size %zu",
                    f->name, count, saved_size, f->count, size);
    }
    switch (f->kind) {
    case STATE_UINT:
        return load_uints(r, f, at);
    case STATE_STRUCT:
        return load_structs(r, f, at);
    default:
        return load_bytes(r, at, size);
    }
}

static bool fields_have(const StateField *fields, uint32_t n, const char *name)
{
    for (uint32_t i = 0; i < n; i++) {
        if (strcmp(fields[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* Fields come in the order of the table, which tells missing from unknown. */
static bool load_fields(Reader *r, const StateField *fields, uint8_t *owner)
{
    uint32_t n = count_fields(fields);
    uint64_t n_saved;

    if (!get_number(r, 4, &n_saved)) {
        return false;
    }
    for (uint64_t i = 0; i < n_saved; i++) {
        g_autofree char *name = NULL;

        if (!get_name(r, &name)) {
            return false;
        }
        if (i >= n || strcmp(name, fields[i].name) != 0) {
            if (i < n && fields_have(fields, n, name)) {
                return fail(r, "field '%s': missing", fields[i].name);
            }
            return fail(r, "field '%s': unknown", name);
        }
        if (!load_field(r, &fields[i], owner)) {
            return false;
        }
    }
    if (n_saved < n) {
        return fail(r, "field '%s': missing", fields[n_saved].name);
    }
    return true;
}

static bool load_section(Reader *r, const StateField *fields, uint8_t *owner)
{
    g_autofree char *name = NULL;
    uint64_t instance, len;
    size_t all = r->len, end;

    if (!get_name(r, &name) || !get_number(r, 4, &instance) ||
        !get_number(r, 8, &len)) {
        return false;
    }
    if (strcmp(name, r->section) != 0 || instance != r->instance) {
        return fail(r, "found '%s' %" G_GUINT64_FORMAT " in its place", name,
                    instance);
    }
    if (len > all - r->pos) {
        return fail(r, "truncated");
    }
    end = r->pos + len;
    r->len = end;
    if (!load_fields(r, fields, owner)) {
        return false;
    }
    r->len = all;
    if (r->pos != end) {
        return fail(r, "%zu bytes too long", end - r->pos);
    }
    return true;
}

bool state_load(const uint8_t *data, size_t len, size_t *pos,
                const char *section, unsigned instance,
                const StateField *fields, void *owner, GError **error)
{
    Reader check = {.data = data,
                    .len = len,
                    .pos = *pos,
                    .section = section,
                    .instance = instance,
                    .error = error};
    Reader r = check;

    if (*pos > len) {
        return fail(&r, "truncated");
    }
    if (!load_section(&check, fields, owner)) {
        return false;
    }
    r.commit = true;
    if (!load_section(&r, fields, owner)) {
        return false;
    }
    *pos = r.pos;
    return true;
}
