using Engine.Core;

namespace Engine.Layers;

/// <summary>Examples that come one after another, more than fit the memory maybe, and nobody knows how many.</summary>
/// <typeparam name="T">An example.</typeparam>
public interface IStreamingDataset<out T>
{
    /// <summary>The examples from the first on: the same ones in the same order for the same random numbers, so that a run can go on in mid-epoch.
    /// One thread at a time reads them, not always the same one.</summary>
    /// <param name="rng">The epoch's own stream of random numbers; for an order of files, say.</param>
    /// <param name="cancel">Ends a wait; heed it where one may be long.</param>
    IEnumerable<T> Read(Rng rng, CancellationToken cancel);
}
