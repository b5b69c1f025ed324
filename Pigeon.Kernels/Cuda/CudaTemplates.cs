using System.Reflection;

namespace Pigeon.Kernels;

/// <summary>The templates that generated CUDA C++ includes; they are files beside this one.</summary>
public static class CudaTemplates
{
    /// <summary>The text of a template.</summary>
    /// <param name="name">The file's name, as in <c>gemm.cuh</c>.</param>
    /// <exception cref="ArgumentException">There is no such file.</exception>
    public static string Read(string name)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"cuda/{name}") ??
            throw new ArgumentException($"there is no template {name}", nameof(name));
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
