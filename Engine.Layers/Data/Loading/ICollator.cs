using Engine.Core;

namespace Engine.Layers;

/// <summary>An example on its way into a batch.</summary>
/// <param name="Value">The example.</param>
/// <param name="Rng">Its own stream of random numbers, as far as the data set has used it.</param>
public readonly record struct Drawn<T>(T Value, Rng Rng);

/// <summary>Writes examples side by side into a batch.</summary>
public interface ICollator<T>
{
    /// <summary>What a batch depends on besides its examples, in words: part of <see cref="IBatches.Settings"/>. Empty for one that does not say.</summary>
    string Settings => "";

    /// <summary>Writes a batch. A loader's workers call this from several threads at once, each with a batch of its own.</summary>
    /// <param name="examples">In order.</param>
    /// <param name="batch">Holds an earlier batch's numbers until it is written to.</param>
    /// <param name="rng">The batch's own stream, for what is random across examples.</param>
    void Collate(ReadOnlySpan<Drawn<T>> examples, HostBatch batch, Rng rng);
}
