using Xunit;

namespace Pigeon.Simulator.Tests;

/// <summary>Each kind of finding, provoked by a few instructions, with what it says; and what must not be found.</summary>
public sealed class FindingTests
{
    private const string Header = """
        .version 8.4
        .target sm_80
        .address_size 64
        .visible .entry k(.param .u64 px, .param .u64 py)
        {
        .reg .b64 %x, %y, %at;
        .reg .b32 %t, %l, %v, %w, %s;
        .reg .pred %p;
        .shared .align 16 .b8 tile[256];
        ld.param.u64 %x, [px]; ld.param.u64 %y, [py];
        mov.u32 %t, %tid.x; and.b32 %l, %t, 31; mul.wide.u32 %at, %t, 4; mov.u32 %s, tile; mad.lo.s32 %s, %t, 4, %s;

        """;

    /// <summary>The first line of a body.</summary>
    private const int First = 12;

    private static LaunchReport Run(string body, int threads = 64, int blocks = 1, int count = 64, int seed = 1)
    {
        using var device = new Device(seed);
        SimulatedModule module = device.Gpu.Load(Header + body + "\nret;\n}", "x.ptx");
        return device.Run(module, "k", new LaunchSize(blocks), threads, device.Put("x", new int[count]), device.New<int>("y", count));
    }

    private static Finding One(FindingKind kind, string body, int threads = 64, int blocks = 1)
    {
        LaunchReport report = Run(body, threads, blocks);
        Assert.True(report.Findings.Any(finding => finding.Kind == kind), $"not {kind}: " + string.Join("\n", report.Findings));
        return report.Findings.First(finding => finding.Kind == kind);
    }

    private static void None(string body, int threads = 64, int blocks = 1)
    {
        for (int seed = 1; seed <= 3; seed++)
        {
            LaunchReport report = Run(body, threads, blocks, seed: seed);
            Assert.True(report.Findings.Count == 0, string.Join("\n", report.Findings));
        }
    }

    [Fact]
    public void Out_of_bounds_names_buffer_line_and_thread()
    {
        Finding finding = One(FindingKind.OutOfBounds, "add.s64 %x, %x, %at;\n.loc 1 7 1\nld.global.u32 %v, [%x+4];");
        Assert.Equal("x", finding.Buffer);
        Assert.Equal(First + 2, finding.Place.PtxLine);
        Assert.EndsWith(":7", finding.Place.Source);
        Assert.Equal(new ThreadId(0, 63), finding.Thread);
        Assert.Contains("byte 256 of x", finding.Message);
    }

    [Theory]
    [InlineData("ld.global.u32 %v, [%x+-4];")]
    [InlineData("ld.global.v4.u32 {%v, %v, %v, %v}, [%x+244];")]
    [InlineData("mov.u64 %x, 0; ld.global.u32 %v, [%x];")]
    [InlineData("mov.u32 %s, 256; st.shared.u32 [%s], %t;")]
    [InlineData("mov.u64 %x, tile; cvta.shared.u64 %x, %x; ld.u32 %v, [%x+256];")]
    [InlineData("shl.b64 %x, %x, 1; ld.global.u32 %v, [%x];")]
    public void Out_of_bounds_is_found_at_every_edge(string body) => One(FindingKind.OutOfBounds, body);

    [Fact]
    public void A_freed_buffer_is_known_by_its_name()
    {
        using var device = new Device();
        SimulatedModule module = device.Gpu.Load(Header + "ld.global.u32 %v, [%x]; ret; }", "x.ptx");
        ulong x = device.Put("old", 1, 2);
        device.Gpu.Free(x);
        LaunchReport report = device.Run(module, "k", new LaunchSize(1), 32, x, x);
        Assert.Equal((FindingKind.UseAfterFree, "old"), (report.Findings.Single().Kind, report.Findings.Single().Buffer));
        Assert.Equal(32, report.Findings.Single().Count);
    }

    [Theory]
    [InlineData("ld.global.u32 %v, [%x+2];")]
    [InlineData("ld.global.v2.u32 {%v, %v}, [%x+4];")]
    [InlineData("mov.u32 %s, 2; st.shared.u32 [%s], %t;")]
    public void Misaligned_accesses_are_found(string body) => One(FindingKind.Misaligned, body);

