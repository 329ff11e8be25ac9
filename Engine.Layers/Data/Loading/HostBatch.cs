using Engine.Kernels;

namespace Engine.Layers;

/// <summary>A batch in ordinary memory, before it goes to a device.</summary>
public sealed class HostBatch
{
    private Dictionary<string, HostTensor>? others;

    /// <summary>What the model is given, (N, ...).</summary>
    public HostTensor Inputs { get; } = new();

    /// <summary>What it should make of them, (N, ...).</summary>
    public HostTensor Targets { get; } = new();

    /// <summary>Steps of each input that is a sequence, N of them, in a new array for each batch; null where all have as many as the batch is long.</summary>
    public int[]? Lengths { get; set; }

    /// <summary>What else belongs to the batch, by the name under which <see cref="Batch"/> has it.</summary>
    public HostTensor Other(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        others ??= new Dictionary<string, HostTensor>(StringComparer.Ordinal);
        if (!others.TryGetValue(name, out var other)) others[name] = other = new HostTensor();
        return other;
    }

    internal Batch ToBatch(Device device) => new(Inputs.ToTensor(device), Targets.ToTensor(device))
    {
        Lengths = Lengths,
        Others = others?.ToDictionary(other => other.Key, other => other.Value.ToTensor(device), StringComparer.Ordinal),
    };
}
