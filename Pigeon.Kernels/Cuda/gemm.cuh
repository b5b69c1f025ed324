// The GEMM template: rows of x times a slice of weights, for a tile of rows that have one type. Slices of 16 columns of x and as many
// rows of w go through shared memory in two stages, so that the next pair is on its way (cp.async) while this one is multiplied. How they
// are multiplied is the product's affair: fused multiply-adds (fma.cuh) or tensor cores (mma.cuh).
#pragma once
#include "prelude.cuh"

// The columns of x, or rows of a sum, that are staged at once.
static constexpr int PgDepth = 16;

// Copies 4 floats to shared memory without waiting; zeros where they are not to be read.
PG_INLINE void pg_copy4(float* to, const float* from, bool read)
{
    asm volatile("cp.async.ca.shared.global [%0], [%1], 16, %2;" ::"r"((pg_u32)__cvta_generic_to_shared(to)), "l"(from),
                 "r"(read ? 16 : 0)
                 : "memory");
}

PG_INLINE void pg_copy_commit() { asm volatile("cp.async.commit_group;" ::: "memory"); }

// Waits until at most N groups of copies of this thread are on their way.
template <int N> PG_INLINE void pg_copy_wait() { asm volatile("cp.async.wait_group %0;" ::"n"(N) : "memory"); }

// Brings 4 neighbouring floats of which the first `left` are to be read; V4: they are aligned, and all or none are.
template <bool V4> PG_INLINE void pg_bring4(float* to, const float* from, const float* valid, int left)
{
    if constexpr (V4)
    {
        pg_copy4(to, left > 0 ? from : valid, left > 0);
    }
    else
    {
        float values[4];
        PG_UNROLL
        for (int c = 0; c < 4; c++)
        {
            values[c] = c < left ? from[c] : 0.0f;
        }

        pg_store<4>(to, values);
    }
}

// The row that thread t brings, of rows of `Columns` floats that lie `Stride` apart. 8 neighbouring threads store 128 bytes at once: where these
// are two rows, they are so far apart that they are in different banks.
template <int Columns, int Stride> PG_INLINE int pg_row_of(int t)
{
    constexpr int Apart = Columns > 16 || Stride % 32 == 16 ? 1 : Stride * 2 % 32 == 16 ? 2 : 4;
    static_assert(Columns > 16 || Stride * Apart % 32 == 16, "two rows are in different banks");
    const int r = t / (Columns / 4);
    return r / (2 * Apart) * (2 * Apart) + r % 2 * Apart + r % (2 * Apart) / 2;
}

