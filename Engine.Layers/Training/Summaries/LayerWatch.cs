using Engine.Core;

namespace Engine.Layers;

/// <summary>Follows one forward pass of one thread: which layers it goes through, and which ops each of them applies.</summary>
internal abstract class LayerWatch
{
    private readonly Stack<Layer> open = new();

    /// <summary>The innermost layer under way; null outside all.</summary>
    protected Layer? Current => open.TryPeek(out var layer) ? layer : null;

    public void Enter(Layer layer) => open.Push(layer);

    public void Leave(Tensor y) => Left(open.Pop(), y);

    /// <summary>A layer has made its result.</summary>
    protected abstract void Left(Layer layer, Tensor y);
}
