using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>Trains, tests and applies a model: what Keras calls compile, fit, evaluate and predict. For one caller at a time, but for
/// <see cref="Predict(Tensor, CancellationToken)"/>.</summary>
/// <remarks>It frees each step's temporaries at the step's end. A loop by hand with the same batches, random numbers and settings takes the very
/// same steps: <c>var loss = trainer.Loss(model.Forward(x, Pass.Train(rng)), y); loss.Backward(); optimizer.Step(); optimizer.ZeroGrad();</c></remarks>
public sealed partial class Trainer
{
    private readonly Parameter[] notOptimized;                      // whose gradients would gather for the whole run

    /// <summary>Puts together what training needs.</summary>
    /// <param name="model">The model, on its device.</param>
    /// <param name="optimizer">An optimizer of its parameters.</param>
    /// <param name="loss">What to make small.</param>
    /// <param name="metrics">What else to look at, in training and in tests.</param>
    /// <exception cref="ArgumentException">The model has no parameters, or they are on several devices, or two metrics have one name.</exception>
    public Trainer(Layer model, Optimizer optimizer, LossFunction loss, params IReadOnlyList<Metric> metrics)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(optimizer);
        ArgumentNullException.ThrowIfNull(loss);
        Device[] devices = [.. model.State().Select(s => s.Value.Value.Device).Distinct()];
        if (devices.Length != 1)
            throw new ArgumentException(devices.Length == 0 ? "The model has no parameters to train." : $"The model's parameters are on {string.Join(" and ", devices.Select(d => d.Name))}. Move all with To(device).", nameof(model));
        if (metrics.GroupBy(m => m.Name).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new ArgumentException($"Two metrics are called {twice.Key}.", nameof(metrics));
        notOptimized = [.. model.Parameters.Except(optimizer.Groups.SelectMany(g => g.Parameters))];
        (Model, Optimizer, Loss, Metrics, Device) = (model, optimizer, loss, metrics, devices[0]);
    }

    /// <summary>The model.</summary>
    public Layer Model { get; }

    /// <summary>Changes the model's parameters.</summary>
    public Optimizer Optimizer { get; }

    /// <summary>What is made small.</summary>
    public LossFunction Loss { get; }

    /// <summary>What else is looked at.</summary>
    public IReadOnlyList<Metric> Metrics { get; }

    /// <summary>The model's device, to which batches go.</summary>
    public Device Device { get; }

