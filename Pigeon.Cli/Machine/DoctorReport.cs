namespace Pigeon.Cli;

/// <summary>What a machine can do.</summary>
/// <param name="Version">Pigeon's version.</param>
/// <param name="Runtime">The .NET runtime and operating system.</param>
/// <param name="Cores">The cores that the process may use.</param>
/// <param name="SimdBits">The widest vectors that run in hardware.</param>
/// <param name="Lanes">The floats of a vector in generated kernels.</param>
/// <param name="Roslyn">Roslyn's version.</param>
/// <param name="Check">A model compiled, run and compared.</param>
/// <param name="Cache">The folder of compiled kernels; null where it is off.</param>
/// <param name="CacheImages">The images in it.</param>
/// <param name="CacheBytes">The bytes of all files in it.</param>
/// <param name="Driver">The GPU's driver.</param>
/// <param name="Nvrtc">The GPU's compiler.</param>
/// <param name="DataFolder">The data folder, or null.</param>
/// <param name="Datasets">The datasets that it holds.</param>
internal sealed record DoctorReport(string Version, string Runtime, int Cores, int SimdBits, int Lanes, string Roslyn, CheckReport Check,
    string? Cache, int CacheImages, long CacheBytes, LibraryReport Driver, LibraryReport Nvrtc, string? DataFolder,
    IReadOnlyList<string> Datasets);
