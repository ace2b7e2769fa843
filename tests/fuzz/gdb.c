/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/fuzz/gdb.c - the gdb stub with any bytes, on a machine that does not
 * run: input is bytes of a connection, and, so that more gets past the
 * checksum, whole packets: what stands between newlines. And any bytes as an
 * expression. */
#include "control/gdb/gdb.h"

#include <string.h>

#include "control/gdb/agent.h"
#include "control/gdb/packet.h"
#include "machine/view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t sink_write(CharDev *c, const uint8_t *bytes, size_t len)
{
    return len;
}

static void sink_free(CharDev *c)
{
}

static const CharClass sink_class = {
    .name = "sink",
    .write = sink_write,
    .free = sink_free,
};

static CharDev sink = {.cls = &sink_class, .open = true};

static Machine *machine(void)
{
    static MachineConfig config;
    static Machine *m;
    g_autoptr(GError) error = NULL;

    if (m == NULL) {
        config_init(&config, &target_riscv64);
        config.machine = opts_new();
        config.cpus = 2;
        config.ram_bytes = 16 << 20;
        config.bios = g_strdup("none");
        config.no_defaults = config.display_none = config.no_nic = true;
        config.start_paused = true;
        m = machine_new(&config, &error);
        g_assert_no_error(error);
    }
    return m;
}

static void push_packets(const char *data, size_t size)
{
    g_autoptr(GByteArray) all = g_byte_array_new();

    while (size > 0) {
        const char *end = memchr(data, '\n', size);
        size_t len = end != NULL ? (size_t)(end - data) : size;

        /* What continues or ends the machine is not for here. */
        if (len > 0 && strchr("kcCsSDR", *data) == NULL &&
            !(len > 1 && *data == 'v')) {
            uint8_t sum = 0;
            char tail[4];

            for (size_t i = 0; i < len; i++) {
                sum += (uint8_t)data[i];
            }
            g_snprintf(tail, sizeof(tail), "#%02x", sum);
            g_byte_array_append(all, (const uint8_t *)"$", 1);
            g_byte_array_append(all, (const uint8_t *)data, (guint)len);
            g_byte_array_append(all, (const uint8_t *)tail, 3);
        }
        data += MIN(len + 1, size);
        size -= MIN(len + 1, size);
    }
    char_receive(&sink, all->data, all->len);
}

static bool any_reg(void *opaque, unsigned number, uint64_t *value)
{
    *value = number * UINT64_C(0x9e3779b97f4a7c15);
    return number < 100;
}

static bool any_memory(void *opaque, uint64_t addr, void *to, size_t len)
{
    memset(to, (int)addr, len);
    return addr % 3 != 0;
}

static void evaluate(const uint8_t *code, size_t len)
{
    static const AgentView view = {any_reg, any_memory, NULL};
    uint64_t value;

    agent_eval(code, len, &view, &value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    GdbStub *s;

    if (size == 0) {
        return 0;
    }
    if (data[0] & 2) {
        evaluate(data + 1, size - 1);
        return 0;
    }
    s = gdb_stub_new(machine(), &sink, NULL);
    g_assert_nonnull(s);
    if (data[0] & 1) {
        push_packets((const char *)data + 1, size - 1);
    } else {
        g_autoptr(GByteArray) noise = g_byte_array_new();

        /* No checksum is right by chance that could resume. */
        g_byte_array_append(noise, data + 1, (guint)size - 1);
        for (guint i = 0; i < noise->len; i++) {
            if (strchr("kcCsSDRv", noise->data[i]) != NULL) {
                noise->data[i] = 'q';
            }
        }
        char_receive(&sink, noise->data, noise->len);
    }
    gdb_stub_free(s);
    return 0;
}
