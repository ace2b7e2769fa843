/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/unit/backend-block.c - raw disks over temporary files. */
#include <errno.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/block/block-backend.h"

static char *scratch; /* a directory */

static char *in_scratch(const char *name)
{
    return g_build_filename(scratch, name, NULL);
}

/* A file whose byte i is i / 512 + i. */
static char *make_file(const char *name, size_t size)
{
    char *path = in_scratch(name);
    g_autofree char *bytes = g_malloc(size + 1);

    for (size_t i = 0; i < size; i++) {
        bytes[i] = (char)(i / 512 + i);
    }
    g_assert_true(g_file_set_contents(path, bytes, (gssize)size, NULL));
    return path;
}

static BlockDev *open_disk(const char *path, const char *rest, GError **error)
{
    g_autoptr(Opts) o = opts_parse(rest, NULL, NULL);

    opts_set(o, "file", path);
    return block_backend_new("d0", o, error);
}

static BlockDev *must_open(const char *path, const char *rest)
{
    GError *error = NULL;
    BlockDev *d = open_disk(path, rest, &error);

    g_assert_no_error(error);
    return d;
}

static void destroy(BlockDev *d)
{
    d->cls->free(d);
}

static void expect_refusal(const char *path, const char *rest,
                           const char *format, ...) G_GNUC_PRINTF(3, 4);
static void expect_refusal(const char *path, const char *rest,
                           const char *format, ...)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *message = NULL;
    va_list args;

    va_start(args, format);
    message = g_strdup_vprintf(format, args);
    va_end(args);
    g_assert_null(open_disk(path, rest, &error));
    g_assert_cmpstr(error->message, ==, message);
}

static void test_refusals(void)
{
    g_autofree char *missing = in_scratch("missing");
    g_autofree char *empty = make_file("empty", 0);
    g_autofree char *good = make_file("good", 4096);
    g_autofree char *qcow2 = in_scratch("q.img");
    g_autofree char *fifo = in_scratch("fifo");

    expect_refusal(missing, "",
                   "disk '%s': cannot open: No such file or directory",
                   missing);
    expect_refusal(empty, "", "disk '%s': file is empty", empty);
    expect_refusal(scratch, "", "disk '%s': is a directory", scratch);
    g_assert_cmpint(mkfifo(fifo, 0600), ==, 0);
    expect_refusal(fifo, "", "disk '%s': is neither a file nor a disk", fifo);
    g_assert_true(
        g_file_set_contents(qcow2, "QFI\373\0\0\0\3 and more", 17, NULL));
    expect_refusal(qcow2, "",
                   "disk '%s': qcow2 images are not available: convert it to "
                   "raw, or say format=raw if it is one",
                   qcow2);
    destroy(must_open(qcow2, "format=raw"));
    expect_refusal(good, "format=vdi",
                   "disk '%s': format 'vdi' is not available: only raw is",
                   good);
    expect_refusal(good, "colour=red",
                   "drive 'd0': invalid parameter 'colour'");
    expect_refusal(good, "cache=odd",
                   "drive 'd0': invalid value 'odd' for 'cache': expected "
                   "writeback, none, writethrough, directsync, unsafe");
    expect_refusal(good, "rerror=enospc",
                   "drive 'd0': invalid value 'enospc' for 'rerror': expected "
                   "report, ignore, stop");
    expect_refusal("", "", "drive 'd0': parameter 'file' is missing");
}

static void test_locking(void)
{
    g_autofree char *path = make_file("locked", 4096);
    BlockDev *writer = must_open(path, "");
    BlockDev *a, *b;

    expect_refusal(path, "",
                   "disk '%s': in use by another process (locking=off ignores "
                   "that)",
                   path);
    expect_refusal(path, "readonly=on",
                   "disk '%s': in use by another process (locking=off ignores "
                   "that)",
                   path);
    destroy(must_open(path, "locking=off"));
    destroy(writer);
    a = must_open(path, "readonly=on");
    b = must_open(path, "snapshot=on");
    expect_refusal(path, "",
                   "disk '%s': in use by another process (locking=off ignores "
                   "that)",
                   path);
    destroy(a);
    destroy(b);
}

