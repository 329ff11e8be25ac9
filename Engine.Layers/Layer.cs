using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>A function of a tensor with parameters of its own. Whether a pass trains, and its random numbers, come with the pass; a layer
/// holds no such state, so one model may predict on many threads.</summary>
/// <remarks>A layer of one's own overrides <see cref="Compute"/> and makes its parts in its constructor with <see cref="NewParameter(string, Tensor)"/>,
/// <see cref="NewBuffer"/> and <see cref="Register{T}(string, T)"/>: what is not registered is neither trained, moved nor saved.</remarks>
public abstract partial class Layer
{
    /// <summary>Computes the result, and records its graph where this thread records.</summary>
    /// <exception cref="ShapeException">The input does not fit; the message begins with this layer's path.</exception>
    /// <exception cref="OperationCanceledException">The pass was cancelled.</exception>
    public Tensor Forward(Tensor x, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Within(pass, (Layer: this, X: x, Pass: pass), static call => call.Layer.Compute(call.X, call.Pass), static y => y);
    }

    /// <summary>Another way into this layer than <see cref="Forward"/>, for one that takes or gives more than a tensor: errors name the layer, and
    /// whoever follows the pass is told of it.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="compute">What the layer computes.</param>
    /// <param name="output">Of the result, the tensor that a summary shows.</param>
    protected T Within<T>(Pass pass, Func<T> compute, Func<T, Tensor> output)
    {
        ArgumentNullException.ThrowIfNull(compute);
        ArgumentNullException.ThrowIfNull(output);
        return Within(pass, compute, static compute => compute(), output);
    }

    // What is computed is passed beside the function, so that a call leaves no closure behind.
    private T Within<TCall, T>(Pass pass, TCall call, Func<TCall, T> compute, Func<T, Tensor> output)
    {
        ArgumentNullException.ThrowIfNull(pass);
        using var cancellation = Cancellation.Begin(pass.Cancel);
        Cancellation.ThrowIfRequested();
        try
        {
            using var place = AnomalyMode.IsOn ? AnomalyPlace.Enter(Place) : default;
            if (pass.Watch is not { } watch) return compute(call);
            watch.Enter(this);
            var y = compute(call);
            watch.Leave(output(y));
            return y;
        }
        catch (Exception e) when (Locate(e))
        {
            throw;
        }
    }

    /// <summary>The result without training, graph or temporaries left behind. Safe to call from many threads at once.</summary>
    /// <inheritdoc cref="Forward"/>
    public Tensor Predict(Tensor x) => Predict(x, null);

    /// <summary>The result without training, graph or temporaries left behind; ends in the middle of the pass once cancelled.</summary>
    /// <inheritdoc cref="Forward"/>
    public Tensor Predict(Tensor x, CancellationToken cancel) => Predict(x, null, cancel);

    /// <summary>The result for sequences of different lengths, padded to one at their ends, without training, graph or temporaries left behind; ends in the
    /// middle of the pass once cancelled.</summary>
    /// <param name="x">The input, (N, T, …).</param>
    /// <param name="lengths">Steps of each of the N sequences; null where all have T. Without them, padding counts as steps.</param>
    /// <param name="cancel">Ends the pass.</param>
    /// <inheritdoc cref="Forward"/>
    public Tensor Predict(Tensor x, int[]? lengths, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(x);
        using var noGrad = NoGrad.Begin();
        using var scope = x.Device.Scope(nameof(Predict));
        return scope.Keep(Forward(x, Pass.Inference.WithCancellation(cancel).WithLengths(lengths)));
    }

    /// <summary>What this layer computes.</summary>
    /// <param name="x">The input.</param>
    /// <param name="pass">Whether this is training, and its random numbers.</param>
    protected abstract Tensor Compute(Tensor x, Pass pass);

    /// <summary>The steps of each sequence that this layer makes of sequences with so many steps: as many, unless overridden.</summary>
    /// <param name="lengths">Steps of each sequence that it is given.</param>
    /// <returns>Null where what it makes is no sequence.</returns>
    /// <remarks>A layer that passes through others, as <see cref="Sequential"/> does, asks each of them, and gives the next one a pass with these lengths.</remarks>
    public virtual int[]? LengthsAfter(int[] lengths) => lengths;

    /// <summary>The layer's settings in words, "784 -> 128, Relu", for summaries and errors; empty if it has none.</summary>
    protected virtual string Settings => "";

    /// <summary>"Linear 784 -> 128, Relu".</summary>
    internal string Title => Settings.Length == 0 ? GetType().Name : $"{GetType().Name} {Settings}";

    /// <summary>Its settings, for those who describe it.</summary>
    internal string SettingsInWords => Settings;

    /// <summary>"features.3 (Linear 784 -> 128, Relu)".</summary>
    private string Place => Path.Length == 0 ? Title : $"{Path} ({Title})";

    /// <summary>Called as an exception filter: writes the innermost layer down in the error and never catches it.</summary>
    private bool Locate(Exception e)
    {
        if (e is ILocatedError { Place: null } error) error.Place = Place;
        return false;
    }
}
