using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>An average of a model's weights over the steps of its training, which mostly predicts better than the last ones.</summary>
/// <remarks><code>
/// var average = AveragedWeights.Exponential(model, 0.999);
/// ... optimizer.Step(); average.Update();
/// using (average.Swap()) trainer.Evaluate(test);                 // with the average; the model's own are back afterwards, whatever happens
/// </code>
/// Buffers, the running statistics of batch norm, are not averaged: the average has those of the last update.</remarks>
public sealed class AveragedWeights
{
    private readonly Layer model;
    private readonly Func<long, double> share;
    private readonly Pair[] pairs;
    private bool swapped;

    /// <summary>A number of the model's state, its average, and where the model's own waits while the average stands in for it.</summary>
    private sealed class Pair(string name, Buffer source)
    {
        public readonly Buffer Source = source, Average = new(name, source.Value.Clone());
        private Buffer? own;

        public void Follow() => Average.To(Source.Value.Device);

        /// <summary>Keeps the model's own; room for it is taken at the first swap.</summary>
        public void KeepOwn()
        {
            own ??= new(Average.Name, Source.Value.Clone());
            own.To(Source.Value.Device);
            own.CopyFrom(Source.Value);
        }

        public void GiveBack() => Source.CopyFrom(own!.Value);

        public void KeepAverageAsOwn() => own!.CopyFrom(Average.Value);
    }

    /// <param name="model">Whose weights.</param>
    /// <param name="share">From the updates before this one, 1 or more, to the part that the new weights have of the average.</param>
    private AveragedWeights(Layer model, Func<long, double> share)
    {
        ArgumentNullException.ThrowIfNull(model);
        (this.model, this.share) = (model, share);
        using var noGrad = NoGrad.Begin();
        pairs = [.. model.State().Select(s => new Pair(s.Key, s.Value))];
    }

    /// <summary>average ← decay·average + (1 − decay)·weights at each update; the weights themselves at the first.</summary>
    /// <param name="model">Whose weights.</param>
    /// <param name="decay">In [0, 1): 0.999 looks back over a thousand updates or so.</param>
    /// <exception cref="ArgumentOutOfRangeException">decay is outside [0, 1).</exception>
    /// <remarks>Source: Polyak and Juditsky 1992, doi:10.1137/0330046.</remarks>
    public static AveragedWeights Exponential(Layer model, double decay = 0.999)
    {
        if (!(decay >= 0 && decay < 1)) throw new ArgumentOutOfRangeException(nameof(decay), decay, "It is in [0, 1).");
        return new(model, _ => 1 - decay);
    }

    /// <summary>The mean of the weights at all updates: stochastic weight averaging, SWA. Of a model with batch norm, <see cref="RecomputeStatistics"/>
    /// after the last.</summary>
    /// <param name="model">Whose weights.</param>
    /// <remarks>Source: Izmailov, Podoprikhin, Garipov, Vetrov and Wilson 2018, arXiv:1803.05407.</remarks>
    public static AveragedWeights Equal(Layer model) => new(model, before => 1.0 / (before + 1));

    /// <summary>Updates so far.</summary>
    public long Updates { get; internal set; }

    /// <summary>The average by the model's paths, as <see cref="Layer.State()"/>; the model's first weights before the first update.</summary>
    public IEnumerable<KeyValuePair<string, Buffer>> State() => pairs.Select(p => KeyValuePair.Create(p.Average.Name, p.Average));

    /// <summary>Takes the model's weights, as they are now, into the average.</summary>
    /// <exception cref="InvalidOperationException">The average stands in for the weights just now.</exception>
    public void Update()
    {
        if (swapped) throw new InvalidOperationException("The average stands in for the model's weights just now, and would be taken into itself. Update it after the Swap has ended.");
        double part = Updates == 0 ? 1 : share(Updates);
        foreach (var pair in pairs)
        {
            pair.Follow();
            if (part < 1 && pair.Source is Parameter) InPlace.Lerp(pair.Average, pair.Source, part);
            else pair.Average.CopyFrom(pair.Source.Value);
        }
        Updates++;
    }

    /// <summary>Puts the average in the model, until what this returns is disposed: then the model's own weights are back. What changes the model
    /// in between is lost then.</summary>
    /// <exception cref="InvalidOperationException">There was no update, or the average is in the model already.</exception>
    public SwappedWeights Swap()
    {
        if (Updates == 0) throw new InvalidOperationException("There is no average yet: Update() it after some steps first.");
        if (swapped) throw new InvalidOperationException("The average is in the model already: a Swap is to end before the next begins.");
        foreach (var pair in pairs)                                 // all of them are safe before the first is written over
        {
            pair.Follow();
            pair.KeepOwn();
        }
        swapped = true;
        try
        {
            foreach (var pair in pairs) pair.Source.CopyFrom(pair.Average.Value);
        }
        catch
        {
            SwapBack();
            throw;
        }
        return new SwappedWeights(this);
    }

