/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/dev/pl011.c - the PrimeCell serial port as its drivers use it. */
#include "hw/char/pl011.h"

#include <glib.h>
#include <string.h>
#include <unistd.h>

#include "tests/dev/rig.h"
#include "util/log.h"

enum {
    DR = 0x00,
    RSR = 0x04,
    FR = 0x18,
    LCR_H = 0x2c,
    CR = 0x30,
    IFLS = 0x34,
    IMSC = 0x38,
    RIS = 0x3c,
    MIS = 0x40,
    ICR = 0x44,
};

static bool *irq;

static void setup(Rig *rig, gconstpointer data)
{
    rig_init(rig);
    rig_add(rig, &pl011_class, true);
    pl011_connect(rig->dev, rig_line(rig, 0));
    rig_start(rig);
    rig_map(rig, PRIMECELL_SIZE);
    irq = &rig->level[0];
}

static void teardown(Rig *rig, gconstpointer data)
{
    rig_finish(rig);
}

/* Drivers use halfwords, firmware words and bytes. */
static unsigned in(Rig *rig, unsigned reg)
{
    return (unsigned)rig_read(rig, reg, 2);
}

static void out(Rig *rig, unsigned reg, unsigned v)
{
    rig_write(rig, reg, 2, v);
}

static void type(Rig *rig, const char *text)
{
    size_t len = strlen(text);

    g_assert_cmpuint(char_can_receive(&rig->chardev->dev), >=, len);
    char_receive(&rig->chardev->dev, (const uint8_t *)text, len);
}

static void test_reset(Rig *rig, gconstpointer data)
{
    static const uint8_t ids[] = {0x11, 0x10, 0x14, 0, 0x0d, 0xf0, 0x05, 0xb1};

    g_assert_cmphex(in(rig, FR), ==, 0x90);
    g_assert_cmphex(in(rig, CR), ==, 0x300);
    g_assert_cmphex(in(rig, IFLS), ==, 0x12);
    for (unsigned i = 0; i < 8; i++) {
        g_assert_cmphex(rig_read(rig, 0xfe0 + 4 * i, 4), ==, ids[i]);
    }
    g_assert_false(*irq);
}

static void test_send(Rig *rig, gconstpointer data)
{
    out(rig, CR, 0x301);
    out(rig, IMSC, 0x20);
    g_assert_false(*irq); /* raised by bytes that went, not by being empty */
    for (const char *p = "hello"; *p != '\0'; p++) {
        rig_write(rig, DR, p[0] == 'h' ? 1 : 4, (uint8_t)*p);
    }
    g_assert_cmpstr(rig->chardev->out->str, ==, "hello");
    g_assert_true(*irq);
    g_assert_cmphex(in(rig, MIS), ==, 0x20);
    out(rig, ICR, 0x20);
    g_assert_false(*irq);
    g_assert_cmphex(in(rig, FR), ==, 0x90);
}

static void test_receive(Rig *rig, gconstpointer data)
{
    out(rig, IMSC, 0x50);
    g_assert_cmpuint(char_can_receive(&rig->chardev->dev), ==, 1);
    type(rig, "a");
    g_assert_true(*irq);
    g_assert_cmphex(in(rig, FR), ==, 0xc0);
    g_assert_cmpuint(char_can_receive(&rig->chardev->dev), ==, 0);
    rig->chardev->accepts = 0;
    g_assert_cmphex(in(rig, DR), ==, 'a');
    g_assert_cmpuint(rig->chardev->accepts, ==, 1);
    g_assert_false(*irq);
    g_assert_cmphex(in(rig, FR), ==, 0x90);
}

static void test_fifo(Rig *rig, gconstpointer data)
{
    out(rig, LCR_H, 0x70);
    out(rig, IMSC, 0x10);
    g_assert_cmpuint(char_can_receive(&rig->chardev->dev), ==, 16);
    type(rig, "0123456");
    g_assert_false(*irq);
    type(rig, "7");
    g_assert_true(*irq);
    g_assert_cmphex(in(rig, DR), ==, '0');
    g_assert_false(*irq);
    type(rig, "89abcdefg");
    g_assert_cmphex(in(rig, FR) & 0x40, ==, 0x40);
    for (const char *p = "123456789abcdefg"; *p != '\0'; p++) {
        g_assert_cmphex(in(rig, DR), ==, *p);
    }
    g_assert_cmphex(in(rig, FR), ==, 0x90);
}

