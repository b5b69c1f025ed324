// Products by tensor cores, mma.sync with sums in f32. A warp has 16 rows of up to 32 results. What is staged is f32; it is rounded to tf32
// or bf16 on its way into the fragments, or split into two of tf32. PgDepth numbers along the sum are one fragment of bf16, or two of tf32.
#pragma once
#include "gemm.cuh"

// 16 rows of 8 columns of floats, a row of 4 at the address that each lane gives: lanes 0-15 those of columns 0-3, then of columns 4-7.
PG_INLINE void pg_load_matrix(float (&to)[8], int first, const float* from)
{
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
                 : "=f"(to[first]), "=f"(to[first + 1]), "=f"(to[first + 2]), "=f"(to[first + 3])
                 : "r"((pg_u32)__cvta_generic_to_shared(from))
                 : "memory");
}

// Each lane has of 16 numbers along the sum those at t, t + 4, t + 8 and t + 12, t being its number in its group of four. Where mma has its
// own order of a fragment's 16, bf16 takes these as its 2t, 2t + 1, 2t + 8 and 2t + 9: a sum has no order, as long as both sides agree.
struct PgTf32
{
    static constexpr int Registers = 8;

    static __device__ __forceinline__ pg_u32 round(float x)
    {
        pg_u32 y;
        asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(y) : "f"(x));
        return y;
    }

    // The left side: of rows g and g + 8 the numbers at t, then at t + 4; 8 further on the same.
    static __device__ __forceinline__ void pack(pg_u32 (&a)[Registers], const float (&x)[8])
    {
        PG_UNROLL
        for (int i = 0; i < 8; i++)
        {
            a[i] = round(x[i]);
        }
    }

    static __device__ __forceinline__ void multiply(float (&sum)[4], const pg_u32 (&a)[Registers], const float (&w)[4])
    {
        PG_UNROLL
        for (int h = 0; h < 2; h++)
        {
            multiply(sum, a + 4 * h, round(w[2 * h]), round(w[2 * h + 1]));
        }
    }

    static __device__ __forceinline__ void multiply(float (&sum)[4], const pg_u32* a, pg_u32 first, pg_u32 second)
    {
        asm volatile("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
                     : "+f"(sum[0]), "+f"(sum[1]), "+f"(sum[2]), "+f"(sum[3])
                     : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(first), "r"(second));
    }
};

// As exact as f32 nearly: each number is the sum of two of tf32, and of the four products of such sums the largest three are taken, the
// small ones first.
struct PgTf32x3
{
    static constexpr int Registers = 16;

    static __device__ __forceinline__ void split(float x, pg_u32& high, pg_u32& low)
    {
        high = PgTf32::round(x);
        low = PgTf32::round(x - __uint_as_float(high));
    }

    static __device__ __forceinline__ void pack(pg_u32 (&a)[Registers], const float (&x)[8])
    {
        PG_UNROLL
        for (int i = 0; i < 8; i++)
        {
            split(x[i], a[i], a[i + 8]);
        }
    }

    static __device__ __forceinline__ void multiply(float (&sum)[4], const pg_u32 (&a)[Registers], const float (&w)[4])
    {
        PG_UNROLL
        for (int h = 0; h < 2; h++)
        {
            pg_u32 high[2], low[2];
            split(w[2 * h], high[0], low[0]);
            split(w[2 * h + 1], high[1], low[1]);
            PgTf32::multiply(sum, a + 8 + 4 * h, high[0], high[1]);
            PgTf32::multiply(sum, a + 4 * h, low[0], low[1]);
            PgTf32::multiply(sum, a + 4 * h, high[0], high[1]);
        }
    }
};

struct PgBf16
{
    static constexpr int Registers = 4;

    static __device__ __forceinline__ pg_u32 round(float first, float second)
    {
        pg_u32 y;
        asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(y) : "f"(second), "f"(first));
        return y;
    }

    static __device__ __forceinline__ void pack(pg_u32 (&a)[Registers], const float (&x)[8])
    {
        PG_UNROLL
        for (int i = 0; i < 4; i++)
        {
            a[i] = round(x[i / 2 * 4 + i % 2], x[i / 2 * 4 + i % 2 + 2]);
        }
    }

    static __device__ __forceinline__ void multiply(float (&sum)[4], const pg_u32 (&a)[Registers], const float (&w)[4])
    {
        asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
                     : "+f"(sum[0]), "+f"(sum[1]), "+f"(sum[2]), "+f"(sum[3])
                     : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(round(w[0], w[1])), "r"(round(w[2], w[3])));
    }
};