    [Theory]
    [InlineData("add.s32 %v, %w, 1; st.global.u32 [%x], %v;")]
    [InlineData("setp.eq.s32 %p, %w, 1; @%p mov.u32 %v, 1;")]
    [InlineData("cvt.u64.u32 %at, %w; add.s64 %x, %x, %at; ld.global.u32 %v, [%x];")]
    [InlineData("mov.u32 %v, 1; @%p ret;")]
    [InlineData("setp.lt.u32 %p, %l, 16; @%p mov.u32 %v, 1; add.s64 %x, %x, %at; st.global.u32 [%x], %v;")]
    [InlineData("mov.u32 %w, 1; setp.lt.u32 %p, %l, 16; @!%p bra L; shfl.sync.down.b32 %v, %w, 1, 31, 0xFFFF;"
        + " add.s64 %x, %x, %at; st.global.u32 [%x], %v; L:")]
    public void Undefined_values_are_found_where_they_matter(string body) => One(FindingKind.UninitialisedRegister, body, 32);

    [Theory]
    [InlineData("add.s32 %v, %w, 1; mov.u32 %s, %v;")]
    [InlineData("setp.eq.u32 %p, %t, %t; selp.b32 %v, 5, %w, %p; add.s64 %x, %x, %at; st.global.u32 [%x], %v;")]
    public void Undefined_values_that_do_not_matter_are_not_found(string body) => None(body);

    [Theory]
    [InlineData("ld.global.u32 %v, [%y];")]
    [InlineData("ld.shared.u32 %v, [%s];")]
    [InlineData("{.local .align 4 .b8 l[8]; mov.u64 %at, l; ld.local.u32 %v, [%at];}")]
    public void Unwritten_memory_is_found(string body) => One(FindingKind.UninitialisedMemory, body);

    [Fact]
    public void A_shared_race_has_both_threads_and_places()
    {
        Finding finding = One(FindingKind.SharedRace,
            "st.shared.u32 [%s], %t;\nxor.b32 %s, %s, 128;\nld.shared.u32 %v, [%s];\nbar.sync 0;");
        int[] lines = [finding.Place.PtxLine, finding.OtherPlace!.Value.PtxLine];
        Assert.Equal([First, First + 2], lines.Order());
        Assert.Equal(32, Math.Abs(finding.Thread.Index - finding.OtherThread!.Value.Index));
        Assert.Equal("tile", finding.Buffer);
    }

    [Theory]
    [InlineData("st.shared.u32 [%s], %t; bar.sync 0; xor.b32 %s, %s, 128; ld.shared.u32 %v, [%s];", 64, 1)]
    [InlineData("st.shared.u32 [%s], %t; bar.warp.sync -1; xor.b32 %s, %s, 4; ld.shared.u32 %v, [%s];", 64, 1)]
    [InlineData("st.shared.u32 [%s], %t; barrier.sync 1, 64; xor.b32 %s, %s, 128; ld.shared.u32 %v, [%s];", 64, 1)]
    [InlineData("st.shared.u32 [%s], %t; ld.shared.u32 %v, [%s]; st.shared.u32 [%s], %v;", 64, 1)]
    [InlineData("mov.u32 %s, 0; st.shared.u32 [tile+4], 0; atom.shared.add.u32 %v, [%s], 1;", 1, 1)]
    [InlineData("red.global.add.u32 [%x], 1;", 64, 4)]
    [InlineData("ld.volatile.global.u32 %v, [%x]; st.volatile.global.u32 [%x], 1;", 64, 2)]
    public void Ordered_accesses_are_no_race(string body, int threads, int blocks) =>
        None(body.Replace("mov.u32 %s, 0; st.shared.u32 [tile+4], 0;", "mov.u32 %s, 0; st.shared.u32 [%s], 0;", StringComparison.Ordinal),
            threads, blocks);

    [Theory]
    [InlineData("st.shared.u32 [%s], %t; xor.b32 %s, %s, 4; ld.shared.u32 %v, [%s];")]
    [InlineData("st.shared.u32 [%s], %t; mov.u32 %w, 1; shfl.sync.bfly.b32 %v, %w, 1, 31, -1; xor.b32 %s, %s, 4; ld.shared.u32 %v, [%s];")]
    [InlineData("st.shared.u32 [%s], %t; bar.warp.sync -1; xor.b32 %s, %s, 128; ld.shared.u32 %v, [%s];")]
    [InlineData("st.shared.u32 [%s], %t; ld.shared.u32 %v, [%s]; bar.sync 0; st.shared.u32 [tile], %t;")]
    public void Shared_accesses_without_order_are_a_race(string body) => One(FindingKind.SharedRace, body);

    [Theory]
    [InlineData("st.global.u32 [%x], %t;", 2, 1)]
    [InlineData("st.global.u32 [%x], %t;", 1, 2)]
    [InlineData("atom.global.add.u32 %v, [%x], 1; setp.eq.u32 %p, %l, 3; @%p st.global.u32 [%x], %t;", 32, 1)]
    [InlineData("ld.global.u32 %v, [%x]; st.global.u32 [%x], %v;", 1, 3)]
    public void Global_accesses_without_order_are_a_race(string body, int threads, int blocks) =>
        Assert.Equal("x", One(FindingKind.GlobalRace, body, threads, blocks).Buffer);

