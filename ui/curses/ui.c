/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ui/curses/ui.c - the event loop's half: takes the terminal and gives it back,
 * chooses what is shown. */
#define NCURSES_NOMACROS 1
#include <curses.h>
#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <termios.h>
#include <unistd.h>

#include "backend/fd.h"
#include "core/loop.h"
#include "machine/view.h"
#include "ui/curses/curses_priv.h"
#include "util/term.h"

enum { ESCAPE_DELAY_MS = 25, PATIENCE_US = 500000 };

static void ring(int fd)
{
    (void)!write(fd, &(uint64_t){1}, sizeof(uint64_t));
}

/* ---- which console ------------------------------------------------------ */

/* May run on any thread, inside a device. */
static void wake(void *opaque)
{
    ring(((CursesUi *)opaque)->news);
}

static void use_charset(const CursesUi *ui, Display *d)
{
    if (ui->charset != NULL) {
        display_set_charset(d, ui->charset);
    }
}

void curses_show(CursesUi *ui, Display *d)
{
    DisplaySink *old, *sink;

    if (d == NULL) {
        return;
    }
    use_charset(ui, d); /* it may be new */
    sink = display_attach(d, wake, ui);
    g_mutex_lock(&ui->lock);
    old = ui->sink;
    ui->sink = sink;
    ui->switched = true;
    g_mutex_unlock(&ui->lock);
    display_detach(old);
    ui->display = d;
    ring(ui->news);
}

/* ---- the terminal ------------------------------------------------------- */

static volatile int resize_fd; /* a signal handler has no argument */

static void on_resize(int sig)
{
    int saved_errno = errno;

    ring(resize_fd);
    errno = saved_errno;
}

static void watch_size(CursesUi *ui)
{
    struct sigaction sa = {.sa_handler = on_resize,
                           .sa_flags = SA_RESTART | SA_ONSTACK};

    resize_fd = ui->signals;
    sigaction(SIGWINCH, &sa, NULL);
}

static const char *capability(const char *name)
{
    const char *bytes = tigetstr(name);

    return bytes == NULL || bytes == (const char *)-1 ? "" : bytes;
}

/* What a signal handler writes in place of endwin. */
static char *make_leave(void)
{
    return g_strconcat(capability("op"), capability("sgr0"),
                       capability("cnorm"), capability("rmkx"),
                       capability("rmcup"), NULL);
}

static bool fail(GError **error, const char *why)
{
    g_set_error_literal(error, OPTS_ERROR, OPTS_ERROR_INVALID, why);
    return false;
}

static bool start_curses(GError **error)
{
    const char *type = g_getenv("TERM");
    SCREEN *screen;

    setlocale(LC_CTYPE, "");
    screen = newterm(NULL, stdout, stdin);
    if (screen == NULL) {
        g_set_error(error, OPTS_ERROR, OPTS_ERROR_INVALID,
                    "cannot use a terminal of type '%s' (TERM)",
                    type != NULL ? type : "");
        return false;
    }
    raw();
    noecho();
    nonl();
    nodelay(stdscr, TRUE);
    keypad(stdscr, TRUE);
    scrollok(stdscr, FALSE);
    leaveok(stdscr, FALSE);
    set_escdelay(ESCAPE_DELAY_MS);
    if (has_colors()) {
        start_color();
    }
    return true;
}

static bool take_terminal(CursesUi *ui, GError **error)
{
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
        return fail(error, "standard input and output are no terminal");
    }
    if (!term_claim()) {
        return fail(error, "a character device 'stdio' has the terminal");
    }
    term_make_raw(STDIN_FILENO, false);
    if (!start_curses(error)) {
        term_release();
        return false;
    }
    watch_size(ui);
    ui->leave = make_leave();
    term_begin_screen(ui->leave, ui->signals);
    return true;
}

/* ---- life --------------------------------------------------------------- */

static void free_parts(CursesUi *ui)
{
    fd_close(&ui->news);
    fd_close(&ui->signals);
    g_array_unref(ui->keys);
    g_mutex_clear(&ui->lock);
    g_cond_clear(&ui->ended);
    g_free(ui->leave);
    g_free(ui->charset);
    g_free(ui);
}

CursesUi *curses_ui_new(Machine *m, Opts *opts, GError **error)
{
    CursesUi *ui;

    ui = g_new0(CursesUi, 1);
    ui->displays = machine_backends(m)->displays;
    ui->inputs = machine_backends(m)->inputs;
    ui->keys = g_array_new(false, false, sizeof(CursesKey));
    ui->news = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    ui->signals = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    g_mutex_init(&ui->lock);
    g_cond_init(&ui->ended);
    if (!curses_read_options(ui, opts, error) || !take_terminal(ui, error)) {
        free_parts(ui);
        return NULL;
    }
    for (unsigned i = 0; i < displays_count(ui->displays); i++) {
        use_charset(ui, displays_get(ui->displays, i));
    }
    curses_show(ui, displays_get(ui->displays, 0));
    ui->thread = g_thread_new("curses", curses_thread, ui);
    return ui;
}

/* A terminal that takes nothing loses what it was sent, so that the thread can
 * end. */
static void end_thread(CursesUi *ui)
{
    g_atomic_int_set(&ui->leaving, 1);
    ring(ui->news);
    g_mutex_lock(&ui->lock);
    while (!ui->has_ended) {
        if (!g_cond_wait_until(&ui->ended, &ui->lock,
                               g_get_monotonic_time() + PATIENCE_US)) {
            tcflush(STDOUT_FILENO, TCOFLUSH);
            if (ui->id != 0) {
                pthread_kill(ui->id, SIGWINCH);
            }
        }
    }
    g_mutex_unlock(&ui->lock);
    g_thread_join(ui->thread);
}

void curses_ui_free(CursesUi *ui)
{
    if (ui == NULL) {
        return;
    }
    end_thread(ui);
    signal(SIGWINCH, SIG_DFL);
    term_end_screen();
    term_release();
    display_detach(ui->sink);
    curses_forget_keys(ui);
    free_parts(ui);
}
