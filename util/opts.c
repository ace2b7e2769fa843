/* SPDX-License-Identifier: GPL-2.0-or-later */
/* util/opts.c - see opts.h. An Opts is the list of elements as written: what a
 * bare `noflag` means is settled when somebody reads `noflag` or `flag`, so
 * keys that happen to begin with "no" need no list of exceptions. */
#include "util/opts.h"

#include <string.h>

typedef struct {
    char *key;
    char *value;
    bool bare; /* written without '=' */
    bool used;
} Element;

struct Opts {
    GArray *elements; /* of Element */
};

G_DEFINE_QUARK(cuttle - opts - error, opts_error)

static void element_clear(void *p)
{
    Element *e = p;

    g_free(e->key);
    g_free(e->value);
}

static Element *at(const Opts *o, unsigned i)
{
    return &g_array_index(o->elements, Element, i);
}

static void add(Opts *o, char *key, char *value, bool bare)
{
    Element e = {.key = key, .value = value, .bare = bare};

    g_array_append_val(o->elements, e);
}

Opts *opts_new(void)
{
    Opts *o = g_new0(Opts, 1);

    o->elements = g_array_new(FALSE, TRUE, sizeof(Element));
    g_array_set_clear_func(o->elements, element_clear);
    return o;
}

void opts_free(Opts *o)
{
    if (o) {
        g_array_unref(o->elements);
        g_free(o);
    }
}

Opts *opts_dup(const Opts *o)
{
    Opts *copy = opts_new();

    for (unsigned i = 0; i < o->elements->len; i++) {
        add(copy, g_strdup(at(o, i)->key), g_strdup(at(o, i)->value),
            at(o, i)->bare);
    }
    return copy;
}

/* Takes text up to a single comma or the end, undoubling commas; *text is left
 * behind that comma. */
static char *take_value(const char **text)
{
    GString *value = g_string_new(NULL);
    const char *p = *text;

    for (; *p; p++) {
        if (*p == ',') {
            if (p[1] != ',') {
                p++;
                break;
            }
            p++;
        }
        g_string_append_c(value, *p);
    }
    *text = p;
    return g_string_free(value, FALSE);
}

/* One element of *text; an empty key is the only thing that can be wrong. */
static bool take_element(Opts *o, const char **text, const char *implied)
{
    size_t len = strcspn(*text, "=,");
    bool bare = (*text)[len] != '=';
    char *key;

    if (bare && implied) {
        add(o, g_strdup(implied), take_value(text), false);
        return true;
    }
    if (len == 0) {
        return false;
    }
    key = g_strndup(*text, len);
    *text += len;
    if (bare) {
        *text += **text == ',';
        add(o, key, g_strdup("on"), true);
    } else {
        (*text)++;
        add(o, key, take_value(text), false);
    }
    return true;
}

Opts *opts_parse(const char *text, const char *first_key, GError **error)
{
    g_autoptr(Opts) o = opts_new();
    const char *p = text;
    const char *implied = first_key;

    while (*p) {
        if (!take_element(o, &p, implied)) {
            g_set_error(error, OPTS_ERROR, OPTS_ERROR_INVALID,
                        "empty parameter name in '%s'", text);
            return NULL;
        }
        implied = NULL;
    }
    return g_steal_pointer(&o);
}

/* Whether e speaks about key; *value is what it says. */
static bool matches(const Element *e, const char *key, const char **value)
{
    if (strcmp(e->key, key) == 0) {
        *value = e->value;
        return true;
    }
    if (e->bare && g_str_has_prefix(e->key, "no") &&
        strcmp(e->key + 2, key) == 0) {
        *value = "off";
        return true;
    }
    return false;
}

bool opts_has(const Opts *o, const char *key)
{
    const char *value;

    for (unsigned i = 0; i < o->elements->len; i++) {
        if (matches(at(o, i), key, &value)) {
            return true;
        }
    }
    return false;
}

const char *opts_next(Opts *o, const char *key, unsigned *pos)
{
    const char *value;

    while (*pos < o->elements->len) {
        Element *e = at(o, (*pos)++);

        if (matches(e, key, &value)) {
            e->used = true;
            return value;
        }
    }
    return NULL;
}

const char *opts_get(Opts *o, const char *key)
{
    const char *last = NULL, *value;
    unsigned pos = 0;

    while ((value = opts_next(o, key, &pos))) {
        last = value;
    }
    return last;
}

const char *opts_require(Opts *o, const char *key, GError **error)
{
    const char *value = opts_get(o, key);

    if (!value) {
        g_set_error(error, OPTS_ERROR, OPTS_ERROR_INVALID,
                    "parameter '%s' is missing", key);
    }
    return value;
}

void opts_set(Opts *o, const char *key, const char *value)
{
    add(o, g_strdup(key), g_strdup(value), false);
}

void opts_set_default(Opts *o, const char *key, const char *value)
{
    if (!opts_has(o, key)) {
        opts_set(o, key, value);
    }
}

void opts_remove(Opts *o, const char *key)
{
    const char *value;

    for (unsigned i = o->elements->len; i-- > 0;) {
        if (matches(at(o, i), key, &value)) {
            g_array_remove_index(o->elements, i);
        }
    }
}

