using Xunit;

namespace Pigeon.Simulator.Tests;

public sealed class RefusalTests
{
    private const string Header = ".version 8.4\n.target sm_80\n.address_size 64\n";

    [Theory]
    [InlineData("§")]
    [InlineData(".entry")]
    [InlineData(".entry k() { .reg .f99 %f1; }")]
    [InlineData(".entry k() { mov.u32 %r1 }")]
    [InlineData(".entry k() { L: ret; L: ret; }")]
    [InlineData(".entry k() { @%p1 ret; }")]
    [InlineData(".entry k() { ret; ")]
    [InlineData(".file 1 \"unfinished")]
    [InlineData(".global .align 4 .b8 x[99999999999999999999];")]
    [InlineData(".global .b64 x[9000000000000];")]
    [InlineData(".global .align 4 .b32 x[1] = {1, 2};")]
    public void Text_that_is_no_ptx_is_refused(string text)
    {
        using var device = new Device();
        Assert.Contains("broken.ptx", Device.Refused("PG0650", () => device.Gpu.Load(Header + text, "broken.ptx")).Place);
    }

    [Fact]
    public void Text_that_is_cut_anywhere_is_refused_or_read()
    {
        string text = Kernels.Ptx("traverse");
        using var device = new Device();
        for (int length = 0; length < text.Length; length += 97)
        {
            try
            {
                device.Gpu.Load(text[..length], "cut.ptx");
            }
            catch (Pigeon.Kernels.PigeonException e)
            {
                Assert.Equal("PG0650", e.Diagnostic.Id);
            }
        }
    }

    [Theory]
    [InlineData("frobnicate.f32 %f1, %f1;", "frobnicate.f32")]
    [InlineData("add.f32 %f1, %r1, %rd1;", "add.f32")]
    [InlineData("wgmma.fence.sync.aligned;", "wgmma")]
    [InlineData("bra NOWHERE;", "bra")]
    [InlineData("fma.rm.f64 %d1, %d1, %d1, %d1;", "fma.rm.f64")]
    [InlineData("call nobody, ();", "call")]
    public void What_is_not_simulated_is_named_with_its_line(string instruction, string named)
    {
        using var device = new Device();
        SimulatedModule module = device.Gpu.Load(
            $"{Header}.entry k()\n{{\n.reg .f32 %f<2>;\n.reg .b32 %r<2>;\n.reg .b64 %rd<2>;\n.reg .f64 %d<2>;\n{instruction}\n}}", "x.ptx");
        var diagnostic = Device.Refused("PG0651", () => device.Run(module, "k", new LaunchSize(1), 32));
        Assert.Equal("x.ptx(10)", diagnostic.Place);
        Assert.Contains(named, diagnostic.Message);
    }

    [Fact]
    public void Memory_that_can_not_be_is_refused()
    {
        using var device = new Device();
        Device.Refused("PG0652", () => device.Gpu.Allocate(1L << 45, "huge"));
        Device.Refused("PG0652", () => device.Gpu.Allocate(-1, "negative"));
    }

    [Fact]
    public void The_host_may_not_leave_a_buffer()
    {
        using var device = new Device();
        ulong x = device.Put("x", 1, 2, 3);
        Device.Refused("PG0653", () => device.Gpu.Write<int>(x + 4, [1, 2, 3]));
        Device.Refused("PG0653", () => device.Gpu.Clear(x, 13));
        Device.Refused("PG0653", () => device.Get<int>(x, 4));
        Device.Refused("PG0653", () => device.Get<int>(device.New<int>("new", 1), 1));
        Device.Refused("PG0653", () => device.Gpu.Free(x + 4));
        device.Gpu.Free(x);
        Device.Refused("PG0653", () => device.Get<int>(x, 1));
        Device.Refused("PG0653", () => device.Gpu.Free(x));
    }

    [Fact]
    public void Launches_beyond_the_race_checks_are_refused()
    {
        using var device = new Device();
        SimulatedModule module = device.Gpu.Load(Header + ".entry k() { ret; }", "x.ptx");
        Device.Refused("PG0654", () => device.Run(module, "k", new LaunchSize(1 << 24), 64));
    }

    [Fact]
    public void Launches_that_can_not_be_are_refused()
    {
        using var device = new Device();
        SimulatedModule module = device.Gpu.Load(
            Header + ".entry k(.param .u64 p) .maxntid 64, 1, 1 { .shared .b8 s[200000]; .reg .b64 %r; mov.u64 %r, s; ret; }", "x.ptx");
        Device.Refused("PG0655", () => device.Run(module, "other", new LaunchSize(1), 32, 0));
        Device.Refused("PG0655", () => device.Run(module, "k", new LaunchSize(1), 32));
        Device.Refused("PG0655", () => device.Run(module, "k", new LaunchSize(1), 128, 0));
        Device.Refused("PG0655", () => device.Run(module, "k", new LaunchSize(1), 2048, 0));
        Device.Refused("PG0655", () => device.Run(module, "k", new LaunchSize(0), 32, 0));
        Device.Refused("PG0655", () => device.Gpu.Launch(module, "k", new LaunchSize(1), new LaunchSize(32), 100_000, [0]));
        Device.Refused("PG0655", () => module.Variable("x"));
    }

    [Fact]
    public void Endless_recursion_and_jumps_beyond_a_table_are_refused()
    {
        using var device = new Device();
        SimulatedModule module = device.Gpu.Load(
            Header + ".func f() { call f, (); ret; } .entry k() { call f, (); ret; } "
            + ".entry t() { .reg .b32 %r; mov.u32 %r, 2; L: .branchtargets A, B; brx.idx %r, L; A: ret; B: ret; }", "x.ptx");
        Device.Refused("PG0656", () => device.Run(module, "k", new LaunchSize(1), 32));
        Device.Refused("PG0656", () => device.Run(module, "t", new LaunchSize(1), 32));
    }
}
