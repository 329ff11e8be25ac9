using Engine.Kernels;

namespace Engine.Core;

public sealed partial class Tensor
{
    private Tensor? gathered;                                       // or, as long as nobody asks for the whole of it,
    private RowGradient? gatheredRows;                              // its rows that are not 0
    private bool gatheredIsSeen;

    /// <summary>The gradient that <see cref="Backward"/> gathered here; only for a tensor that no op made.</summary>
    public Tensor? Grad
    {
        get
        {
            lock (this)                                             // a backward pass on another thread may gather here
            {
                if (Gathered is { } gradient && !gatheredIsSeen)
                {
                    gradient.Name = Name is null ? null : Name + ".grad";
                    gatheredIsSeen = true;
                }
                return gathered;
            }
        }
        internal set => (gathered, gatheredRows, gatheredIsSeen) = (value, null, false);
    }

    /// <summary>The gradient for an optimizer, which reads it and lets go.</summary>
    internal Tensor? Gathered
    {
        get
        {
            lock (this)
            {
                if (gatheredRows is { } rows)
                {
                    Own(rows.Dense());
                    rows.End(nameof(Grad));
                }
                return gathered;
            }
        }
    }

    /// <summary>The gradient as rows, where it is kept so.</summary>
    internal RowGradient? GatheredRows => gatheredRows;

    /// <summary>The numbers of the gradient that are kept: all of them, or those of its rows.</summary>
    internal Tensor? GatheredNumbers => gatheredRows?.Values ?? gathered;

    /// <summary>Forgets the gradient. One that nobody has looked at is in nobody's hands, and its memory goes back at once: what is used
    /// again soon is still in the cache, and no collection need find it.</summary>
    internal void ForgetGrad()
    {
        lock (this)
        {
            if (gathered is { } gradient && !gatheredIsSeen) gradient.Storage.End("ZeroGrad");
            gatheredRows?.End("ZeroGrad");
            Grad = null;
        }
    }

    /// <summary>Adds to the gradient.</summary>
    /// <param name="gradient">What arrived.</param>
    /// <param name="mayTake">Nobody else reads that memory, so it need not be copied.</param>
    internal void Gather(Tensor gradient, bool mayTake)
    {
        if (Gathered is { } before && !gatheredIsSeen)
        {
            before.Device.Binary<Add>(before.View, gradient.View, before.View, Broadcasting.Sizes(before.Shape, before.Shape, before.Shape));
            return;
        }
        var sum = gathered is { } seen ? seen + gradient
            : mayTake && gradient.Count == gradient.Storage.Length ? gradient
            : gradient.Clone();
        Own(sum);
    }

    /// <summary>Adds rows to the gradient, which are this tensor's from now on.</summary>
    internal void Gather(RowGradient rows)
    {
        if (gathered is null)
        {
            gatheredRows = gatheredRows?.Plus(rows) ?? rows;
            return;
        }
        if (gatheredIsSeen) Own(gathered.Clone());
        rows.AddTo(gathered);
        rows.End(nameof(Gather));
    }

    private void Own(Tensor gradient)
    {
        ScopeFrame.Untrack(gradient.Storage);                       // a gradient outlives every scope, as its parameter does
        Grad = gradient;
    }
}
