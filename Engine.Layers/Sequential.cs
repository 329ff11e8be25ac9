using System.Collections;
using Engine.Core;

namespace Engine.Layers;

/// <summary>Layers one after another, each given what the last one made.</summary>
/// <remarks>Written as a list, <c>new Sequential { new Flatten(), new Linear(784, 10, rng) }</c>, or with names,
/// <c>new Sequential { { "fc", new Linear(784, 10, rng) } }</c>; those without one are called "0", "1" and so on.</remarks>
public sealed class Sequential : Layer, IEnumerable<Layer>
{
    private readonly List<Layer> layers = [];

    /// <summary>These layers, called "0", "1" and so on.</summary>
    public Sequential(params ReadOnlySpan<Layer> layers)
    {
        foreach (var layer in layers) Add(layer);
    }

    /// <summary>How many layers.</summary>
    public int Count => layers.Count;

    /// <summary>The layer at an index.</summary>
    public Layer this[Index index] => layers[index];

    /// <summary>Appends a layer, called by its index.</summary>
    public void Add(Layer layer) => Add(layers.Count.ToString(), layer);

    /// <summary>Appends a layer.</summary>
    /// <exception cref="ArgumentException">The name is empty, taken, or has a dot in it.</exception>
    public void Add(string name, Layer layer) => layers.Add(Register(name, layer));

    /// <summary>The layers in order.</summary>
    public IEnumerator<Layer> GetEnumerator() => layers.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        foreach (var layer in layers)
        {
            x = layer.Forward(x, pass);
            if (pass.Lengths is { } lengths) pass = pass.WithLengths(layer.LengthsAfter(lengths));
        }
        return x;
    }

    /// <inheritdoc/>
    public override int[]? LengthsAfter(int[] lengths)
    {
        int[]? after = lengths;
        foreach (var layer in layers)
            if (after is not null) after = layer.LengthsAfter(after);
        return after;
    }
}
