using Engine.Core;

namespace Engine.Layers;

/// <summary>What one forward pass is for, and its random numbers; it goes along with the input.</summary>
public sealed class Pass
{
    private readonly Rng? rng;

    private Pass(Rng? rng, CancellationToken cancel = default, LayerWatch? watch = null, int[]? lengths = null)
        => (this.rng, Cancel, Watch, Lengths) = (rng, cancel, watch, lengths);

    /// <summary>No dropout, and batch norm by its running statistics.</summary>
    public static Pass Inference { get; } = new(null);

    /// <summary>Dropout drops, and batch norm uses the batch's own statistics.</summary>
    /// <param name="rng">Draws what is dropped.</param>
    public static Pass Train(Rng rng)
    {
        ArgumentNullException.ThrowIfNull(rng);
        return new Pass(rng);
    }

    /// <summary>The same pass, which ends in the middle once the token is cancelled: between layers, between ops, and between the chunks of a
    /// kernel on the processor.</summary>
    public Pass WithCancellation(CancellationToken cancel) => cancel == Cancel ? this : new Pass(rng, cancel, Watch, Lengths);

    /// <summary>Ends this pass early.</summary>
    public CancellationToken Cancel { get; }

    /// <summary>The same pass over sequences of these lengths, padded to one length at their ends.</summary>
    /// <param name="lengths">Steps of each of the batch's sequences; null where all have as many as the batch is long. Not copied.</param>
    public Pass WithLengths(int[]? lengths) => lengths == Lengths ? this : new Pass(rng, Cancel, Watch, lengths);

    /// <summary>Steps of each sequence of the batch; null where all have as many as the batch is long. A layer over time leaves what is past a sequence's
    /// end alone, and <see cref="Layer.LengthsAfter"/> tells the lengths of what it makes.</summary>
    public int[]? Lengths { get; }

    /// <summary>The same, and somebody is told of each layer that it goes through.</summary>
    internal Pass Watched(LayerWatch watch) => new(rng, Cancel, watch, Lengths);

    /// <summary>Who is told; null mostly.</summary>
    internal LayerWatch? Watch { get; }

    /// <summary>Whether this pass trains.</summary>
    public bool Training => rng is not null;

    /// <summary>The random numbers of a training pass.</summary>
    /// <exception cref="InvalidOperationException">This pass is inference, which draws none.</exception>
    public Rng Rng => rng ?? throw new InvalidOperationException("Inference draws no random numbers. Look at pass.Training first.");
}
