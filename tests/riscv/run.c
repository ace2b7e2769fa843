/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/riscv/run.c - runs bare programs that end in the test finisher on the
 * plain hart of hart.h: hart-run [-cpu MODEL] ELF... ; prints the failed ones
 * and exits 1 if there are any. ELF32 programs run on RV32. */
#include <elf.h>
#include <stdio.h>
#include <string.h>

#include "tests/riscv/hart.h"

static bool is_elf64(const char *path)
{
    g_autofree char *file = NULL;
    gsize len;

    return g_file_get_contents(path, &file, &len, NULL) && len > EI_CLASS &&
           file[EI_CLASS] == ELFCLASS64;
}

int main(int argc, char **argv)
{
    const char *cpu = "max";
    int first = 1;
    int failed = 0;

    if (argc > 2 && strcmp(argv[1], "-cpu") == 0) {
        cpu = argv[2];
        first = 3;
    }
    for (int i = first; i < argc; i++) {
        Hart *h = hart_new(cpu, is_elf64(argv[i]));

        if (!hart_load_elf(h, argv[i])) {
            printf("%s: cannot be loaded\n", argv[i]);
            failed++;
        } else {
            hart_run(h, 2000000);
            if (h->result != 0) {
                g_autofree char *state =
                    target_riscv64.print_state(&h->cpu->vcpu);

                printf("%s: %d%s\n", argv[i], h->result,
                       h->result == HART_RUNNING ? " (no end)" : "");
                if (g_getenv("HART_STATE")) {
                    printf("%s", state);
                }
                failed++;
            }
        }
        hart_free(h);
    }
    printf("%d of %d failed\n", failed, argc - first);
    return failed != 0;
}
