/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/dev/ns16550.c - the serial port as its drivers use it. */
#include "hw/char/ns16550.h"

#include <glib.h>
#include <string.h>

#include "tests/dev/rig.h"

enum { RBR, IER, IIR, LCR, MCR, LSR, MSR, SCR };

static bool *irq;

static void setup(Rig *rig, gconstpointer data)
{
    rig_init(rig);
    rig_add(rig, &ns16550_class, true);
    ns16550_connect(rig->dev, rig_line(rig, 0));
    rig_start(rig);
    rig_map(rig, NS16550_SIZE);
    irq = &rig->level[0];
}

static void teardown(Rig *rig, gconstpointer data)
{
    rig_finish(rig);
}

static uint8_t in(Rig *rig, unsigned reg)
{
    return (uint8_t)rig_read(rig, reg, 1);
}

static void out(Rig *rig, unsigned reg, uint8_t v)
{
    rig_write(rig, reg, 1, v);
}

static void type(Rig *rig, const char *text)
{
    size_t len = strlen(text);

    g_assert_cmpuint(char_can_receive(&rig->chardev->dev), >=, len);
    char_receive(&rig->chardev->dev, (const uint8_t *)text, len);
}

static void test_reset(Rig *rig, gconstpointer data)
{
    static const uint8_t want[] = {0, 0, 0x01, 0, 0x08, 0x60, 0xb0, 0};

    for (unsigned i = 0; i < 8; i++) {
        g_assert_cmphex(in(rig, i), ==, want[i]);
    }
    out(rig, SCR, 0x5a);
    g_assert_cmphex(in(rig, SCR), ==, 0x5a);
    g_assert_false(*irq);
}

static void test_divisor(Rig *rig, gconstpointer data)
{
    out(rig, LCR, 0x83);
    out(rig, 0, 0x34);
    out(rig, 1, 0x12);
    g_assert_cmphex(in(rig, 0), ==, 0x34);
    g_assert_cmphex(in(rig, 1), ==, 0x12);
    out(rig, LCR, 0x03);
    g_assert_cmphex(in(rig, IER), ==, 0);
    g_assert_cmpuint(rig->chardev->out->len, ==, 0);
}

static void test_send(Rig *rig, gconstpointer data)
{
    for (const char *p = "hello"; *p != '\0'; p++) {
        g_assert_cmphex(in(rig, LSR) & 0x60, ==, 0x60);
        out(rig, RBR, (uint8_t)*p);
    }
    g_assert_cmpstr(rig->chardev->out->str, ==, "hello");
}

/* The interrupt of the empty transmitter: raised by enabling it, taken back by
 * reading IIR, raised again by the next byte that is out. */
static void test_thre(Rig *rig, gconstpointer data)
{
    out(rig, IER, 0x02);
    g_assert_true(*irq);
    g_assert_cmphex(in(rig, IIR), ==, 0x02);
    g_assert_false(*irq);
    g_assert_cmphex(in(rig, IIR), ==, 0x01);
    out(rig, RBR, 'x');
    g_assert_true(*irq);
    out(rig, IER, 0);
    g_assert_false(*irq);
    out(rig, IER, 0x02);
    g_assert_true(*irq);
}

static void test_receive(Rig *rig, gconstpointer data)
{
    out(rig, IER, 0x01);
    g_assert_cmpuint(char_can_receive(&rig->chardev->dev), ==, 1);
    type(rig, "a");
    g_assert_true(*irq);
    g_assert_cmphex(in(rig, IIR), ==, 0x04);
    g_assert_cmphex(in(rig, LSR), ==, 0x61);
    g_assert_cmpuint(char_can_receive(&rig->chardev->dev), ==, 0);
    rig->chardev->accepts = 0;
    g_assert_cmpint(in(rig, RBR), ==, 'a');
    g_assert_cmpuint(rig->chardev->accepts, ==, 1);
    g_assert_false(*irq);
    g_assert_cmphex(in(rig, LSR), ==, 0x60);
}

static void test_fifo(Rig *rig, gconstpointer data)
{
    out(rig, 2, 0x81); /* on, trigger at 8 */
    g_assert_cmphex(in(rig, IIR), ==, 0xc1);
    out(rig, IER, 0x01);
    g_assert_cmpuint(char_can_receive(&rig->chardev->dev), ==, 16);
    type(rig, "0123456");
    g_assert_false(*irq);
    type(rig, "7");
    g_assert_true(*irq);
    g_assert_cmphex(in(rig, IIR), ==, 0xc4);
    g_assert_cmpint(in(rig, RBR), ==, '0');
    g_assert_false(*irq);
    type(rig, "89abcdefg");
    g_assert_cmpuint(char_can_receive(&rig->chardev->dev), ==, 0);
    for (const char *p = "123456789abcdefg"; *p != '\0'; p++) {
        g_assert_cmphex(in(rig, LSR) & 1, ==, 1);
        g_assert_cmpint(in(rig, RBR), ==, *p);
    }
    g_assert_cmphex(in(rig, LSR), ==, 0x60);
    type(rig, "zz");
    out(rig, 2, 0x83);
    g_assert_cmphex(in(rig, LSR), ==, 0x60);
}

