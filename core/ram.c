/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/ram.c - guest memory: a memfd mapped shared, given page by page as the
 * guest touches it.
 * The mapping starts on a 2 MiB boundary, so that the kernel can use huge
 * pages for guest memory that starts on one, as RAM always does. */
#include <errno.h>
#include <gio/gio.h>
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

static uint8_t *map_fd(int fd, uint64_t len)
{
    uint8_t *at = reserve(len);
    void *host;

    if (at == MAP_FAILED) {
        return MAP_FAILED;
    }
    host = mmap(at, len, PROT_READ | PROT_WRITE,
                MAP_SHARED | MAP_FIXED | MAP_NORESERVE, fd, 0);
    if (host == MAP_FAILED) {
        int code = errno;

        munmap(at, len);
        errno = code;
        return MAP_FAILED;
    }
    /* Advice: hosts without huge pages in shared memory refuse it. */
    (void)madvise(host, len, MADV_HUGEPAGE);
    return host;
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
    fd = memfd_create(name, MFD_CLOEXEC);
    if (fd < 0) {
        set_ram_error(error, name, size);
        return NULL;
    }
    if (ftruncate(fd, (off_t)len) < 0 ||
        (host = map_fd(fd, len)) == MAP_FAILED) {
        set_ram_error(error, name, size);
        close(fd);
        return NULL;
    }
    ram = g_new0(Ram, 1);
    ram->name = g_strdup(name);
    ram->host = host;
    ram->size = size;
    ram->fd = fd;
    return ram;
}

void ram_free(Ram *ram)
{
    if (ram == NULL) {
        return;
    }
    munmap(ram->host, align_up(ram->size, (uint64_t)sysconf(_SC_PAGESIZE)));
    close(ram->fd);
    g_free(ram->name);
    g_free(ram);
}
