/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ui/sdl/place.c - see place.h. */
#include "ui/sdl/place.h"

#include <glib.h>
#include <stdint.h>

SDL_Rect place_picture(Size picture, Size pixels, bool whole)
{
    double scale = MIN((double)pixels.width / picture.width,
                       (double)pixels.height / picture.height);
    SDL_Rect r;

    if (whole && scale > 1) {
        scale = (int)scale;
    }
    r.w = MAX(1, (int)(picture.width * scale + 0.5));
    r.h = MAX(1, (int)(picture.height * scale + 0.5));
    r.x = (pixels.width - r.w) / 2;
    r.y = (pixels.height - r.h) / 2;
    return r;
}

bool place_is_whole(Size picture, const SDL_Rect *place)
{
    return place->w % picture.width == 0 && place->h % picture.height == 0;
}

static int scale_axis(int at, int window, int pixels, int start, int length,
                      int picture)
{
    int64_t in_place = (int64_t)at * pixels / window - start;

    return (int)CLAMP(in_place * picture / length, 0, picture - 1);
}

SDL_Point place_in_picture(SDL_Point in_window, Size window, Size pixels,
                           const SDL_Rect *place, Size picture)
{
    return (SDL_Point){
        scale_axis(in_window.x, window.width, pixels.width, place->x, place->w,
                   picture.width),
        scale_axis(in_window.y, window.height, pixels.height, place->y,
                   place->h, picture.height),
    };
}

Size place_shrink(Size picture, Size room)
{
    if (picture.width <= room.width && picture.height <= room.height) {
        return picture;
    }
    if ((int64_t)room.width * picture.height <
        (int64_t)room.height * picture.width) {
        return (Size){room.width, MAX(1, (int64_t)picture.height * room.width /
                                             picture.width)};
    }
    return (Size){MAX(1, (int64_t)picture.width * room.height / picture.height),
                  room.height};
}

SDL_Point place_window(const SDL_Rect *window, const SDL_Rect *room)
{
    if (window->x >= room->x && window->y >= room->y &&
        window->x + window->w <= room->x + room->w &&
        window->y + window->h <= room->y + room->h) {
        return (SDL_Point){window->x, window->y};
    }
    return (SDL_Point){room->x + (room->w - window->w) / 2,
                       room->y + (room->h - window->h) / 2};
}
