// The sum of n numbers: by warps, by blocks, and by the block that ends last. The number of large ones is counted by atomics.
__device__ unsigned int arrived;

extern "C" __global__ void __launch_bounds__(256) reduce(
    const float* __restrict__ x, float* partial, float* total, unsigned int* large, int n)
{
    __shared__ float warps[8];
    __shared__ bool last;
    int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
    float sum = 0.0f;
    for (int i = blockIdx.x * 256 + threadIdx.x; i < n; i += gridDim.x * 256)
    {
        float v = x[i];
        sum += v;
        if (v > 0.5f)
        {
            atomicAdd(large, 1u);
        }
    }
    for (int d = 16; d > 0; d /= 2)
    {
        sum += __shfl_down_sync(0xffffffffu, sum, d);
    }
    if (lane == 0)
    {
        warps[warp] = sum;
    }
    __syncthreads();
    if (threadIdx.x == 0)
    {
        float all = 0.0f;
        for (int i = 0; i < 8; i++)
        {
            all += warps[i];
        }
        partial[blockIdx.x] = all;
        __threadfence();
        last = atomicAdd(&arrived, 1u) == gridDim.x - 1;
    }
    __syncthreads();
    if (last && warp == 0)
    {
        __threadfence();
        float all = 0.0f;
        for (int i = lane; i < gridDim.x; i += 32)
        {
            all += partial[i];
        }
        for (int d = 16; d > 0; d /= 2)
        {
            all += __shfl_down_sync(0xffffffffu, all, d);
        }
        if (lane == 0)
        {
            *total = all;
            arrived = 0;
        }
    }
}
