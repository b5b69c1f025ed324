using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Pigeon.Runtime;
using Xunit;

namespace Pigeon.Simulator.Tests;

public sealed class SimulatorDeviceTests
{
    private const string Text = """
        .version 8.4
        .target sm_80
        .address_size 64
        .visible .entry twice(.param .u64 x, .param .u32 n)
        {
            .reg .b64 %rd<4>;
            .reg .b32 %r<4>;
            .reg .f32 %f<2>;
            .reg .pred %p;
            ld.param.u64 %rd0, [x];
            ld.param.u32 %r0, [n];
            mov.u32 %r1, %tid.x;
            setp.ge.u32 %p, %r1, %r0;
            @%p ret;
            mul.wide.u32 %rd1, %r1, 4;
            add.s64 %rd2, %rd0, %rd1;
            ld.global.f32 %f0, [%rd2];
            add.f32 %f0, %f0, %f0;
            st.global.f32 [%rd2], %f0;
            ret;
        }
        """;

    [Fact]
    public void Work_runs_in_order_and_captured_work_runs_when_it_is_launched()
    {
        using var device = new SimulatorDevice();
        using IGpuModule module = device.Load(new GpuImage("program", ImmutableArray<byte>.Empty, Text));
        using IGpuStream stream = device.CreateStream();
        using IGpuEvent begin = device.CreateEvent(), end = device.CreateEvent();
        IGpuKernel twice = module.Kernel("twice");
        ulong x = device.Allocate(8, "x");
        stream.CopyIn(x, MemoryMarshal.AsBytes<float>([1, 2]));
        stream.Record(begin);
        stream.Launch(twice, new GpuLaunch(1, 1, 1, 32), [x, 2]);
        stream.BeginCapture();
        stream.Launch(twice, new GpuLaunch(1, 1, 1, 32), [x, 1]);
        using IGpuGraph graph = stream.EndCapture();
        Assert.Equal([2, 4], Read(stream, x));
        stream.Launch(graph);
        stream.Launch(graph);
        stream.Record(end);
        stream.Wait(end);
        stream.Synchronize();
        Assert.Equal([8, 4], Read(stream, x));
        Assert.True(end.MillisecondsSince(begin) >= 0);
        Assert.Equal(3, device.Counters["twice"].Count(InstructionClass.GlobalStore));
        stream.Clear(x, 8);
        Assert.Equal([0, 0], Read(stream, x));
        device.Free(x);
    }

    [Fact]
    public void A_launch_with_faults_throws_or_is_kept()
    {
        using var device = new SimulatorDevice();
        using IGpuModule module = device.Load(new GpuImage("program", ImmutableArray<byte>.Empty, Text));
        using IGpuStream stream = device.CreateStream();
        ulong x = device.Allocate(8, "features");
        stream.CopyIn(x, new byte[8]);
        var diagnostic = Device.Refused("PG0657", () => stream.Launch(module.Kernel("twice"), new GpuLaunch(1, 1, 1, 32), [x, 3]));
        Assert.Contains("features", diagnostic.Message);
        device.GoesOn = true;
        stream.Launch(module.Kernel("twice"), new GpuLaunch(1, 1, 1, 32), [x, 3]);
        Assert.Equal(FindingKind.OutOfBounds, device.Faulty[1].Findings[0].Kind);
    }

    [Fact]
    public void Captures_are_not_mixed_with_copies()
    {
        using var device = new SimulatorDevice();
        using IGpuStream stream = device.CreateStream();
        Device.Refused("PG0658", () => stream.EndCapture());
        stream.BeginCapture();
        Device.Refused("PG0658", stream.BeginCapture);
        Device.Refused("PG0658", stream.Synchronize);
        Device.Refused("PG0658", () => stream.CopyIn(0, []));
        Device.Refused("PG0658", () => stream.CopyOut(0, []));
    }

    private static float[] Read(IGpuStream stream, ulong x)
    {
        var values = new float[2];
        stream.CopyOut(x, MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }
}
