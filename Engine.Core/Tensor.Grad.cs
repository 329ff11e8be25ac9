using Engine.Kernels;

namespace Engine.Core;

public sealed partial class Tensor
{
    private Tensor? gathered;
    private bool gatheredIsSeen;

    /// <summary>The gradient that <see cref="Backward"/> gathered here; only for a tensor that no op made.</summary>
    public Tensor? Grad
    {
        get
        {
            gatheredIsSeen |= gathered is not null;
            return gathered;
        }
        internal set => (gathered, gatheredIsSeen) = (value, false);
    }

    /// <summary>The gradient for an optimizer, which reads it and lets go.</summary>
    internal Tensor? Gathered => gathered;

    /// <summary>Forgets the gradient. One that nobody has looked at is in nobody's hands, and its memory goes back at once: what is used
    /// again soon is still in the cache, and no collection need find it.</summary>
    internal void ForgetGrad()
    {
        if (gathered is { } gradient && !gatheredIsSeen) gradient.Storage.End("ZeroGrad");
        Grad = null;
    }

    /// <summary>Adds to the gradient.</summary>
    /// <param name="gradient">What arrived.</param>
    /// <param name="mayTake">Nobody else reads that memory, so it need not be copied.</param>
    internal void Gather(Tensor gradient, bool mayTake)
    {
        if (gathered is { } before && !gatheredIsSeen)
        {
            before.Device.Binary<Add>(before.View, gradient.View, before.View, Broadcasting.Sizes(before.Shape, before.Shape, before.Shape));
            return;
        }
        var sum = gathered is { } seen ? seen + gradient
            : mayTake && gradient.Count == gradient.Storage.Length ? gradient.Share(0, gradient.Shape)
            : gradient.Clone();
        ScopeFrame.Untrack(sum.Storage);                            // a gradient outlives every scope, as its parameter does
        sum.Name = Name is null ? null : Name + ".grad";
        Grad = sum;
    }
}
