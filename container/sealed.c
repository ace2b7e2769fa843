/* SPDX-License-Identifier: GPL-2.0-or-later */
/* container/sealed.c */
#include "container/sealed.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "container/files.h"

#ifndef MFD_EXEC
# define MFD_EXEC 0x0010U
#endif

enum {
    SEALS = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE,
};

static bool is_sealed(int self)
{
    int seals = fcntl(self, F_GET_SEALS);

    return seals >= 0 && (seals & SEALS) == SEALS;
}

static int new_memory(void)
{
    int fd = memfd_create("cuttle-runtime",
                          MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);

    /* Kernels before 6.3 know no MFD_EXEC, and need none. */
    return fd >= 0 ? fd
                   : memfd_create("cuttle-runtime",
                                  MFD_CLOEXEC | MFD_ALLOW_SEALING);
}

static bool copy(int from, int to)
{
    struct stat st;
    off_t at = 0;

    if (fstat(from, &st) != 0) {
        return false;
    }
    while (at < st.st_size) {
        if (sendfile(to, from, &at, (size_t)(st.st_size - at)) <= 0) {
            return false;
        }
    }
    return fcntl(to, F_ADD_SEALS, SEALS) == 0;
}

void sealed_self(char **argv)
{
    g_auto(Fd) self = -1, memory = -1;

    if (geteuid() != 0) {
        return;
    }
    self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    if (self >= 0 && is_sealed(self)) {
        prctl(PR_SET_NAME, "cuttle-runtime", 0, 0, 0);
        return;
    }
    memory = new_memory();
    if (self < 0 || memory < 0 || !copy(self, memory)) {
        perror("cuttle-runtime: no sealed copy of itself");
        exit(EXIT_FAILURE);
    }
    fexecve(memory, argv, environ);
    perror("cuttle-runtime: run a sealed copy of itself");
    exit(EXIT_FAILURE);
}
