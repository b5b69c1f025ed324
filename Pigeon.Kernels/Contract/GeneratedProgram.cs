namespace Pigeon.Kernels;

/// <summary>The base of every class that the C# emitter writes: a program's kernels and the code that launches them.</summary>
public abstract unsafe class GeneratedProgram
{
    private Workers? workers;
    private RowCut[] cuts = [];
    private float* scratch;
    private float* shared;
    private int loop;

    /// <summary>What the program needs and gives.</summary>
    public abstract ProgramSignature Signature { get; }

    /// <summary>Called after each kernel with its number in the signature, to measure it; null to call nothing.</summary>
    public Action<int>? Ended { get; set; }

    /// <summary>Takes the frame's pointers; call it again when one of them changes.</summary>
    public void Bind(ProgramFrame frame)
    {
        workers = frame.Workers;
        scratch = frame.Scratch;
        shared = frame.Shared;
        cuts = frame.Cuts;
        Take(frame);
    }

    /// <summary>Runs the kernels that depend on the graph alone.</summary>
    public abstract void RunOnce();

    /// <summary>Runs all other kernels.</summary>
    public abstract void Run();

    /// <summary>Copies the frame's pointers into fields.</summary>
    protected abstract void Take(ProgramFrame frame);

    /// <summary>Runs a kernel, one part for each thread, and what is left to do when all parts have ended.</summary>
    /// <param name="number">The kernel's number in the signature.</param>
    /// <param name="kernel">The part of one thread.</param>
    /// <param name="join">What one thread does when all have ended; null for nothing.</param>
    protected void Launch(int number, Action<int> kernel, Action? join = null)
    {
        workers!.Run(kernel);
        join?.Invoke();
        Ended?.Invoke(number);
    }

    /// <summary>
    /// Runs a kernel whose rows may be shared: the rows of the threads, each thread's share of a row's first loop, then for every further loop of the
    /// row a launch of the shares alone. Before each loop and after the last one, one thread does what is done once for a row.
    /// </summary>
    /// <param name="number">The kernel's number in the signature.</param>
    /// <param name="loops">The loops over a row's neighbours.</param>
    /// <param name="kernel">The part of one thread, without shared rows.</param>
    /// <param name="share">One thread's shares of the loop <see cref="Loop"/>.</param>
    /// <param name="once">What is done once for each shared row before the loop <see cref="Loop"/>, or after the last.</param>
    protected void LaunchShared(int number, int loops, Action<int> kernel, Action<int> share, Action once)
    {
        loop = 0;
        if (SharedRows(number) == 0)
        {
            workers!.Run(kernel);
        }
        else
        {
            once();
            workers!.Run(kernel);
            for (loop = 1; loop < loops; loop++)
            {
                once();
                workers.Run(share);
            }

            once();
        }

        Ended?.Invoke(number);
    }

    /// <summary>The scratch of one thread.</summary>
    protected float* ScratchOf(int part) => scratch + ((nint)part * Signature.ScratchFloats);

    /// <summary>The number of a kernel's rows that threads share.</summary>
    protected int SharedRows(int kernel) => cuts[kernel].Shared.Length;

    /// <summary>Which of a shared row's loops is walked, or the number of loops when all have been.</summary>
    protected int Loop => loop;

    /// <summary>Rows of one thread that lie side by side: see <see cref="RowCut.Next"/>.</summary>
    protected bool NextRows(int kernel, int part, ref int number, out int begin, out int end) => cuts[kernel].Next(part, ref number, out begin, out end);

    /// <summary>The position of a shared row.</summary>
    protected int SharedAt(int kernel, int row) => cuts[kernel].Shared[row];

    /// <summary>Where a thread's share of a shared row's neighbours begins; it ends where that of the next thread begins.</summary>
    protected int ShareOf(int kernel, int row, int part) => cuts[kernel].Shares[(row * (workers!.Count + 1)) + part];

    /// <summary>The scratch of a shared row.</summary>
    protected float* ScratchOfShared(int row) => shared + (row * FloatsOfShared);

    /// <summary>Where a thread leaves its part of a shared row's sums.</summary>
    protected float* SumsOfShared(int row, int part) => ScratchOfShared(row) + Signature.ScratchFloats + ((nint)part * Signature.SharedFloats);

    private nint FloatsOfShared => Signature.FloatsOfShared(workers!.Count);
}
