using System.ComponentModel;
using System.Diagnostics;

namespace Pigeon.Benchmarks;

/// <summary>PyG and DGL, where <c>python3</c> has them.</summary>
internal static class Python
{
    /// <summary>Why neither is here; null where one is.</summary>
    public static string? Absence()
    {
        string[] missing = [.. ((string[])["torch_geometric", "dgl"]).Where(module => !Imports(module))];
        return missing.Length < 2 ? null : $"python3 imports neither {string.Join(" nor ", missing)}";
    }

    private static bool Imports(string module)
    {
        try
        {
            using var python = Process.Start(new ProcessStartInfo("python3", ["-c", $"import {module}"]) { RedirectStandardError = true })!;
            python.StandardError.ReadToEnd();
            python.WaitForExit();
            return python.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
