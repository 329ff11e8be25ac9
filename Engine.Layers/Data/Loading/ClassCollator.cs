using Engine.Core;

namespace Engine.Layers;

/// <summary>Batches of numbers with classes for targets: (N, input...), Float32, and (N), Int32.</summary>
/// <param name="input">Shape of one input.</param>
public sealed class ClassCollator(Shape input) : ICollator<LabelledExample>
{
    /// <inheritdoc/>
    /// <exception cref="ShapeException">An example has more or fewer numbers than its shape.</exception>
    public void Collate(ReadOnlySpan<Drawn<LabelledExample>> examples, HostBatch batch, Rng rng)
    {
        var x = batch.Inputs.SetFloats([examples.Length, .. input.Sizes]);
        var classes = batch.Targets.SetInts([examples.Length]);
        for (int i = 0; i < examples.Length; i++)
        {
            Rows.Copy(examples[i].Value.Input.Span, x, i, input, "input");
            classes[i] = examples[i].Value.Class;
        }
    }
}
