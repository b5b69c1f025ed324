// The weight gradient: the sum of x[i]^T y[i] over a run of rows of one type. A block holds BM * BN of the results in registers, TM * 4
// a thread, and walks over the rows, 16 at a time, in two stages. Runs of a type that has several are joined by another launch, in
// their order, so the result does not depend on who was first.
#pragma once
#include "gemm.cuh"

template <int BM_, int BN_, int TM_, bool XV4, bool YV4> struct PgOuter
{
    static constexpr int BM = BM_, BN = BN_, TM = TM_, Rows = 16;
    static constexpr int ColumnThreads = BN / 4, RowThreads = BM / TM, Threads = RowThreads * ColumnThreads;
    static constexpr int XFloats = Rows * BM, YFloats = Rows * BN;
    static constexpr int SharedFloats = 2 * (XFloats + YFloats);
    static_assert(TM % 4 == 0, "a thread's rows are whole vectors");

    template <bool V4, int Columns, class Row>
    static __device__ __forceinline__ void bring(float* to, const Row& row, int at, int rows, int first, int width)
    {
        PG_UNROLL
        for (int t = threadIdx.x; t < Rows * Columns / 4; t += Threads)
        {
            const int r = t / (Columns / 4), c = t % (Columns / 4) * 4;
            const bool there = at + r < rows;
            const float* from = row(there ? at + r : 0) + first;
            pg_bring4<V4>(to + r * Columns + c, from + c, from, there ? width - first - c : 0);
        }
    }

    // Sums rows 0 .. rows: columns k .. k + BM of x by columns n .. n + BN of y. `store(k, n, values, count)` takes 4 results.
    template <class X, class Y, class Store>
    static __device__ __forceinline__ void run(const X& x, const Y& y, int rows, int k, int depth, int n, int width, float* shared,
                                               const Store& store)
    {
        float sum[TM][4] = {};
        float* xs = shared;
        float* ys = shared + 2 * XFloats;
        const int tx = threadIdx.x % ColumnThreads, ty = threadIdx.x / ColumnThreads;
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
            PG_UNROLL
            for (int r = 0; r < Rows; r++)
            {
                float b[4];
                pg_load<4>(b, ys + now * YFloats + r * BN + tx * 4);
                PG_UNROLL
                for (int i = 0; i < TM; i += 4)
                {
                    float a[4];
                    pg_load<4>(a, xs + now * XFloats + r * BM + ty * 4 + i * RowThreads);
                    PG_UNROLL
                    for (int ii = 0; ii < 4; ii++)
                    {
                        PG_UNROLL
                        for (int j = 0; j < 4; j++)
                        {
                            sum[i + ii][j] = fmaf(a[ii], b[j], sum[i + ii][j]);
                        }
                    }
                }
            }

            __syncthreads();
        }

        PG_UNROLL
        for (int i = 0; i < TM; i++)
        {
            const int row = k + ty * 4 + i / 4 * 4 * RowThreads + i % 4, c = n + tx * 4;
            if (row < depth)
            {
                store(row, c, sum[i], width - c);
            }
        }
    }
};

// Joins the runs of each type in their order. A type with one run has its result already; a type with none gets zeros.
PG_INLINE void pg_join_runs(float* to, const float* runs, const int* first, int types, int width)
{
    const long long at = (long long)blockIdx.x * blockDim.x + threadIdx.x;
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
