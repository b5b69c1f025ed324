namespace Pigeon.Compiler;

/// <summary>Names for the variables of a kernel, each given once.</summary>
internal sealed class CudaNames
{
    private int given;

    /// <summary>The next name with this prefix.</summary>
    public Code Next(string prefix) => Code.Identifier(FormattableString.Invariant($"{prefix}{given++}"));
}
