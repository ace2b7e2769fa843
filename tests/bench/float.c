/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tests/bench/float.c - floating point in double and in single precision.
 * Built without contraction, so that sums agree between hosts and guests. */
#include <math.h>
#include <string.h>

#include "bench.h"

static uint64_t bits(double d)
{
    uint64_t u;

    memcpy(&u, &d, 8);
    return u;
}

/* Five bodies under gravity: division, square root, many live values. */
static uint64_t run_nbody(void)
{
    enum { N = 5 };
    double x[N][3], v[N][3], m[N], energy = 0;

    for (int i = 0; i < N; i++) {
        for (int k = 0; k < 3; k++) {
            x[i][k] = (i + 1) * (k + 1) % 7 + i * 0.3;
            v[i][k] = ((i * 5 + k * 3) % 11 - 5) * 0.01;
        }
        m[i] = 1.0 / (i + 1);
    }
    for (int step = 0; step < 400000; step++) {
        for (int i = 0; i < N; i++) {
            for (int j = i + 1; j < N; j++) {
                double d[3], r2 = 0.01;

                for (int k = 0; k < 3; k++) {
                    d[k] = x[i][k] - x[j][k];
                    r2 += d[k] * d[k];
                }
                double f = 0.001 / (r2 * sqrt(r2));
                for (int k = 0; k < 3; k++) {
                    v[i][k] -= d[k] * m[j] * f;
                    v[j][k] += d[k] * m[i] * f;
                }
            }
        }
        for (int i = 0; i < N; i++) {
            for (int k = 0; k < 3; k++) {
                x[i][k] += 0.001 * v[i][k];
            }
        }
    }
    for (int i = 0; i < N; i++) {
        energy += m[i] * (v[i][0] * v[i][0] + v[i][1] * v[i][1]);
    }
    return bits(energy);
}

static uint64_t run_mandel(void)
{
    uint64_t sum = 0;

    for (int py = 0; py < 400; py++) {
        for (int px = 0; px < 400; px++) {
            double cx = px / 160.0 - 2, cy = py / 160.0 - 1.25, x = 0, y = 0;
            int n = 0;

            while (n < 500 && x * x + y * y < 4) {
                double t = x * x - y * y + cx;

                y = 2 * x * y + cy, x = t, n++;
            }
            sum += n;
        }
    }
    return sum;
}

static uint64_t run_mandelf(void)
{
    uint64_t sum = 0;

    for (int py = 0; py < 400; py++) {
        for (int px = 0; px < 400; px++) {
            float cx = px / 160.0f - 2, cy = py / 160.0f - 1.25f, x = 0, y = 0;
            int n = 0;

            while (n < 500 && x * x + y * y < 4) {
                float t = x * x - y * y + cx;

                y = 2 * x * y + cy, x = t, n++;
            }
            sum += n;
        }
    }
    return sum;
}

/* A dot product and a scaled addition over 32 KiB vectors. */
static uint64_t run_dot(void)
{
    enum { N = 4096 };
    static double a[N], b[N];
    double sum = 0;

    for (int i = 0; i < N; i++) {
        a[i] = i * 0.5, b[i] = 1.0 / (i + 1);
    }
    for (int pass = 0; pass < 18000; pass++) {
        double s = 0;

        for (int i = 0; i < N; i++) {
            s += a[i] * b[i];
        }
        sum += s;
        b[pass % N] += 1e-6;
    }
    return bits(sum);
}

static uint64_t run_saxpy(void)
{
    enum { N = 4096 };
    static float a[N], b[N];

    for (int i = 0; i < N; i++) {
        a[i] = i * 0.5f, b[i] = 1.0f / (i + 1);
    }
    for (int pass = 0; pass < 18000; pass++) {
        float scale = (pass & 1 ? -1.0f : 1.0f) * 0.001f;

        for (int i = 0; i < N; i++) {
            b[i] = b[i] + scale * a[i];
        }
    }
    return bits(b[N / 2] + b[7]);
}

/* Gaussian elimination. */
static uint64_t run_lu(void)
{
    enum { N = 160 };
    static double a[N][N];
    double sum = 0;

    for (int pass = 0; pass < 60; pass++) {
        for (int i = 0; i < N; i++) {
            for (int j = 0; j < N; j++) {
                a[i][j] = (i * 7 + j * 3 + pass) % 11 + (i == j) * 50;
            }
        }
        for (int k = 0; k < N; k++) {
            for (int i = k + 1; i < N; i++) {
                double f = a[i][k] / a[k][k];

                for (int j = k; j < N; j++) {
                    a[i][j] -= f * a[k][j];
                }
            }
        }
        sum += a[N - 1][N - 1];
    }
    return bits(sum);
}

/* Chains of divisions and square roots, double and single. */
static uint64_t run_divsqrt(void)
{
    double d = 2;
    float f = 3;

    for (int i = 1; i < 4000000; i++) {
        d = sqrt(d + i) / (d + 0.5);
        f = sqrtf(f + (float)(i & 1023)) / (f + 0.25f);
    }
    return bits(d) ^ bits(f);
}

/* Conversions and compares: a polynomial with range reduction. */
static uint64_t run_convert(void)
{
    double sum = 0;

    for (int i = 0; i < 10000000; i++) {
        double x = i * 0.37;
        int64_t n = (int64_t)(x * 0.15915494309189535);
        double r = x - n * 6.283185307179586;

        if (r > 3.141592653589793) {
            r = 6.283185307179586 - r;
        }
        sum += r * (1 - r * r * (1.0 / 6 - r * r * (1.0 / 120)));
    }
    return bits(sum);
}

const Bench float_benches[] = {
    {"float", "nbody", run_nbody},
    {"float", "mandel", run_mandel},
    {"float", "dot", run_dot},
    {"float", "lu", run_lu},
    {"float", "mandelf", run_mandelf},
    {"float", "saxpy", run_saxpy},
    {"float", "divsqrt", run_divsqrt},
    {"float", "convert", run_convert},
    {0},
};
