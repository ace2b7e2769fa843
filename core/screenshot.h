/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/screenshot.h - a screen as a picture file.
 * Threads: any. Blocks on the file system; the guest does not wait for it. */
#ifndef CUTTLE_CORE_SCREENSHOT_H
#define CUTTLE_CORE_SCREENSHOT_H

#include "core/display.h"
#include "util/image.h"

/* What the screen shows now, without the pointer. Fails on a blank one. */
bool screenshot_write(Display *d, const char *path, ImageFormat format,
                      GError **error);

#endif
