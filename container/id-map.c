/* SPDX-License-Identifier: GPL-2.0-or-later */
/* container/id-map.c */
#include "container/id-map.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "container/files.h"

/* "0 100000 65536\n..." */
static char *map_text(const GPtrArray *map)
{
    GString *text = g_string_new(NULL);

    SPEC_EACH(SpecIdMap, m, map)
    {
        g_string_append_printf(text, "%u %u %u\n", m->container_id, m->host_id,
                               m->size);
    }
    return g_string_free(text, FALSE);
}

static bool map_by_helper(const char *helper, pid_t pid, const GPtrArray *map,
                          GError **error)
{
    g_autoptr(GPtrArray) argv = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *complaint = NULL;
    int status;

    g_ptr_array_add(argv, g_strdup(helper));
    g_ptr_array_add(argv, g_strdup_printf("%d", pid));
    SPEC_EACH(SpecIdMap, m, map)
    {
        g_ptr_array_add(argv, g_strdup_printf("%u", m->container_id));
        g_ptr_array_add(argv, g_strdup_printf("%u", m->host_id));
        g_ptr_array_add(argv, g_strdup_printf("%u", m->size));
    }
    g_ptr_array_add(argv, NULL);
    if (!g_spawn_sync(NULL, (char **)argv->pdata, NULL, G_SPAWN_SEARCH_PATH,
                      NULL, NULL, NULL, &complaint, &status, error)) {
        return false;
    }
    if (status != 0) {
        return fail(error, "%s: %s", helper, g_strstrip(complaint));
    }
    return true;
}

static bool write_map(pid_t pid, const char *file, const GPtrArray *map,
                      const char *helper, GError **error)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/%s", pid, file);
    g_autofree char *text = map_text(map);

    if (map->len == 0) {
        return true;
    }
    return file_write(AT_FDCWD, path, text, NULL) ||
           map_by_helper(helper, pid, map, error);
}

/* Without a privilege, groups can be mapped only by who gives up setgroups. */
static bool deny_setgroups(pid_t pid, GError **error)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/setgroups", pid);

    return file_write(AT_FDCWD, path, "deny", error);
}

bool id_map_write(pid_t pid, const GPtrArray *uids, const GPtrArray *gids,
                  GError **error)
{
    const SpecIdMap *only = gids->len == 1 ? gids->pdata[0] : NULL;

    if (geteuid() != 0 && only != NULL && only->size == 1 &&
        only->host_id == getegid() && !deny_setgroups(pid, error)) {
        return false;
    }
    return write_map(pid, "gid_map", gids, "newgidmap", error) &&
           write_map(pid, "uid_map", uids, "newuidmap", error);
}

int id_map_namespace(const GPtrArray *uids, const GPtrArray *gids,
                     GError **error)
{
    g_autofree char *path = NULL;
    pid_t pid = (pid_t)syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL,
                               NULL, NULL);
    int fd = -1;

    if (pid < 0) {
        fail_errno(error, "make a user namespace");
        return -1;
    }
    if (pid == 0) {
        pause();
        _exit(0);
    }
    path = g_strdup_printf("/proc/%d/ns/user", pid);
    if (id_map_write(pid, uids, gids, error)) {
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0) {
            fail_errno(error, "open '%s'", path);
        }
    }
    kill(pid, SIGKILL);
    TEMP_FAILURE_RETRY(waitpid(pid, NULL, 0));
    return fd;
}