/* A request of several pieces; the loop turns until it is done. */
typedef struct {
    BlockRequest r;
    struct iovec iov[3];
    bool done;
    int result;
} Request;

static void request_done(BlockRequest *r, int result)
{
    Request *q = (Request *)r;

    q->done = true;
    q->result = result;
}

static int submit(BlockDev *d, BlockOp op, uint64_t offset, uint8_t *bytes,
                  size_t len)
{
    Request q = {.r = {.op = op,
                       .offset = offset,
                       .len = len,
                       .iov = q.iov,
                       .done = request_done}};

    if (bytes) {
        size_t third = len / 3;

        q.iov[0] = (struct iovec){bytes, third};
        q.iov[1] = (struct iovec){bytes + third, third};
        q.iov[2] = (struct iovec){bytes + 2 * third, len - 2 * third};
        q.r.n_iov = 3;
    }
    block_submit(d, &q.r);
    g_assert_false(q.done);
    while (!q.done) {
        g_main_context_iteration(NULL, TRUE);
    }
    return q.result;
}

/* The same random operations on a disk and on a copy in memory. */
static void compare_with_memory(BlockDev *d, uint8_t *model, size_t size)
{
    g_autofree uint8_t *bytes = g_malloc(64 << 10);

    for (int i = 0; i < 400; i++) {
        size_t offset = (size_t)g_test_rand_int_range(0, (int)size - 1);
        size_t len = (size_t)g_test_rand_int_range(1, 64 << 10);
        int op = g_test_rand_int_range(0, 9);

        if (op >= 4) {
            offset -= offset % 4096;
        }
        len = MIN(len, size - offset);
        if (op % 3 == 0) {
            g_assert_cmpint(submit(d, BLOCK_READ, offset, bytes, len), ==, 0);
            g_assert_cmpmem(bytes, len, model + offset, len);
        } else if (op % 3 == 1) {
            memset(bytes, i, len);
            memcpy(model + offset, bytes, len);
            g_assert_cmpint(submit(d, BLOCK_WRITE, offset, bytes, len), ==, 0);
        } else {
            memset(model + offset, 0, len);
            g_assert_cmpint(submit(d, BLOCK_WRITE_ZEROES, offset, NULL, len),
                            ==, 0);
        }
    }
    g_assert_cmpint(submit(d, BLOCK_FLUSH, 0, NULL, 0), ==, 0);
}

static void test_random_io(const void *rest)
{
    const size_t size = 512 << 10;
    g_autofree char *path = make_file("random", size);
    g_autofree char *before = NULL;
    g_autofree char *after = NULL;
    g_autofree uint8_t *model = g_malloc(size);
    bool temporary = strstr(rest, "snapshot") != NULL;
    GError *error = NULL;
    BlockDev *d = open_disk(path, rest, &error);

    if (!d && strstr(error->message, "O_DIRECT")) {
        g_test_skip(error->message);
        g_error_free(error);
        return;
    }
    g_assert_no_error(error);
    g_assert_cmpuint(d->size, ==, size);
    g_file_get_contents(path, &before, NULL, NULL);
    memcpy(model, before, size);
    compare_with_memory(d, model, size);
    destroy(d);
    g_file_get_contents(path, &after, NULL, NULL);
    g_assert_cmpmem(after, size, temporary ? (void *)before : model, size);
}

static void test_read_only(void)
{
    g_autofree char *path = make_file("ro", 8192);
    BlockDev *d = must_open(path, "readonly=on");
    uint8_t b[512];

    g_assert_true(d->read_only);
    g_assert_cmpint(submit(d, BLOCK_WRITE, 0, b, sizeof(b)), ==, -EACCES);
    g_assert_cmpint(submit(d, BLOCK_READ, 512, b, sizeof(b)), ==, 0);
    g_assert_cmpuint(b[1], ==, (uint8_t)(1 + 513));
    g_assert_cmpint(submit(d, BLOCK_READ, 8192 - 256, b, sizeof(b)), ==, -EIO);
    destroy(d);
}

