/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/ram.c - guest memory, given page by page as the guest touches it: a
 * memfd mapped shared, or where the host has no huge pages for those, memory
 * without a name. Guests that follow pointers far apart run at half the speed
 * on small pages.
 * The mapping starts on a 2 MiB boundary, so that the kernel can use huge
 * pages for guest memory that starts on one, as RAM always does. */
#include <errno.h>
#include <gio/gio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/bus.h"
#include "util/bits.h"

static const uint64_t huge_page = UINT64_C(2) << 20;

static void set_ram_error(GError **error, const char *name, uint64_t size)
{
    int code = errno;

    g_set_error(error, G_IO_ERROR, g_io_error_from_errno(code),
                "memory '%s': cannot have %" G_GUINT64_FORMAT " bytes: %s",
                name, size, g_strerror(code));
}

/* A range of addresses of len bytes that starts on a huge page boundary and
 * holds nothing yet; MAP_FAILED with errno. */
static uint8_t *reserve(uint64_t len)
{
    uint64_t total = len + huge_page;
    uint8_t *all, *start;

    if (total < len || total > SIZE_MAX) {
        errno = ENOMEM;
        return MAP_FAILED;
    }
    all = mmap(NULL, total, PROT_NONE,
               MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (all == MAP_FAILED) {
        return MAP_FAILED;
    }
    start = (uint8_t *)align_up((uintptr_t)all, huge_page);
    if (start != all) {
        munmap(all, (size_t)(start - all));
    }
    if (start + len != all + total) {
        munmap(start + len, (size_t)(all + total - (start + len)));
    }
    return start;
}

/* Whether a memfd gets huge pages when it asks for them. */
static bool shared_is_huge(void)
{
    g_autofree char *modes = NULL; /* the chosen one is in brackets */

    return g_file_get_contents(
               "/sys/kernel/mm/transparent_hugepage/shmem_enabled", &modes,
               NULL, NULL) &&
           strstr(modes, "[never]") == NULL && strstr(modes, "[deny]") == NULL;
}

/* fd: -1 for memory of no file. */
static uint8_t *map_fd(int fd, uint64_t len)
{
    int kind = fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED;
    uint8_t *at = reserve(len);
    void *host;

    if (at == MAP_FAILED) {
        return MAP_FAILED;
    }
    host = mmap(at, len, PROT_READ | PROT_WRITE,
                kind | MAP_FIXED | MAP_NORESERVE, fd, 0);
    if (host == MAP_FAILED) {
        int code = errno;

        munmap(at, len);
        errno = code;
        return MAP_FAILED;
    }
    (void)madvise(host, len, MADV_HUGEPAGE); /* advice: it may be refused */
    return host;
}

/* *host is len bytes of a new memfd or of none; false with errno. */
static bool map_new(const char *name, uint64_t len, int *fd, uint8_t **host)
{
    *fd = -1;
    if (shared_is_huge()) {
        *fd = memfd_create(name, MFD_CLOEXEC);
        if (*fd < 0 || ftruncate(*fd, (off_t)len) < 0) {
            return false;
        }
    }
    *host = map_fd(*fd, len);
    return *host != MAP_FAILED;
}

static void close_fd(int fd)
{
    if (fd >= 0) {
        close(fd);
    }
}

Ram *ram_new(const char *name, uint64_t size, GError **error)
{
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    uint64_t len = align_up(size, page);
    uint8_t *host;
    Ram *ram;
    int fd;

    if (size == 0) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                    "memory '%s': size is 0", name);
        return NULL;
    }
    if (len < size || len > INT64_MAX) {
        errno = ENOMEM;
        set_ram_error(error, name, size);
        return NULL;
    }
    if (!map_new(name, len, &fd, &host)) {
        set_ram_error(error, name, size);
        close_fd(fd);
        return NULL;
    }
    ram = g_new0(Ram, 1);
    ram->name = g_strdup(name);
    ram->host = host;
    ram->size = size;
    ram->fd = fd;
    g_atomic_ref_count_init(&ram->refs);
    return ram;
}

Ram *ram_ref(Ram *ram)
{
    g_atomic_ref_count_inc(&ram->refs);
    return ram;
}

void ram_free(Ram *ram)
{
    if (ram == NULL || !g_atomic_ref_count_dec(&ram->refs)) {
        return;
    }
    munmap(ram->host, align_up(ram->size, (uint64_t)sysconf(_SC_PAGESIZE)));
    close_fd(ram->fd);
    g_free(ram->name);
    g_free(ram);
}

void ram_changed(Ram *ram, uint64_t offset, uint64_t len)
{
    if (ram->written != NULL) {
        ram->written(ram->written_opaque, ram, offset, len);
    }
}

void ram_discard(Ram *ram, uint64_t offset, uint64_t len)
{
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

    if (offset % page != 0 || len % page != 0 || offset > ram->size ||
        len > ram->size - offset ||
        madvise(ram->host + offset, len,
                ram->fd < 0 ? MADV_DONTNEED : MADV_REMOVE) < 0) {
        return;
    }
    ram_changed(ram, offset, len);
}