    /// <summary>Batches whose gradients are added up before each step of the optimizer, their mean taken; 1 unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is under 1.</exception>
    public int Accumulate
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            field = value;
        }
    } = 1;

    /// <summary>How outputs are made of a batch, for a model that takes more than one input, as a decoder that is fed its targets does; the pass has the
    /// batch's lengths. <c>Model.Forward(batch.Inputs, pass)</c> unless set.</summary>
    public Func<Batch, Pass, Tensor>? Compute { get; init; }

    /// <summary>How the loss is made of outputs and a batch, where the targets alone do not tell, as CTC over padded inputs, which takes their lengths;
    /// <c>Loss(outputs, batch.Targets)</c> unless set.</summary>
    public Func<Tensor, Batch, Tensor>? ComputeLoss { get; init; }

    /// <summary>How outputs and loss are made of a batch at once, by a model that is given the labels with the inputs, as BERT is for its two tasks; the pass has
    /// the batch's lengths, and the outputs are what metrics look at. The two above, one after the other, unless set.</summary>
    public Func<Batch, Pass, (Tensor Outputs, Tensor Loss)>? ComputeWithLoss { get; init; }

    /// <summary>Called between the gradients and the optimizer's step, to clip them for instance; nothing unless set.</summary>
    public Action<IReadOnlyList<Parameter>>? BeforeStep { get; init; }

    /// <summary>Called right after the optimizer's step, to hold weights within bounds for instance; nothing unless set.</summary>
    public Action<IReadOnlyList<Parameter>>? AfterStep { get; init; }

    /// <summary>Whether each op of a step is looked at, forward and backward, so that the first to make a NaN or an infinity is named; false unless set, as
    /// it is slow.</summary>
    public bool DetectAnomaly { get; init; }

    /// <summary>Loss and metrics on data that the model does not learn from.</summary>
    /// <param name="data">The data.</param>
    /// <param name="progress">Told after each batch.</param>
    /// <param name="cancel">Ends it, in the middle of a batch too.</param>
    /// <exception cref="ArgumentException">There are no batches.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; that may be in the middle of a batch.</exception>
    public Evaluation Evaluate(IBatches data, IProgress<BatchProgress>? progress = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        foreach (var metric in Metrics) metric.Reset();
        double sum = 0;
        long examples = 0;
        var pass = Pass.Inference.WithCancellation(cancel);
        using var noGrad = NoGrad.Begin();
        using var batches = data.Epoch(0, Device, 0, cancel).GetEnumerator();
        for (int done = 1; ; done++)
        {
            cancel.ThrowIfCancellationRequested();
            using var scope = Device.Scope("the evaluation");
            if (!batches.MoveNext()) break;
            var (outputs, loss) = OutputsAndLoss(batches.Current, pass);
            sum += loss.Item() * batches.Current.Count;
            examples += batches.Current.Count;
            foreach (var metric in Metrics) metric.Add(outputs, batches.Current);
            progress?.Report(new BatchProgress(done, data.BatchCount, examples));
        }
        return examples > 0 ? new Evaluation(sum / examples, MetricValues()) : throw new ArgumentException("The data gave no batches to evaluate.", nameof(data));
    }

    /// <summary>What the model makes of data, one batch after another.</summary>
    /// <param name="data">The data; their targets are not looked at, but by <see cref="Compute"/>, which is given the batch with them.</param>
    /// <param name="progress">Told after each batch.</param>
    /// <param name="cancel">Ends it, in the middle of a batch too.</param>
    /// <returns>The outputs of all batches, joined along the first axis.</returns>
    /// <exception cref="ArgumentException">There are no batches.</exception>
    /// <exception cref="ShapeException">The outputs of two batches differ in another axis than the first.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; that may be in the middle of a batch.</exception>
    public Tensor Predict(IBatches data, IProgress<BatchProgress>? progress = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        var pass = Pass.Inference.WithCancellation(cancel);
        using var noGrad = NoGrad.Begin();
        using var all = Device.Scope(nameof(Predict));
        var parts = new List<Tensor>();
        using var batches = data.Epoch(0, Device, 0, cancel).GetEnumerator();
        long examples = 0;
        while (true)
        {
            cancel.ThrowIfCancellationRequested();
            using var scope = Device.Scope("the prediction");
            if (!batches.MoveNext()) break;
            var outputs = Outputs(batches.Current, pass);
            scope.Keep(outputs);
            parts.Add(outputs);
            examples += batches.Current.Count;
            progress?.Report(new BatchProgress(parts.Count, data.BatchCount, examples));
        }
        if (parts.Count == 0) throw new ArgumentException("The data gave no batches to predict.", nameof(data));
        int odd = parts.FindIndex(part => part.Rank > 0 && (part.Rank != parts[0].Rank || !part.Shape.Sizes[1..].SequenceEqual(parts[0].Shape.Sizes[1..])));
        if (odd >= 0)
            throw new ShapeException($"Predict: the outputs of batch {odd} are {parts[odd].Shape} and those of batch 0 {parts[0].Shape}, which cannot be joined along the first axis. Where batches of sequences are padded each to its own longest, pad all to one length, or predict batch by batch.");
        var y = Tensor.Concat(parts, 0);
        all.Keep(y);
        return y;
    }

    /// <summary>What the model makes of a batch. Safe to call from many threads at once.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled; that may be in the middle of the pass.</exception>
    public Tensor Predict(Tensor inputs, CancellationToken cancel = default) => Model.Predict(inputs, cancel);

    /// <inheritdoc cref="Layer.Predict(Tensor, int[], CancellationToken)"/>
    public Tensor Predict(Tensor inputs, int[]? lengths, CancellationToken cancel = default) => Model.Predict(inputs, lengths, cancel);

    private (Tensor Outputs, Tensor Loss) OutputsAndLoss(Batch batch, Pass pass)
    {
        if (ComputeWithLoss is { } both) return both(batch, pass.WithLengths(batch.Lengths));
        var outputs = Outputs(batch, pass);
        return (outputs, ComputeLoss is { } compute ? compute(outputs, batch) : Loss(outputs, batch.Targets));
    }

    private Tensor Outputs(Batch batch, Pass pass)
    {
        pass = pass.WithLengths(batch.Lengths);
        return OwnCompute is { } compute ? compute(batch, pass) : Model.Forward(batch.Inputs, pass);
    }

    /// <summary>How outputs are made of a batch, where not by the model's Forward.</summary>
    internal Func<Batch, Pass, Tensor>? OwnCompute => Compute ?? (ComputeWithLoss is { } both ? (batch, pass) => both(batch, pass).Outputs : null);

    private Dictionary<string, double> MetricValues() => Metrics.ToDictionary(m => m.Name, m => m.Value);
}
