/* SPDX-License-Identifier: GPL-2.0-or-later */
/* container/cgroup-devices.c - which devices a container may open: lines of
 * the v1 controller, or an eBPF program on the v2 directory (the kernel's
 * Documentation/admin-guide/cgroup-v2.rst, "Device controller").
 * The rules are read backwards: the last one that matches an access decides.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "container/cgroup.h"
#include "container/cgroup_priv.h"

enum {
    MAX_RULES = 1024, /* a program of some 8,000 instructions */
};

/* ---- v1 ---- */

static char *rule_text(const SpecDeviceRule *r)
{
    g_autofree char *major =
        r->has_major && r->major >= 0
            ? g_strdup_printf("%" G_GINT64_FORMAT, r->major)
            : g_strdup("*");
    g_autofree char *minor =
        r->has_minor && r->minor >= 0
            ? g_strdup_printf("%" G_GINT64_FORMAT, r->minor)
            : g_strdup("*");

    return g_strdup_printf("%s %s:%s %s", r->type != NULL ? r->type : "a",
                           major, minor,
                           r->access != NULL && *r->access ? r->access : "rwm");
}

static bool rules_v1(const Hierarchy *h, const GPtrArray *rules, GError **error)
{
    SPEC_EACH(SpecDeviceRule, r, rules)
    {
        g_autofree char *text = rule_text(r);

        if (!file_write(h->fd, r->allow ? "devices.allow" : "devices.deny",
                        text, error)) {
            return false;
        }
    }
    return true;
}

/* ---- v2 ---- */

static struct bpf_insn insn(uint8_t code, uint8_t dst, uint8_t src, int16_t off,
                            int32_t imm)
{
    return (struct bpf_insn){
        .code = code, .dst_reg = dst, .src_reg = src, .off = off, .imm = imm};
}

static void add(GArray *program, struct bpf_insn i)
{
    g_array_append_val(program, i);
}

/* R2: type, R3: access, R4: major, R5: minor, out of the context in R1
 * (struct bpf_cgroup_dev_ctx: access_type is access << 16 | type). */
static void load_access(GArray *program)
{
    add(program, insn(BPF_LDX | BPF_MEM | BPF_W, 2, 1, 0, 0));
    add(program, insn(BPF_ALU | BPF_MOV | BPF_X, 3, 2, 0, 0));
    add(program, insn(BPF_ALU | BPF_AND | BPF_K, 2, 0, 0, 0xffff));
    add(program, insn(BPF_ALU | BPF_RSH | BPF_K, 3, 0, 0, 16));
    add(program, insn(BPF_LDX | BPF_MEM | BPF_W, 4, 1, 4, 0));
    add(program, insn(BPF_LDX | BPF_MEM | BPF_W, 5, 1, 8, 0));
}

static void leave(GArray *program, bool allow)
{
    add(program, insn(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, allow));
    add(program, insn(BPF_JMP | BPF_EXIT, 0, 0, 0, 0));
}

static unsigned access_bits(const char *access)
{
    unsigned bits = 0;

    if (access == NULL || *access == '\0') {
        access = "rwm";
    }
    for (; *access != '\0'; access++) {
        bits |= *access == 'r'   ? BPF_DEVCG_ACC_READ
                : *access == 'w' ? BPF_DEVCG_ACC_WRITE
                : *access == 'm' ? BPF_DEVCG_ACC_MKNOD
                                 : 0u;
    }
    return bits;
}

/* The tests of one rule jump behind it where they fail. */
static void add_rule(GArray *program, const SpecDeviceRule *r)
{
    unsigned start = program->len, bits = access_bits(r->access);

    if (r->type != NULL && (*r->type == 'b' || *r->type == 'c')) {
        add(program,
            insn(BPF_JMP | BPF_JNE | BPF_K, 2, 0, 0,
                 *r->type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR));
    }
    if (bits !=
        (BPF_DEVCG_ACC_READ | BPF_DEVCG_ACC_WRITE | BPF_DEVCG_ACC_MKNOD)) {
        add(program, insn(BPF_ALU | BPF_MOV | BPF_X, 1, 3, 0, 0));
        add(program, insn(BPF_ALU | BPF_AND | BPF_K, 1, 0, 0, (int)bits));
        /* All of what is wanted is allowed; or any of it is denied. */
        add(program, r->allow ? insn(BPF_JMP | BPF_JNE | BPF_X, 1, 3, 0, 0)
                              : insn(BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 0, 0));
    }
    if (r->has_major && r->major >= 0) {
        add(program, insn(BPF_JMP | BPF_JNE | BPF_K, 4, 0, 0, (int)r->major));
    }
    if (r->has_minor && r->minor >= 0) {
        add(program, insn(BPF_JMP | BPF_JNE | BPF_K, 5, 0, 0, (int)r->minor));
    }
    leave(program, r->allow);
    for (unsigned i = start; i < program->len; i++) {
        struct bpf_insn *jump = &g_array_index(program, struct bpf_insn, i);

        if (BPF_CLASS(jump->code) == BPF_JMP &&
            jump->code != (BPF_JMP | BPF_EXIT)) {
            jump->off = (int16_t)(program->len - i - 1);
        }
    }
}