    [Theory]
    [InlineData("ld.global.nc.u32 %v, [%x]; bar.sync 0; st.global.u32 [%x], %v;")]
    [InlineData("st.global.u32 [%x], %t; ld.global.nc.u32 %v, [%x];")]
    public void Read_only_loads_of_written_memory_are_found(string body) => One(FindingKind.NotReadOnly, body, 1);

    [Theory]
    [InlineData("setp.lt.u32 %p, %l, 16; @%p bra L; mov.u32 %v, 1; shfl.sync.bfly.b32 %v, %v, 1, 31, -1; bra M; L: mov.u32 %w, 2; M:")]
    [InlineData("setp.lt.u32 %p, %l, 16; @%p vote.sync.any.pred %p, %p, 0xF0;")]
    [InlineData("setp.lt.u32 %p, %l, 16; @%p bra L; bar.warp.sync 0xFFFF; L:")]
    public void Warp_instructions_without_their_lanes_are_found(string body) => One(FindingKind.DivergentWarp, body, 32);

    [Theory]
    [InlineData("setp.lt.u32 %p, %l, 16; @%p ret; mov.u32 %v, 1; shfl.sync.idx.b32 %v, %v, 20, 31, -1; st.global.u32 [%x], %v;")]
    [InlineData("setp.lt.u32 %p, %l, 16; @%p bra L; bar.warp.sync -1; bra M; L: bar.warp.sync -1; M:")]
    [InlineData("and.b32 %w, %l, 3; match.any.sync.b32 %v, %w, -1; redux.sync.add.s32 %s, %l, %v;")]
    [InlineData("setp.lt.u32 %p, %l, 16; @%p bra L; mov.u32 %v, 1; bra M; L: mov.u32 %v, 2; M: shfl.sync.bfly.b32 %v, %v, 16, 31, -1;")]
    public void Warp_instructions_with_their_lanes_are_not(string body) =>
        None(body.Replace("st.global.u32 [%x], %v;", "add.s64 %x, %x, %at; st.global.u32 [%x], %v;", StringComparison.Ordinal), 32);

    [Theory]
    [InlineData("setp.lt.u32 %p, %t, 40; @%p bra L; bar.sync 0; L: mov.u32 %v, 1; bar.sync 0;")]
    [InlineData("setp.lt.u32 %p, %t, 32; @%p bra L; bar.sync 0; bra M; L: bar.sync 0; M: mov.u32 %v, 1;")]
    [InlineData("setp.lt.u32 %p, %t, 32; @%p bar.sync 1; @!%p bar.sync 2;")]
    public void Divergent_barriers_are_found(string body) => One(FindingKind.DivergentBarrier, body);

    [Fact]
    public void A_barrier_that_too_few_reach_is_a_deadlock() =>
        One(FindingKind.Deadlock, "setp.ge.u32 %p, %t, 32; @%p ret; bar.sync 1, 64;");

    [Theory]
    [InlineData("setp.ge.u32 %p, %t, 40; @%p ret; bar.sync 0;")]
    [InlineData("setp.ge.u32 %p, %t, 32; @%p bra L; bar.sync 1, 64; bra M; L: bar.arrive 1, 64; M:")]
    [InlineData("setp.lt.u32 %p, %t, 5; bar.red.popc.u32 %v, 0, %p; setp.ne.u32 %p, %v, 5; @%p trap;")]
    [InlineData("setp.lt.u32 %p, %t, 64; bar.red.and.pred %p, 0, %p; @!%p trap;")]
    public void Barriers_as_they_should_be_are_not(string body) => None(body);

    [Theory]
    [InlineData("cp.async.ca.shared.global [%s], [%x], 4; cp.async.commit_group; ld.shared.u32 %v, [%s];")]
    [InlineData("cp.async.ca.shared.global [%s], [%x], 4; cp.async.commit_group; cp.async.wait_group 1; ld.shared.u32 %v, [%s];")]
    [InlineData("cp.async.ca.shared.global [%s], [%x], 4; cp.async.wait_group 0; ld.shared.u32 %v, [%s];")]
    [InlineData("cp.async.ca.shared.global [%s], [%x], 4; cp.async.commit_group; st.shared.u32 [%s], %t;")]
    public void Copies_that_were_not_waited_for_are_found(string body) => One(FindingKind.AsyncCopyNotWaited, body);

