using System.Runtime.Intrinsics;
using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>What a compilation may be told; the defaults are right for the machine it runs on.</summary>
public sealed record CompileOptions
{
    /// <summary>For <see cref="Threads"/>, where code is made for other machines: it serves any number of threads.</summary>
    public const int AnyThreads = int.MaxValue;

    /// <summary>The floats of the widest vector: 16, 8 or 4. Default: the widest that the machine runs in hardware.</summary>
    public int Lanes { get; init; } = Vector512.IsHardwareAccelerated ? 16 : Vector256.IsHardwareAccelerated ? 8 : 4;

    /// <summary>False gives every operator a kernel of its own.</summary>
    public bool Fuse { get; init; } = true;

    /// <summary>
    /// The threads that run the program. Code for more than one can share the neighbours of one row among them. Any number of threads may run
    /// either code. Default: as many as the machine has processors; <see cref="AnyThreads"/> does not depend on the machine.
    /// </summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Whether the code shares the neighbours of one row among threads.</summary>
    internal bool SharesRows => Threads > 1;

    /// <summary>
    /// The graph that the plan is chosen for: its counts decide which rewrites pay. The program runs on any graph, and means the same;
    /// null keeps to the author's order of operations.
    /// </summary>
    public GraphBinding? Graph { get; init; }

    /// <summary>The rewrites that may be chosen. Default: all.</summary>
    public RewriteFamilies Rewrites { get; init; } = RewriteFamilies.All;

    /// <summary>
    /// Whether weights stay as they are from run to run, as in serving: what depends on them and the graph alone is computed when they are given, not
    /// in every run. A weight's tensor that is changed in place must then be given again.
    /// </summary>
    public bool FixedWeights { get; init; }

    /// <summary>
    /// What rows of features, of fixed weights and of intermediate values are kept in where that is accurate enough; see
    /// <see cref="NarrowStorage"/>. Arithmetic and outputs are f32 in any case.
    /// </summary>
    public ElementType Storage { get; init; } = ElementType.F32;

    /// <summary>Whether values may be computed again, where the graph makes that cheaper than to store them.</summary>
    public bool Recompute { get; init; } = true;

    /// <summary>
    /// Whether a traversal may become the steps before a product where other kernels read what it computes too, and before a weight gradient. Default: yes;
    /// plans for a GPU don't: the first was not measured there, and its weight gradients have no steps.
    /// </summary>
    public bool StoresBefore { get; init; } = true;

    /// <summary>
    /// Whether weights of products in a row may be folded into one where that saves multiply-adds; see <see cref="SpendsMemory"/> too. Plans for a GPU
    /// don't: derived weights and their gradients take launches of their own.
    /// </summary>
    public bool FoldsWeights { get; init; } = true;

    /// <summary>
    /// Whether rewrites may be made that save time and mostly take memory: rows that no edge leads to, or from, are left out of products, and weights of
    /// products in a row are folded. They are not where the author's order of operations takes more than half of <see cref="Memory"/>.
    /// </summary>
    public bool SpendsMemory { get; init; } = true;

    /// <summary>
    /// Whether a softmax's maximum may be taken in the loop that sums, where the graph makes that cheaper. Default: not on a CPU, since it was not
    /// measured on all models and graphs yet; plans for a GPU may.
    /// </summary>
    public bool OnlineSoftmax { get; init; }

    /// <summary>
    /// Whether loops over neighbours may be parted, so that short rows are computed in blocks of neighbours. Default: yes; plans for a GPU don't, whose
    /// threads take neighbours one by one.
    /// </summary>
    public bool NeighbourBlocks { get; init; } = true;

    /// <summary>
    /// Whether products with few columns may be computed as dots, after the product whose rows they multiply or node by node, where a graph is given. Default:
    /// yes; plans for a GPU don't, since it was not measured there.
    /// </summary>
    public bool NarrowProducts { get; init; } = true;

    /// <summary>
    /// Whether kernels may run earlier than the program has them, where a large graph's run takes less memory so. Default: yes; plans for a
    /// GPU don't, whose launches are several kernels that follow each other.
    /// </summary>
    public bool OrdersKernels { get; init; } = true;

    /// <summary>
    /// Whether a GPU may add up weight gradients by atomics, in place of a second launch that joins partial sums in their order. The last bits of sums
    /// then differ from run to run. Default: not, and every run gives the same bits. Kernels of the CPU don't have them.
    /// </summary>
    public bool AtomicSums { get; init; }

    /// <summary>What a run on the graph may take. A plan that passes it is made smaller, if values computed again can do so; null for no limit.</summary>
    public MemoryBudget? Memory { get; init; }

    /// <summary>Told what was done to fit the plan into the memory, where it had to be done and was enough.</summary>
    public Action<MemoryFit>? Fitted { get; init; }

    /// <summary>What the machine takes for the parts of kernels, by which plans are chosen.</summary>
    public MachineCosts Machine { get; init; } = MachineCosts.Default;

    /// <summary>Who tries plans and chooses among them; null to choose by the machine's costs.</summary>
    public IPlanTuner? Tuner { get; init; }

    /// <summary>The folder of compiled images and of chosen plans; null to keep none.</summary>
    public DirectoryInfo? Cache { get; init; } = ImageCache.Default();

    /// <summary>What was recomputed while this program is compiled; null to keep nothing.</summary>
    internal RecomputedPrograms? Recomputed { get; init; }

    /// <summary>Called with the name of every pass and the program it leaves.</summary>
    public Action<string, Program>? Trace { get; init; }
}
