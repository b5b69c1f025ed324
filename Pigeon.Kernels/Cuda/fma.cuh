// Products by fused multiply-adds: a thread holds a few rows of 4 neighbouring results in registers.
#pragma once
#include "gemm.cuh"

// The results of a thread: TM rows of 4 neighbours, of a tile of BM x BN.
template <int BM_, int BN_, int TM> struct PgFmaTile
{
    static constexpr int BM = BM_, BN = BN_, Pad = 0;
    static constexpr int ColumnThreads = BN / 4, RowThreads = BM / TM, Threads = RowThreads * ColumnThreads;
    float sum[TM][4];

    __device__ __forceinline__ void start()
    {
        PG_UNROLL
        for (int i = 0; i < TM * 4; i++)
        {
            sum[i / 4][i % 4] = 0.0f;
        }
    }
};

// Rows of x times w; a thread has TM rows, RowThreads apart.
template <int BM_, int BN_, int TM> struct PgFma : PgFmaTile<BM_, BN_, TM>
{
    typedef PgFmaTile<BM_, BN_, TM> Tile;
    using Tile::BM;
    using Tile::BN;
    using Tile::ColumnThreads;
    using Tile::RowThreads;
    using Tile::sum;

    // The first row of a thread. Of narrow tiles 8 neighbouring threads store two rows at once: rows of 8k + 4 floats are in different banks four
    // rows apart.
    static __device__ __forceinline__ int row()
    {
        const int ty = threadIdx.x / ColumnThreads;
        return ColumnThreads < 8 ? ty / 8 * 8 + ty % 2 * 4 + ty % 8 / 2 : ty;
    }

    // Adds the product of PgDepth columns of x, `stride` floats a row, and as many rows of w. Unrolled further, the loads of several steps
    // would take the registers that half of a multiprocessor's threads leave to each.
    __device__ __forceinline__ void multiply(const float* xs, int stride, const float* ws)
    {
        const int tx = threadIdx.x % ColumnThreads, first = row();
        PG_NO_UNROLL
        for (int k = 0; k < PgDepth; k += 4)
        {
            float b[4][4];
            PG_UNROLL
            for (int kk = 0; kk < 4; kk++)
            {
                pg_load<4>(b[kk], ws + (k + kk) * BN + tx * 4);
            }

            PG_UNROLL
            for (int i = 0; i < TM; i++)
            {
                float a[4];
                pg_load<4>(a, xs + (first + i * RowThreads) * stride + k);
                PG_UNROLL
                for (int kk = 0; kk < 4; kk++)
                {
                    PG_UNROLL
                    for (int j = 0; j < 4; j++)
                    {
                        sum[i][j] = fmaf(a[kk], b[kk][j], sum[i][j]);
                    }
                }
            }
        }
    }

    // `store(r, c, values)` takes 4 neighbouring results.
    template <class Store> __device__ __forceinline__ void finish(const Store& store) const
    {
        const int tx = threadIdx.x % ColumnThreads, first = row();
        PG_UNROLL
        for (int i = 0; i < TM; i++)
        {
            store(first + i * RowThreads, tx * 4, sum[i]);
        }
    }
};

// Columns of x times columns of y, summed over rows; a thread has TM neighbouring rows of results.
template <int BM_, int BN_, int TM> struct PgFmaOuter : PgFmaTile<BM_, BN_, TM>
{
    typedef PgFmaTile<BM_, BN_, TM> Tile;
    using Tile::BM;
    using Tile::BN;
    using Tile::ColumnThreads;
    using Tile::RowThreads;
    using Tile::sum;

    // Adds the products of PgDepth rows. Unrolled further, loads of several rows would take the registers, and the compiler twice the time.
    __device__ __forceinline__ void multiply(const float* xs, const float* ys)
    {
        const int tx = threadIdx.x % ColumnThreads, ty = threadIdx.x / ColumnThreads;
        PG_UNROLL_TWICE
        for (int r = 0; r < PgDepth; r++)
        {
            float a[TM], b[4];
            pg_load<TM>(a, xs + r * BM + ty * TM);
            pg_load<4>(b, ys + r * BN + tx * 4);
            PG_UNROLL
            for (int i = 0; i < TM; i++)
            {
                PG_UNROLL
                for (int j = 0; j < 4; j++)
                {
                    sum[i][j] = fmaf(a[i], b[j], sum[i][j]);
                }
            }
        }
    }

    template <class Store> __device__ __forceinline__ void finish(const Store& store) const
    {
        const int tx = threadIdx.x % ColumnThreads, ty = threadIdx.x / ColumnThreads;
        PG_UNROLL
        for (int i = 0; i < TM; i++)
        {
            store(ty * TM + i, tx * 4, sum[i]);
        }
    }
};
