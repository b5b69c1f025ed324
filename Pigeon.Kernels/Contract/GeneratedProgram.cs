namespace Pigeon.Kernels;

/// <summary>The base of every class that the C# emitter writes: a program's kernels and the code that launches them.</summary>
public abstract unsafe class GeneratedProgram
{
    private Workers? workers;
    private float* scratch;

    /// <summary>What the program needs and gives.</summary>
    public abstract ProgramSignature Signature { get; }

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

    /// <summary>Runs a kernel, one part for each thread.</summary>
    protected void Launch(Action<int> kernel) => workers!.Run(kernel);

    /// <summary>The scratch of one thread.</summary>
    protected float* ScratchOf(int part) => scratch + ((nint)part * Signature.ScratchFloats);
}
