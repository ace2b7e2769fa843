/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/state.c - saving and loading a machine: guest time, every vCPU,
 * every device in order of creation. */
#include "core/state.h"

#include "core/clock.h"
#include "machine/boot/file.h"
#include "machine/machine_priv.h"

typedef struct {
    uint64_t now_ns;
    uint32_t cpus, devices;
} Header;

static const StateField header_state[] = {
    STATE_U(Header, now_ns),
    STATE_U(Header, cpus),
    STATE_U(Header, devices),
    STATE_LAST,
};

static Header header(const Machine *m)
{
    return (Header){(uint64_t)clock_now_ns(), m->config->cpus, m->devices->len};
}

void machine_save(Machine *m, GByteArray *out)
{
    Header h = header(m);

    state_save(out, "machine", 0, header_state, &h);
    for (unsigned i = 0; i < m->config->cpus; i++) {
        state_save(out, "cpu", i, m->target->state, m->vcpus[i]);
    }
    for (unsigned i = 0; i < m->devices->len; i++) {
        device_save(g_ptr_array_index(m->devices, i), out);
    }
}

bool machine_load(Machine *m, const uint8_t *data, size_t len, GError **error)
{
    Header h, want = header(m);
    size_t pos = 0;

    if (!state_load(data, len, &pos, "machine", 0, header_state, &h, error)) {
        return false;
    }
    if (h.cpus != want.cpus || h.devices != want.devices) {
        return machine_fail(error,
                            "saved machine has %u cpus and %u devices, this "
                            "one %u and %u",
                            h.cpus, h.devices, want.cpus, want.devices);
    }
    clock_set_now((int64_t)h.now_ns);
    for (unsigned i = 0; i < m->config->cpus; i++) {
        if (!state_load(data, len, &pos, "cpu", i, m->target->state,
                        m->vcpus[i], error)) {
            return false;
        }
        if (m->target->loaded != NULL) {
            m->target->loaded(m->vcpus[i]);
        }
    }
    for (unsigned i = 0; i < m->devices->len; i++) {
        if (!device_load(g_ptr_array_index(m->devices, i), data, len, &pos,
                         error)) {
            return false;
        }
    }
    return pos == len || machine_fail(error,
                                      "saved machine has %zu bytes "
                                      "too many",
                                      len - pos);
}
