using System.Collections;
using System.Globalization;

namespace Engine.Layers;

/// <summary>What one epoch came to.</summary>
/// <param name="Epoch">Which, from 0 on.</param>
/// <param name="Step">Steps taken by its end, those of earlier epochs included.</param>
/// <param name="Loss">The mean training loss, each batch by its examples.</param>
/// <param name="Metrics">The training metrics by name.</param>
/// <param name="Validation">Loss and metrics on the validation data; null where none were given.</param>
/// <param name="LearningRate">The optimizer's at its end.</param>
/// <param name="Seconds">What its training took, validation apart.</param>
/// <param name="ExamplesPerSecond">Training examples over those seconds.</param>
public sealed record EpochResult(int Epoch, long Step, double Loss, IReadOnlyDictionary<string, double> Metrics, Evaluation? Validation,
    double LearningRate, double Seconds, double ExamplesPerSecond)
{
    /// <summary>A figure by the name that monitors and logs use: "loss", "accuracy", "val_loss", "val_accuracy", "learning_rate"; null where there
    /// is none of that name.</summary>
    public double? Find(string name) => Figures().Where(f => f.Key == name).Select(f => (double?)f.Value).FirstOrDefault();

    /// <summary>Every figure by its name, in a fixed order.</summary>
    public IEnumerable<KeyValuePair<string, double>> Figures()
    {
        yield return new("loss", Loss);
        foreach (var metric in Metrics) yield return metric;
        if (Validation is { } validation)
        {
            yield return new("val_loss", validation.Loss);
            foreach (var (name, value) in validation.Metrics) yield return new($"val_{name}", value);
        }
        yield return new("learning_rate", LearningRate);
        yield return new("seconds", Seconds);
        yield return new("examples_per_second", ExamplesPerSecond);
    }

    /// <summary>"epoch 3: loss 0.4120, accuracy 0.8512, val_loss 0.4010, ...".</summary>
    public override string ToString()
        => $"epoch {Epoch + 1}: {string.Join(", ", Figures().Where(f => f.Key is not ("seconds" or "examples_per_second")).Select(f => string.Create(CultureInfo.InvariantCulture, $"{f.Key} {f.Value:G4}")))}";
}

/// <summary>Loss and metrics of a model on some data.</summary>
/// <param name="Loss">The mean loss, each batch by its examples.</param>
/// <param name="Metrics">The metrics by name.</param>
public sealed record Evaluation(double Loss, IReadOnlyDictionary<string, double> Metrics);

/// <summary>What training came to, epoch by epoch, those before an interruption included.</summary>
public sealed class History : IReadOnlyList<EpochResult>
{
    private readonly List<EpochResult> epochs = [];

    /// <inheritdoc/>
    public int Count => epochs.Count;

    /// <inheritdoc/>
    public EpochResult this[int index] => epochs[index];

    /// <summary>Why training ended before its last epoch; null where it did not.</summary>
    public string? StoppedBecause { get; internal set; }

    /// <inheritdoc/>
    public IEnumerator<EpochResult> GetEnumerator() => epochs.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal void Add(EpochResult epoch) => epochs.Add(epoch);
}
