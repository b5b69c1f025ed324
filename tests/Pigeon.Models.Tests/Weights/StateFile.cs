using Pigeon.Runtime;

namespace Pigeon.Models.Tests;

/// <summary>State dicts in files: those of the oracle cases, changed.</summary>
internal static class StateFile
{
    /// <summary>Loads an oracle case's weights after a change to them.</summary>
    public static LoadedModel Load(OracleCase given, Action<Dictionary<string, Tensor>> change, HeteroGraph? graph = null,
        params (string Option, string Value)[] set)
    {
        using SafetensorsFile original = SafetensorsFile.Open(given.PathOf("weights.safetensors"));
        Dictionary<string, Tensor> tensors = original.Tensors.Keys.ToDictionary(name => name, original.Read);
        change(tensors);
        return Load(given.Model, tensors, graph ?? given.Graph, set);
    }

    /// <summary>Writes tensors to a file, loads them from it, and disposes them.</summary>
    public static LoadedModel Load(string model, Dictionary<string, Tensor> tensors, HeteroGraph graph,
        params (string Option, string Value)[] set)
    {
        string path = Path.GetTempFileName();
        try
        {
            SafetensorsFile.Write(path, tensors);
            using SafetensorsFile file = SafetensorsFile.Open(path);
            return ModelCatalog.Find(model).Load(file, graph, set.ToDictionary(option => option.Option, option => option.Value));
        }
        finally
        {
            File.Delete(path);
            foreach (Tensor tensor in tensors.Values)
            {
                tensor.Dispose();
            }
        }
    }
}
