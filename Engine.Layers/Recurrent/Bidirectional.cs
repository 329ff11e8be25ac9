using Engine.Core;

namespace Engine.Layers;

/// <summary>How <see cref="Bidirectional"/> puts its two directions together.</summary>
public enum Merge
{
    /// <summary>Forward's numbers, then backward's: the last axis is both.</summary>
    Concat,

    /// <summary>Their sum.</summary>
    Sum,

    /// <summary>Their product.</summary>
    Multiply,

    /// <summary>Half of their sum.</summary>
    Average,
}

/// <summary>One layer goes through the sequences and another through the same sequences reversed, each within its own length.</summary>
/// <remarks>Inputs are (B, T, …). What the second layer makes of each step, (B, T, …), is reversed back, so that both speak of the same step; what it makes of a
/// whole sequence, (B, …), is as it is. The layers within are called "forward" and "backward". For both directions in one layer, with each layer of
/// several seeing both, say <c>bidirectional: true</c> to <see cref="Lstm"/> and the like. Source: Schuster and Paliwal 1997, "Bidirectional recurrent neural networks".</remarks>
public sealed class Bidirectional : Layer
{
    private readonly Merge merge;

    /// <summary>Two layers made alike.</summary>
    /// <param name="make">Makes one; called twice, first for the forward direction.</param>
    /// <param name="merge">How their outputs are put together.</param>
    public Bidirectional(Func<Layer> make, Merge merge = Merge.Concat) : this((make ?? throw new ArgumentNullException(nameof(make)))(), make(), merge) { }

    /// <summary>Two layers.</summary>
    /// <param name="forward">Given the sequences.</param>
    /// <param name="backward">Given the sequences reversed.</param>
    /// <param name="merge">How their outputs are put together.</param>
    /// <exception cref="ArgumentException">They are one and the same.</exception>
    public Bidirectional(Layer forward, Layer backward, Merge merge = Merge.Concat)
    {
        if (ReferenceEquals(forward, backward)) throw new ArgumentException("The two directions need a layer each. Make two.", nameof(backward));
        if (!Enum.IsDefined(merge)) throw new ArgumentOutOfRangeException(nameof(merge), merge, "There is no such merge.");
        this.merge = merge;
        ForwardLayer = Register("forward", forward);
        BackwardLayer = Register("backward", backward);
    }

    /// <summary>Goes through the sequences.</summary>
    public Layer ForwardLayer { get; }

    /// <summary>Goes through the sequences reversed.</summary>
    public Layer BackwardLayer { get; }

    /// <inheritdoc/>
    protected override string Settings => merge == Merge.Concat ? "" : $"{merge}";

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        if (x.Rank < 2) throw new ShapeException($"the input {x.Shape} must be sequences, (B, T, …).");
        if (pass.Lengths is { } lengths) PackedSequence.Require(x, lengths);
        Tensor a = ForwardLayer.Forward(x, pass), b = BackwardLayer.Forward(Reverse(x, pass.Lengths), pass);
        if (a.Shape.With(-1, b.Shape[-1]) != b.Shape || (merge != Merge.Concat && a.Shape != b.Shape))
            throw new ShapeException($"the directions made {a.Shape} and {b.Shape}, which do not go together by {merge}.");
        var after = BackwardLayer.LengthsAfter(pass.Lengths ?? Enumerable.Repeat(x.Shape[1], x.Shape[0]).ToArray());
        if (after is not null) b = Reverse(b, pass.Lengths is null ? null : after);
        return merge switch
        {
            Merge.Sum => a + b,
            Merge.Multiply => a * b,
            Merge.Average => (a + b) * 0.5,
            _ => Tensor.Concat([a, b], -1),
        };
    }

    /// <inheritdoc/>
    public override int[]? LengthsAfter(int[] lengths) => ForwardLayer.LengthsAfter(lengths);

    /// <summary>The steps of each sequence in reverse order; what lies past its end stays there.</summary>
    private static Tensor Reverse(Tensor x, int[]? lengths)
    {
        int batch = x.Shape[0], steps = x.Shape[1];
        if (lengths is null) return x.Flip(1);
        var places = new int[batch * steps];
        for (int b = 0; b < batch; b++)
            for (int t = 0; t < steps; t++) places[b * steps + t] = b * steps + (t < lengths[b] ? lengths[b] - 1 - t : t);
        return x.Reshape([batch * steps, .. x.Shape.Sizes[2..]]).GatherRows(Tensor.From(places, [places.Length], x.Device)).Reshape(x.Shape);
    }
}
