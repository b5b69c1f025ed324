namespace Pigeon.Compiler;

/// <summary>Turns the number of a vector in row-major order into coordinates.</summary>
internal static class CudaCoordinates
{
    /// <summary>Declares the coordinates of vector <paramref name="number"/>, and gives the position there.</summary>
    /// <param name="writer">Where the declarations go.</param>
    /// <param name="name">Gives fresh names.</param>
    /// <param name="axes">The axes, outermost first.</param>
    /// <param name="start">The position at coordinates 0.</param>
    /// <param name="number">A variable.</param>
    /// <param name="vector">The elements of a vector, along the innermost axis.</param>
    public static Position At(CodeWriter writer, Func<string, Code> name, List<Axis> axes, Position start, Code number, int vector = 1)
    {
        Position position = start;
        int below = 1;
        for (int a = axes.Count - 1; a >= 0; a--)
        {
            int unit = a == axes.Count - 1 ? vector : 1;
            int extent = axes[a].Extent / unit;
            Code c = name("c");
            Code divided = below == 1 ? number : Code.Of($"{number} / {below}");
            Code wrapped = a == 0 ? divided : Code.Of($"{divided} % {extent}");
            writer.Line($"const int {c} = {(unit == 1 ? wrapped : Code.Of($"{wrapped} * {unit}"))};");
            position = position.Move(axes[a], c);
            below *= extent;
        }

        return position;
    }
}