bool opts_next_unused(Opts *o, unsigned *pos, const char **key,
                      const char **value)
{
    while (*pos < o->elements->len) {
        Element *e = at(o, (*pos)++);

        if (!e->used) {
            e->used = true;
            *key = e->key;
            *value = e->value;
            return true;
        }
    }
    return false;
}

bool opts_check_unused(const Opts *o, GError **error)
{
    for (unsigned i = 0; i < o->elements->len; i++) {
        if (!at(o, i)->used) {
            g_set_error(error, OPTS_ERROR, OPTS_ERROR_INVALID,
                        "invalid parameter '%s'", at(o, i)->key);
            return false;
        }
    }
    return true;
}

/* --- Values --- */

bool opts_parse_bool(const char *text, bool *out)
{
    static const char *const yes[] = {"on", "yes", "true", "y", NULL};
    static const char *const no[] = {"off", "no", "false", "n", NULL};

    if (g_strv_contains(yes, text)) {
        *out = true;
    } else if (g_strv_contains(no, text)) {
        *out = false;
    } else {
        return false;
    }
    return true;
}

/* Digits in decimal or 0x; *end is behind them. No sign, no white space. */
static bool parse_digits(const char *text, uint64_t *out, const char **end)
{
    bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    const char *digits = hex ? text + 2 : text;
    uint64_t v = 0;
    int d;

    for (*end = digits;; (*end)++) {
        d = hex ? g_ascii_xdigit_value(**end) : g_ascii_digit_value(**end);
        if (d < 0) {
            break;
        }
        if (__builtin_mul_overflow(v, hex ? 16u : 10u, &v) ||
            __builtin_add_overflow(v, (uint64_t)d, &v)) {
            return false;
        }
    }
    *out = v;
    return *end > digits;
}

bool opts_parse_uint(const char *text, uint64_t *out)
{
    const char *end;
    uint64_t v;

    if (!parse_digits(text, &v, &end) || *end) {
        return false;
    }
    *out = v;
    return true;
}

/* What a size suffix multiplies by; 0 if it is none. */
static uint64_t suffix_unit(const char *suffix, uint64_t unit)
{
    static const char letters[] = "BKMGTPE";
    const char *p;

    if (!*suffix) {
        return unit;
    }
    p = strchr(letters, g_ascii_toupper(*suffix));
    if (!p || suffix[1]) {
        return 0;
    }
    return UINT64_C(1) << (10 * (p - letters));
}

/* The value of ".5" in units of 2^-63; *end is behind the digits. */
static uint64_t parse_fraction(const char *text, const char **end)
{
    double v = 0, weight = 0.1;

    for (*end = text + 1; g_ascii_isdigit(**end); (*end)++) {
        v += weight * g_ascii_digit_value(**end);
        weight /= 10;
    }
    return (uint64_t)(v * 9223372036854775808.0);
}

bool opts_parse_size(const char *text, uint64_t unit, uint64_t *out)
{
    uint64_t v, fraction = 0;
    const char *end;

    if (!parse_digits(text, &v, &end)) {
        return false;
    }
    if (*end == '.') {
        fraction = parse_fraction(end, &end);
    }
    unit = suffix_unit(end, unit);
    fraction = (uint64_t)(((unsigned __int128)fraction * unit +
                           ((unsigned __int128)1 << 62)) >>
                          63);
    if (unit == 0 || __builtin_mul_overflow(v, unit, &v) ||
        __builtin_add_overflow(v, fraction, &v)) {
        return false;
    }
    *out = v;
    return true;
}

static bool invalid(const char *key, const char *value, const char *wanted,
                    GError **error)
{
    g_set_error(error, OPTS_ERROR, OPTS_ERROR_INVALID,
                "invalid value '%s' for '%s'%s%s", value, key,
                *wanted ? ": expected " : "", wanted);
    return false;
}

bool opts_get_bool(Opts *o, const char *key, bool *out, GError **error)
{
    const char *value = opts_get(o, key);

    return !value || opts_parse_bool(value, out) ||
           invalid(key, value, "'on' or 'off'", error);
}

bool opts_get_uint(Opts *o, const char *key, uint64_t min, uint64_t max,
                   uint64_t *out, GError **error)
{
    const char *value = opts_get(o, key);
    uint64_t v;

    if (!value) {
        return true;
    }
    if (!opts_parse_uint(value, &v)) {
        return invalid(key, value, "a number", error);
    }
    if (v < min || v > max) {
        g_autofree char *range = g_strdup_printf(
            "%" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT, min, max);

        return invalid(key, value, range, error);
    }
    *out = v;
    return true;
}

bool opts_get_size(Opts *o, const char *key, uint64_t unit, uint64_t *out,
                   GError **error)
{
    const char *value = opts_get(o, key);

    return !value || opts_parse_size(value, unit, out) ||
           invalid(key, value, "a size such as 512M", error);
}

bool opts_get_choice(Opts *o, const char *key, const char *const *choices,
                     int *out, GError **error)
{
    const char *value = opts_get(o, key);
    g_autofree char *names = NULL;

    if (!value) {
        return true;
    }
    for (int i = 0; choices[i]; i++) {
        if (strcmp(choices[i], value) == 0) {
            *out = i;
            return true;
        }
    }
    names = g_strjoinv(", ", (char **)choices);
    return invalid(key, value, names, error);
}
