/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plugins/cover.h - the parts of the coverage plugin.
 * Threads: main thread. */
#ifndef CUTTLE_PLUGINS_COVER_H
#define CUTTLE_PLUGINS_COVER_H

#include <libelf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An instruction that was translated, and how often it has started. */
typedef struct {
    uint64_t pc;
    unsigned length;
    uint64_t count;
} CoveredInsn;

typedef struct {
    const CoveredInsn *insns; /* by address, one an address */
    size_t n;
    const char *elf; /* absolute path */
    int fd;          /* of it */
} Coverage;

/* 0 if the instruction never started. */
uint64_t coverage_count(const Coverage *c, uint64_t pc);

/* Whether the file has line numbers (DWARF). */
bool coverage_has_lines(int fd);

/* A tracefile of lcov: functions and lines, by source file. False: errno. */
bool coverage_write_lcov(const Coverage *c, const char *path);

/* What DynamoRIO's drcov writes, version 2: runs of bytes that were executed,
 * from the file's lowest address on. */
bool coverage_write_drcov(const Coverage *c, const char *path);

#endif
