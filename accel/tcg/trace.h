/* SPDX-License-Identifier: GPL-2.0-or-later */
/* accel/tcg/trace.h - trace events of translation and of what vCPUs stop
 * running code for. */
#ifndef CUTTLE_ACCEL_TCG_TRACE_H
#define CUTTLE_ACCEL_TCG_TRACE_H

#include "util/trace.h"

/* clang-format off */
#define TCG_EVENTS(X) \
    X(translate_block, (UINT, cpu), (HEX, pc), (HEX, gpa), (HEX, flags), (UINT, insns), (UINT, bytes)) \
    X(tb_link, (UINT, cpu), (HEX, from), (HEX, to)) \
    X(tb_invalidate, (HEX, gpa)) \
    X(tb_evict, (UINT, region), (UINT, blocks)) \
    X(tlb_walk, (UINT, cpu), (HEX, va), (UINT, access), (HEX, gpa), (HEX, prot)) \
    X(tlb_flush_page, (UINT, cpu), (HEX, va), (INT, asid)) \
    X(tlb_flush_range, (UINT, cpu), (HEX, first), (HEX, last), (INT, asid)) \
    X(tlb_flush_asid, (UINT, cpu), (INT, asid)) \
    X(tlb_flush_all, (UINT, cpu)) \
    X(vcpu_exception, (UINT, cpu), (HEX, pc), (INT, number)) \
    X(vcpu_interrupt, (UINT, cpu), (HEX, pc))
/* clang-format on */

TRACE_DECLARE_TABLE(tcg_trace, TCG_EVENTS);

#endif
