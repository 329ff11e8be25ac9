using System.Runtime.InteropServices;
using Engine.Core;

namespace Engine.Layers;

/// <summary>What each layer of one forward pass made, and the work of its own ops.</summary>
internal sealed class LayerCosts : LayerWatch
{
    private readonly Dictionary<Layer, Cost> costs = new(ReferenceEqualityComparer.Instance);

    public record struct Cost(Shape? Output, long Flops);

    public Cost Of(Layer layer) => costs.GetValueOrDefault(layer);

    public void Add(Op op)
    {
        if (Current is { } layer) CollectionsMarshal.GetValueRefOrAddDefault(costs, layer, out _).Flops += op.Flops;
    }

    protected override void Left(Layer layer, Tensor y) => CollectionsMarshal.GetValueRefOrAddDefault(costs, layer, out _).Output = y.Shape;
}
