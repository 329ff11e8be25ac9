using Engine.Layers;

namespace Engine.Examples;

/// <summary>What a training gave.</summary>
internal sealed class CnnReport
{
    public List<double> Losses { get; } = [];

    /// <summary>The step of the first loss: over 1 where the run went on from a checkpoint.</summary>
    public long FirstStep { get; set; } = 1;

    public History Epochs { get; set; } = null!;

    /// <summary>The class found for each test image.</summary>
    public int[] Predicted { get; set; } = [];

    public static double Accuracy(int[] predicted, LabelledImages test)
    {
        int right = 0;
        for (int i = 0; i < predicted.Length; i++)
            if (predicted[i] == test.Labels[i]) right++;
        return (double)right / predicted.Length;
    }
}
