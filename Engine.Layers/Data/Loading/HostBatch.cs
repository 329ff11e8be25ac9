using Engine.Kernels;

namespace Engine.Layers;

/// <summary>A batch in ordinary memory, before it goes to a device.</summary>
public sealed class HostBatch
{
    /// <summary>What the model is given, (N, ...).</summary>
    public HostTensor Inputs { get; } = new();

    /// <summary>What it should make of them, (N, ...).</summary>
    public HostTensor Targets { get; } = new();

    /// <summary>Steps of each input that is a sequence, N of them, in a new array for each batch; null where all have as many as the batch is long.</summary>
    public int[]? Lengths { get; set; }

    internal Batch ToBatch(Device device) => new(Inputs.ToTensor(device), Targets.ToTensor(device)) { Lengths = Lengths };
}