// A product has a tile of BM x BN results, spread over its threads; rows staged for it are `Pad` floats longer than they need be.
template <class Product, bool XV4, bool WV4> struct PgGemm
{
    static constexpr int BM = Product::BM, BN = Product::BN, Threads = Product::Threads, BK = PgDepth;
    static constexpr int XStride = BK + 4, WStride = BN + Product::Pad;
    static constexpr int XFloats = BM * XStride, WFloats = BK * WStride;
    static constexpr int SharedFloats = 2 * (XFloats + WFloats), SharedFloatsOfW = 2 * WFloats;

    static constexpr int XLoads = BM * BK / 4 / Threads, WLoads = (BK * BN / 4 + Threads - 1) / Threads;
    static_assert(BM * BK / 4 % Threads == 0, "all threads bring as many vectors of x");

    // Brings columns k .. k + BK of the tile's rows: of those that this thread brings, or null beyond the last row.
    static __device__ __forceinline__ void bring_x(float* xs, const float* const (&rows)[XLoads], const float* any, int k, int depth)
    {
        PG_UNROLL
        for (int l = 0; l < XLoads; l++)
        {
            const pg_u32 t = threadIdx.x + l * Threads;
            const int r = pg_row_of<BK, XStride>(t), c = t % (BK / 4) * 4;
            const float* from = rows[l];
            pg_bring4<XV4>(xs + r * XStride + c, from + k + c, any, from == nullptr ? 0 : depth - k - c);
        }
    }

    static __device__ __forceinline__ void bring_w(float* ws, const float* w, int k, int depth, int n, int width)
    {
        PG_UNROLL
        for (int l = 0; l < WLoads; l++)
        {
            const pg_u32 t = threadIdx.x + l * Threads;
            if (BK * BN / 4 % Threads == 0 || t < BK * BN / 4)
            {
                const int r = pg_row_of<BN, WStride>(t), c = t % (BN / 4) * 4;
                pg_bring4<WV4>(ws + r * WStride + c, w + (long long)(k + r) * width + n + c, w, k + r < depth ? width - n - c : 0);
            }
        }
    }

    // Results of a tile: `row(r)` is the first float of row r, or null beyond the last row; columns n .. n + BN of a product `depth` deep and
    // `width` wide. `store(r, c, values, count)` takes 4 neighbouring results of row r, of which the first `count` are meant.
    template <class Row, class Store>
    static __device__ __forceinline__ void run(const Row& row, const float* w, int depth, int n, int width, float* shared,
                                               const Store& store)
    {
        Product product;
        product.start();
        float* xs = shared;
        float* ws = shared + 2 * XFloats;
        const float* rows[XLoads];
        PG_UNROLL
        for (int l = 0; l < XLoads; l++)
        {
            rows[l] = row(pg_row_of<BK, XStride>(threadIdx.x + l * Threads));
        }

        bring_x(xs, rows, w, 0, depth);
        bring_w(ws, w, 0, depth, n, width);
        pg_copy_commit();
        for (int k = 0; k < depth; k += BK)
        {
            const int now = k / BK % 2, next = 1 - now;
            if (k + BK < depth)
            {
                bring_x(xs + next * XFloats, rows, w, k + BK, depth);
                bring_w(ws + next * WFloats, w, k + BK, depth, n, width);
            }

            pg_copy_commit();
            pg_copy_wait<1>();
            __syncthreads();
            product.multiply(xs + now * XFloats, XStride, ws + now * WFloats);
            __syncthreads();
        }

        product.finish([&](int r, int c, const float (&values)[4]) { store(r, n + c, values, width - n - c); });
    }

    // The same with all rows of x in shared memory, `stride` floats a row, zeros from column `depth` to the next multiple of BK.
    template <class Store>
    static __device__ __forceinline__ void run_shared(const float* x, int stride, const float* w, int depth, int n, int width,
                                                      float* shared, const Store& store)
    {
        Product product;
        product.start();
        bring_w(shared, w, 0, depth, n, width);
        pg_copy_commit();
        for (int k = 0; k < depth; k += BK)
        {
            const int now = k / BK % 2, next = 1 - now;
            if (k + BK < depth)
            {
                bring_w(shared + next * WFloats, w, k + BK, depth, n, width);
            }

            pg_copy_commit();
            pg_copy_wait<1>();
            __syncthreads();
            product.multiply(x + k, stride, shared + now * WFloats);
            __syncthreads();
        }

        product.finish([&](int r, int c, const float (&values)[4]) { store(r, n + c, values, width - n - c); });
    }
};

// Stores the first `left` of 4 numbers; V4: all or none, at an aligned address. For memory of the device that is one instruction by name: of
// rows of 16 floats the compiler would make four.
template <bool V4, bool Global> PG_INLINE void pg_put4(float* to, const float (&values)[4], int left)
{
    if constexpr (V4 && Global)
    {
        if (left > 0)
        {
            asm volatile("st.global.v4.f32 [%0], {%1,%2,%3,%4};" ::"l"(__cvta_generic_to_global(to)), "f"(values[0]), "f"(values[1]),
                         "f"(values[2]), "f"(values[3])
                         : "memory");
        }
    }
    else if constexpr (V4)
    {
        if (left > 0)
        {
            pg_store<4>(to, values);
        }
    }
    else
    {
        PG_UNROLL
        for (int c = 0; c < 4; c++)
        {
            if (c < left)
            {
                to[c] = values[c];
            }
        }
    }
}
