using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>Serves a model's predictions to many threads at once: numbers in, numbers out. Each answer has the same bits as if it were alone.</summary>
/// <remarks>A request's temporaries go back to the device's pool when it ends, also where it was cancelled or failed.</remarks>
public sealed class Predictor : IDisposable
{
    private readonly Func<Layer>? build;
    private readonly PredictorOptions options;
    private readonly Turnstile turns;
    private volatile Served served;

    /// <summary>A model and the device it is on; one reference, so that a reload changes both at once.</summary>
    private sealed record Served(Layer Model, Device Device);

    /// <summary>Serves a model whose weights are in a file.</summary>
    /// <param name="build">Makes the architecture; called once here and once for each reload.</param>
    /// <param name="weights">A safetensors file of that model.</param>
    /// <param name="options">How to serve.</param>
    /// <exception cref="WeightsException">The file is of another model; all that does not fit is listed.</exception>
    /// <exception cref="SafetensorsException">The file is not valid.</exception>
    /// <exception cref="ShapeException">The input shape does not fit the model, found by the warm-up.</exception>
    public Predictor(Func<Layer> build, string weights, PredictorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(build);
        (this.build, this.options) = (build, options ?? new PredictorOptions());
        turns = new Turnstile(this.options.MaxConcurrency, this.options.MaxWaiting);
        served = Load(build, weights);
    }

    /// <summary>Serves a model as it is. Training it meanwhile changes what is served, in the middle of a prediction too: hand over a copy.</summary>
    /// <param name="model">The model; moved to the options' device.</param>
    /// <param name="options">How to serve.</param>
    /// <exception cref="ShapeException">The input shape does not fit the model, found by the warm-up.</exception>
    public Predictor(Layer model, PredictorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        this.options = options ?? new PredictorOptions();
        turns = new Turnstile(this.options.MaxConcurrency, this.options.MaxWaiting);
        served = Prepare(model);
    }

    /// <summary>The model that serves now. It is only read.</summary>
    public Layer Model => served.Model;

    /// <summary>Where inputs go.</summary>
    public Device Device => served.Device;

    /// <summary>What the model makes of a batch of examples.</summary>
    /// <param name="inputs">A batch, on <see cref="Device"/>.</param>
    /// <param name="cancel">Ends the prediction, in the middle of the pass too, or the wait for its turn.</param>
    /// <exception cref="ShapeException">The input does not fit the model.</exception>
    /// <exception cref="DeviceException">The input is on another device.</exception>
    /// <exception cref="PredictorBusyException">Too many wait already.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">This predictor was disposed.</exception>
    public Tensor Predict(Tensor inputs, CancellationToken cancel = default) => Predict(inputs, null, cancel);

    /// <summary>What the model makes of a batch of sequences of different lengths, padded to one at their ends.</summary>
    /// <param name="inputs">A batch, (N, T, …), on <see cref="Device"/>.</param>
    /// <param name="lengths">Steps of each of the N sequences; null where all have T. Without them, padding counts as steps.</param>
    /// <param name="cancel">Ends the prediction, in the middle of the pass too, or the wait for its turn.</param>
    /// <inheritdoc cref="Predict(Tensor, CancellationToken)"/>
    public Tensor Predict(Tensor inputs, int[]? lengths, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        using var turn = turns.Enter(cancel);
        return Run(served, inputs, lengths, cancel);
    }

    /// <summary>What the model makes of one example or a batch of them.</summary>
    /// <param name="inputs">Whole examples of the options' input shape one after another, row-major. On a processor they are read where they lie.</param>
    /// <param name="cancel">Ends the prediction, in the middle of the pass too, or the wait for its turn.</param>
    /// <returns>The outputs of each example one after another, row-major.</returns>
    /// <exception cref="ShapeException">The numbers are no whole number of examples, or there is none.</exception>
    /// <exception cref="InvalidOperationException">The options name no input shape.</exception>
    /// <exception cref="DTypeException">The model's outputs are not Float32.</exception>
    /// <inheritdoc cref="Predict(Tensor, CancellationToken)"/>
    public float[] Predict(ReadOnlySpan<float> inputs, CancellationToken cancel = default)
    {
        float[]? outputs = null;
        Predict(inputs, y => outputs = y.ToArray(), cancel);
        return outputs!;
    }

    /// <summary>Writes what the model makes of one example or a batch of them; no array is made for it.</summary>
    /// <param name="inputs">Whole examples of the options' input shape one after another, row-major. On a processor they are read where they lie.</param>
    /// <param name="outputs">Filled with the outputs of each example one after another; unchanged where an error is thrown.</param>
    /// <param name="cancel">Ends the prediction, in the middle of the pass too, or the wait for its turn.</param>
    /// <exception cref="ShapeException">The numbers are no whole number of examples, or there is none, or the outputs are more or fewer.</exception>
    /// <inheritdoc cref="Predict(ReadOnlySpan{float}, CancellationToken)"/>
    public unsafe void Predict(ReadOnlySpan<float> inputs, Span<float> outputs, CancellationToken cancel = default)
    {
        fixed (float* to = outputs)
        {
            nint address = (nint)to;
            int length = outputs.Length;
            Predict(inputs, y => y.CopyTo(new Span<float>((float*)address, length)), cancel);
        }
    }

