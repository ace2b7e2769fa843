/* SPDX-License-Identifier: GPL-2.0-or-later */
/* container/capabilities.c - the only place that knows libcap-ng. Names of
 * capabilities that this kernel does not have are passed over: nobody can have
 * them. */
#include <cap-ng.h>
#include <errno.h>
#include <string.h>

#include "container/files.h"
#include "container/process.h"

static void add(char **names, unsigned sets)
{
    for (; names != NULL && *names != NULL; names++) {
        const char *name = *names;
        int cap = g_ascii_strncasecmp(name, "CAP_", 4) == 0
                      ? capng_name_to_capability(name + 4)
                      : -1;

        if (cap >= 0 && (unsigned)cap <= CAP_LAST_CAP) {
            capng_update(CAPNG_ADD, (capng_type_t)sets, (unsigned)cap);
        }
    }
}

/* Fails where a set cannot be had, such as an ambient one that is not
 * permitted. */
static bool apply(capng_select_t which, const char *what, GError **error)
{
    errno = 0;
    return capng_apply(which) == 0 || fail_errno(error, "%s", what);
}

static void fill(const SpecCapabilities *c)
{
    capng_clear(CAPNG_SELECT_ALL);
    if (c == NULL) {
        return;
    }
    add(c->bounding, CAPNG_BOUNDING_SET);
    add(c->effective, CAPNG_EFFECTIVE);
    add(c->permitted, CAPNG_PERMITTED);
    add(c->inheritable, CAPNG_INHERITABLE);
    add(c->ambient, CAPNG_AMBIENT);
}

bool capabilities_bound(const SpecCapabilities *c, GError **error)
{
    fill(c);
    return apply(CAPNG_SELECT_BOUNDS, "set the bounding set", error);
}

bool capabilities_set(const SpecCapabilities *c, GError **error)
{
    fill(c);
    if (!apply(CAPNG_SELECT_CAPS, "set capabilities", error)) {
        return false;
    }
    return c == NULL || c->ambient == NULL || c->ambient[0] == NULL ||
           apply(CAPNG_SELECT_AMBIENT, "set ambient capabilities", error);
}

bool capabilities_keep_admin(GError **error)
{
    capng_get_caps_process();
    capng_update(CAPNG_ADD, CAPNG_EFFECTIVE, CAP_SYS_ADMIN);
    capng_update(CAPNG_ADD, CAPNG_EFFECTIVE, CAP_SETPCAP);
    return apply(CAPNG_SELECT_CAPS, "keep CAP_SYS_ADMIN", error);
}

char **capabilities_names(void)
{
    GPtrArray *names = g_ptr_array_new();

    for (unsigned cap = 0; cap <= CAP_LAST_CAP; cap++) {
        const char *name = capng_capability_to_name(cap);

        if (name != NULL) {
            g_autofree char *upper = g_ascii_strup(name, -1);

            g_ptr_array_add(names, g_strconcat("CAP_", upper, NULL));
        }
    }
    g_ptr_array_add(names, NULL);
    return (char **)g_ptr_array_free(names, FALSE);
}
