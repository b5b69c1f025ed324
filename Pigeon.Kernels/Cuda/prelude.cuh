// What every generated program stands on: rows of floats, functions of one number, random numbers by counter, and groups of lanes that
// share a row. Needs no header of CUDA's.
#pragma once

typedef unsigned int pg_u32;
typedef unsigned long long pg_u64;

#define PG_INLINE static __device__ __forceinline__
#define PG_INF __int_as_float(0x7f800000)
#define PG_UNROLL _Pragma("unroll")
#define PG_UNROLL_TWICE _Pragma("unroll 2")
#define PG_NO_UNROLL _Pragma("unroll 1")

// ---- V neighbouring floats; V is 4, 2 or 1, and addresses are aligned to V floats

template <int V> PG_INLINE void pg_load(float (&to)[V], const float* from);

template <> __device__ __forceinline__ void pg_load<4>(float (&to)[4], const float* from)
{
    const float4 x = *reinterpret_cast<const float4*>(from);
    to[0] = x.x, to[1] = x.y, to[2] = x.z, to[3] = x.w;
}

template <> __device__ __forceinline__ void pg_load<2>(float (&to)[2], const float* from)
{
    const float2 x = *reinterpret_cast<const float2*>(from);
    to[0] = x.x, to[1] = x.y;
}

template <> __device__ __forceinline__ void pg_load<1>(float (&to)[1], const float* from) { to[0] = *from; }

template <int V> PG_INLINE void pg_store(float* to, const float (&from)[V]);

template <> __device__ __forceinline__ void pg_store<4>(float* to, const float (&from)[4])
{
    *reinterpret_cast<float4*>(to) = make_float4(from[0], from[1], from[2], from[3]);
}

template <> __device__ __forceinline__ void pg_store<2>(float* to, const float (&from)[2])
{
    *reinterpret_cast<float2*>(to) = make_float2(from[0], from[1]);
}

template <> __device__ __forceinline__ void pg_store<1>(float* to, const float (&from)[1]) { *to = from[0]; }

// The first `left` of 4 neighbouring floats, at an address aligned to 4; zeros for the others.
PG_INLINE void pg_load_some(float (&to)[4], const float* from, int left)
{
    if (left == 4)
    {
        pg_load<4>(to, from);
        return;
    }

    PG_UNROLL
    for (int c = 0; c < 4; c++)
    {
        to[c] = c < left ? from[c] : 0.0f;
    }
}

PG_INLINE void pg_store_some(float* to, const float (&from)[4], int left)
{
    if (left == 4)
    {
        pg_store<4>(to, from);
        return;
    }

    PG_UNROLL
    for (int c = 0; c < 4; c++)
    {
        if (c < left)
        {
            to[c] = from[c];
        }
    }
}

// The element at a position of compressed rows; without an order, elements stand as they are. That there is one is kept from the compiler's
// sight: it would write each loop twice, with and without.
PG_INLINE int pg_at(const int* __restrict__ order, int position)
{
    int ordered = order != nullptr;
    asm volatile("" : "+r"(ordered));
    return ordered ? order[position] : position;
}

// ---- Functions of an expression. What is not a number stays so: the larger of NaN and 1 is NaN.

PG_INLINE float pg_max(float x, float y) { return x > y || x != x ? x : y; }
PG_INLINE float pg_min(float x, float y) { return x < y || x != x ? x : y; }
PG_INLINE float pg_sigmoid(float x) { return 1.0f / (1.0f + expf(-x)); }

// Sine and cosine by reduction to |r| <= pi/4 with pi/2 in three parts and the Maclaurin series; to 2e-7 for |x| < 1e4, where the
// product of the count and each part is still exact enough. Neither tables nor local memory.
PG_INLINE float pg_sine(float x, int quarter)
{
    const float n = rintf(x * 0.636619772f);
    float r = fmaf(n, -1.57079625f, x);
    r = fmaf(n, -7.54978942e-8f, r);
    r = fmaf(n, -5.39030253e-15f, r);
    const float s = r * r;
    const int turn = (int)n + quarter;
    float y = fmaf(fmaf(fmaf(fmaf(2.75573192e-6f, s, -1.98412698e-4f), s, 8.33333333e-3f), s, -1.66666667e-1f), s, 1.0f) * r;
    if (turn & 1)
    {
        y = fmaf(fmaf(fmaf(fmaf(2.48015873e-5f, s, -1.38888889e-3f), s, 4.16666667e-2f), s, -0.5f), s, 1.0f);
    }

    return turn & 2 ? -y : y;
}

