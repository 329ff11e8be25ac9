using Engine.Core;

namespace Engine.Layers;

/// <summary>Examples that are read by their number.</summary>
/// <typeparam name="T">An example: cheap to make, so rather a struct that points into memory than a tensor.</typeparam>
public interface IDataset<out T>
{
    /// <summary>How many.</summary>
    int Count { get; }

    /// <summary>What the examples depend on, in words, a hash of them perhaps: part of <see cref="IBatches.Settings"/>. Empty for one that does not say.</summary>
    string Settings => "";

    /// <summary>One example. A loader's workers call this from several threads at once.</summary>
    /// <param name="index">Which, from 0 to Count − 1.</param>
    /// <param name="rng">The example's own stream of random numbers; one of (seed, epoch, index), so that what is random here depends on nothing else.</param>
    T Get(int index, Rng rng);
}
