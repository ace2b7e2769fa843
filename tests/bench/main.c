/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/bench/main.c - runs the named programs and prints what each took.
 *
 *   bench NAME|GROUP|all …             a line each: "bench NAME SECONDS SUM"
 *   bench --list                       a line each: "GROUP NAME"
 *   bench --time NAME COMMAND …        times a command: "bench NAME SECONDS 0"
 *   bench --data BYTES                 that much text, always the same
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

static const Bench *const tables[] = {
    integer_benches, string_benches, float_benches, simd_benches, os_benches,
};
enum { TABLES = sizeof(tables) / sizeof(tables[0]) };

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static void report(const char *name, double seconds, uint64_t sum)
{
    printf("bench %s %.6f %llx\n", name, seconds, (unsigned long long)sum);
    fflush(stdout);
}

static void list(void)
{
    for (int t = 0; t < TABLES; t++) {
        for (const Bench *b = tables[t]; b->name; b++) {
            printf("%s %s\n", b->group, b->name);
        }
    }
}

static int run(const char *wanted)
{
    int found = 0;

    for (int t = 0; t < TABLES; t++) {
        for (const Bench *b = tables[t]; b->name; b++) {
            if (strcmp(wanted, "all") && strcmp(wanted, b->name) &&
                strcmp(wanted, b->group)) {
                continue;
            }
            double start = now();
            uint64_t sum = b->run();
            report(b->name, now() - start, sum);
            found = 1;
        }
    }
    return found;
}

static int time_command(const char *name, char **command)
{
    double start = now();
    pid_t pid = fork();
    int status;

    if (pid == 0) {
        if (!freopen("/dev/null", "w", stdout)) {
            _exit(126);
        }
        execvp(command[0], command);
        perror(command[0]);
        _exit(127);
    }
    if (pid < 0 || waitpid(pid, &status, 0) < 0 || status != 0) {
        printf("bench-failed %s\n", name);
        return 1;
    }
    report(name, now() - start, 0);
    return 0;
}

/* Words of a small vocabulary with numbers between: compresses about 4:1. */
static void write_data(long bytes)
{
    uint64_t seed = 1;

    while (bytes > 0) {
        uint64_t r = bench_random(&seed) % 1000;
        uint64_t word =
            r * r / 1000; /* the first words are the frequent ones */
        int n = printf("%c%s%llu%c", 'a' + (int)(word % 26),
                       word % 3 ? "er" : "ation", (unsigned long long)word / 7,
                       r % 11 ? ' ' : '\n');

        bytes -= n;
    }
}

int main(int argc, char **argv)
{
    int failed = 0;

    if (argc == 2 && !strcmp(argv[1], "--list")) {
        list();
        return 0;
    }
    if (argc == 3 && !strcmp(argv[1], "--data")) {
        write_data(atol(argv[2]));
        return 0;
    }
    if (argc > 3 && !strcmp(argv[1], "--time")) {
        return time_command(argv[2], argv + 3);
    }
    for (int i = 1; i < argc; i++) {
        if (!run(argv[i])) {
            fprintf(stderr, "bench: no program or group '%s'\n", argv[i]);
            failed = 1;
        }
    }
    return failed;
}
