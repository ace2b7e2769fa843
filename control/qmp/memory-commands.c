/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/qmp/memory-commands.c - guest memory to files. The machine is held
 * while bytes are copied, a piece at a time: the file system may be slow. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "control/memory.h"
#include "control/qmp/qmp_priv.h"
#include "qmp-handlers.h"
#include "util/fd.h"

enum { PIECE = 1 << 20 };

typedef struct {
    Machine *m;
    Vcpu *v; /* NULL: addresses are physical */
    int fd;
} Saver;

static bool read_piece(const Saver *s, uint64_t addr, uint8_t *to, size_t n)
{
    bool good;

    machine_hold(s->m);
    good = s->v != NULL ? memory_read_virtual(s->v, addr, to, n)
                        : memory_read_physical(machine_bus(s->m), addr, to, n);
    machine_release(s->m);
    return good;
}

static bool save(const Saver *s, uint64_t addr, uint64_t size, GError **error)
{
    g_autofree uint8_t *piece = g_malloc(PIECE);
    uint64_t at = addr, left = size;

    while (left > 0) {
        size_t n = MIN(left, PIECE);

        if (!read_piece(s, at, piece, n)) {
            return qmp_generic(error,
                               "Invalid addr 0x%016" G_GINT64_MODIFIER
                               "x/size %" G_GUINT64_FORMAT " specified",
                               addr, size);
        }
        if (!fd_write_all(s->fd, piece, n)) {
            return qmp_generic(error, "writing memory failed: %s",
                               g_strerror(errno));
        }
        at += n;
        left -= n;
    }
    return true;
}

static void save_to_file(Saver *s, JsonObject *args, GError **error)
{
    const char *path = arg_string(args, "filename");

    s->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (s->fd < 0) {
        qmp_generic(error, "Could not open '%s': %s", path, g_strerror(errno));
        return;
    }
    if (save(s, (uint64_t)arg_int(args, "val", 0),
             (uint64_t)arg_int(args, "size", 0), error) &&
        fsync(s->fd) < 0 && errno != EINVAL && errno != EROFS) {
        qmp_generic(error, "'%s': %s", path, g_strerror(errno));
    }
    close(s->fd);
}

JsonNode *qmp_memsave(QmpCall *call, JsonObject *args, GError **error)
{
    int64_t index = arg_int(args, "cpu-index", 0);
    Saver s = {.m = call->control->m};

    s.v = index >= 0 && index < machine_n_vcpus(s.m)
              ? machine_vcpu(s.m, (unsigned)index)
              : NULL;
    if (s.v == NULL) {
        return qmp_generic(error, "Invalid CPU index");
    }
    save_to_file(&s, args, error);
    return NULL;
}

JsonNode *qmp_pmemsave(QmpCall *call, JsonObject *args, GError **error)
{
    Saver s = {.m = call->control->m};

    save_to_file(&s, args, error);
    return NULL;
}