    /// <summary>What the model makes of one example or a batch of them, computed on the thread pool. Who waits for a turn holds no thread.</summary>
    /// <param name="inputs">Whole examples of the options' input shape one after another; unchanged until the task has ended.</param>
    /// <param name="cancel">Ends the prediction, in the middle of the pass too, or the wait for its turn.</param>
    /// <inheritdoc cref="Predict(ReadOnlySpan{float}, CancellationToken)"/>
    public async Task<float[]> PredictAsync(ReadOnlyMemory<float> inputs, CancellationToken cancel = default)
    {
        Shape shape = BatchShape(inputs.Length);                    // a bad request waits for nobody
        using var turn = await turns.EnterAsync(cancel).ConfigureAwait(false);
        return await Task.Run(() =>
        {
            float[]? outputs = null;
            Run(inputs.Span, shape, y => outputs = y.ToArray(), cancel);
            return outputs!;
        }, cancel).ConfigureAwait(false);
    }

    /// <summary>Loads other weights, beside the requests that go on: those that have begun end on the old weights, each later one finds all of the new
    /// ones, and where loading fails nothing has changed.</summary>
    /// <param name="weights">A safetensors file of the same architecture.</param>
    /// <exception cref="InvalidOperationException">The predictor was made from a model, without a factory that can make another one; use
    /// <see cref="Replace"/>.</exception>
    /// <exception cref="WeightsException">The file is of another model.</exception>
    /// <exception cref="SafetensorsException">The file is not valid.</exception>
    public void Reload(string weights)
    {
        if (build is null) throw new InvalidOperationException("This predictor was made from a model, and cannot make another one to load weights into. Give it a factory, or call Replace(model).");
        served = Load(build, weights);
    }

    /// <summary>Serves another model from now on; requests that have begun end on the old one. Where its warm-up fails nothing has changed.</summary>
    /// <param name="model">The model; moved to the options' device.</param>
    /// <exception cref="ShapeException">The input shape does not fit the model.</exception>
    public void Replace(Layer model)
    {
        ArgumentNullException.ThrowIfNull(model);
        served = Prepare(model);
    }

    /// <summary>Refuses requests from now on; those that have begun end as they would.</summary>
    public void Dispose() => turns.Close();

    private Served Load(Func<Layer> build, string weights)
    {
        ArgumentException.ThrowIfNullOrEmpty(weights);
        var model = build() ?? throw new InvalidOperationException("The factory made no model.");
        model.LoadWeights(weights);
        return Prepare(model);
    }

    private Served Prepare(Layer model)
    {
        if (options.Device is { } wanted) model.To(wanted);
        Device[] devices = [.. model.State().Select(s => s.Value.Value.Device).Distinct()];
        if (devices.Length > 1)
            throw new DeviceException($"The model's parameters are on {string.Join(" and ", devices.Select(d => d.Name))}. Move all with To(device).");
        var prepared = new Served(model, devices is [var one] ? one : options.Device ?? Device.Cpu);
        if (options.InputShape is not { } example || options.WarmUpBatch == 0) return prepared;
        for (int i = 0; i < 2; i++)
        {
            using var scope = prepared.Device.Scope("the warm-up");
            Run(prepared, Tensor.Zeros(new Shape([options.WarmUpBatch, .. example.Sizes]), prepared.Device), null, default);
            prepared.Device.Synchronize();
        }
        return prepared;
    }

    private static Tensor Run(Served served, Tensor inputs, int[]? lengths, CancellationToken cancel)
    {
        if (inputs.Device != served.Device)
            throw new DeviceException($"The input is on {inputs.Device.Name}, and the model on {served.Device.Name}. Make it there, or move it with To(device).");
        return served.Model.Predict(inputs, lengths, cancel);
    }

    private void Predict(ReadOnlySpan<float> inputs, Action<Tensor> take, CancellationToken cancel)
    {
        var shape = BatchShape(inputs.Length);
        using var turn = turns.Enter(cancel);
        Run(inputs, shape, take, cancel);
    }

    private unsafe void Run(ReadOnlySpan<float> inputs, Shape shape, Action<Tensor> take, CancellationToken cancel)
    {
        var now = served;
        using var scope = now.Device.Scope(nameof(Predict));
        fixed (float* from = inputs)
        {
            var x = Tensor.FromMemory(from, DType.Float32, shape, this, now.Device);
            try
            {
                take(now.Model.Predict(x, cancel));
            }
            finally
            {
                x.EndStorage("the prediction");                     // a layer that kept it finds an error there, and not the caller's memory
            }
        }
    }

    private Shape BatchShape(int count)
    {
        if (options.InputShape is not { } example)
            throw new InvalidOperationException("The options name no InputShape, and numbers alone do not tell theirs. Set it, or give a Tensor.");
        if (count == 0 || example.Count == 0 || count % example.Count != 0)
            throw new ShapeException($"{count} numbers are no whole batch of examples {example}, which take {example.Count} each.");
        return new Shape([count / example.Count, .. example.Sizes]);
    }
}
