using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>Saves a model's parameters and buffers to a safetensors file, and loads them.</summary>
public static class WeightFiles
{
    /// <summary>PyTorch's batch norm counts its batches under this name, and nothing here reads it.</summary>
    private const string BatchCount = "num_batches_tracked";

    /// <summary>Writes every parameter and buffer under its path, whole or not at all.</summary>
    /// <param name="layer">The model.</param>
    /// <param name="path">The file; its folder must be there.</param>
    /// <param name="metadata">Texts to leave beside them.</param>
    /// <exception cref="IOException">It could not be written; what was there before is unchanged.</exception>
    public static void SaveWeights(this Layer layer, string path, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(layer);
        Safetensors.Save(path, layer.State().Select(s => KeyValuePair.Create(s.Key, s.Value.Value)), metadata);
    }

    /// <summary>Reads every parameter and buffer by its path: all of them or none. Float16, BFloat16 and F64 numbers become Float32 ones.</summary>
    /// <param name="layer">The model, on any device.</param>
    /// <param name="path">A safetensors file.</param>
    /// <param name="strict">Whether the names must be the same; shapes always must. PyTorch's num_batches_tracked is passed over.</param>
    /// <exception cref="WeightsException">Names or shapes do not fit; all that do not are listed.</exception>
    /// <exception cref="SafetensorsException">The file is not valid.</exception>
    public static void LoadWeights(this Layer layer, string path, bool strict = true)
    {
        ArgumentNullException.ThrowIfNull(layer);
        using var file = SafetensorsFile.Open(path);
        var found = RequireFit(layer, path, file, strict);
        using var scope = Device.Cpu.Scope(nameof(LoadWeights));
        Tensor[] read = [.. found.Select(s => Read(file, s.Key, s.Value.Value.DType))];
        for (int i = 0; i < read.Length; i++) found[i].Value.CopyFrom(read[i]);
    }

    /// <summary>Refuses a file whose names or shapes do not fit.</summary>
    internal static void RequireFit(this Layer layer, string path)
    {
        using var file = SafetensorsFile.Open(path);
        RequireFit(layer, path, file, strict: true);
    }

    /// <summary>The parameters and buffers that the file has.</summary>
    private static KeyValuePair<string, Buffer>[] RequireFit(Layer layer, string path, SafetensorsFile file, bool strict)
    {
        var state = layer.State().ToDictionary();
        string[] unexpected = [.. file.Names.Where(n => !state.ContainsKey(n) && n != BatchCount && !n.EndsWith($".{BatchCount}", StringComparison.Ordinal))];
        string[] missing = [.. state.Keys.Where(n => !file.Contains(n))];
        var found = state.Where(s => file.Contains(s.Key)).ToArray();
        string[] mismatched = [.. found.Where(s => !Fits(file[s.Key], s.Value)).Select(s
            => $"{s.Key} is {file[s.Key].Shape} {file[s.Key].Type} in the file and {s.Value.Shape} {s.Value.Value.DType} in the model")];
        if (mismatched.Length > 0 || (strict && (missing.Length > 0 || unexpected.Length > 0)))
            throw new WeightsException(path, missing, unexpected, mismatched);
        return found;
    }

    private static Tensor Read(SafetensorsFile file, string name, DType dtype)
    {
        var tensor = file.Read(name);
        return tensor.DType == dtype ? tensor : tensor.Cast(dtype);
    }

    private static bool Fits(SafetensorsEntry entry, Buffer buffer)
    {
        if (entry.DType is not { } dtype || !entry.Sizes.SequenceEqual(buffer.Shape.Select(size => (long)size))) return false;
        return dtype == buffer.Value.DType || (dtype.IsFloat() && buffer.Value.DType == DType.Float32);
    }
}
