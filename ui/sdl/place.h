/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ui/sdl/place.h - where a picture is in its window. On a high-density screen
 * the window's units are larger than its pixels: sizes of windows and places of
 * pointers are in units, drawing is in pixels, and the guest has a pixel for
 * each unit.
 * Threads: pure functions. */
#ifndef CUTTLE_UI_SDL_PLACE_H
#define CUTTLE_UI_SDL_PLACE_H

#include <SDL.h>
#include <stdbool.h>

typedef struct {
    int width, height;
} Size;

/* As large as fits in so many pixels, in their middle, its shape kept. whole:
 * only by whole numbers, unless it has to be smaller. */
SDL_Rect place_picture(Size picture, Size pixels, bool whole);
/* Such a place needs no soft edges. */
bool place_is_whole(Size picture, const SDL_Rect *place);
/* A place in the window as one in the picture, whose edges it is cut to. */
SDL_Point place_in_picture(SDL_Point in_window, Size window, Size pixels,
                           const SDL_Rect *place, Size picture);
/* As much of the picture's size as a window has room for. */
Size place_shrink(Size picture, Size room);
/* Where a window comes that has other edges than it had: where it is, or in
 * the middle of the room if it is not all inside. */
SDL_Point place_window(const SDL_Rect *window, const SDL_Rect *room);

#endif
