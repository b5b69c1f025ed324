namespace Pigeon.Kernels;

/// <summary>The base of every class that the C# emitter writes: a program's kernels and the code that launches them.</summary>
public abstract unsafe class GeneratedProgram
{
    private Workers? workers;
    private float* scratch;

    /// <summary>What the program needs and gives.</summary>
    public abstract ProgramSignature Signature { get; }

    /// <summary>Called after each kernel with its number in the signature, to measure it; null to call nothing.</summary>
    public Action<int>? Ended { get; set; }

    /// <summary>Takes the frame's pointers; call it again when one of them changes.</summary>
    public void Bind(ProgramFrame frame)
    {
        workers = frame.Workers;
        scratch = frame.Scratch;
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

    /// <summary>The scratch of one thread.</summary>
    protected float* ScratchOf(int part) => scratch + ((nint)part * Signature.ScratchFloats);
}
