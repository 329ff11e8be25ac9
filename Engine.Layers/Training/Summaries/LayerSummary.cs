using Engine.Core;

namespace Engine.Layers;

/// <summary>What one layer of a model makes and costs.</summary>
/// <param name="Name">Within the layer around it, "0" or "conv1"; empty for the outermost.</param>
/// <param name="Path">From the outermost layer, "features.0"; empty for the outermost.</param>
/// <param name="Kind">"Linear".</param>
/// <param name="Settings">In words, "784 -> 128, Relu"; empty if it has none.</param>
/// <param name="OutputShape">Of what it made last; null where the pass did not go through it.</param>
/// <param name="Parameters">Numbers that training may change or leave frozen, those within included; each counted where it comes first.</param>
/// <param name="Trainable">Those of them that are not frozen.</param>
/// <param name="StateBytes">Of its parameters and buffers, those within included.</param>
/// <param name="Flops">Floating-point operations of its ops in the forward pass, those within included, over all its uses.</param>
/// <param name="IsRepeat">Whether the same layer came before under another name: what it costs is counted there.</param>
/// <param name="Children">The layers within.</param>
public sealed record LayerSummary(string Name, string Path, string Kind, string Settings, Shape? OutputShape, long Parameters, long Trainable,
    long StateBytes, long Flops, bool IsRepeat, IReadOnlyList<LayerSummary> Children)
{
    /// <summary>This layer and all within, each before those within it.</summary>
    public IEnumerable<LayerSummary> All() => Children.SelectMany(c => c.All()).Prepend(this);
}
