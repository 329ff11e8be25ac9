using Engine.Core;

namespace Engine.Layers;

/// <summary>Averages the model's weights while <see cref="Trainer"/> trains it. Checkpoints hold the model's own weights, and the average beside them.</summary>
public sealed class WeightAveraging : Callback
{
    private readonly Func<Layer, AveragedWeights> make;
    private readonly int? fromEpoch;
    private readonly bool applyAtEnd;
    private AveragedWeights? average;
    private int seen;

    private WeightAveraging(Func<Layer, AveragedWeights> make, int? fromEpoch, bool applyAtEnd)
        => (this.make, this.fromEpoch, this.applyAtEnd) = (make, fromEpoch, applyAtEnd);

    /// <summary>A moving average, updated after each step of the optimizer.</summary>
    /// <param name="decay">In [0, 1): 0.999 looks back over a thousand steps or so.</param>
    /// <param name="applyAtEnd">Whether the model ends with the average for its weights, where training reached its end or was stopped.</param>
    /// <exception cref="ArgumentOutOfRangeException">decay is outside [0, 1).</exception>
    public static WeightAveraging Exponential(double decay = 0.999, bool applyAtEnd = false)
    {
        if (!(decay >= 0 && decay < 1)) throw new ArgumentOutOfRangeException(nameof(decay), decay, "It is in [0, 1).");
        return new(model => AveragedWeights.Exponential(model, decay), null, applyAtEnd);
    }

    /// <summary>The mean of the weights at the ends of epochs: stochastic weight averaging, best with a learning rate that stays high. At the end of
    /// training the statistics of batch norm are computed anew, by one more epoch without learning.</summary>
    /// <param name="fromEpoch">The first epoch, from 0 on, whose end counts.</param>
    /// <param name="applyAtEnd">Whether the model ends with the average for its weights, where training reached its end or was stopped.</param>
    /// <exception cref="ArgumentOutOfRangeException">fromEpoch is negative.</exception>
    public static WeightAveraging Equal(int fromEpoch, bool applyAtEnd = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(fromEpoch);
        return new(AveragedWeights.Equal, fromEpoch, applyAtEnd);
    }

    /// <summary>The average, of the last run.</summary>
    /// <exception cref="InvalidOperationException">No run has begun.</exception>
    public AveragedWeights Average => average ?? throw new InvalidOperationException("There is no average yet: give this callback to Fit first.");

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, double> State
    {
        get => new Dictionary<string, double> { ["updates"] = Average.Updates };
        set => Average.Updates = (long)value["updates"];
    }

    /// <inheritdoc/>
    public override IEnumerable<KeyValuePair<string, Buffer>> Tensors => Average.State();

    /// <inheritdoc/>
    public override void Prepare(Layer model) => average = make(model);

    /// <inheritdoc/>
    public override void Begin(TrainingRun run) => seen = run.Trainer.Optimizer.StepCount;

    /// <inheritdoc/>
    public override void AfterStep(TrainingRun run, TrainingProgress progress) => UpdateAfterStep(run);

    /// <inheritdoc/>
    public override void AfterEpoch(TrainingRun run, EpochResult epoch)
    {
        if (epoch.Epoch >= fromEpoch) Average.Update();
        else UpdateAfterStep(run);                                  // the step of an epoch's last batches, where gradients are accumulated
    }

    /// <inheritdoc/>
    public override void End(TrainingRun run)
    {
        if (!run.Ended || Average.Updates == 0) return;
        if (fromEpoch is not null) Average.RecomputeStatistics(run.Data, new Rng(run.Rng.Seed).Split((ulong)run.Epochs), Math.Max(0, run.Epoch - 1), run.Trainer.OwnCompute);
        if (applyAtEnd) Average.CopyToModel();
    }

    private void UpdateAfterStep(TrainingRun run)
    {
        int steps = run.Trainer.Optimizer.StepCount;
        if (fromEpoch is not null || steps == seen) return;
        seen = steps;
        Average.Update();
    }
}
