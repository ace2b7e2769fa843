/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/block/filter.c - nodes that stand on another one and hand it their
 * requests as they are: "raw", a format without a header, and "blkdebug", which
 * fails some of them by rules, to see what a guest or a tool makes of that.
 * Threads: filter_submit from any; rules under a lock. */
#include <errno.h>
#include <gio/gio.h>
#include <string.h>

#include "backend/block/block-backend.h"
#include "util/bits.h"

enum { SECTOR = 512, MAX_RULES = 64 };

/* Which request fails, and how. */
typedef struct {
    unsigned ops;    /* bits of BlockOp */
    uint64_t sector; /* that it touches; UINT64_MAX: any */
    int error;
    bool once, over;
} Rule;

typedef struct {
    BlockDev dev;
    GMutex lock;
    GArray *rules; /* of Rule; lock */
} Filter;

/* ---- requests ---- */

static bool touches(const BlockRequest *r, uint64_t sector)
{
    return sector == UINT64_MAX || (sector * SECTOR < r->offset + r->len &&
                                    (sector + 1) * SECTOR > r->offset);
}

/* -errno of the first rule that fits; 0: none does. */
static int injected(Filter *f, const BlockRequest *r)
{
    int result = 0;

    g_mutex_lock(&f->lock);
    for (unsigned i = 0; i < f->rules->len && result == 0; i++) {
        Rule *rule = &g_array_index(f->rules, Rule, i);

        if (!rule->over && (rule->ops & BIT(r->op)) &&
            touches(r, rule->sector)) {
            result = -rule->error;
            rule->over = rule->once;
        }
    }
    g_mutex_unlock(&f->lock);
    return result;
}

static void filter_submit(BlockDev *d, BlockRequest *r)
{
    int result = injected((Filter *)d, r);

    if (result != 0) {
        block_complete_soon(r, result);
    } else {
        d->below->cls->submit(d->below, r);
    }
}

static bool filter_resize(BlockDev *d, uint64_t size, GError **error)
{
    return block_resize(d->below, size, error);
}

/* The node below may be gone already. */
static void filter_free(BlockDev *d)
{
    Filter *f = (Filter *)d;

    g_array_unref(f->rules);
    g_mutex_clear(&f->lock);
    g_free(d->id);
    g_free(d->path);
    g_free(f);
}

static const BlockClass raw_class = {
    .name = "raw",
    .submit = filter_submit,
    .free = filter_free,
    .resize = filter_resize,
};

static const BlockClass blkdebug_class = {
    .name = "blkdebug",
    .submit = filter_submit,
    .free = filter_free,
    .resize = filter_resize,
};

/* ---- rules ---- */

static const char *const event_names[] = {"none", "read_aio", "write_aio",
                                          "flush_to_disk", NULL};
static const unsigned event_ops[] = {~0u, BIT(BLOCK_READ), BIT(BLOCK_WRITE),
                                     BIT(BLOCK_FLUSH)};
static const char *const io_names[] = {"read",    "write",        "flush",
                                       "discard", "write-zeroes", NULL};

static const char *rule_key(char **key, unsigned n, const char *name)
{
    g_free(*key);
    *key = g_strdup_printf("inject-error.%u.%s", n, name);
    return *key;
}

static bool read_rule(Rule *rule, unsigned n, Opts *o, GError **error)
{
    uint64_t number = EIO, sector = UINT64_MAX;
    g_autofree char *key = NULL;
    int event = 0, io = -1;

    *rule = (Rule){0};
    if (!opts_get_choice(o, rule_key(&key, n, "event"), event_names, &event,
                         error) ||
        !opts_get_choice(o, rule_key(&key, n, "iotype"), io_names, &io,
                         error) ||
        !opts_get_uint(o, rule_key(&key, n, "errno"), 1, 4095, &number,
                       error) ||
        !opts_get_uint(o, rule_key(&key, n, "sector"), 0,
                       UINT64_MAX / SECTOR - 1, &sector, error) ||
        !opts_get_bool(o, rule_key(&key, n, "once"), &rule->once, error)) {
        return false;
    }
    rule->ops = event_ops[event] & (io < 0 ? ~0u : BIT(io));
    rule->sector = sector;
    rule->error = (int)number;
    return true;
}

static bool read_rules(Filter *f, Opts *o, GError **error)
{
    for (unsigned n = 0; n < MAX_RULES; n++) {
        g_autofree char *key = NULL;
        Rule rule;

        if (!opts_has(o, rule_key(&key, n, "event"))) {
            break;
        }
        if (!read_rule(&rule, n, o, error)) {
            return false;
        }
        g_array_append_val(f->rules, rule);
    }
    return true;
}

/* ---- making one ---- */

static bool read_options(Filter *f, Opts *o, GError **error)
{
    /* The decision of the node below. */
    static const char *const ignored[] = {"discard", "cache.direct",
                                          "cache.no-flush"};
    bool read_only = f->dev.read_only;

    for (unsigned i = 0; i < G_N_ELEMENTS(ignored); i++) {
        opts_get(o, ignored[i]);
    }
    if (!opts_get_bool(o, "read-only", &read_only, error) ||
        (f->dev.cls == &blkdebug_class && !read_rules(f, o, error))) {
        return false;
    }
    if (read_only) {
        f->dev.read_only = true;
        f->dev.can_discard = false;
    }
    return opts_check_unused(o, error);
}

static const BlockClass *class_named(const char *name)
{
    static const BlockClass *const classes[] = {&raw_class, &blkdebug_class};

    for (unsigned i = 0; i < G_N_ELEMENTS(classes); i++) {
        if (g_strcmp0(name, classes[i]->name) == 0) {
            return classes[i];
        }
    }
    return NULL;
}

const char *block_filter_below(Opts *opts)
{
    const char *driver = opts_get(opts, "driver");

    return class_named(driver) == &blkdebug_class ? opts_get(opts, "image")
           : class_named(driver) != NULL          ? opts_get(opts, "file")
                                                  : NULL;
}

BlockDev *block_filter_new(const char *id, BlockDev *below, Opts *opts,
                           GError **error)
{
    Filter *f = g_new0(Filter, 1);
    BlockDev *d = &f->dev;

    d->cls = class_named(opts_get(opts, "driver"));
    d->id = g_strdup(id);
    d->path = g_strdup(below->path);
    d->size = below->size;
    d->read_only = below->read_only;
    d->can_discard = below->can_discard;
    d->write_cache = below->write_cache;
    d->below = below;
    g_mutex_init(&f->lock);
    f->rules = g_array_new(FALSE, FALSE, sizeof(Rule));
    if (!read_options(f, opts, error) || !block_claim(below, error)) {
        filter_free(d);
        return NULL;
    }
    return d;
}
