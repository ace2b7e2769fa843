/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/isa/arm/hash.S - SHA-1, SHA-256 and SHA-512 of "abc" (FIPS 180-4), by
 * their instructions. */
#include "check.h"

    .arch_extension crypto
    .arch_extension sha3

    /* v0 to v3, or to v7, move down, and v0 up. */
.macro NEXT_WORDS n
    mov v24.16b, v0.16b
    mov v0.16b, v1.16b
    mov v1.16b, v2.16b
    mov v2.16b, v3.16b
    .if \n == 4
    mov v3.16b, v24.16b
    .else
    mov v3.16b, v4.16b
    mov v4.16b, v5.16b
    mov v5.16b, v6.16b
    mov v6.16b, v7.16b
    mov v7.16b, v24.16b
    .endif
.endm

    /* Five times four rounds of SHA-1 with constant v20. */
.macro SHA1_ROUNDS f
    mov x3, #5
1:  add v18.4s, v0.4s, v20.4s
    sha1h s19, s16
    \f q16, s17, v18.4s
    mov v17.16b, v19.16b
    sha1su0 v0.4s, v1.4s, v2.4s
    sha1su1 v0.4s, v3.4s
    NEXT_WORDS 4
    subs x3, x3, #1
    b.ne 1b
.endm

    START
    mov x0, #(3 << 20) /* CPACR_EL1.FPEN */
    msr cpacr_el1, x0
    isb
    adr x1, message
    adr x2, sums

    /* SHA-1. */
    ld1 {v0.4s, v1.4s, v2.4s, v3.4s}, [x1]
    adr x4, start1
    ld1 {v16.4s, v17.4s}, [x4], #32
    ld1 {v30.4s}, [x4]
    mov v28.16b, v16.16b
    mov v29.16b, v17.16b
    dup v20.4s, v30.s[0]
    SHA1_ROUNDS sha1c
    dup v20.4s, v30.s[1]
    SHA1_ROUNDS sha1p
    dup v20.4s, v30.s[2]
    SHA1_ROUNDS sha1m
    dup v20.4s, v30.s[3]
    SHA1_ROUNDS sha1p
    add v16.4s, v16.4s, v28.4s
    add v17.4s, v17.4s, v29.4s
    umov x0, v16.d[0]
    CHECK x0, 0x4706816aa9993e36
    umov x0, v16.d[1]
    CHECK x0, 0x7850c26cba3e2571
    umov w0, v17.s[0]
    CHECK x0, 0x9cd0d89d

    /* SHA-256: its constants are the upper halves of SHA-512's. */
    ld1 {v0.4s, v1.4s, v2.4s, v3.4s}, [x1]
    adr x4, start512
    ld1 {v18.4s, v19.4s, v20.4s, v21.4s}, [x4]
    uzp2 v16.4s, v18.4s, v19.4s
    uzp2 v17.4s, v20.4s, v21.4s
    mov v28.16b, v16.16b
    mov v29.16b, v17.16b
    mov x4, x2
    mov x3, #16
1:  ld1 {v20.4s, v21.4s}, [x4], #32
    uzp2 v20.4s, v20.4s, v21.4s
    add v20.4s, v20.4s, v0.4s
    mov v19.16b, v16.16b
    sha256h q16, q17, v20.4s
    sha256h2 q17, q19, v20.4s
    sha256su0 v0.4s, v1.4s
    sha256su1 v0.4s, v2.4s, v3.4s
    NEXT_WORDS 4
    subs x3, x3, #1
    b.ne 1b
    add v16.4s, v16.4s, v28.4s
    add v17.4s, v17.4s, v29.4s
    umov x0, v16.d[0]
    CHECK x0, 0x8f01cfeaba7816bf
    umov x0, v16.d[1]
    CHECK x0, 0x5dae2223414140de
    umov x0, v17.d[0]
    CHECK x0, 0x96177a9cb00361a3
    umov x0, v17.d[1]
    CHECK x0, 0xf20015adb410ff61

    /* Both halves of one step, and the second in a block of its own. */
    mov v18.16b, v16.16b
    mov v19.16b, v17.16b
    mov v21.16b, v17.16b
    sha256h q18, q17, v0.4s
    sha256h2 q19, q16, v0.4s
    b 1f
1:  sha256h2 q21, q16, v0.4s
    eor v21.16b, v21.16b, v19.16b
    umov x0, v21.d[0]
    CHECK x0, 0
    umov x0, v21.d[1]
    CHECK x0, 0

    /* SHA-512: a, b to g, h in v16 to v19. */
    adr x4, message512
    ld1 {v0.2d, v1.2d, v2.2d, v3.2d}, [x4], #64
    ld1 {v4.2d, v5.2d, v6.2d, v7.2d}, [x4]
    adr x4, start512
    ld1 {v16.2d, v17.2d, v18.2d, v19.2d}, [x4]
    mov x4, x2
    mov x3, #40
