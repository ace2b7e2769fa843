/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/plugin/broken.c - what -plugin must refuse, in one way for each macro
 * of these names. */
#include "plugins/cuttle-plugin.h"

#if defined(IS_OLD)
const int cuttle_plugin_version = CUTTLE_PLUGIN_OLDEST - 1;
#elif defined(IS_NEW)
const int cuttle_plugin_version = CUTTLE_PLUGIN_VERSION + 1;
#elif !defined(NO_VERSION)
const int cuttle_plugin_version = CUTTLE_PLUGIN_VERSION;
#endif

#if !defined(NO_INSTALL)
int cuttle_plugin_install(CuttlePlugin *self, const CuttlePluginInfo *info,
                          int argc, char **argv)
{
# if defined(REFUSES)
    cuttle_error(self, "it is\n%s's day off", info->guest);
# endif
    return 1;
}
#endif
