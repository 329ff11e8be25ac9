namespace Engine.Layers;

/// <summary>A safetensors file that is not valid, or that does not hold what was asked of it.</summary>
public sealed class SafetensorsException(string file, long offset, string problem, string? tensor = null, Exception? inner = null)
    : DataFormatException(file, offset, tensor is null ? problem : $"tensor '{tensor}': {problem}", inner)
{
    /// <summary>The tensor it is about, if it is about one.</summary>
    public string? Tensor { get; } = tensor;
}
