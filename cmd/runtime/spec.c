/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd/runtime/spec.c - spec: an example to start from. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/runtime/runtime.h"
#include "container/files.h"

#define CAPS "[\"CAP_AUDIT_WRITE\", \"CAP_KILL\", \"CAP_NET_BIND_SERVICE\"]"

/* %s: of a rootless container - user namespace, its maps, sysfs and devpts. */
static const char example[] =
    "{\n"
    "  \"ociVersion\": \"1.2.0\",\n"
    "  \"process\": {\n"
    "    \"terminal\": true,\n"
    "    \"user\": {\"uid\": 0, \"gid\": 0},\n"
    "    \"args\": [\"sh\"],\n"
    "    \"env\": [\"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:"
    "/sbin:/bin\", \"TERM=xterm\"],\n"
    "    \"cwd\": \"/\",\n"
    "    \"capabilities\": {\n"
    "      \"bounding\": " CAPS ",\n"
    "      \"effective\": " CAPS ",\n"
    "      \"permitted\": " CAPS "\n"
    "    },\n"
    "    \"rlimits\": [{\"type\": \"RLIMIT_NOFILE\", \"hard\": 1024, "
    "\"soft\": 1024}],\n"
    "    \"noNewPrivileges\": true\n"
    "  },\n"
    "  \"root\": {\"path\": \"rootfs\", \"readonly\": true},\n"
    "  \"hostname\": \"cuttle\",\n"
    "  \"mounts\": [\n"
    "    {\"destination\": \"/proc\", \"type\": \"proc\", "
    "\"source\": \"proc\"},\n"
    "    {\"destination\": \"/dev\", \"type\": \"tmpfs\", "
    "\"source\": \"tmpfs\", \"options\": [\"nosuid\", \"strictatime\", "
    "\"mode=755\", \"size=65536k\"]},\n"
    "    {\"destination\": \"/dev/pts\", \"type\": \"devpts\", "
    "\"source\": \"devpts\", \"options\": [\"nosuid\", \"noexec\", "
    "\"newinstance\", \"ptmxmode=0666\", \"mode=0620\"%s]},\n"
    "    {\"destination\": \"/dev/shm\", \"type\": \"tmpfs\", "
    "\"source\": \"shm\", \"options\": [\"nosuid\", \"noexec\", \"nodev\", "
    "\"mode=1777\", \"size=65536k\"]},\n"
    "    {\"destination\": \"/dev/mqueue\", \"type\": \"mqueue\", "
    "\"source\": \"mqueue\", \"options\": [\"nosuid\", \"noexec\", "
    "\"nodev\"]},\n"
    "    %s,\n"
    "    {\"destination\": \"/sys/fs/cgroup\", \"type\": \"cgroup\", "
    "\"source\": \"cgroup\", \"options\": [\"nosuid\", \"noexec\", "
    "\"nodev\", \"relatime\", \"ro\"]}\n"
    "  ],\n"
    "  \"linux\": {\n"
    "%s"
    "    \"resources\": {\"devices\": [{\"allow\": false, "
    "\"access\": \"rwm\"}]},\n"
    "    \"namespaces\": [{\"type\": \"pid\"}, %s{\"type\": \"ipc\"}, "
    "{\"type\": \"uts\"}, {\"type\": \"mount\"}, {\"type\": \"cgroup\"}],\n"
    "    \"maskedPaths\": [\"/proc/acpi\", \"/proc/asound\", "
    "\"/proc/kcore\", \"/proc/keys\", \"/proc/latency_stats\", "
    "\"/proc/timer_list\", \"/proc/timer_stats\", \"/proc/sched_debug\", "
    "\"/sys/firmware\", \"/proc/scsi\"],\n"
    "    \"readonlyPaths\": [\"/proc/bus\", \"/proc/fs\", \"/proc/irq\", "
    "\"/proc/sys\", \"/proc/sysrq-trigger\"]\n"
    "  }\n"
    "}\n";

static const char sys_mount[] =
    "{\"destination\": \"/sys\", \"type\": \"sysfs\", \"source\": \"sysfs\", "
    "\"options\": [\"nosuid\", \"noexec\", \"nodev\", \"ro\"]}";
static const char sys_bind[] =
    "{\"destination\": \"/sys\", \"type\": \"none\", \"source\": \"/sys\", "
    "\"options\": [\"rbind\", \"nosuid\", \"noexec\", \"nodev\", \"ro\"]}";

static char *id_maps(void)
{
    return g_strdup_printf(
        "    \"uidMappings\": [{\"containerID\": 0, \"hostID\": %u, "
        "\"size\": 1}],\n"
        "    \"gidMappings\": [{\"containerID\": 0, \"hostID\": %u, "
        "\"size\": 1}],\n",
        getuid(), getgid());
}

int verb_spec(const RuntimeOptions *o, int argc, char **argv, GError **error)
{
    g_autofree char *bundle = NULL, *text = NULL, *maps = NULL;
    g_auto(Fd) fd = -1;
    gboolean rootless = FALSE;
    const GOptionEntry entries[] = {
        {"bundle", 'b', 0, G_OPTION_ARG_FILENAME, &bundle,
         "where to write it; default: here", "DIR"},
        {"rootless", 0, 0, G_OPTION_ARG_NONE, &rootless, "for a user namespace",
         NULL},
        {NULL},
    };

    if (!runtime_parse(entries, &argc, &argv, 0, 0, error)) {
        return -1;
    }
    if (bundle != NULL && chdir(bundle) != 0) {
        fail_errno(error, "--bundle '%s'", bundle);
        return -1;
    }
    maps = rootless ? id_maps() : g_strdup("");
    text = g_strdup_printf(example, rootless ? "" : ", \"gid=5\"",
                           rootless ? sys_bind : sys_mount, maps,
                           rootless ? "{\"type\": \"user\"}, "
                                    : "{\"type\": \"network\"}, ");
    fd = open("config.json", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0 || !fd_write_all(fd, text, strlen(text))) {
        fail_errno(error, "config.json");
        return -1;
    }
    return EXIT_SUCCESS;
}
