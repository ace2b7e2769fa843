/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/keys.c - names and numbers of keys. */
#include "core/keys.h"

#include <glib.h>
#include <linux/input-event-codes.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct {
    const char *name;
    uint16_t key;
    uint8_t set1;
} Key;

static const Key keys[] = {
#define KEY(name, key, set1) {name, key, set1},
#include "core/keys.def"
#undef KEY
};

unsigned key_of_name(const char *name)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(keys); i++) {
        if (strcmp(keys[i].name, name) == 0) {
            return keys[i].key;
        }
    }
    return KEY_RESERVED;
}

unsigned key_of_set1(unsigned scan_code)
{
    for (unsigned i = 0; scan_code != 0 && i < G_N_ELEMENTS(keys); i++) {
        if (keys[i].set1 == scan_code) {
            return keys[i].key;
        }
    }
    return KEY_RESERVED;
}

const char *key_name(unsigned key)
{
    for (unsigned i = 0; key != KEY_RESERVED && i < G_N_ELEMENTS(keys); i++) {
        if (keys[i].key == key) {
            return keys[i].name;
        }
    }
    return NULL;
}

const char *key_list_name(unsigned n)
{
    return n < G_N_ELEMENTS(keys) ? keys[n].name : NULL;
}
