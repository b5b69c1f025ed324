// A warp for each node: softmax over its incoming edges' logits, and the weighted sum of their sources' rows.
__device__ float sumOfWarp(float v)
{
    for (int d = 16; d > 0; d /= 2)
    {
        v += __shfl_xor_sync(0xffffffffu, v, d);
    }
    return v;
}

__device__ float maxOfWarp(float v)
{
    for (int d = 16; d > 0; d /= 2)
    {
        v = fmaxf(v, __shfl_xor_sync(0xffffffffu, v, d));
    }
    return v;
}

extern "C" __global__ void __launch_bounds__(128) traverse(
    const int* __restrict__ offsets, const int* __restrict__ sources, const float* __restrict__ logits,
    const float* __restrict__ x, float* __restrict__ y, int nodes, int width)
{
    int node = (blockIdx.x * blockDim.x + threadIdx.x) / 32, lane = threadIdx.x % 32;
    if (node >= nodes)
    {
        return;
    }
    int first = offsets[node], last = offsets[node + 1];
    float most = -3.402823466e38f;
    for (int e = first + lane; e < last; e += 32)
    {
        most = fmaxf(most, logits[e]);
    }
    most = maxOfWarp(most);
    float total = 0.0f;
    for (int e = first + lane; e < last; e += 32)
    {
        total += expf(logits[e] - most);
    }
    total = sumOfWarp(total);
    for (int c = lane; c < width; c += 32)
    {
        float sum = 0.0f;
        for (int e = first; e < last; e++)
        {
            sum += expf(logits[e] - most) / total * x[(long long)sources[e] * width + c];
        }
        y[(long long)node * width + c] = sum;
    }
}
