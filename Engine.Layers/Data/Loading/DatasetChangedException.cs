namespace Engine.Layers;

/// <summary>A data set that has another number of examples than it had when the epoch began, or than it has weights or lengths.</summary>
public sealed class DatasetChangedException : InvalidOperationException
{
    internal DatasetChangedException(int epoch, int expected, int found, Exception? inner = null)
        : base($"Epoch {epoch}: the data set has {found} examples, and had {expected} before. Change it between epochs, and give weights and lengths for all of it.", inner)
        => (Expected, Found) = (expected, found);

    /// <summary>Examples that it had.</summary>
    public int Expected { get; }

    /// <summary>Examples that it has.</summary>
    public int Found { get; }
}