1:  ld1 {v20.2d}, [x4], #16
    add v20.2d, v20.2d, v0.2d
    ext v20.16b, v20.16b, v20.16b, #8
    add v20.2d, v20.2d, v19.2d
    ext v21.16b, v18.16b, v19.16b, #8
    ext v22.16b, v17.16b, v18.16b, #8
    sha512h q20, q21, v22.2d
    mov v19.16b, v18.16b
    add v18.2d, v17.2d, v20.2d
    sha512h2 q20, q17, v16.2d
    mov v17.16b, v16.16b
    mov v16.16b, v20.16b
    ext v21.16b, v4.16b, v5.16b, #8
    sha512su0 v0.2d, v1.2d
    sha512su1 v0.2d, v7.2d, v21.2d
    NEXT_WORDS 8
    subs x3, x3, #1
    b.ne 1b
    adr x4, start512
    ld1 {v20.2d, v21.2d, v22.2d, v23.2d}, [x4]
    add v16.2d, v16.2d, v20.2d
    add v17.2d, v17.2d, v21.2d
    add v18.2d, v18.2d, v22.2d
    add v19.2d, v19.2d, v23.2d
    umov x0, v16.d[0]
    CHECK x0, 0xddaf35a193617aba
    umov x0, v16.d[1]
    CHECK x0, 0xcc417349ae204131
    umov x0, v17.d[0]
    CHECK x0, 0x12e6fa4e89a97ea2
    umov x0, v17.d[1]
    CHECK x0, 0x0a9eeee64b55d39a
    umov x0, v18.d[0]
    CHECK x0, 0x2192992a274fc1a8
    umov x0, v18.d[1]
    CHECK x0, 0x36ba3c23a3feebbd
    umov x0, v19.d[0]
    CHECK x0, 0x454d4423643ce80e
    umov x0, v19.d[1]
    CHECK x0, 0x2a9ac94fa54ca49f
    PASS

    .data
    .balign 16
message:
    .word 0x61626380, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 24
message512:
    .quad 0x6162638000000000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 24
start1:
    .word 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0, 0, 0, 0
    .word 0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6
start512:
    .quad 0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b
    .quad 0xa54ff53a5f1d36f1, 0x510e527fade682d1, 0x9b05688c2b3e6c1f
    .quad 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179
sums:
    .quad 0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f
    .quad 0xe9b5dba58189dbbc, 0x3956c25bf348b538, 0x59f111f1b605d019
    .quad 0x923f82a4af194f9b, 0xab1c5ed5da6d8118, 0xd807aa98a3030242
    .quad 0x12835b0145706fbe, 0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2
    .quad 0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235
    .quad 0xc19bf174cf692694, 0xe49b69c19ef14ad2, 0xefbe4786384f25e3
    .quad 0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65, 0x2de92c6f592b0275
    .quad 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5
    .quad 0x983e5152ee66dfab, 0xa831c66d2db43210, 0xb00327c898fb213f
    .quad 0xbf597fc7beef0ee4, 0xc6e00bf33da88fc2, 0xd5a79147930aa725
    .quad 0x06ca6351e003826f, 0x142929670a0e6e70, 0x27b70a8546d22ffc
    .quad 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed, 0x53380d139d95b3df
    .quad 0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6
    .quad 0x92722c851482353b, 0xa2bfe8a14cf10364, 0xa81a664bbc423001
    .quad 0xc24b8b70d0f89791, 0xc76c51a30654be30, 0xd192e819d6ef5218
    .quad 0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8
    .quad 0x19a4c116b8d2d0c8, 0x1e376c085141ab53, 0x2748774cdf8eeb99
    .quad 0x34b0bcb5e19b48a8, 0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb
    .quad 0x5b9cca4f7763e373, 0x682e6ff3d6b2b8a3, 0x748f82ee5defb2fc
    .quad 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec
    .quad 0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915
    .quad 0xc67178f2e372532b, 0xca273eceea26619c, 0xd186b8c721c0c207
    .quad 0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178, 0x06f067aa72176fba
    .quad 0x0a637dc5a2c898a6, 0x113f9804bef90dae, 0x1b710b35131c471b
    .quad 0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc
    .quad 0x431d67c49c100d4c, 0x4cc5d4becb3e42b6, 0x597f299cfc657e2a
    .quad 0x5fcb6fab3ad6faec, 0x6c44198c4a475817
