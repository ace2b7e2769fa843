/* SPDX-License-Identifier: GPL-2.0-or-later */
/* container/capabilities.c - the only place that knows libcap-ng. Names of
 * capabilities that this kernel does not have are passed over: nobody can have
 * them. */
#include <cap-ng.h>
#include <errno.h>
#include <string.h>
#include <sys/prctl.h>

#include "container/files.h"
#include "container/process.h"

/* -1: this kernel has none of that name. */
static int number_of(const char *name)
{
    int cap = g_ascii_strncasecmp(name, "CAP_", 4) == 0
                  ? capng_name_to_capability(name + 4)
                  : -1;

    return cap >= 0 && (unsigned)cap <= CAP_LAST_CAP ? cap : -1;
}

static void add(char **names, unsigned sets)
{
    for (; names != NULL && *names != NULL; names++) {
        int cap = number_of(*names);

        if (cap >= 0) {
            capng_update(CAPNG_ADD, (capng_type_t)sets, (unsigned)cap);
        }
    }
}

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
}

bool capabilities_bound(const SpecCapabilities *c, GError **error)
{
    fill(c);
    return apply(CAPNG_SELECT_BOUNDS, "set the bounding set", error);
}

/* One that is not both permitted and inheritable cannot be ambient: engines
 * ask for it nevertheless, and go without. */
static bool raise_ambient(char **names, GError **error)
{
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0) {
        return fail_errno(error, "clear ambient capabilities");
    }
    for (; names != NULL && *names != NULL; names++) {
        int cap = number_of(*names);

        if (cap >= 0 &&
            prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0) != 0 &&
            errno != EPERM) {
            return fail_errno(error, "make %s ambient", *names);
        }
    }
    return true;
}

bool capabilities_set(const SpecCapabilities *c, GError **error)
{
    fill(c);
    return apply(CAPNG_SELECT_CAPS, "set capabilities", error) &&
           raise_ambient(c != NULL ? c->ambient : NULL, error);
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
