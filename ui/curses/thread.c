/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ui/curses/thread.c - the UI thread: sleeps until the user types, the console
 * has news or the terminal another size. */
#define NCURSES_NOMACROS 1
#include <curses.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "ui/curses/curses_priv.h"

enum { ESCAPE = 0x1b };

enum { FD_INPUT, FD_NEWS, FD_SIGNALS, N_FDS };

/* ---- keys --------------------------------------------------------------- */

static bool read_plain(CursesKey *key)
{
    wint_t ch;
    int kind = get_wch(&ch);

    if (kind == ERR) {
        return false;
    }
    *key = kind == KEY_CODE_YES ? curses_key(0, keyname((int)ch))
                                : curses_key(ch, NULL);
    return true;
}

/* Alt is the escape character right in front. */
static bool read_key(CursesKey *key)
{
    CursesKey next;

    if (!read_plain(key)) {
        return false;
    }
    if (key->ch == ESCAPE && read_plain(&next)) {
        *key = next;
        key->alt = true;
    }
    return true;
}

/* False: the terminal is gone. */
static bool read_keys(CursesUi *ui)
{
    CursesKey key;
    bool any = false;

    while (read_key(&key)) {
        any = true;
        curses_press(ui, &key);
    }
    return any;
}

/* ---- the terminal ------------------------------------------------------- */

/* By way of stdout, which curses does not use itself. */
static void put_capability(const char *name)
{
    const char *bytes = tigetstr(name);

    if (bytes != NULL && bytes != (const char *)-1) {
        putp(bytes);
        fflush(stdout);
    }
}

/* It has another size, or somebody else had it: it gets a screen of ours in
 * any case. */
static void begin_again(CursesUi *ui)
{
    struct winsize size;

    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 &&
        size.ws_col > 0) {
        resizeterm(size.ws_row, size.ws_col);
    }
    put_capability("smcup");
    put_capability("smkx");
    curs_set(1);
    clearok(curscr, TRUE);
    ui->redraw = true;
}

/* ---- frames ------------------------------------------------------------- */

static void frame(CursesUi *ui)
{
    bool changed = false;

    g_mutex_lock(&ui->lock);
    if (ui->switched) {
        ui->switched = false;
        display_text_finish(&ui->text);
        ui->place = (CursesPlace){0};
        ui->redraw = true;
    }
    if (ui->sink != NULL) {
        changed = display_look_text(ui->sink, &ui->text);
    }
    g_mutex_unlock(&ui->lock);
    if (changed || ui->redraw) {
        curses_draw(ui);
    }
}

static void drain(int fd)
{
    uint64_t count;

    (void)!read(fd, &count, sizeof(count));
}

static int timeout_ms(bool due, int64_t next)
{
    return !due ? -1
                : (int)MAX((next - g_get_monotonic_time() + 999) / 1000, 0);
}

static void run(CursesUi *ui)
{
    struct pollfd fds[N_FDS] = {
        [FD_INPUT] = {STDIN_FILENO, POLLIN},
        [FD_NEWS] = {ui->news, POLLIN},
        [FD_SIGNALS] = {ui->signals, POLLIN},
    };
    int64_t next = 0;
    bool due = true;

    while (!g_atomic_int_get(&ui->leaving)) {
        if (poll(fds, N_FDS, timeout_ms(due, next)) < 0) {
            continue; /* a signal came */
        }
        if (fds[FD_INPUT].revents != 0 && !read_keys(ui) &&
            (fds[FD_INPUT].revents & ~POLLIN) != 0) {
            fds[FD_INPUT].fd = -1;
        }
        if (fds[FD_NEWS].revents != 0) {
            drain(ui->news);
            due = true;
        }
        if (fds[FD_SIGNALS].revents != 0) {
            drain(ui->signals);
            begin_again(ui);
            due = true;
        }
        if (due && g_get_monotonic_time() >= next) {
            frame(ui);
            due = false;
            next = g_get_monotonic_time() + FRAME_US;
        }
    }
}

void *curses_thread(void *opaque)
{
    CursesUi *ui = opaque;

    g_mutex_lock(&ui->lock);
    ui->id = pthread_self();
    g_mutex_unlock(&ui->lock);
    run(ui);
    endwin();
    display_text_finish(&ui->text);
    g_mutex_lock(&ui->lock);
    ui->has_ended = true;
    g_cond_signal(&ui->ended);
    g_mutex_unlock(&ui->lock);
    return NULL;
}
