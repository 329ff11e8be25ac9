using Engine.Kernels;

namespace Engine.Core;

public sealed partial class Tensor
{
    private LeafParts? leaf;

    /// <summary>What only a tensor that no op made has: apart, for most tensors are made by ops, and many in each step.</summary>
    private sealed class LeafParts
    {
        public Tensor? Gathered;                                    // or, as long as nobody asks for the whole of it,
        public RowGradient? Rows;                                   // its rows that are not 0
        public bool IsSeen;
        public List<Func<Tensor, Tensor?>>? Hooks;
        public Action<Tensor>? Ready;
    }

    private LeafParts Leaf => leaf ?? Interlocked.CompareExchange(ref leaf, new(), null) ?? leaf;

    /// <summary>The gradient that <see cref="Backward"/> gathered here; only for a tensor that no op made.</summary>
    public Tensor? Grad
    {
        get
        {
            lock (this)                                             // a backward pass on another thread may gather here
            {
                if (Gathered is not { } gradient) return null;
                if (!Leaf.IsSeen) gradient.Name = Name is null ? null : Name + ".grad";
                Leaf.IsSeen = true;
                return gradient;
            }
        }
        internal set => (Leaf.Gathered, Leaf.Rows, Leaf.IsSeen) = (value, null, false);
    }

    /// <summary>The gradient for an optimizer, which reads it and lets go.</summary>
    internal Tensor? Gathered
    {
        get
        {
            lock (this)
            {
                if (GatheredRows is { } rows)
                {
                    Own(rows.Dense());
                    rows.End(nameof(Grad));
                }
                return leaf?.Gathered;
            }
        }
    }

    /// <summary>The gradient as rows, where it is kept so.</summary>
    internal RowGradient? GatheredRows => leaf?.Rows;

    /// <summary>The numbers of the gradient that are kept: all of them, or those of its rows.</summary>
    internal Tensor? GatheredNumbers => leaf?.Rows?.Values ?? leaf?.Gathered;

    /// <summary>Forgets the gradient. One that nobody has looked at is in nobody's hands, and its memory goes back at once: what is used
    /// again soon is still in the cache, and no collection need find it.</summary>
    internal void ForgetGrad()
    {
        lock (this)
        {
            if (leaf is null) return;
            if (!leaf.IsSeen) leaf.Gathered?.Storage.End("ZeroGrad");
            leaf.Rows?.End("ZeroGrad");
            Grad = null;
        }
    }

    /// <summary>Adds to the gradient.</summary>
    /// <param name="gradient">What arrived.</param>
    /// <param name="mayTake">Nobody else reads that memory, so it need not be copied.</param>
    internal void Gather(Tensor gradient, bool mayTake)
    {
        if (Gathered is { } before && !Leaf.IsSeen)
        {
            before.Device.Binary<Add>(before.View, gradient.View, before.View, Broadcasting.Sizes(before.Shape, before.Shape, before.Shape));
            return;
        }
        var sum = leaf?.Gathered is { } seen ? seen + gradient
            : mayTake && gradient.Count == gradient.Storage.Length ? gradient
            : gradient.Clone();
        Own(sum);
    }

    /// <summary>Adds rows to the gradient, which are this tensor's from now on.</summary>
    internal void Gather(RowGradient rows)
    {
        if (Leaf.Gathered is null)
        {
            Leaf.Rows = Leaf.Rows?.Plus(rows) ?? rows;
            return;
        }
        if (Leaf.IsSeen) Own(Leaf.Gathered.Clone());
        rows.AddTo(Leaf.Gathered);
        rows.End(nameof(Gather));
    }

    private void Own(Tensor gradient)
    {
        ScopeFrame.Untrack(gradient.Storage);                       // a gradient outlives every scope, as its parameter does
        Grad = gradient;
    }
}
