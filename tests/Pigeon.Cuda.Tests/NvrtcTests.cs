using System.Collections.Immutable;
using System.Diagnostics;
using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Xunit;

namespace Pigeon.Tests;

public sealed class NvrtcTests
{
    private const int Rounds = 3;
    private static readonly CudaText Scale = new("scale", """
        #include "prelude.cuh"
        extern "C" __global__ void scale(float* x, int n) { if (threadIdx.x < n) x[threadIdx.x] *= 2.0f; }
        """, ImmutableSortedDictionary<string, string>.Empty.Add("prelude.cuh", CudaTemplates.Read("prelude.cuh")));

    [CudaFact]
    public void Same_text_is_compiled_once_and_damage_is_noticed()
    {
        DirectoryInfo cache = Directory.CreateTempSubdirectory("pigeon-cuda");
        try
        {
            CompiledCuda first = Nvrtc.Compile(Scale, 80, cache);
            CompiledCuda second = Nvrtc.Compile(Scale, 80, cache);
            Assert.Equal((false, true), (first.FromCache, second.FromCache));
            Assert.Equal(first.Image.Cubin.AsSpan(), second.Image.Cubin.AsSpan());
            Assert.Equal(first.Image.Ptx, second.Image.Ptx);
            Assert.False(Nvrtc.Compile(Scale, 90, cache).FromCache);
            foreach (FileInfo file in cache.GetFiles())
            {
                byte[] bytes = File.ReadAllBytes(file.FullName);
                bytes[bytes.Length / 2] ^= 1;
                File.WriteAllBytes(file.FullName, bytes);
            }

            Assert.False(Nvrtc.Compile(Scale, 80, cache).FromCache);
        }
        finally
        {
            cache.Delete(recursive: true);
        }
    }

    [CudaFact]
    public void Training_of_HGT_is_one_program_and_found_in_50_ms()
    {
        DirectoryInfo cache = Directory.CreateTempSubdirectory("pigeon-cuda");
        try
        {
            CudaSource source = CudaEmitter.Emit(ModelPrograms.PlanOf(ModelPrograms.Create("hgt", training: true)));
            var text = new CudaText("hgt", source.Source, source.Headers);
            Nvrtc.Compile(Scale, 80, cache: null);
            double cold = Least(() => Nvrtc.Compile(text, 80, cache: null));
            CompiledCuda compiled = Nvrtc.Compile(text, 80, cache);
            double kept = Least(() => Assert.True(Nvrtc.Compile(text, 80, cache).FromCache));
            Assert.Equal(source.Signature.Launches.Select(l => l.Kernel).Distinct().Order(StringComparer.Ordinal),
                KernelResources.Parse(compiled.Log).Select(k => k.Name));

            // The aim is 2 s; docs/gpu.md has the figure as it is. A busy machine takes several times as long.
            const double most = 15_000;
            Assert.True(cold <= most && kept <= 50, FormattableString.Invariant($"{cold:F0} ms cold, {kept:F1} ms from the cache"));
        }
        finally
        {
            cache.Delete(recursive: true);
        }

        // The compiler works on the calling thread, whose CPU time is neither more than the wall's nor more than the process's.
        static double Least(Action work) => Enumerable.Range(0, Rounds).Select(_ =>
        {
            (TimeSpan cpu, long start) = (Environment.CpuUsage.TotalTime, Stopwatch.GetTimestamp());
            work();
            return Math.Min((Environment.CpuUsage.TotalTime - cpu).TotalMilliseconds, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }).Min();
    }

    [CudaFact]
    public void Text_that_is_no_program_is_refused()
    {
        var refusal = Assert.Throws<PigeonException>(() => Nvrtc.Compile(Scale with { Source = "int x[; // no" }, 80, cache: null));
        Assert.Equal("PG0602", refusal.Diagnostic.Id);
    }

    [Fact]
    public void Without_a_GPU_there_is_a_reason_and_a_refusal()
    {
        if (CudaDevice.Missing is null)
        {
            using var device = new CudaDevice();
            Assert.True(device.Limits.Architecture >= 50);
            return;
        }

        Assert.Equal("PG0601", Assert.Throws<PigeonException>(() => new CudaDevice()).Diagnostic.Id);
    }
}
