using Engine.Kernels;

namespace Engine.Layers;

/// <summary>Where training gets its batches from.</summary>
public interface IBatches
{
    /// <summary>Examples of an epoch; null where a stream does not know before its end.</summary>
    int? Count { get; }

    /// <summary>Batches of an epoch, a last partial one included; null likewise.</summary>
    int? BatchCount { get; }

    /// <summary>What the batches depend on, in words, "batches of 32, shuffled with seed 1". A run that goes on from a checkpoint must have the same, or
    /// it would not be the run that was interrupted; empty for one that does not say.</summary>
    string Settings => "";

    /// <summary>The batches of an epoch: the same ones, in the same order, each time that it is asked for.</summary>
    /// <param name="epoch">Which, from 0 on; it chooses the order and what is random in the examples.</param>
    /// <param name="device">Where the tensors go. They belong to whoever takes them.</param>
    /// <param name="skip">Batches to pass over at the beginning, of a run that goes on in mid-epoch.</param>
    /// <param name="cancel">Ends the enumeration with an <see cref="OperationCanceledException"/>.</param>
    IEnumerable<Batch> Epoch(int epoch, Device device, int skip = 0, CancellationToken cancel = default);
}