/* The last sector may hang over the end; a file cut off later is an error. */
static void test_odd_sizes(void)
{
    g_autofree char *path = make_file("odd", 1000);
    BlockDev *d = must_open(path, "");
    uint8_t b[1024];

    g_assert_cmpuint(d->size, ==, 1024);
    memset(b, 7, sizeof(b));
    g_assert_cmpint(submit(d, BLOCK_READ, 0, b, 1024), ==, 0);
    g_assert_cmpuint(b[999], ==, (uint8_t)(1 + 999));
    g_assert_cmpuint(b[1000], ==, 0);
    g_assert_cmpuint(b[1023], ==, 0);
    g_assert_cmpint(truncate(path, 512), ==, 0);
    g_assert_cmpint(submit(d, BLOCK_READ, 512, b, 512), ==, -EIO);
    g_assert_cmpint(submit(d, BLOCK_READ, 0, b, 512), ==, 0);
    destroy(d);
}

static void test_discard(void)
{
    const size_t size = 1 << 20;
    g_autofree char *path = make_file("discard", size);
    BlockDev *d = must_open(path, "discard=unmap");
    struct stat before, after;
    uint8_t b[16];

    g_assert_true(d->can_discard);
    g_assert_cmpint(submit(d, BLOCK_FLUSH, 0, NULL, 0), ==, 0);
    stat(path, &before);
    g_assert_cmpint(submit(d, BLOCK_DISCARD, 0, NULL, size / 2), ==, 0);
    stat(path, &after);
    g_assert_cmpint(after.st_size, ==, before.st_size);
    g_assert_cmpint(after.st_blocks, <=, before.st_blocks);
    g_assert_cmpint(submit(d, BLOCK_READ, size - 16, b, 16), ==, 0);
    g_assert_cmpuint(b[15], ==, (uint8_t)(2047 + size - 1));
    destroy(d);
    d = must_open(path, "");
    g_assert_false(d->can_discard);
    destroy(d);
}

static int submit_word(BlockDev *d, BlockOp op, uint64_t offset)
{
    uint8_t bytes[512] = {0};

    return submit(d, op, offset, bytes, sizeof(bytes));
}

/* Rules: which requests fail, how, and how often. */
static void test_injected(void)
{
    g_autofree char *path = make_file("injected", 4096);
    g_autoptr(Opts) o =
        opts_parse("driver=blkdebug,image=low,inject-error.0.event=write_aio,"
                   "inject-error.0.errno=28,inject-error.0.once=on,"
                   "inject-error.1.event=none,inject-error.1.iotype=read,"
                   "inject-error.1.sector=3,inject-error.2.event=flush_to_disk",
                   NULL, NULL);
    BlockDev *low = must_open(path, "werror=stop");
    g_autoptr(GError) error = NULL;
    BlockDev *d;

    g_assert_cmpint(low->drive_errors.other, ==, BLOCK_ERROR_STOP);
    g_assert_cmpint(low->drive_errors.read, ==, BLOCK_ERROR_AUTO);
    g_assert_cmpstr(block_filter_below(o), ==, "low");
    d = block_filter_new("debug", low, o, &error);
    g_assert_no_error(error);
    g_assert_true(low->claimed);
    g_assert_cmpint(submit_word(d, BLOCK_WRITE, 0), ==, -ENOSPC);
    g_assert_cmpint(submit_word(d, BLOCK_WRITE, 0), ==, 0);
    g_assert_cmpint(submit_word(d, BLOCK_READ, 2 * 512), ==, 0);
    g_assert_cmpint(submit_word(d, BLOCK_READ, 3 * 512), ==, -EIO);
    g_assert_cmpint(submit_word(d, BLOCK_READ, 3 * 512), ==, -EIO);
    g_assert_cmpint(submit_word(d, BLOCK_READ, 4 * 512), ==, 0);
    g_assert_cmpint(submit(d, BLOCK_FLUSH, 0, NULL, 0), ==, -EIO);
    g_assert_cmpuint(d->counts[BLOCK_COUNT_READ].failed, ==, 2);
    destroy(d);
    block_release(low);
    destroy(low);
}

