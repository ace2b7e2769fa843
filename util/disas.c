/* SPDX-License-Identifier: GPL-2.0-or-later */
/* util/disas.c - the only place that knows capstone. */
#include "util/disas.h"

#include <capstone/capstone.h>
#include <glib.h>
#include <inttypes.h>

bool disas_knows(int arch)
{
    return cs_support(arch);
}

char *disas_text(int arch, int mode, const uint8_t *code, size_t len,
                 uint64_t address)
{
    GString *out = g_string_new(NULL);
    cs_insn *insn;
    csh handle;
    size_t n;

    if (cs_open((cs_arch)arch, (cs_mode)mode, &handle) != CS_ERR_OK) {
        g_string_append(out, "  (capstone does not know this guest)\n");
        return g_string_free(out, FALSE);
    }
    cs_option(handle, CS_OPT_SKIPDATA, CS_OPT_ON);
    n = cs_disasm(handle, code, len, address, 0, &insn);
    for (size_t i = 0; i < n; i++) {
        g_string_append_printf(out, "  0x%" PRIx64 ":  %-8s %s\n",
                               insn[i].address, insn[i].mnemonic,
                               insn[i].op_str);
    }
    cs_free(insn, n);
    cs_close(&handle);
    return g_string_free(out, FALSE);
}

char *disas_host(const uint8_t *code, size_t len, uint64_t address)
{
#if defined(__x86_64__)
    return disas_text(CS_ARCH_X86, CS_MODE_64, code, len, address);
#else
    return disas_text(CS_ARCH_ARM64, CS_MODE_ARM, code, len, address);
#endif
}
