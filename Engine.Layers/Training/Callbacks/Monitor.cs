namespace Engine.Layers;

/// <summary>Watches one figure of the epochs, and knows the best one so far.</summary>
internal sealed class Monitor
{
    private readonly string name;
    private readonly bool? higherIsBetter;
    private readonly double minDelta;

    /// <param name="name">"val_loss", "val_accuracy", as in <see cref="EpochResult.Find"/>.</param>
    /// <param name="higherIsBetter">Null: as the metric of that name has it, and lower for a loss.</param>
    /// <param name="minDelta">How much better counts as better.</param>
    public Monitor(string name, bool? higherIsBetter, double minDelta)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentOutOfRangeException.ThrowIfNegative(minDelta);
        (this.name, this.higherIsBetter, this.minDelta) = (name, higherIsBetter, minDelta);
    }

    /// <summary>NaN before the first epoch.</summary>
    public double Best { get; set; } = double.NaN;

    /// <summary>Whether the epoch is better than all before it; remembers it then.</summary>
    public bool Improves(TrainingRun run, EpochResult epoch)
    {
        double value = epoch.Find(name)
            ?? throw new ArgumentException($"There is no figure called {name}. There are: {string.Join(", ", epoch.Figures().Select(f => f.Key))}. Those of validation need validation data.");
        string metric = name.StartsWith("val_", StringComparison.Ordinal) ? name[4..] : name;
        bool higher = higherIsBetter ?? run.Trainer.Metrics.FirstOrDefault(m => m.Name == metric)?.HigherIsBetter ?? false;
        bool better = double.IsNaN(Best) ? !double.IsNaN(value) : higher ? value > Best + minDelta : value < Best - minDelta;
        if (better) Best = value;
        return better;
    }
}
