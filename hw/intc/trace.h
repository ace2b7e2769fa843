/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hw/intc/trace.h - trace events of interrupt controllers. */
#ifndef CUTTLE_HW_INTC_TRACE_H
#define CUTTLE_HW_INTC_TRACE_H

#include "util/trace.h"

/* clang-format off */
#define INTC_EVENTS(X) \
    X(plic_set_irq, (UINT, source), (UINT, level)) \
    X(plic_claim, (UINT, context), (UINT, source)) \
    X(plic_complete, (UINT, context), (UINT, source)) \
    X(aclint_set_swi, (STR, device), (UINT, hart), (UINT, level)) \
    X(aclint_set_timer, (UINT, hart), (UINT, compare)) \
    X(gic_set_irq, (INT, cpu), (UINT, irq), (UINT, level)) \
    X(gic_send_sgi, (UINT, cpu), (HEX, value)) \
    X(gic_acknowledge_irq, (UINT, cpu), (UINT, irq)) \
    X(gic_end_irq, (UINT, cpu), (UINT, irq)) \
    X(gicv3_set_lpi, (UINT, cpu), (UINT, irq), (UINT, level)) \
    X(gicv3_its_message, (HEX, device), (UINT, event)) \
    X(gicv3_its_command, (HEX, word0), (HEX, word1), (HEX, word2))
/* clang-format on */

TRACE_DECLARE_TABLE(intc_trace, INTC_EVENTS);

#endif