/* A format without a header changes nothing but may forbid writing. */
static void test_raw_node(void)
{
    g_autofree char *path = make_file("node", 4096);
    g_autoptr(Opts) o =
        opts_parse("driver=raw,file=low,read-only=on", NULL, NULL);
    g_autoptr(Opts) odd = opts_parse("driver=raw,file=low,x=y", NULL, NULL);
    BlockDev *low = must_open(path, "");
    g_autoptr(GError) error = NULL;
    uint8_t bytes[512];
    BlockDev *d;

    g_assert_cmpstr(block_filter_below(odd), ==, "low");
    g_assert_null(block_filter_new("top", low, odd, &error));
    g_assert_cmpstr(error->message, ==, "invalid parameter 'x'");
    g_assert_false(low->claimed);
    g_clear_error(&error);
    g_assert_cmpstr(block_filter_below(o), ==, "low");
    d = block_filter_new("top", low, o, &error);
    g_assert_no_error(error);
    g_assert_cmpint(submit(d, BLOCK_READ, 512, bytes, 512), ==, 0);
    g_assert_cmpint(bytes[7], ==, 1 + 7);
    g_assert_cmpint(submit_word(d, BLOCK_WRITE, 0), ==, -EACCES);
    destroy(d);
    destroy(low);
}

static unsigned completed;

static void count_done(BlockRequest *r, int result)
{
    g_assert_cmpint(result, ==, 0);
    completed++;
}

/* Many at once, more than any queue has places; then an end with some left. */
static void test_many(const void *rest)
{
    enum { N = 1000 };
    g_autofree char *path = make_file("many", 1 << 20);
    g_autofree uint8_t *bytes = g_malloc0(N * 512);
    g_autofree BlockRequest *r = g_new0(BlockRequest, N);
    g_autofree struct iovec *iov = g_new0(struct iovec, N);
    BlockDev *d = must_open(path, rest);

    completed = 0;
    for (int i = 0; i < N; i++) {
        iov[i] = (struct iovec){bytes + i * 512, 512};
        r[i] = (BlockRequest){.op = BLOCK_READ,
                              .offset = (uint64_t)i * 512,
                              .len = 512,
                              .iov = &iov[i],
                              .n_iov = 1,
                              .done = count_done};
        block_submit(d, &r[i]);
    }
    while (completed < N) {
        g_main_context_iteration(NULL, TRUE);
    }
    for (int i = 0; i < N; i++) {
        g_assert_cmpuint(bytes[i * 512 + 1], ==, (uint8_t)(i + i * 512 + 1));
    }
    for (int i = 0; i < 50; i++) {
        block_submit(d, &r[i]);
    }
    destroy(d);
    g_assert_cmpuint(completed, ==, N);
}

static void remove_scratch(void)
{
    g_autoptr(GDir) dir = g_dir_open(scratch, 0, NULL);
    const char *name;

    while ((name = g_dir_read_name(dir))) {
        g_autofree char *path = in_scratch(name);

        g_unlink(path);
    }
    g_rmdir(scratch);
    g_free(scratch);
}

int main(int argc, char **argv)
{
    static const char *const modes[][2] = {
        {"threads", "aio=threads"},
        {"auto", ""},
        {"writethrough", "cache=writethrough"},
        {"direct", "cache=none"},
        {"direct-threads", "cache=none,aio=threads"},
        {"unsafe", "cache=unsafe,discard=unmap"},
        {"snapshot", "snapshot=on,discard=on"},
    };
    GError *error = NULL;
    int result;

    g_test_init(&argc, &argv, NULL);
    scratch = g_dir_make_tmp("cuttle-block-XXXXXX", &error);
    g_assert_no_error(error);
    g_test_add_func("/block/refusals", test_refusals);
    g_test_add_func("/block/locking", test_locking);
    g_test_add_func("/block/read-only", test_read_only);
    g_test_add_func("/block/odd-sizes", test_odd_sizes);
    g_test_add_func("/block/discard", test_discard);
    g_test_add_func("/block/injected", test_injected);
    g_test_add_func("/block/raw-node", test_raw_node);
    g_test_add_data_func("/block/many/threads", "aio=threads", test_many);
    g_test_add_data_func("/block/many/auto", "", test_many);
    for (unsigned i = 0; i < G_N_ELEMENTS(modes); i++) {
        g_autofree char *name =
            g_strdup_printf("/block/random/%s", modes[i][0]);

        g_test_add_data_func(name, modes[i][1], test_random_io);
    }
    result = g_test_run();
    remove_scratch();
    return result;
}
