/* SPDX-License-Identifier: GPL-2.0-or-later */
/* util/log.h - what -d and -D show: one line sink, one mask of topics.
 * Threads: log_printf may be called from any thread; a call is one write.
 * Lifetime: process-wide; configured once before the first vCPU starts. */
#ifndef CUTTLE_UTIL_LOG_H
#define CUTTLE_UTIL_LOG_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* LOG_TOPIC(NAME, name on the command line, help) */
#define LOG_TOPICS(X)                                                   \
 X(IN_ASM, "in_asm", "guest assembly of each block that is translated") \
 X(IR, "ir", "IR of each block as the guest front end built it")        \
 X(IR_OPT, "ir_opt", "IR of each block after the optimiser")            \
 X(OUT_ASM, "out_asm", "host assembly of each block")                   \
 X(EXEC, "exec", "each block as it is entered (turns chaining off)")    \
 X(INT, "int", "interrupts and exceptions")                             \
 X(MMU, "mmu", "page walks and their results")                          \
 X(UNIMP, "unimp", "guest use of what Cuttle does not implement")       \
 X(GUEST_ERRORS, "guest_errors", "guest errors a device notices")       \
 X(PLUGIN, "plugin", "what plugins print; always on with -plugin")      \
 X(STATS, "stats", "counters, printed at exit")

typedef enum {
#define LOG_BIT_(id, name, help) LOG_BIT_##id,
    LOG_TOPICS(LOG_BIT_)
#undef LOG_BIT_
        LOG_N_TOPICS
} LogBit;

enum {
#define LOG_MASK_(id, name, help) LOG_##id = 1 << LOG_BIT_##id,
    LOG_TOPICS(LOG_MASK_)
#undef LOG_MASK_
};

extern uint32_t log_mask; /* written before threads start; read everywhere */

static inline bool log_enabled(uint32_t topics)
{
    return G_UNLIKELY(log_mask & topics);
}

/* Adds the comma-separated topics; false with an error naming the unknown. */
bool log_enable_topics(const char *list, GError **error);

/* Sends the log to a file instead of stderr. */
bool log_open(const char *path, GError **error);

/* Prints one line per topic, for -d help. */
void log_print_topics(void);

/* Writes a line when one of the topics is enabled; a line feed is added where
 * the text does not end with one. */
void log_printf(uint32_t topics, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Writes a text of several lines in one piece. */
void log_text(uint32_t topics, const char *text);

/* Writes whole lines whatever the topics are: for what was asked for by other
 * means than -d. */
void log_write(const char *lines, size_t len);

/* Like log_printf, for what a hostile guest can trigger: after 100 lines from
 * one call site the site falls silent (and says so once). */
#define guest_log(topics, ...)                      \
 do {                                               \
  static uint32_t site_count_;                      \
  if (log_enabled(topics)) {                        \
   guest_log_at(&site_count_, topics, __VA_ARGS__); \
  }                                                 \
 } while (0)
void guest_log_at(uint32_t *count, uint32_t topics, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

#endif