    [Theory]
    [InlineData("cp.async.ca.shared.global [%s], [%x], 4; cp.async.commit_group; cp.async.wait_group 0; ld.shared.u32 %v, [%s];")]
    [InlineData("cp.async.ca.shared.global [%s], [%x], 4; cp.async.wait_all; ld.shared.u32 %v, [%s];")]
    [InlineData("mov.u32 %w, 0; cp.async.ca.shared.global [%s], [%y], 4, %w; cp.async.wait_all; ld.shared.u32 %v, [%s]; "
        + "setp.ne.u32 %p, %v, 0; @%p trap;")]
    public void Copies_that_were_waited_for_are_not(string body) => None(body);

    [Fact]
    public void Copies_of_other_threads_need_a_barrier_too() => One(FindingKind.SharedRace,
        "cp.async.ca.shared.global [%s], [%x], 4; cp.async.wait_all; xor.b32 %s, %s, 4; ld.shared.u32 %v, [%s];");

    [Fact]
    public void A_trap_is_found() => One(FindingKind.Trap, "setp.eq.u32 %p, %t, 3; @%p trap;");

    [Fact]
    public void An_endless_loop_ends_by_its_budget()
    {
        using var device = new Device();
        device.Gpu.Options = device.Gpu.Options with { InstructionBudget = 100_000 };
        SimulatedModule module = device.Gpu.Load(Header + "L: bra L; }", "x.ptx");
        LaunchReport report = device.Run(module, "k", new LaunchSize(1), 64, 0, 0);
        Assert.Equal(FindingKind.BudgetExceeded, report.Findings.Single().Kind);
    }

    [Fact]
    public void Lanes_of_a_warp_may_wait_for_each_other() => None(
        "setp.eq.u32 %p, %l, 0; @%p bra RELEASE; WAIT: ld.volatile.global.u32 %v, [%x]; setp.eq.u32 %p, %v, 0; @%p bra WAIT; bra DONE; "
        + "RELEASE: mov.u32 %w, 1; st.volatile.global.u32 [%x], %w; DONE:", 32);

    [Fact]
    public void Checks_that_are_off_find_nothing()
    {
        using var device = new Device(checks: SimulatorChecks.None);
        SimulatedModule module = device.Gpu.Load(Header + "st.global.u32 [%x], %w; ld.shared.u32 %v, [%s]; ret; }", "x.ptx");
        device.RunClean(module, "k", new LaunchSize(3), 64, device.Put("x", 1), 0);
    }

    [Fact]
    public void One_seed_gives_one_run_and_atomics_of_floats_differ_between_seeds()
    {
        const string Body = "add.u32 %v, %t, 1; cvt.rn.f32.u32 %f, %v; rcp.rn.f32 %f, %f; red.global.add.f32 [%x], %f; ret; }";
        string Sum(int seed)
        {
            using var device = new Device(seed);
            SimulatedModule module = device.Gpu.Load(Header.Replace(".reg .pred", ".reg .f32 %f; .reg .pred",
                StringComparison.Ordinal) + Body, "x.ptx");
            ulong x = device.Put("x", 0f);
            device.RunClean(module, "k", new LaunchSize(8), 64, x, 0);
            return BitConverter.SingleToUInt32Bits(device.Get<float>(x, 1)[0]).ToString("x8",
                System.Globalization.CultureInfo.InvariantCulture);
        }
        string[] sums = [.. Enumerable.Range(1, 12).Select(Sum)];
        Assert.Equal(sums[0], Sum(1));
        Assert.Equal("4217cdf7 4217cdf7 4217cdf9 4217cdf9", string.Join(" ", sums[..4])); // in every process
        Assert.True(sums.Distinct().Count() > 1, string.Join(" ", sums));
    }

    [Fact]
    public void Counters_count_sectors_wavefronts_and_lanes()
    {
        LaunchReport report = Run("""
            add.s64 %y, %y, %at;
            st.global.u32 [%y], %t;
            shl.b32 %w, %l, 7;
            and.b32 %w, %w, 128;
            st.shared.u32 [%s], %t;
            bar.sync 0;
            ld.shared.u32 %v, [%w];
            setp.lt.u32 %p, %l, 8;
            @%p ld.global.u32 %v, [%x];
            @%p bra L;
            fma.rn.f32 %f, %f, %f, %f;
            L:
            """.Insert(0, ".reg .f32 %f; mov.f32 %f, 0f3F800000;\n"));
        Assert.Empty(report.Findings);
        KernelCounters counters = report.Counters;
        Assert.Equal(new Traffic(4, 256 + 64, 8 + 2, 8 + 2), counters.Global);
        Assert.Equal(4 + 2, counters.Shared.Units);
        Assert.Equal(2, counters.Shared.Excess);
        Assert.Equal(2, counters.DivergentBranches);
        Assert.Equal(2 * 24 * 2, counters.Flops);
        Assert.Equal((32, 256), (counters.UniqueBytesRead, counters.UniqueBytesWritten));
    }
}
