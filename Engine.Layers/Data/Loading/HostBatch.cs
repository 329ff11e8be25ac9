using Engine.Kernels;

namespace Engine.Layers;

/// <summary>A batch in ordinary memory, before it goes to a device.</summary>
public sealed class HostBatch
{
    /// <summary>What the model is given, (N, ...).</summary>
    public HostTensor Inputs { get; } = new();

    /// <summary>What it should make of them, (N, ...).</summary>
    public HostTensor Targets { get; } = new();

    internal Batch ToBatch(Device device) => new(Inputs.ToTensor(device), Targets.ToTensor(device));
}
