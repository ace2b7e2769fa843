/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd/cuttle-system.c - the emulator: options -> machine -> run -> exit code.
 * Called as cuttle-system-riscv32 it runs 32-bit guests, otherwise 64-bit
 * ones. An error is one line on standard error and exit code 1. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "cmd/options.h"
#include "control/control.h"
#include "control/plugin/plugin.h"
#include "machine/boot/file.h"
#include "machine/machine.h"
#include "machine/signals.h"
#include "machine/view.h"
#include "ui/ui.h"
#include "ui/vnc/vnc.h"
#include "util/log.h"

static int report(const Options *o, GError *error)
{
    fprintf(stderr, "%s: %s\n", o->program, error->message);
    g_error_free(error);
    return EXIT_FAILURE;
}

/* ---- -pidfile ---- */

/* Open and locked before the machine is built, so that nothing is half done
 * when it cannot be written; filled once the process id is final. */
static int pidfile_open(const char *path, GError **error)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    if (fd < 0) {
        machine_fail(error, "-pidfile %s: %s", path, g_strerror(errno));
        return -1;
    }
    if (fcntl(fd, F_SETLK, &lock) < 0) {
        machine_fail(error, "-pidfile %s: another process has it", path);
        close(fd);
        return -1;
    }
    return fd;
}

static bool pidfile_write(int fd, const char *path, GError **error)
{
    g_autofree char *text = g_strdup_printf("%ld\n", (long)getpid());
    size_t len = strlen(text);

    if (ftruncate(fd, 0) < 0 || pwrite(fd, text, len, 0) != (ssize_t)len) {
        return machine_fail(error, "-pidfile %s: %s", path, g_strerror(errno));
    }
    return true;
}

/* ---- -daemonize ---- */

/* The parent waits for one byte: the machine is built. Without it, it ends as
 * its child did; the child has told why by then. */
static void wait_for_child(int fd)
{
    char ready;
    ssize_t n;

    do {
        n = read(fd, &ready, 1);
    } while (n < 0 && errno == EINTR);
    _exit(n == 1 ? EXIT_SUCCESS : EXIT_FAILURE);
}

/* Before any thread. Returns the end to tell readiness to, -1 on error. */
static int daemon_start(GError **error)
{
    int fds[2];
    pid_t pid;

    if (pipe2(fds, O_CLOEXEC) < 0 || (pid = fork()) < 0) {
        machine_fail(error, "-daemonize: %s", g_strerror(errno));
        return -1;
    }
    if (pid > 0) {
        close(fds[1]);
        wait_for_child(fds[0]);
    }
    close(fds[0]);
    setsid();
    return fds[1];
}

/* The terminal is given up last, so errors were seen. */
static bool daemon_ready(int fd, GError **error)
{
    int null = open("/dev/null", O_RDWR);

    if (null < 0 || chdir("/") < 0) {
        return machine_fail(error, "-daemonize: %s", g_strerror(errno));
    }
    dup2(null, STDIN_FILENO);
    dup2(null, STDOUT_FILENO);
    dup2(null, STDERR_FILENO);
    if (null > STDERR_FILENO) {
        close(null);
    }
    if (write(fd, "1", 1) != 1) {
        return machine_fail(error, "-daemonize: parent is gone");
    }
    close(fd);
    return true;
}

/* ---- the run ---- */

static bool start_log(const Options *o, GError **error)
{
    if (o->log_file != NULL && !log_open(o->log_file, error)) {
        g_prefix_error(error, "-D %s: ", o->log_file);
        return false;
    }
    if (o->log_topics != NULL && !log_enable_topics(o->log_topics, error)) {
        g_prefix_error(error, "-d %s: ", o->log_topics);
        return false;
    }
    return true;
}

/* Asked for, or not ruled out. */
static bool wants_ui(const Options *o)
{
    return o->display != NULL ||
           (!o->machine.nographic && !o->machine.display_none);
}

static bool build_and_run(Options *o, int pidfile, int daemon, int *exit_code,
                          GError **error)
{
    g_autoptr(Machine) m = machine_new(&o->machine, error);
    g_autoptr(Vnc) vnc = NULL;
    g_autoptr(Control) control = NULL;
    g_autoptr(Plugins) plugins = NULL;
    g_autoptr(Ui) ui = NULL;
    GError *ui_error = NULL;

    if (m == NULL) {
        return false;
    }
    if (machine_wants_dump(m)) {
        return machine_dump_tree(m, error);
    }
    vnc = vnc_new(machine_backends(m), o->machine.lists[CONFIG_VNC],
                  o->machine.name, error);
    if (vnc == NULL) {
        return false;
    }
    control = control_new(m, CUTTLE_VERSION, error);
    if (control == NULL) {
        return false;
    }
    plugins = plugins_new(m, error);
    if (plugins == NULL) {
        return false;
    }
    if (wants_ui(o)) {
        ui = ui_new(m, o->display, o->full_screen, &ui_error);
        if (ui_error != NULL) {
            g_propagate_error(error, ui_error);
            return false;
        }
    }
    if ((pidfile >= 0 && !pidfile_write(pidfile, o->pidfile, error)) ||
        (daemon >= 0 && !daemon_ready(daemon, error))) {
        return false;
    }
    if (!machine_run(m, exit_code, error)) {
        return false;
    }
    plugins_finish(plugins);
    control_exited(control, *exit_code);
    return true;
}

static bool run(Options *o, int *exit_code, GError **error)
{
    int pidfile = -1, daemon = -1;
    bool ok;

    if (o->daemonize && (o->machine.nographic || o->machine.text_consoles)) {
        return machine_fail(error, "%s cannot be used with -daemonize",
                            o->machine.nographic ? "-nographic"
                                                 : "-display curses");
    }
    if (!start_log(o, error)) {
        return false;
    }
    if (o->daemonize && (daemon = daemon_start(error)) < 0) {
        return false;
    }
    if (!trace_start(&o->trace, error)) {
        g_prefix_error(error, "-trace: ");
        return false;
    }
    if (o->process_name != NULL) {
        prctl(PR_SET_NAME, o->process_name);
    }
    signals_block();
    if (o->pidfile != NULL && (pidfile = pidfile_open(o->pidfile, error)) < 0) {
        return false;
    }
    ok = build_and_run(o, pidfile, daemon, exit_code, error);
    if (pidfile >= 0) {
        unlink(o->pidfile);
        close(pidfile);
    }
    return ok;
}

int main(int argc, char **argv)
{
    Options o;
    GError *error = NULL;
    int exit_code = EXIT_SUCCESS;

    trace_init();
    options_init(&o, argv[0]);
    g_set_prgname(o.program);
    if (!options_parse(&o, argc, argv, &error) ||
        (!o.done && !run(&o, &exit_code, &error))) {
        exit_code = report(&o, error);
    }
    trace_out_close();
    options_finish(&o);
    return exit_code;
}
