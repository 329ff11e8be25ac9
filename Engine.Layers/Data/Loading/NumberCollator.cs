using Engine.Core;

namespace Engine.Layers;

/// <summary>Batches of numbers with numbers for targets: (N, input...) and (N, target...), both Float32.</summary>
/// <param name="input">Shape of one input.</param>
/// <param name="target">Shape of one target.</param>
public sealed class NumberCollator(Shape input, Shape target) : ICollator<Example>
{
    /// <inheritdoc/>
    /// <exception cref="ShapeException">An example has more or fewer numbers than its shape.</exception>
    public void Collate(ReadOnlySpan<Drawn<Example>> examples, HostBatch batch, Rng rng)
    {
        var x = batch.Inputs.SetFloats([examples.Length, .. input.Sizes]);
        var y = batch.Targets.SetFloats([examples.Length, .. target.Sizes]);
        for (int i = 0; i < examples.Length; i++)
        {
            Rows.Copy(examples[i].Value.Input.Span, x, i, input, "input");
            Rows.Copy(examples[i].Value.Target.Span, y, i, target, "target");
        }
    }
}
