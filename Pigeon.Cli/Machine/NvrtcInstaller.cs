using System.Diagnostics;
using System.Reflection;
using Pigeon.Kernels;

namespace Pigeon.Cli;

/// <summary>Installs NVRTC by the script <c>setup-cuda.sh</c>, which is a part of the tool.</summary>
internal static class NvrtcInstaller
{
    /// <summary>Runs the script.</summary>
    /// <returns>The folder that NVRTC is in.</returns>
    /// <exception cref="PigeonException">PG0601: it could not be installed; the script's last line says why.</exception>
    public static string Run()
    {
        string script = Path.Combine(Path.GetTempPath(), $"pigeon-{Guid.NewGuid():N}.sh");
        try
        {
            using (Stream resource = Assembly.GetExecutingAssembly().GetManifestResourceStream("setup-cuda.sh")!)
            using (FileStream file = File.Create(script))
            {
                resource.CopyTo(file);
            }

            using Process process = Process.Start(new ProcessStartInfo("bash", [script]) { RedirectStandardOutput = true })!;
            string[] lines = process.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
            process.WaitForExit();
            string last = lines.Length > 0 ? lines[^1] : "the script said nothing";
            return process.ExitCode == 0 ? last : throw Failure(last);
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or IOException or UnauthorizedAccessException)
        {
            throw Failure(e.Message);
        }
        finally
        {
            File.Delete(script);
        }
    }

    private static PigeonException Failure(string reason) =>
        new("PG0601", $"NVRTC can't be installed: {reason}", "NVRTC", "install CUDA 12, and set CUDA_PATH");
}
