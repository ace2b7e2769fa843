/* SPDX-License-Identifier: GPL-2.0-or-later */
/* util/bits.h - fields of words, and words as a guest lays them out.
 * Threads: pure functions. */
#ifndef CUTTLE_UTIL_BITS_H
#define CUTTLE_UTIL_BITS_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define BIT(n) (UINT64_C(1) << (n))

/* The low n bits set; n may be 0 to 64. */
static inline uint64_t bits_mask(unsigned n)
{
    return n >= 64 ? ~UINT64_C(0) : (UINT64_C(1) << n) - 1;
}

/* Bits [lo, lo + len) of v, shifted down. */
static inline uint64_t bits_get(uint64_t v, unsigned lo, unsigned len)
{
    return (v >> lo) & bits_mask(len);
}

/* v with bits [lo, lo + len) replaced by field. */
static inline uint64_t bits_set(uint64_t v, unsigned lo, unsigned len,
                                uint64_t field)
{
    uint64_t mask = bits_mask(len) << lo;

    return (v & ~mask) | ((field << lo) & mask);
}

/* The low len bits of v as a two's complement number; len 1 to 64. */
static inline int64_t bits_sext(uint64_t v, unsigned len)
{
    return (int64_t)(v << (64 - len)) >> (64 - len);
}

static inline uint64_t align_down(uint64_t v, uint64_t to)
{
    return v & ~(to - 1);
}

static inline uint64_t align_up(uint64_t v, uint64_t to)
{
    return (v + to - 1) & ~(to - 1);
}

/* Guest-visible memory: the type carries the byte order, so a slip does not
 * compile. The host is little-endian or converts. */
typedef struct {
    uint16_t raw;
} Le16;
typedef struct {
    uint32_t raw;
} Le32;
typedef struct {
    uint64_t raw;
} Le64;
typedef struct {
    uint16_t raw;
} Be16;
typedef struct {
    uint32_t raw;
} Be32;
typedef struct {
    uint64_t raw;
} Be64;

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
# define BITS_LE_(n, v) (v)
# define BITS_BE_(n, v) __builtin_bswap##n(v)
#else
# define BITS_LE_(n, v) __builtin_bswap##n(v)
# define BITS_BE_(n, v) (v)
#endif

#define BITS_ORDERED_(Type, name, n, CONV)               \
 static inline uint##n##_t name##_get(Type v)            \
 {                                                       \
  return CONV(n, v.raw);                                 \
 }                                                       \
 static inline Type name##_make(uint##n##_t v)           \
 {                                                       \
  return (Type){CONV(n, v)};                             \
 }                                                       \
 static inline uint##n##_t name##_load(const void *p)    \
 {                                                       \
  uint##n##_t v;                                         \
  memcpy(&v, p, sizeof(v));                              \
  return CONV(n, v);                                     \
 }                                                       \
 static inline void name##_store(void *p, uint##n##_t v) \
 {                                                       \
  v = CONV(n, v);                                        \
  memcpy(p, &v, sizeof(v));                              \
 }

BITS_ORDERED_(Le16, le16, 16, BITS_LE_)
BITS_ORDERED_(Le32, le32, 32, BITS_LE_)
BITS_ORDERED_(Le64, le64, 64, BITS_LE_)
BITS_ORDERED_(Be16, be16, 16, BITS_BE_)
BITS_ORDERED_(Be32, be32, 32, BITS_BE_)
BITS_ORDERED_(Be64, be64, 64, BITS_BE_)

/* Little-endian bytes to number and back for any size from 1 to 8. */
static inline uint64_t bytes_load_le(const void *p, unsigned size)
{
    const uint8_t *bytes = p;
    uint64_t v = 0;

    for (unsigned i = 0; i < size; i++) {
        v |= (uint64_t)bytes[i] << (8 * i);
    }
    return v;
}

static inline void bytes_store_le(void *p, unsigned size, uint64_t v)
{
    uint8_t *bytes = p;

    for (unsigned i = 0; i < size; i++) {
        bytes[i] = (uint8_t)(v >> (8 * i));
    }
}

/* A guest's access to memory of the host, size 1, 2, 4 or 8: a plain load or
 * store, so naturally aligned ones are single-copy atomic as guests expect. */
static inline uint64_t host_load(const uint8_t *p, unsigned size)
{
    switch (size) {
    case 1:
        return *p;
    case 2:
        return le16_load(p);
    case 4:
        return le32_load(p);
    default:
        return le64_load(p);
    }
}

static inline void host_store(uint8_t *p, unsigned size, uint64_t value)
{
    switch (size) {
    case 1:
        *p = (uint8_t)value;
        break;
    case 2:
        le16_store(p, (uint16_t)value);
        break;
    case 4:
        le32_store(p, (uint32_t)value);
        break;
    default:
        le64_store(p, value);
    }
}

#endif
