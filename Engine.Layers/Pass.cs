using Engine.Core;

namespace Engine.Layers;

/// <summary>What one forward pass is for, and its random numbers; it goes along with the input.</summary>
public sealed class Pass
{
    private readonly Rng? rng;

    private Pass(Rng? rng, LayerWatch? watch = null) => (this.rng, Watch) = (rng, watch);

    /// <summary>No dropout, and batch norm by its running statistics.</summary>
    public static Pass Inference { get; } = new(null);

    /// <summary>Dropout drops, and batch norm uses the batch's own statistics.</summary>
    /// <param name="rng">Draws what is dropped.</param>
    public static Pass Train(Rng rng)
    {
        ArgumentNullException.ThrowIfNull(rng);
        return new Pass(rng);
    }

    /// <summary>The same, and somebody is told of each layer that it goes through.</summary>
    internal Pass Watched(LayerWatch watch) => new(rng, watch);

    /// <summary>Who is told; null mostly.</summary>
    internal LayerWatch? Watch { get; }

    /// <summary>Whether this pass trains.</summary>
    public bool Training => rng is not null;

    /// <summary>The random numbers of a training pass.</summary>
    /// <exception cref="InvalidOperationException">This pass is inference, which draws none.</exception>
    public Rng Rng => rng ?? throw new InvalidOperationException("Inference draws no random numbers. Look at pass.Training first.");
}