PG_INLINE float pg_sin(float x) { return pg_sine(x, 0); }
PG_INLINE float pg_cos(float x) { return pg_sine(x, 1); }

// ---- Random numbers: the n-th number of a key, as Pigeon.Kernels.CounterRandom computes them

PG_INLINE pg_u32 pg_mix(pg_u32 x)
{
    x = (x ^ (x >> 16)) * 0x7FEB352Du;
    x = (x ^ (x >> 15)) * 0x846CA68Bu;
    return x ^ (x >> 16);
}

PG_INLINE pg_u64 pg_key(pg_u32 stream, float seed0, float seed1)
{
    const pg_u32 low = pg_mix((pg_u32)seed0 + stream * 0x9E3779B9u);
    const pg_u32 high = pg_mix((pg_u32)seed1 ^ low);
    return (pg_u64)high << 32 | low;
}

PG_INLINE float pg_uniform(pg_u64 key, pg_u64 n)
{
    pg_u32 h = pg_mix((pg_u32)n + (pg_u32)key);
    h = pg_mix(h ^ ((pg_u32)(n >> 32) + (pg_u32)(key >> 32)));
    return (float)(h >> 8) * (1.0f / 16777216.0f);
}

// ---- Groups of G neighbouring lanes of a warp, G a power of two

// The lanes of this thread's group.
template <int G> PG_INLINE pg_u32 pg_mask()
{
    return G == 32 ? 0xffffffffu : ((1u << (G & 31)) - 1u) << ((threadIdx.x & 31) / G * G);
}

template <int G> PG_INLINE void pg_sync(pg_u32 mask)
{
    if (G > 1)
    {
        __syncwarp(mask);
    }
}

struct PgSum
{
    static __device__ __forceinline__ float start() { return 0.0f; }
    static __device__ __forceinline__ float join(float x, float y) { return x + y; }
};

struct PgProd
{
    static __device__ __forceinline__ float start() { return 1.0f; }
    static __device__ __forceinline__ float join(float x, float y) { return x * y; }
};

struct PgMax
{
    static __device__ __forceinline__ float start() { return -PG_INF; }
    static __device__ __forceinline__ float join(float x, float y) { return pg_max(x, y); }
};

struct PgMin
{
    static __device__ __forceinline__ float start() { return PG_INF; }
    static __device__ __forceinline__ float join(float x, float y) { return pg_min(x, y); }
};

// Joins the numbers of runs of S lanes of a group; every lane gets the result of its run.
template <class R, int S> PG_INLINE float pg_fold(float x, pg_u32 mask)
{
    PG_UNROLL
    for (int step = S / 2; step > 0; step /= 2)
    {
        x = R::join(x, __shfl_xor_sync(mask, x, step));
    }

    return x;
}

// Joins the numbers of the threads of a block that stand at the same place of their groups of G lanes, in the order of the groups.
// Every thread gets the result. The exchange holds one float for each of T threads.
template <class R, int G, int T> PG_INLINE float pg_fold_block(float x, float* exchange)
{
    __syncthreads();
    exchange[threadIdx.x] = x;
    __syncthreads();
    x = exchange[threadIdx.x % G];
    PG_NO_UNROLL
    for (int t = threadIdx.x % G + G; t < T; t += G)
    {
        x = R::join(x, exchange[t]);
    }

    return x;
}

// ---- Sums relative to a maximum that rises

// A maximum that weights are relative to: the lowest number where it is minus infinity, so that what is minus infinity weighs 0.
PG_INLINE float pg_shift(float max) { return pg_max(max, -3.402823466e+38f); }

// The weight of what was summed relative to one maximum, relative to a higher one.
PG_INLINE float pg_rescale(float from, float to) { return expf(pg_shift(from) - pg_shift(to)); }