// Rows of x times w, or columns of x times columns of y summed over rows. With rows of 8k + 4 floats of x, and of 8 more than BN of w and
// y, no access has a bank conflict, and neither has a store of results to rows of 8k + 4 floats.
template <int BM_, int BN_, class Format> struct PgMma
{
    static constexpr int BM = BM_, BN = BN_, Pad = 8;
    static constexpr int Columns = BN < 32 ? BN : 32, ColumnWarps = BN / Columns, Threads = BM / 16 * ColumnWarps * 32;
    float sum[Columns / 8][4];

    __device__ __forceinline__ void start()
    {
        PG_UNROLL
        for (int i = 0; i < Columns / 2; i++)
        {
            sum[i / 4][i % 4] = 0.0f;
        }
    }

    // The row of the tile that is row m of the warp's fragment: such that both the 8 rows of a matrix that is loaded, and the 4 rows that a
    // quarter of a warp stores, are in different banks.
    static __device__ __forceinline__ int row(int m)
    {
        const int warp = threadIdx.x / 32 / ColumnWarps, q = m / 2 % 4, h = m / 8;
        return warp * 16 + (q & 1) + m % 2 * 2 + (h ^ (q >> 1)) * 4 + (q >> 1) * 8;
    }

    static __device__ __forceinline__ int column() { return threadIdx.x / 32 % ColumnWarps * Columns; }

    // Adds the product of PgDepth columns of x, `stride` floats a row, and as many rows of w.
    __device__ __forceinline__ void multiply(const float* xs, int stride, const float* ws)
    {
        const int lane = threadIdx.x % 32;
        const float* from = xs + row(lane % 16) * stride + lane / 16 * 4;
        float x[8];
        pg_load_matrix(x, 0, from);
        pg_load_matrix(x, 4, from + 8);
        multiply(x, ws);
    }

    // Adds the products of PgDepth rows of x and y.
    __device__ __forceinline__ void multiply(const float* xs, const float* ys)
    {
        const int lane = threadIdx.x % 32;
        const float* from = xs + lane % 4 * (BM + Pad);
        float x[8];
        PG_UNROLL
        for (int i = 0; i < 8; i++)
        {
            x[i] = from[i / 2 * 4 * (BM + Pad) + row(lane / 4 + i % 2 * 8)];
        }

        multiply(x, ys);
    }

    __device__ __forceinline__ void multiply(const float (&x)[8], const float* ws)
    {
        const int lane = threadIdx.x % 32;
        const float* from = ws + lane % 4 * (BN + Pad) + column() + lane / 4;
        pg_u32 a[Format::Registers];
        Format::pack(a, x);
        PG_UNROLL
        for (int j = 0; j < Columns / 8; j++)
        {
            float w[4];
            PG_UNROLL
            for (int i = 0; i < 4; i++)
            {
                w[i] = from[i * 4 * (BN + Pad) + j * 8];
            }

            Format::multiply(sum[j], a, w);
        }
    }

    // `store(r, c, values)` takes 4 neighbouring results. A lane has 2 of row g and 2 of row g + 8: neighbours swap, so that the even one
    // has 4 of row g and the odd one 4 of row g + 8.
    template <class Store> __device__ __forceinline__ void finish(const Store& store) const
    {
        const int lane = threadIdx.x % 32;
        const bool odd = lane % 2 != 0;
        const int r = row(lane / 4 + (odd ? 8 : 0)), c = column() + lane % 4 / 2 * 4;
        PG_UNROLL
        for (int j = 0; j < Columns / 8; j++)
        {
            const float first = __shfl_xor_sync(0xffffffffu, odd ? sum[j][0] : sum[j][2], 1);
            const float second = __shfl_xor_sync(0xffffffffu, odd ? sum[j][1] : sum[j][3], 1);
            const float values[4] = {odd ? first : sum[j][0], odd ? second : sum[j][1], odd ? sum[j][2] : first, odd ? sum[j][3] : second};
            store(r, c + j * 8, values);
        }
    }
};
