/* SPDX-License-Identifier: GPL-2.0-or-later */
/* accel/tcg/perf.c - tells Linux perf what is in the code cache: a map of
 * names, and a dump of names and code that `perf inject --jit` merges.
 * Addresses are those of the executable mapping. A map has no times: after an
 * eviction it has two names for an address; the dump's records tell when.
 * Spec: Linux tools/perf/Documentation/jit-interface.txt and
 * jitdump-specification.txt, version 1. */
#include <fcntl.h>
#include <gio/gio.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "accel/tcg/tcg_priv.h"

enum { JIT_MAGIC = 0x4a695444, JIT_VERSION = 1 };
enum { JIT_CODE_LOAD = 0, JIT_CODE_CLOSE = 3 };

typedef struct {
    uint32_t magic, version, total_size, elf_mach, pad, pid;
    uint64_t timestamp, flags;
} JitHeader;

typedef struct {
    uint32_t id, total_size;
    uint64_t timestamp;
} JitPrefix;

/* The name with its NUL and the code follow. */
typedef struct {
    JitPrefix prefix;
    uint32_t pid, tid;
    uint64_t vma, code_addr, code_size, code_index;
} JitLoad;

G_STATIC_ASSERT(sizeof(JitHeader) == 40);
G_STATIC_ASSERT(sizeof(JitLoad) == 56);

struct Perf {
    AccelPerf want;
    char *map_path, *dump_path;
    FILE *map, *dump;   /* NULL: not wanted */
    void *mark;         /* the dump's first page, mapped; or NULL */
    uint64_t n_records; /* of the dump */
};

/* What perf record -k mono stamps its samples with. */
static uint64_t now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static bool fail(GError **error, const char *option, const char *path)
{
    int code = errno;

    g_set_error(error, G_IO_ERROR, g_io_error_from_errno(code), "%s: %s: %s",
                option, path, g_strerror(code));
    return false;
}

/* The names are guessable and in a folder of everybody's. */
static FILE *open_new(const char *path)
{
    int fd =
        open(path, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);

    return fd >= 0 ? fdopen(fd, "w") : NULL;
}

static bool open_map(Perf *p, GError **error)
{
    p->map_path = g_strdup_printf("/tmp/perf-%ld.map", (long)getpid());
    p->map = open_new(p->map_path);
    if (p->map == NULL) {
        return fail(error, "-perfmap", p->map_path);
    }
    setvbuf(p->map, NULL, _IOLBF, 0); /* perf top reads along */
    return true;
}

/* perf record notes executable mappings: that of the dump tells perf inject
 * where it is. */
static bool open_dump(Perf *p, GError **error)
{
    JitHeader h = {
        .magic = JIT_MAGIC,
        .version = JIT_VERSION,
        .total_size = sizeof(h),
        .elf_mach = host_elf_machine(),
        .pid = (uint32_t)getpid(),
        .timestamp = now_ns(),
    };

    p->dump_path = g_strdup_printf("jit-%ld.dump", (long)getpid());
    p->dump = open_new(p->dump_path);
    if (p->dump == NULL || fwrite(&h, sizeof(h), 1, p->dump) != 1 ||
        fflush(p->dump) != 0) {
        return fail(error, "-jitdump", p->dump_path);
    }
    p->mark = mmap(NULL, (size_t)sysconf(_SC_PAGESIZE), PROT_READ | PROT_EXEC,
                   MAP_PRIVATE, fileno(p->dump), 0);
    if (p->mark == MAP_FAILED) {
        p->mark = NULL;
        return fail(error, "-jitdump", p->dump_path);
    }
    return true;
}

static void dump_code(Perf *p, const uint8_t *code, uint32_t size,
                      const char *name)
{
    size_t name_size = strlen(name) + 1;
    JitLoad load = {
        .prefix = {.id = JIT_CODE_LOAD,
                   .total_size = (uint32_t)(sizeof(load) + name_size + size),
                   .timestamp = now_ns()},
        .pid = (uint32_t)getpid(),
        .tid = (uint32_t)syscall(SYS_gettid),
        .vma = (uint64_t)(uintptr_t)code,
        .code_addr = (uint64_t)(uintptr_t)code,
        .code_size = size,
        .code_index = p->n_records++,
    };

    fwrite(&load, sizeof(load), 1, p->dump);
    fwrite(name, name_size, 1, p->dump);
    fwrite(code, size, 1, p->dump);
}

static void tell(Perf *p, const uint8_t *code, uint32_t size, const char *name)
{
    if (p->map != NULL) {
        fprintf(p->map, "%" PRIxPTR " %" PRIx32 " %s\n", (uintptr_t)code, size,
                name);
    }
    if (p->dump != NULL) {
        dump_code(p, code, size, name);
    }
}

void perf_tell_block(Perf *p, const uint8_t *code, uint32_t size, Gva pc)
{
    g_autofree char *name = p->want.name(p->want.opaque, pc);

    if (name == NULL) {
        name = g_strdup_printf("guest-0x%" PRIx64, pc);
    }
    tell(p, code, size, name);
}

static void tell_thunks(Perf *p, const Cache *c)
{
    unsigned n;
    const HostThunk *thunks = host_thunks(c->gen, &n);

    for (unsigned i = 0; i < n; i++) {
        g_autofree char *name = g_strconcat("cuttle-", thunks[i].name, NULL);

        tell(p, c->buffer.rx + thunks[i].start, thunks[i].size, name);
    }
}

bool accel_tell_perf(Accel *a, const AccelPerf *want, GError **error)
{
    Perf *p;

    if (a->interp) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                    "%s: the interpreter makes no code to tell perf of",
                    want->map ? "-perfmap" : "-jitdump");
        return false;
    }
    p = g_new0(Perf, 1);
    p->want = *want;
    a->cache.perf = p;
    if ((want->map && !open_map(p, error)) ||
        (want->jitdump && !open_dump(p, error))) {
        return false;
    }
    tell_thunks(p, &a->cache);
    return true;
}

static void close_file(FILE *f, const char *path)
{
    bool failed = f != NULL && ferror(f) != 0;

    if (f != NULL && (fclose(f) != 0 || failed)) {
        g_printerr("cuttle: warning: %s: not all could be written\n", path);
    }
}

void perf_free(Perf *p)
{
    if (p == NULL) {
        return;
    }
    if (p->mark != NULL) {
        JitPrefix end = {JIT_CODE_CLOSE, sizeof(end), now_ns()};

        fwrite(&end, sizeof(end), 1, p->dump);
        munmap(p->mark, (size_t)sysconf(_SC_PAGESIZE));
    }
    close_file(p->map, p->map_path);
    close_file(p->dump, p->dump_path);
    g_free(p->map_path);
    g_free(p->dump_path);
    g_free(p);
}
