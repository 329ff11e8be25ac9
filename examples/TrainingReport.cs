using Engine.Layers;

namespace Engine.Examples;

/// <summary>What a training gave.</summary>
internal sealed class TrainingReport
{
    /// <summary>Every step's, those before an interruption apart.</summary>
    public List<double> Losses { get; } = [];

    /// <summary>The step of the first loss: over 1 where the run went on from a checkpoint.</summary>
    public long FirstStep { get; set; } = 1;

    public History Epochs { get; set; } = null!;

    /// <summary>The last epoch's figure on the test data.</summary>
    public double Test(string metric = "accuracy") => Epochs[^1].Validation!.Metrics[metric];
}
