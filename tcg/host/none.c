/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcg/host/none.c - a host without a code generator: says so, and the
 * accelerator falls back to the IR interpreter. */
#include "tcg/host/host.h"

const char *host_missing(void)
{
    return "this build has no code generator for the host's architecture";
}

HostGen *host_new(const HostModel *model, const IrGuest *guest,
                  CodeBuffer *code, size_t *used)
{
    *used = 0;
    return NULL;
}

void host_free(HostGen *g)
{
}

uint16_t host_elf_machine(void)
{
    return 0;
}

const HostThunk *host_thunks(const HostGen *g, unsigned *n)
{
    *n = 0;
    return NULL;
}

bool host_compile(HostGen *g, const IrBlock *b, const HostBytes *check,
                  uint32_t at, uint32_t limit, uint32_t first_link,
                  HostLink *links, HostBlock *out)
{
    return false;
}

uint64_t host_enter(const HostGen *g, void *state, uint64_t code_address)
{
    return HOST_LEFT_PLAIN;
}

uint64_t host_nowhere(const HostGen *g)
{
    return 0;
}

void host_link(const HostGen *g, const HostLink *l, uint32_t start)
{
}

void host_link_guarded(const HostGen *g, const HostLink *l, uint32_t start,
                       uint64_t page, uint64_t generation)
{
}

void host_unlink(const HostGen *g, const HostLink *l)
{
}

void host_redirect(const HostGen *g, uint32_t from, uint32_t to)
{
}

uint32_t host_fp_flags(uint32_t word)
{
    return word;
}

uint32_t host_fp_word(uint32_t flags, unsigned round)
{
    return flags;
}

uint32_t host_fp_read(void)
{
    return 0;
}

void host_fp_write(uint32_t word)
{
}
