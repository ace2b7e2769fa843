/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/unit/ui-sdl.c - where pictures and pointers are in windows, also of
 * high-density screens, of which no X server has one. */
#include <glib.h>

#include "ui/sdl/place.h"

#define ASSERT_RECT(r, x_, y_, w_, h_) \
 do {                                  \
  SDL_Rect got = (r);                  \
  g_assert_cmpint(got.x, ==, x_);      \
  g_assert_cmpint(got.y, ==, y_);      \
  g_assert_cmpint(got.w, ==, w_);      \
  g_assert_cmpint(got.h, ==, h_);      \
 } while (0)

#define ASSERT_POINT(p, x_, y_)   \
 do {                             \
  SDL_Point got = (p);            \
  g_assert_cmpint(got.x, ==, x_); \
  g_assert_cmpint(got.y, ==, y_); \
 } while (0)

static void test_picture(void)
{
    const Size guest = {320, 240};
    SDL_Rect r = place_picture(guest, (Size){320, 240}, false);

    ASSERT_RECT(r, 0, 0, 320, 240);
    g_assert_true(place_is_whole(guest, &r));
    r = place_picture(guest, (Size){700, 500}, false);
    ASSERT_RECT(r, 16, 0, 667, 500);
    g_assert_false(place_is_whole(guest, &r));
    r = place_picture(guest, (Size){700, 500}, true);
    ASSERT_RECT(r, 30, 10, 640, 480);
    g_assert_true(place_is_whole(guest, &r));
    ASSERT_RECT(place_picture(guest, (Size){160, 300}, true), 0, 90, 160, 120);
    ASSERT_RECT(place_picture((Size){8192, 1}, (Size){10, 10}, false), 0, 4, 10,
                1);
}

/* Twice as many pixels as units, and one and a half times. */
static void test_density(void)
{
    const Size guest = {320, 240}, window = {320, 240};
    SDL_Rect r = place_picture(guest, (Size){640, 480}, true);

    ASSERT_RECT(r, 0, 0, 640, 480);
    ASSERT_POINT(place_in_picture((SDL_Point){0, 0}, window, (Size){640, 480},
                                  &r, guest),
                 0, 0);
    ASSERT_POINT(place_in_picture((SDL_Point){319, 120}, window,
                                  (Size){640, 480}, &r, guest),
                 319, 120);
    r = place_picture(guest, (Size){480, 360}, true);
    ASSERT_RECT(r, 80, 60, 320, 240);
    ASSERT_POINT(place_in_picture((SDL_Point){160, 120}, window,
                                  (Size){480, 360}, &r, guest),
                 160, 120);
    ASSERT_POINT(place_in_picture((SDL_Point){0, 0}, window, (Size){480, 360},
                                  &r, guest),
                 0, 0); /* on the border */
    ASSERT_POINT(place_in_picture((SDL_Point){319, 239}, window,
                                  (Size){480, 360}, &r, guest),
                 319, 239);
    r = place_picture(guest, (Size){480, 360}, false);
    ASSERT_RECT(r, 0, 0, 480, 360);
    ASSERT_POINT(place_in_picture((SDL_Point){319, 1}, window, (Size){480, 360},
                                  &r, guest),
                 318, 0);
}

static void test_window(void)
{
    const SDL_Rect room = {10, 20, 1000, 800};
    Size s = place_shrink((Size){500, 800}, (Size){1000, 800});

    g_assert_cmpint(s.width, ==, 500);
    s = place_shrink((Size){2000, 800}, (Size){1000, 800});
    g_assert_true(s.width == 1000 && s.height == 400);
    s = place_shrink((Size){800, 1600}, (Size){1000, 800});
    g_assert_true(s.width == 400 && s.height == 800);
    ASSERT_POINT(place_window(&(SDL_Rect){10, 20, 1000, 800}, &room), 10, 20);
    ASSERT_POINT(place_window(&(SDL_Rect){600, 30, 410, 5}, &room), 600, 30);
    ASSERT_POINT(place_window(&(SDL_Rect){600, 30, 411, 5}, &room), 304, 417);
    ASSERT_POINT(place_window(&(SDL_Rect){9, 30, 100, 100}, &room), 460, 370);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sdl/picture", test_picture);
    g_test_add_func("/sdl/density", test_density);
    g_test_add_func("/sdl/window", test_window);
    return g_test_run();
}
