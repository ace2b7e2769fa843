/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/fuzz/store-layer.c - a layer's tar, plain or compressed, applied to an
 * empty folder; nothing may appear beside it. */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "store/fs.h"
#include "store/layer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int top = -1;
static char *top_path;

static void finish(void)
{
    fs_remove_tree_at(AT_FDCWD, top_path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    LayerOptions o = {.one_owner = true, .max_bytes = 1 << 20};
    g_autoptr(GPtrArray) names = NULL;
    g_auto(Fd) fd = memfd_create("layer", MFD_CLOEXEC);
    g_auto(Fd) root = -1;
    Digest digest;

    if (top < 0) {
        top_path = g_dir_make_tmp("cuttle-fuzz-XXXXXX", NULL);
        top = open(top_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        atexit(finish);
    }
    fs_mkdir_at(top, "fs", 0755);
    root = fs_open_dir_at(top, "fs");
    fd_write_all(fd, data, size);
    lseek(fd, 0, SEEK_SET);
    layer_apply(root, fd, "layer", &o, true, &digest, NULL, NULL);
    fs_remove_tree_at(top, "fs");
    names = fs_list_at(top, ".");
    g_assert_cmpuint(names->len, ==, 0);
    return 0;
}
