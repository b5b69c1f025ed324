using System.Security.Cryptography;
using System.Text;

namespace Pigeon.Runtime;

/// <summary>
/// Compiled CUDA programs on disk, by the hash of what they were compiled from. That text stands in the file too, with a hash of all,
/// and both are compared on every hit: a collision or a damaged file is never run. A cache that can't be read or written is no error.
/// </summary>
internal static class CudaCache
{
    private const string Magic = "pigeon cuda 1";

    public static CompiledCuda? Find(DirectoryInfo folder, string key, string name)
    {
        try
        {
            string path = PathOf(folder, key);
            if (!File.Exists(path))
            {
                return null;
            }

            byte[] bytes = File.ReadAllBytes(path);
            ReadOnlySpan<byte> content = bytes.AsSpan(0, Math.Max(0, bytes.Length - SHA256.HashSizeInBytes));
            if (!SHA256.HashData(content).AsSpan().SequenceEqual(bytes.AsSpan(content.Length)))
            {
                return null;
            }

            using var reader = new BinaryReader(new MemoryStream(bytes), Encoding.UTF8);
            if (reader.ReadString() != Magic || reader.ReadString() != key)
            {
                return null;
            }

            (string ptx, string log) = (reader.ReadString(), reader.ReadString());
            return new(new(name, [.. reader.ReadBytes(reader.ReadInt32())], ptx), log, FromCache: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or FormatException)
        {
            return null;
        }
    }

    public static void Keep(DirectoryInfo folder, string key, CompiledCuda compiled)
    {
        try
        {
            folder.Create();
            using var bytes = new MemoryStream();
            using (var writer = new BinaryWriter(bytes, Encoding.UTF8, leaveOpen: true))
            {
                writer.Write(Magic);
                writer.Write(key);
                writer.Write(compiled.Image.Ptx);
                writer.Write(compiled.Log);
                writer.Write(compiled.Image.Cubin.Length);
                writer.Write(compiled.Image.Cubin.AsSpan());
            }

            bytes.Write(SHA256.HashData(bytes.ToArray()));
            string path = PathOf(folder, key);
            string temporary = $"{path}.{Environment.ProcessId}.{Guid.NewGuid():N}";
            File.WriteAllBytes(temporary, bytes.ToArray());
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The next run compiles again.
        }
    }

    private static string PathOf(DirectoryInfo folder, string key) =>
        Path.Combine(folder.FullName, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key))) + ".cuda");
}