/* Bytes below the trigger level, and silence. */
static void test_timeout(Rig *rig, gconstpointer data)
{
    out(rig, 2, 0xc1);
    out(rig, IER, 0x01);
    type(rig, "ab");
    g_assert_false(*irq);
    rig_wait(irq, true);
    g_assert_cmphex(in(rig, IIR), ==, 0xcc);
    g_assert_cmpint(in(rig, RBR), ==, 'a');
    g_assert_false(*irq);
    rig_wait(irq, true);
    g_assert_cmpint(in(rig, RBR), ==, 'b');
    g_assert_false(*irq);
}

static void test_loopback(Rig *rig, gconstpointer data)
{
    out(rig, MCR, 0x1a); /* what Linux probes with */
    g_assert_cmphex(in(rig, MSR) & 0xf0, ==, 0x90);
    out(rig, MCR, 0x15);
    g_assert_cmphex(in(rig, MSR) & 0xf0, ==, 0x60);
    g_assert_cmpuint(char_can_receive(&rig->chardev->dev), ==, 0);
    out(rig, RBR, 'q');
    g_assert_cmpint(in(rig, RBR), ==, 'q');
    g_assert_cmpuint(rig->chardev->out->len, ==, 0);
    rig->chardev->accepts = 0;
    out(rig, MCR, 0x08);
    g_assert_cmpuint(rig->chardev->accepts, ==, 1);
}

static void test_modem(Rig *rig, gconstpointer data)
{
    out(rig, IER, 0x08);
    out(rig, MCR, 0x10);
    g_assert_true(*irq);
    g_assert_cmphex(in(rig, IIR), ==, 0x00);
    g_assert_cmphex(in(rig, MSR), ==, 0x0b);
    g_assert_false(*irq);
    out(rig, MCR, 0x14);
    g_assert_cmphex(in(rig, MSR), ==, 0x40);
    out(rig, MCR, 0x10);
    g_assert_cmphex(in(rig, MSR), ==, 0x04);
}

static void test_line_status(Rig *rig, gconstpointer data)
{
    out(rig, IER, 0x04);
    char_event(&rig->chardev->dev, CHAR_BREAK);
    g_assert_true(*irq);
    g_assert_cmphex(in(rig, IIR), ==, 0x06);
    g_assert_cmphex(in(rig, LSR), ==, 0x71);
    g_assert_false(*irq);
    g_assert_cmphex(in(rig, RBR), ==, 0);
    out(rig, MCR, 0x18); /* two bytes into one register: overrun */
    out(rig, RBR, 'x');
    out(rig, RBR, 'y');
    g_assert_true(*irq);
    g_assert_cmphex(in(rig, LSR), ==, 0x63);
    g_assert_cmpint(in(rig, RBR), ==, 'y');
}

/* A host that takes nothing for a while. */
static void test_slow_host(Rig *rig, gconstpointer data)
{
    out(rig, 2, 0x01);
    out(rig, IER, 0x02);
    in(rig, IIR);
    rig->chardev->limit = 1;
    out(rig, RBR, 'a');
    g_assert_true(*irq);
    in(rig, IIR);
    out(rig, RBR, 'b');
    out(rig, RBR, 'c');
    g_assert_cmphex(in(rig, LSR) & 0x60, ==, 0);
    g_assert_false(*irq);
    rig->chardev->limit = 100;
    rig_wait(irq, true);
    g_assert_cmpstr(rig->chardev->out->str, ==, "abc");
}

static void test_priority(Rig *rig, gconstpointer data)
{
    out(rig, IER, 0x0f);
    type(rig, "x");
    char_event(&rig->chardev->dev, CHAR_BREAK);
    out(rig, MCR, 0x10);
    g_assert_cmphex(in(rig, IIR), ==, 0x06);
    in(rig, LSR);
    g_assert_cmphex(in(rig, IIR), ==, 0x04);
    in(rig, RBR);
    g_assert_cmphex(in(rig, IIR), ==, 0x02);
    g_assert_cmphex(in(rig, IIR), ==, 0x00);
    in(rig, MSR);
    g_assert_cmphex(in(rig, IIR), ==, 0x01);
    g_assert_false(*irq);
}

/* A word at once is its four bytes. */
static void test_wide(Rig *rig, gconstpointer data)
{
    rig_write(rig, 4, 4, 0x77000000);
    g_assert_cmphex(rig_read(rig, 4, 4), ==, 0x77b06000);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(name) \
 g_test_add("/ns16550/" #name, Rig, NULL, setup, test_##name, teardown)
    TEST(reset);
    TEST(divisor);
    TEST(send);
    TEST(thre);
    TEST(receive);
    TEST(fifo);
    TEST(timeout);
    TEST(loopback);
    TEST(modem);
    TEST(line_status);
    TEST(slow_host);
    TEST(priority);
    TEST(wide);
    return g_test_run();
}