/* Bytes below the trigger level, and silence. */
static void test_timeout(Rig *rig, gconstpointer data)
{
    out(rig, LCR_H, 0x70);
    out(rig, IMSC, 0x50);
    type(rig, "ab");
    g_assert_false(*irq);
    rig_wait(irq, true);
    g_assert_cmphex(in(rig, MIS), ==, 0x40);
    in(rig, DR);
    in(rig, DR);
    g_assert_false(*irq);
}

static void test_break(Rig *rig, gconstpointer data)
{
    out(rig, LCR_H, 0x70);
    out(rig, IMSC, 0x200);
    type(rig, "a");
    char_event(&rig->chardev->dev, CHAR_BREAK);
    g_assert_true(*irq);
    g_assert_cmphex(in(rig, DR), ==, 'a');
    g_assert_cmphex(in(rig, DR), ==, 0x400);
    g_assert_cmphex(in(rig, RSR), ==, 4);
    out(rig, RSR, 0);
    g_assert_cmphex(in(rig, RSR), ==, 0);
    out(rig, ICR, 0x7ff);
    g_assert_false(*irq);
}

static void test_loopback(Rig *rig, gconstpointer data)
{
    out(rig, CR, 0x381);
    g_assert_cmpuint(char_can_receive(&rig->chardev->dev), ==, 0);
    out(rig, DR, 'q');
    out(rig, DR, 'r'); /* into one register: lost */
    g_assert_cmphex(in(rig, DR), ==, 'q' | 0x800);
    g_assert_cmpuint(rig->chardev->out->len, ==, 0);
}

/* A host that takes nothing for a while. */
static void test_slow_host(Rig *rig, gconstpointer data)
{
    out(rig, CR, 0x301);
    out(rig, LCR_H, 0x70);
    out(rig, IMSC, 0x20);
    rig->chardev->limit = 1;
    out(rig, DR, 'a');
    out(rig, ICR, 0x20);
    out(rig, DR, 'b');
    out(rig, DR, 'c');
    g_assert_cmphex(in(rig, FR), ==, 0x18);
    g_assert_false(*irq);
    rig->chardev->limit = 100;
    rig_wait(irq, true);
    g_assert_cmpstr(rig->chardev->out->str, ==, "abc");
}

/* A guest that never turns the port on hears of it once, and again after it
 * wrote CR. The bytes go out all the same. */
static void test_off(Rig *rig, gconstpointer data)
{
    static const char once[] = "pl011: byte sent while not enabled\n";
    g_autofree char *path = NULL;
    g_autofree char *first = NULL;
    g_autofree char *second = NULL;
    int fd = g_file_open_tmp("pl011-XXXXXX", &path, NULL);

    g_assert_cmpint(fd, >=, 0);
    close(fd);
    g_assert_true(log_open(path, NULL));
    g_assert_true(log_enable_topics("guest_errors", NULL));
    out(rig, DR, 'a');
    out(rig, DR, 'b');
    g_assert_true(g_file_get_contents(path, &first, NULL, NULL));
    g_assert_cmpstr(first, ==, once);
    g_assert_true(log_open(path, NULL)); /* empties it */
    out(rig, CR, 0x201);
    out(rig, DR, 'c');
    out(rig, DR, 'd');
    g_assert_true(g_file_get_contents(path, &second, NULL, NULL));
    g_assert_cmpstr(second, ==, once);
    g_assert_cmpstr(rig->chardev->out->str, ==, "abcd");
    log_mask = 0;
    unlink(path);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(name) \
 g_test_add("/pl011/" #name, Rig, NULL, setup, test_##name, teardown)
    TEST(reset);
    TEST(send);
    TEST(receive);
    TEST(fifo);
    TEST(timeout);
    TEST(break);
    TEST(loopback);
    TEST(slow_host);
    TEST(off);
    return g_test_run();
}
