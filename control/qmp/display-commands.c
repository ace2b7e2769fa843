/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control/qmp/display-commands.c - the machine's screens. */
#include <string.h>

#include "control/qmp/qmp_priv.h"
#include "core/screenshot.h"
#include "qmp-handlers.h"

static bool is_display(Display *d, const char *device, int64_t head)
{
    return strcmp(display_name(d), device) == 0 &&
           (head < 0 || display_head(d) == head);
}

/* head: -1 for any. NULL: there is none. */
static Display *find_display(const Displays *all, const char *device,
                             int64_t head)
{
    for (unsigned i = 0; i < displays_count(all); i++) {
        Display *d = displays_get(all, i);

        if (is_display(d, device, head)) {
            return d;
        }
    }
    return NULL;
}

/* The screen that the arguments mean; NULL with an error. */
static Display *chosen_display(const Displays *all, JsonObject *args,
                               GError **error)
{
    const char *device = arg_string(args, "device");
    bool has_head = json_object_has_member(args, "head");
    int64_t head = arg_int(args, "head", 0);
    Display *d;

    if (device == NULL) {
        if (has_head) {
            return qmp_generic(error, "'head' must be specified together with "
                                      "'device'");
        }
        d = displays_get(all, 0);
        return d != NULL ? d
                         : qmp_generic(error, "There is no console to take a "
                                              "screendump from");
    }
    if (find_display(all, device, -1) == NULL) {
        return qmp_no_device(error, device);
    }
    d = head >= 0 ? find_display(all, device, head) : NULL;
    return d != NULL ? d
                     : qmp_generic(error,
                                   "Device %s (head %d) is not bound to a "
                                   "QemuConsole",
                                   device, (int)head);
}

JsonNode *qmp_screendump(QmpCall *call, JsonObject *args, GError **error)
{
    const Displays *all = machine_backends(call->control->m)->displays;
    Display *d = chosen_display(all, args, error);
    const char *format = arg_string(args, "format");

    if (d != NULL) {
        screenshot_write(d, arg_string(args, "filename"),
                         g_strcmp0(format, "png") == 0 ? IMAGE_PNG : IMAGE_PPM,
                         error);
    }
    return NULL;
}
