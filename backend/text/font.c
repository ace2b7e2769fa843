/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backend/text/font.c - fontconfig says which file the user's font of one width
 * is, FreeType draws its letters. This is the only file that knows either. */
#include "backend/text/font.h"

#include <fontconfig/fontconfig.h>
#include <ft2build.h>
#include FT_FREETYPE_H
#include <gio/gio.h>
#include <stdbool.h>

/* Guests can ask for any letter: more than these are drawn anew. */
enum { MAX_KEPT = 2048 };

struct Font {
    FT_Library library;
    FT_Face face;
    unsigned width, height;
    int baseline;     /* rows from the top of a cell */
    GHashTable *kept; /* letter and columns -> coverage */
};

/* The path of the user's monospace font; *index is the face in it. */
static char *find_file(int *index)
{
    FcPattern *wanted = FcNameParse((const FcChar8 *)"monospace:spacing=mono");
    FcPattern *found;
    FcResult result;
    FcChar8 *file;
    char *path = NULL;

    FcConfigSubstitute(NULL, wanted, FcMatchPattern);
    FcDefaultSubstitute(wanted);
    found = FcFontMatch(NULL, wanted, &result);
    if (found != NULL) {
        if (FcPatternGetString(found, FC_FILE, 0, &file) == FcResultMatch) {
            path = g_strdup((const char *)file);
        }
        if (FcPatternGetInteger(found, FC_INDEX, 0, index) != FcResultMatch) {
            *index = 0;
        }
        FcPatternDestroy(found);
    }
    FcPatternDestroy(wanted);
    return path;
}

/* The largest size whose lines fit the height. */
static bool fit(Font *f, unsigned height)
{
    for (unsigned size = height; size > 0; size--) {
        const FT_Size_Metrics *m;

        if (FT_Set_Pixel_Sizes(f->face, 0, size) != 0) {
            return false;
        }
        m = &f->face->size->metrics;
        if (m->ascender - m->descender <= (FT_Pos)height * 64) {
            f->height = height;
            f->baseline = (int)(m->ascender + 63) / 64;
            return true;
        }
    }
    return false;
}

static bool measure(Font *f)
{
    if (FT_Load_Char(f->face, 'M', FT_LOAD_DEFAULT) != 0) {
        return false;
    }
    f->width = (unsigned)(f->face->glyph->advance.x + 32) / 64;
    return f->width > 0 && f->width <= f->height * 2;
}

Font *font_new(unsigned height, GError **error)
{
    Font *f = g_new0(Font, 1);
    int index = 0;
    g_autofree char *path = find_file(&index);

    f->kept = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    if (path != NULL && FT_Init_FreeType(&f->library) == 0 &&
        FT_New_Face(f->library, path, index, &f->face) == 0 &&
        FT_IS_SCALABLE(f->face) && fit(f, height) && measure(f)) {
        return f;
    }
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                "no monospace font for text consoles on this host (Debian's "
                "fonts-dejavu-core is one)");
    font_free(f);
    return NULL;
}

void font_free(Font *f)
{
    if (f == NULL) {
        return;
    }
    if (f->face != NULL) {
        FT_Done_Face(f->face);
    }
    if (f->library != NULL) {
        FT_Done_FreeType(f->library);
    }
    g_hash_table_unref(f->kept);
    g_free(f);
}

unsigned font_width(const Font *f)
{
    return f->width;
}

/* Cuts what hangs out of the cell. */
static uint8_t *draw(const Font *f, uint32_t ch, unsigned columns)
{
    unsigned width = f->width * columns;
    uint8_t *cell = g_malloc0((size_t)width * f->height);
    const FT_GlyphSlot glyph = f->face->glyph;
    const FT_Bitmap *b = &glyph->bitmap;

    if (FT_Load_Char(f->face, ch, FT_LOAD_RENDER) != 0 ||
        b->pixel_mode != FT_PIXEL_MODE_GRAY) {
        return cell;
    }
    for (unsigned row = 0; row < b->rows; row++) {
        int y = f->baseline - glyph->bitmap_top + (int)row;

        for (unsigned column = 0; column < b->width; column++) {
            int x = glyph->bitmap_left + (int)column;

            if (x >= 0 && x < (int)width && y >= 0 && y < (int)f->height) {
                cell[(size_t)y * width + x] =
                    b->buffer[(int)row * b->pitch + (int)column];
            }
        }
    }
    return cell;
}

const uint8_t *font_letter(Font *f, uint32_t ch, unsigned columns)
{
    void *key = GUINT_TO_POINTER(ch << 2 | columns);
    uint8_t *cell = g_hash_table_lookup(f->kept, key);

    if (cell == NULL) {
        if (g_hash_table_size(f->kept) == MAX_KEPT) {
            g_hash_table_remove_all(f->kept);
        }
        cell = draw(f, ch, columns);
        g_hash_table_insert(f->kept, key, cell);
    }
    return cell;
}
