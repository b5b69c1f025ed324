// The weight gradient: the sum of x[i]^T y[i] over a run of rows of one type. A block has BM * BN of the results, and walks over the rows,
// PgDepth at a time, in two stages. Runs of a type that has several are joined by another launch, in their order, so the result does not
// depend on who was first; or, by option, each adds to what a launch before has cleared.
#pragma once
#include "gemm.cuh"

template <class Product, bool XV4, bool YV4> struct PgOuter
{
    static constexpr int BM = Product::BM, BN = Product::BN, Threads = Product::Threads, Rows = PgDepth;
    static constexpr int XStride = BM + Product::Pad, YStride = BN + Product::Pad;
    static constexpr int XFloats = Rows * XStride, YFloats = Rows * YStride;
    static constexpr int SharedFloats = 2 * (XFloats + YFloats);

    template <bool V4, int Columns, class Row>
    static __device__ __forceinline__ void bring(float* to, const Row& row, int at, int rows, int first, int width)
    {
        PG_UNROLL
        for (int l = 0; l < (Rows * Columns / 4 + Threads - 1) / Threads; l++)
        {
            const pg_u32 t = threadIdx.x + l * Threads;
            if (Rows * Columns / 4 % Threads == 0 || t < Rows * Columns / 4)
            {
                const int r = pg_row_of<Columns, Columns + Product::Pad>(t), c = t % (Columns / 4) * 4;
                const bool there = at + r < rows;
                const float* from = row(there ? at + r : 0) + first;
                pg_bring4<V4>(to + r * (Columns + Product::Pad) + c, from + c, from, there ? width - first - c : 0);
            }
        }
    }

    // Sums rows 0 .. rows: columns k .. k + BM of x by columns n .. n + BN of y. `store(k, n, values, count)` takes 4 results.
    template <class X, class Y, class Store>
    static __device__ __forceinline__ void run(const X& x, const Y& y, int rows, int k, int depth, int n, int width, float* shared,
                                               const Store& store)
    {
        Product product;
        product.start();
        float* xs = shared;
        float* ys = shared + 2 * XFloats;
        if (rows > 0)
        {
            bring<XV4, BM>(xs, x, 0, rows, k, depth);
            bring<YV4, BN>(ys, y, 0, rows, n, width);
        }

        pg_copy_commit();
        for (int at = 0; at < rows; at += Rows)
        {
            const int now = at / Rows % 2, next = 1 - now;
            if (at + Rows < rows)
            {
                bring<XV4, BM>(xs + next * XFloats, x, at + Rows, rows, k, depth);
                bring<YV4, BN>(ys + next * YFloats, y, at + Rows, rows, n, width);
            }

            pg_copy_commit();
            pg_copy_wait<1>();
            __syncthreads();
            product.multiply(xs + now * XFloats, ys + now * YFloats);
            __syncthreads();
        }

        product.finish([&](int r, int c, const float (&values)[4]) {
            if (k + r < depth)
            {
                store(k + r, n + c, values, width - n - c);
            }
        });
    }
};

// Joins the runs of each type in their order. A type with one run has its result already; a type with none gets zeros.
PG_INLINE void pg_join_runs(int block, float* to, const float* runs, const int* first, int types, int width)
{
    const long long at = (long long)block * blockDim.x + threadIdx.x;
    if (at >= (long long)types * width)
    {
        return;
    }

    const int type = (int)(at / width), begin = first[type], end = first[type + 1];
    if (end - begin == 1)
    {
        return;
    }

    float sum = 0.0f;
    for (int run = begin; run < end; run++)
    {
        sum += runs[(long long)run * width + at % width];
    }

    to[at] = sum;
}

// Clears 4 neighbouring numbers a thread.
PG_INLINE void pg_clear(int block, float* to, long long length)
{
    const long long at = ((long long)block * blockDim.x + threadIdx.x) * 4;
    const float zeros[4] = {};
    pg_store_some(to + at, zeros, (int)(length - at < 4 ? length - at : 4));
}

// Adds the first `left` of 4 numbers to what other blocks add to as well.
PG_INLINE void pg_add4(float* to, const float (&values)[4], int left)
{
    PG_UNROLL
    for (int c = 0; c < 4; c++)
    {
        if (c < left)
        {
            atomicAdd(to + c, values[c]);
        }
    }
}
