/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/bench/os.c - what a kernel does for its programs. */
#include <fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

static void must(int ok, const char *what)
{
    if (!ok) {
        perror(what);
        exit(1);
    }
}

/* Into the kernel and back. */
static uint64_t run_syscall(void)
{
    uint64_t same = 0;
    pid_t parent = getppid();

    for (int i = 0; i < 700000; i++) {
        same += syscall(SYS_getppid) == parent;
    }
    return same;
}

/* A new process that starts this program again, which exits at once. */
static uint64_t run_exec(void)
{
    static char name[] = "bench";
    static char *arguments[] = {name, NULL};
    uint64_t done = 0;

    for (int i = 0; i < 200; i++) {
        pid_t pid = fork();
        int status;

        if (pid == 0) {
            execv("/proc/self/exe", arguments);
            _exit(1);
        }
        must(pid > 0 && waitpid(pid, &status, 0) == pid, "fork");
        done += status == 0;
    }
    return done;
}

/* A new process with 8 MiB to copy on write, which writes to a quarter. */
static uint64_t run_fork(void)
{
    enum { SIZE = 8 << 20 };
    volatile uint8_t *p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
                               MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uint64_t done = 0;

    must(p != MAP_FAILED, "mmap");
    memset((void *)p, 1, SIZE);
    for (int i = 0; i < 35; i++) {
        pid_t pid = fork();
        int status;

        if (pid == 0) {
            for (int at = 0; at < SIZE; at += 4 * 4096) {
                p[at] = i;
            }
            _exit(0);
        }
        must(pid > 0 && waitpid(pid, &status, 0) == pid, "fork");
        done += status == 0;
    }
    munmap((void *)p, SIZE);
    return done;
}

/* A byte to and fro between two processes: wake-ups and address spaces. */
static uint64_t run_pipe(void)
{
    int to[2], from[2];
    uint64_t count = 0;
    char c = 0;

    must(pipe(to) == 0 && pipe(from) == 0, "pipe");
    pid_t pid = fork();
    must(pid >= 0, "fork");
    if (pid == 0) {
        close(to[1]);
        while (read(to[0], &c, 1) == 1 && write(from[1], &c, 1) == 1) {
        }
        _exit(0);
    }
    for (int i = 0; i < 6000; i++) {
        must(write(to[1], &c, 1) == 1 && read(from[0], &c, 1) == 1, "pipe");
        count++;
    }
    close(to[1]);
    waitpid(pid, NULL, 0);
    close(to[0]), close(from[0]), close(from[1]);
    return count;
}

/* Two processes that hand a word of shared memory to each other. */
static void hand_over(uint32_t *word, uint32_t mine, int rounds)
{
    for (int i = 0; i < rounds; i++) {
        while (__atomic_load_n(word, __ATOMIC_ACQUIRE) != mine) {
            syscall(SYS_futex, word, FUTEX_WAIT, !mine, NULL, NULL, 0);
        }
        __atomic_store_n(word, !mine, __ATOMIC_RELEASE);
        syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
    }
}

static uint64_t run_switch(void)
{
    enum { ROUNDS = 8000 };
    uint32_t *word = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                          MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    must(word != MAP_FAILED, "mmap");
    pid_t pid = fork();
    must(pid >= 0, "fork");
    hand_over(word, pid == 0, ROUNDS);
    if (pid == 0) {
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    munmap(word, 4096);
    return ROUNDS;
}

/* Fresh pages: map, touch each, unmap. */
static uint64_t run_fault(void)
{
    enum { SIZE = 1 << 20 };
    uint64_t touched = 0;

    for (int i = 0; i < 300; i++) {
        volatile uint8_t *p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
                                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        must(p != MAP_FAILED, "mmap");
        madvise((void *)p, SIZE, MADV_NOHUGEPAGE);
        for (int at = 0; at < SIZE; at += 4096) {
            p[at] = 1;
            touched++;
        }
        munmap((void *)p, SIZE);
    }
    return touched;
}

static volatile sig_atomic_t signals;

static void on_signal(int number)
{
    signals++;
}

static uint64_t run_signal(void)
{
    pid_t self = getpid();

    signals = 0;
    signal(SIGUSR1, on_signal);
    for (int i = 0; i < 80000; i++) {
        kill(self, SIGUSR1);
    }
    return signals;
}

/* Files made, written, asked about and removed. */
static uint64_t run_file(void)
{
    uint64_t bytes = 0;
    char name[64];
    struct stat st;

    for (int i = 0; i < 5000; i++) {
        snprintf(name, sizeof(name), "/tmp/bench-file-%d", i % 100);
        int fd = open(name, O_CREAT | O_RDWR | O_TRUNC, 0600);
        must(fd >= 0, name);
        must(write(fd, name, sizeof(name)) == sizeof(name), name);
        close(fd);
        must(stat(name, &st) == 0, name);
        bytes += st.st_size;
        must(unlink(name) == 0, name);
    }
    return bytes;
}

/* Pages copied through a pipe-sized buffer by read and write. */
static uint64_t run_readwrite(void)
{
    enum { SIZE = 1 << 20 };
    static char buffer[4096];
    uint64_t bytes = 0;
    int fd = open("/tmp/bench-data", O_CREAT | O_RDWR | O_TRUNC, 0600);

    must(fd >= 0, "/tmp/bench-data");
    unlink("/tmp/bench-data");
    for (int pass = 0; pass < 300; pass++) {
        for (int at = 0; at < SIZE; at += sizeof(buffer)) {
            must(pwrite(fd, buffer, sizeof(buffer), at) > 0, "pwrite");
            bytes += pread(fd, buffer, sizeof(buffer), at);
        }
    }
    close(fd);
    return bytes;
}

const Bench os_benches[] = {
    {"os", "syscall", run_syscall},     {"os", "exec", run_exec},
    {"os", "fork", run_fork},           {"os", "pipe", run_pipe},
    {"os", "switch", run_switch},       {"os", "fault", run_fault},
    {"os", "signal", run_signal},       {"os", "file", run_file},
    {"os", "readwrite", run_readwrite}, {0},
};
