using Engine.Core;

namespace Engine.Layers;

public sealed partial class Trainer
{
    /// <summary>Trains the model on the rows of tensors.</summary>
    /// <param name="inputs">(N, ...), on any device.</param>
    /// <param name="targets">(N, ...): Int32 classes, or numbers.</param>
    /// <param name="batchSize">Examples of a step.</param>
    /// <param name="epochs">How often to go through the training data.</param>
    /// <param name="validation">What it is tested with after each epoch; nothing if left out.</param>
    /// <param name="validationSplit">The share of the rows, the last ones, that it is tested with instead of learning from them; none unless given.</param>
    /// <param name="shuffle">Whether each epoch has the rows in an order of its own, drawn with the seed of <paramref name="rng"/>.</param>
    /// <param name="rng">Draws what a pass draws; a stream of seed 0 unless given.</param>
    /// <param name="callbacks">Called in their order.</param>
    /// <param name="checkpoints">Where to save, and how often, and where to go on from.</param>
    /// <param name="progress">Told after each step.</param>
    /// <param name="cancel">Ends training between two steps.</param>
    /// <exception cref="ShapeException">Inputs and targets have not as many rows.</exception>
    /// <exception cref="ArgumentException">Both a validation and a split are given, or the split leaves one part empty.</exception>
    /// <inheritdoc cref="Fit(IBatches, IBatches?, int, Rng?, IReadOnlyList{Callback}?, Checkpoints?, IProgress{TrainingProgress}?, CancellationToken)"/>
    public History Fit(Tensor inputs, Tensor targets, int batchSize = 32, int epochs = 1, (Tensor Inputs, Tensor Targets)? validation = null, double validationSplit = 0,
        bool shuffle = true, Rng? rng = null, IReadOnlyList<Callback>? callbacks = null, Checkpoints? checkpoints = null,
        IProgress<TrainingProgress>? progress = null, CancellationToken cancel = default)
    {
        var all = new TensorBatches(inputs, targets, batchSize);    // refuses what does not fit
        if (validationSplit != 0)
        {
            int first = FirstOfValidation(all.Count!.Value, validationSplit, validation is not null);
            (inputs, targets, validation) = (inputs[..first], targets[..first], (inputs[first..], targets[first..]));
        }
        return Fit(new TensorBatches(inputs, targets, batchSize, shuffle ? rng?.Seed ?? 0 : null),
            validation is { } test ? new TensorBatches(test.Inputs, test.Targets, batchSize) : null, epochs, rng, callbacks, checkpoints, progress, cancel);
    }

    /// <summary>Trains the model on a data set.</summary>
    /// <param name="train">What it learns from.</param>
    /// <param name="collator">Puts examples side by side.</param>
    /// <param name="batchSize">Examples of a step.</param>
    /// <param name="epochs">How often to go through the training data.</param>
    /// <param name="validation">What it is tested with after each epoch; nothing if left out.</param>
    /// <param name="validationSplit">The share of the examples, the last ones, that it is tested with instead of learning from them; none unless given.</param>
    /// <param name="shuffle">Whether each epoch has the examples in an order of its own, drawn with the seed of <paramref name="rng"/>.</param>
    /// <param name="workers">Threads that make batches meanwhile.</param>
    /// <param name="rng">Draws what a pass draws; a stream of seed 0 unless given.</param>
    /// <param name="callbacks">Called in their order.</param>
    /// <param name="checkpoints">Where to save, and how often, and where to go on from.</param>
    /// <param name="progress">Told after each step.</param>
    /// <param name="cancel">Ends training between two steps.</param>
    /// <exception cref="ArgumentException">Both a validation and a split are given, or the split leaves one part empty.</exception>
    /// <inheritdoc cref="Fit(IBatches, IBatches?, int, Rng?, IReadOnlyList{Callback}?, Checkpoints?, IProgress{TrainingProgress}?, CancellationToken)"/>
    public History Fit<T>(IDataset<T> train, ICollator<T> collator, int batchSize = 32, int epochs = 1, IDataset<T>? validation = null, double validationSplit = 0,
        bool shuffle = true, int workers = 0, Rng? rng = null, IReadOnlyList<Callback>? callbacks = null, Checkpoints? checkpoints = null,
        IProgress<TrainingProgress>? progress = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(train);
        if (validationSplit != 0)
        {
            int[] indices = [.. Enumerable.Range(0, train.Count)];
            int first = FirstOfValidation(indices.Length, validationSplit, validation is not null);
            (train, validation) = (train.Subset(indices[..first]), train.Subset(indices[first..]));
        }
        return Fit(new DataLoader<T>(train, collator, batchSize, rng?.Seed ?? 0, shuffle, workers: workers),
            validation is null ? null : new DataLoader<T>(validation, collator, batchSize, workers: workers), epochs, rng, callbacks, checkpoints, progress, cancel);
    }

    /// <summary>Loss and metrics on the rows of tensors.</summary>
    /// <inheritdoc cref="Evaluate(IBatches, IProgress{BatchProgress}?, CancellationToken)"/>
    public Evaluation Evaluate(Tensor inputs, Tensor targets, int batchSize = 32, IProgress<BatchProgress>? progress = null, CancellationToken cancel = default)
        => Evaluate(new TensorBatches(inputs, targets, batchSize), progress, cancel);

    /// <summary>Loss and metrics on a data set.</summary>
    /// <inheritdoc cref="Evaluate(IBatches, IProgress{BatchProgress}?, CancellationToken)"/>
    public Evaluation Evaluate<T>(IDataset<T> data, ICollator<T> collator, int batchSize = 32, int workers = 0, IProgress<BatchProgress>? progress = null,
        CancellationToken cancel = default)
        => Evaluate(new DataLoader<T>(data, collator, batchSize, workers: workers), progress, cancel);

    /// <summary>What the model makes of many rows, so many at a time.</summary>
    /// <inheritdoc cref="Predict(IBatches, IProgress{BatchProgress}?, CancellationToken)"/>
    public Tensor Predict(Tensor inputs, int batchSize, IProgress<BatchProgress>? progress = null, CancellationToken cancel = default)
        => Predict(new TensorBatches(inputs, batchSize), progress, cancel);

    /// <summary>What the model makes of a data set.</summary>
    /// <inheritdoc cref="Predict(IBatches, IProgress{BatchProgress}?, CancellationToken)"/>
    public Tensor Predict<T>(IDataset<T> data, ICollator<T> collator, int batchSize = 32, int workers = 0, IProgress<BatchProgress>? progress = null,
        CancellationToken cancel = default)
        => Predict(new DataLoader<T>(data, collator, batchSize, workers: workers), progress, cancel);

    /// <summary>The first of the examples that are kept for validation, as Keras cuts them.</summary>
    private static int FirstOfValidation(int count, double split, bool given)
    {
        if (given) throw new ArgumentException("Validation data and a validation split are both given. Leave one out.", nameof(split));
        if (!(split > 0 && split < 1)) throw new ArgumentException($"A validation split of {split} is not between 0 and 1.", nameof(split));
        int first = (int)(count * (1 - split));
        return first > 0 && first < count ? first : throw new ArgumentException($"A validation split of {split} of {count} examples leaves none to {(first == 0 ? "learn from" : "test with")}.", nameof(split));
    }
}
