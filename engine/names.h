/* SPDX-License-Identifier: GPL-2.0-or-later */
/* engine/names.h - names for containers that got none.
 * Threads: any. */
#ifndef CUTTLE_ENGINE_NAMES_H
#define CUTTLE_ENGINE_NAMES_H

/* Two words, "quick_reef"; caller frees. */
char *name_make(void);

#endif