static long bpf(int command, union bpf_attr *attr)
{
    return syscall(SYS_bpf, command, attr, sizeof(*attr));
}

static int load_program(GArray *program, GError **error)
{
    union bpf_attr attr = {
        .prog_type = BPF_PROG_TYPE_CGROUP_DEVICE,
        .insns = (uintptr_t)program->data,
        .insn_cnt = program->len,
        .license = (uintptr_t) "GPL",
    };
    int fd = (int)bpf(BPF_PROG_LOAD, &attr);

    if (fd < 0) {
        fail_errno(error, "load the program of the device rules");
    }
    return fd;
}

/* Takes off what is attached here already: an update replaces the rules. */
static void detach_old(int cgroup)
{
    uint32_t ids[64];
    union bpf_attr query = {
        .query = {.target_fd = (uint32_t)cgroup,
                  .attach_type = BPF_CGROUP_DEVICE,
                  .prog_ids = (uintptr_t)ids,
                  .prog_cnt = G_N_ELEMENTS(ids)},
    };

    if (bpf(BPF_PROG_QUERY, &query) != 0) {
        return;
    }
    for (unsigned i = 0; i < query.query.prog_cnt; i++) {
        union bpf_attr get = {.prog_id = ids[i]}, detach = {0};
        g_auto(Fd) fd = (int)bpf(BPF_PROG_GET_FD_BY_ID, &get);

        detach.target_fd = (uint32_t)cgroup;
        detach.attach_bpf_fd = (uint32_t)fd;
        detach.attach_type = BPF_CGROUP_DEVICE;
        if (fd >= 0) {
            bpf(BPF_PROG_DETACH, &detach);
        }
    }
}

static bool rules_v2(const Hierarchy *h, const GPtrArray *rules, GError **error)
{
    g_autoptr(GArray) program =
        g_array_new(FALSE, FALSE, sizeof(struct bpf_insn));
    union bpf_attr attach = {0};
    g_auto(Fd) fd = -1;

    load_access(program);
    for (unsigned i = rules->len; i-- != 0;) {
        add_rule(program, rules->pdata[i]);
    }
    leave(program, true);
    fd = load_program(program, error);
    if (fd < 0) {
        return false;
    }
    detach_old(h->fd);
    attach.target_fd = (uint32_t)h->fd;
    attach.attach_bpf_fd = (uint32_t)fd;
    attach.attach_type = BPF_CGROUP_DEVICE;
    attach.attach_flags = BPF_F_ALLOW_MULTI;
    return bpf(BPF_PROG_ATTACH, &attach) == 0 ||
           fail_errno(error, "attach the device rules to '%s'", h->directory);
}

/* What every container may have, whatever its rules say: it may make any node,
 * and open the default devices and its terminals (config-linux.md, "Default
 * Devices"). */
#define ALLOWED(t, ma, mi, a)                                               \
 {                                                                          \
  .allow = true, .type = (char *)(t), .access = (char *)(a), .major = (ma), \
  .minor = (mi), .has_major = true, .has_minor = true,                      \
 }
static const SpecDeviceRule always[] = {
    ALLOWED("c", -1, -1, "m"), ALLOWED("b", -1, -1, "m"),
    ALLOWED("c", 1, 3, "rwm"), ALLOWED("c", 1, 5, "rwm"),
    ALLOWED("c", 1, 7, "rwm"), ALLOWED("c", 1, 8, "rwm"),
    ALLOWED("c", 1, 9, "rwm"), ALLOWED("c", 5, 0, "rwm"),
    ALLOWED("c", 5, 2, "rwm"), ALLOWED("c", 136, -1, "rwm"),
};

static GPtrArray *with_always(const GPtrArray *rules)
{
    GPtrArray *all = g_ptr_array_new();

    for (unsigned i = 0; i < rules->len; i++) {
        g_ptr_array_add(all, rules->pdata[i]);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(always); i++) {
        g_ptr_array_add(all, (void *)&always[i]);
    }
    return all;
}

bool cgroup_limit_devices(Cgroup *c, const GPtrArray *rules, GError **error)
{
    Hierarchy *h = cgroup_find(c, "devices");
    g_autoptr(GPtrArray) all = with_always(rules);

    if (rules->len == 0) {
        return true;
    }
    if (rules->len > MAX_RULES) {
        return fail(error, "linux.resources.devices: more than %d rules",
                    MAX_RULES);
    }
    if (h != NULL) {
        return rules_v1(h, all, error);
    }
    h = cgroup_unified(c);
    if (h != NULL) {
        return rules_v2(h, all, error);
    }
    if (!c->optional) {
        cgroup_warn(c, "no cgroup for devices here: the device rules have no "
                       "effect");
    }
    return true;
}
