/* SPDX-License-Identifier: GPL-2.0-or-later */
/* engine/names.c */
#include "engine/names.h"

#include <glib.h>

static const char *const first[] = {
    "agile",  "amber",  "bold",    "brave",   "bright", "calm",   "clear",
    "clever", "coral",  "crisp",   "curious", "deep",   "eager",  "early",
    "fair",   "fleet",  "fresh",   "gentle",  "glad",   "golden", "grand",
    "happy",  "hidden", "jolly",   "keen",    "kind",   "late",   "light",
    "lively", "lucky",  "mellow",  "merry",   "mild",   "neat",   "nimble",
    "noble",  "open",   "patient", "plain",   "polite", "proud",  "quick",
    "quiet",  "rapid",  "ready",   "round",   "silent", "silver", "sleek",
    "smart",  "snug",   "soft",    "solid",   "spry",   "steady", "still",
    "sunny",  "swift",  "tidy",    "vivid",   "warm",   "wary",   "wise",
    "witty",
};

static const char *const second[] = {
    "anchor",  "bay",      "beach",  "buoy",   "canal",  "cape",    "clam",
    "cod",     "conch",    "coral",  "cove",   "crab",   "current", "delta",
    "dolphin", "dune",     "eel",    "fjord",  "gull",   "harbor",  "heron",
    "herring", "island",   "jetty",  "kelp",   "kraken", "lagoon",  "lamprey",
    "limpet",  "lobster",  "mantle", "marlin", "mussel", "narwhal", "nautilus",
    "octopus", "orca",     "otter",  "oyster", "pearl",  "pelican", "perch",
    "pier",    "plankton", "prawn",  "puffin", "ray",    "reef",    "sail",
    "salmon",  "sardine",  "seal",   "shoal",  "shrimp", "spray",   "squid",
    "tern",    "tide",     "trout",  "tuna",   "urchin", "walrus",  "wave",
    "whale",
};

char *name_make(void)
{
    guint32 r = g_random_int();

    return g_strdup_printf("%s_%s", first[r % G_N_ELEMENTS(first)],
                           second[(r >> 16) % G_N_ELEMENTS(second)]);
}