    internal void SwapBack()
    {
        if (!swapped) return;
        foreach (var pair in pairs) pair.GiveBack();
        swapped = false;
    }

    /// <summary>Writes the average over the model's weights for good.</summary>
    /// <exception cref="InvalidOperationException">There was no update, or the average is in the model already.</exception>
    public void CopyToModel()
    {
        using var swap = Swap();
        foreach (var pair in pairs) pair.KeepAverageAsOwn();
    }

    /// <summary>Computes the running statistics of each batch norm anew, for the average: the mean over all batches of their own statistics. Those that
    /// the average has are of other weights.</summary>
    /// <param name="data">What the model learned from.</param>
    /// <param name="rng">Draws what dropout drops.</param>
    /// <param name="epoch">Which epoch of the data.</param>
    /// <param name="compute">How outputs are made of a batch, as <see cref="Trainer.Compute"/>.</param>
    /// <param name="cancel">Ends it between two batches; the average has its old statistics then.</param>
    /// <exception cref="ArgumentException">There are no batches, or a batch norm has a momentum of 0, by which its statistics never move.</exception>
    /// <exception cref="InvalidOperationException">There was no update, or the average is in the model already.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public void RecomputeStatistics(IBatches data, Rng rng, int epoch = 0, Func<Batch, Pass, Tensor>? compute = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(rng);
        var norms = new List<BatchNorm>();
        Collect(model, norms);
        if (norms.Count == 0) return;
        if (norms.Find(n => n.Momentum == 0) is { } still) throw new ArgumentException($"{still.Path} has a momentum of 0: its running statistics never move.", nameof(data));
        using var swap = Swap();
        using var noGrad = NoGrad.Begin();
        var device = pairs[0].Source.Value.Device;
        Statistic[] statistics = [.. norms.SelectMany(n => new[] { new Statistic(n.RunningMean, n.Momentum), new Statistic(n.RunningVariance, n.Momentum) })];
        using var batches = data.Epoch(epoch, device, 0, cancel).GetEnumerator();
        int count = 0;
        while (true)
        {
            cancel.ThrowIfCancellationRequested();
            using var scope = device.Scope(nameof(RecomputeStatistics));
            if (!batches.MoveNext()) break;
            var pass = Pass.Train(rng).WithLengths(batches.Current.Lengths);
            if (compute is not null) compute(batches.Current, pass);
            else model.Forward(batches.Current.Inputs, pass);
            count++;
            foreach (var statistic in statistics) statistic.Take(count);
        }
        if (count == 0) throw new ArgumentException("The data gave no batches.", nameof(data));
        var averages = pairs.ToDictionary(p => p.Source, p => p.Average);
        foreach (var statistic in statistics) averages[statistic.Running].CopyFrom(statistic.Running.Value);
    }

    private static void Collect(Layer layer, List<BatchNorm> norms)
    {
        if (layer is BatchNorm norm && !norms.Contains(norm)) norms.Add(norm);
        foreach (var (_, child) in layer.Children) Collect(child, norms);
    }

    /// <summary>The mean over batches of what moves a running statistic. From the mean m of k − 1 batches a batch with statistic s makes
    /// r = m + momentum·(s − m), and the mean of k is m + (s − m)/k = m + (r − m)/(momentum·k).</summary>
    private sealed class Statistic
    {
        private readonly Buffer mean;
        private readonly double momentum;

        public Statistic(Buffer running, double momentum)
        {
            (Running, this.momentum) = (running, momentum);
            mean = new Buffer(running.Name, Tensor.Zeros(running.Shape, running.Value.Device));
            running.CopyFrom(mean.Value);
        }

        public Buffer Running { get; }

        public void Take(int count)
        {
            InPlace.Lerp(mean, Running, 1 / (momentum * count));
            Running.CopyFrom(mean.Value);
        }
    }
}

/// <summary>While it lives, the average stands in for a model's weights: <c>using var _ = average.Swap();</c></summary>
/// <remarks>A ref struct, so it cannot outlive its block or cross an await.</remarks>
public readonly ref struct SwappedWeights
{
    private readonly AveragedWeights average;

    internal SwappedWeights(AveragedWeights average) => this.average = average;

    /// <summary>Gives the model its own weights back.</summary>
    public void Dispose() => average?.SwapBack();
}
