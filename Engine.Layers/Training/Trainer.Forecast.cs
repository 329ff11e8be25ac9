using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

public sealed partial class Trainer
{
    /// <summary>Whether <see cref="Fit(IBatches, IBatches?, int, Rng?, IReadOnlyList{Callback}?, Checkpoints?, IProgress{TrainingProgress}?, CancellationToken)"/>
    /// forecasts its first step where <see cref="Device.MemoryBudget"/> is set, and refuses it when it would go over; false unless set, since the forecast
    /// passes through the model twice, with two examples and with four, which not every model and loss can take.</summary>
    public bool RefuseOverBudget { get; init; }

    /// <summary>The memory that a training step will need, layer by layer, told from steps of two and of four zeros.</summary>
    /// <param name="inputShape">Of a batch of inputs, (N, ...).</param>
    /// <param name="targetShape">Of a batch of targets, (N, ...).</param>
    /// <param name="targetType">Int32 for classes, Float32 for numbers.</param>
    /// <param name="inputType">Float32, or Int32 for a model that begins with an embedding.</param>
    /// <exception cref="ShapeException">The model or the loss does not take them.</exception>
    /// <exception cref="ForecastException">The model does something else for four examples than for two.</exception>
    /// <remarks>It counts what comes from the device's pool: not the metrics, callbacks and validation, nor the memory that kernels on the CPU keep for each
    /// thread. The model is left as it is, but hooks of its tensors are called. With <see cref="Accumulate"/> above 1 it is an upper bound.</remarks>
    public MemoryForecast Forecast(Shape inputShape, Shape targetShape, DType targetType = DType.Int32, DType inputType = DType.Float32)
        => Forecast(inputShape, targetShape, targetType, inputType, null, 0);

    private MemoryForecast Forecast(Shape inputShape, Shape targetShape, DType targetType, DType inputType, IReadOnlyDictionary<string, Tensor>? with, long ofBatch)
    {
        if (inputShape.Rank == 0 || targetShape.Rank == 0 || inputShape[0] != targetShape[0] || inputShape[0] < 1)
            throw new ShapeException($"Inputs {inputShape} and targets {targetShape} have not one row for each example of a batch.");
        long weights = Model.State().Sum(s => MemoryTrace.Rounded(s.Value.Value));
        long remembered = Optimizer.State().Sum(s => MemoryTrace.Rounded(s.Value.Value));
        long others = Math.Max(0, Device.BytesInUse - weights - remembered - ofBatch);
        var memory = new StepMemory(Device, n => Probe(WithRows(inputShape, n), WithRows(targetShape, n), targetType, inputType,
            with?.ToDictionary(other => other.Key, other => (Part(other.Value.Shape, inputShape[0], n), other.Value.DType))));
        var result = memory.For(inputShape[0]);
        var rows = Rows(result);
        long state = rows.Sum(r => r.OptimizerState), gradients = rows.Sum(r => r.Gradients), always = weights + state + (Accumulate > 1 ? gradients : 0);
        long? budget = Device.MemoryBudget == long.MaxValue ? null : Device.MemoryBudget;
        return new MemoryForecast(inputShape[0], always + result.Peak, Name(result.PeakAt), others, budget, rows, budget is null ? null : Largest(n => always + others + memory.For(n).Peak <= budget));
    }

    /// <summary>Refuses a first step that would not fit.</summary>
    private void RequireMemory(Batch batch)
    {
        if (Device.MemoryBudget == long.MaxValue) return;
        var found = Ask();
        if (!found.Fits && found.Others > 0)
        {
            GC.Collect();                                           // what others hold may be forgotten long since
            GC.WaitForPendingFinalizers();
            Device.Trim();
            found = Ask();
        }
        if (!found.Fits) throw new OverBudgetException(found);

        MemoryForecast Ask() => Forecast(batch.Inputs.Shape, batch.Targets.Shape, batch.Targets.DType, batch.Inputs.DType, batch.Others,
            MemoryTrace.Rounded(batch.Inputs) + MemoryTrace.Rounded(batch.Targets) + (batch.Others?.Values.Sum(MemoryTrace.Rounded) ?? 0));
    }

    private (MemoryTrace, HashSet<int>) Probe(Shape inputShape, Shape targetShape, DType targetType, DType inputType, Dictionary<string, (Shape Shape, DType Type)>? others)
    {
        using var scope = Device.Scope("the forecast");
        // What a pass in training changes: running statistics, and tables of embeddings with a greatest length.
        var shortened = All(Model).OfType<Embedding>().Where(e => e.ShortensInTraining).SelectMany(e => e.Own);
        var buffers = Model.Buffers.Concat(shortened).Select(b => (Buffer: b, Before: b.Value.Clone())).ToArray();
        var layers = new Innermost();
        var trace = new MemoryTrace(() => layers.Layer);
        try
        {
            using (trace.Begin())
            {
                Tensor x = Zeros(inputShape, inputType), targets = Zeros(targetShape, targetType);
                var batch = new Batch(x, targets) { Others = others?.ToDictionary(other => other.Key, other => Zeros(other.Value.Shape, other.Value.Type)) };
                var (_, loss) = OutputsAndLoss(batch, Pass.Train(new Rng(0)).Watched(layers));
                var gradients = Autograd.Gradients(loss, [.. Model.Parameters.Where(p => p.Trainable).Select(p => p.Value)]);
                return (trace, [.. gradients.Select(trace.NumberOf)]);
            }
        }
        finally
        {
            foreach (var (buffer, before) in buffers) buffer.CopyFrom(before);
        }

        Tensor Zeros(Shape shape, DType type) => type switch
        {
            DType.Float32 => Tensor.Zeros(shape, Device),
            DType.Int32 => Tensor.From(new int[shape.Count], shape, Device),
            _ => Tensor.Zeros(shape, Device).Cast(type),
        };
    }

    private List<LayerMemory> Rows(StepMemory.Result result)
    {
        var rows = new List<LayerMemory>();
        var seen = new HashSet<Buffer>(ReferenceEqualityComparer.Instance);
        foreach (var layer in All(Model).Distinct())
        {
            Buffer[] own = [.. layer.Own.Where(seen.Add)];
            var trainable = own.OfType<Parameter>().Where(p => p.Trainable).Select(p => p.Value).ToArray();
            rows.Add(Row(layer, layer.Path, layer.Title, own.Sum(b => MemoryTrace.Rounded(b.Value)), Optimizer.TensorsPerParameter * trainable.Sum(MemoryTrace.Rounded)));
        }
        rows.Add(Row(StepMemory.Outside, Name(StepMemory.Outside), "the loss, and gradients on their way", 0, 0));
        rows.Add(Row(StepMemory.Input, Name(StepMemory.Input), "the batch", 0, 0));
        return [.. rows.Where(r => r.Total > 0)];

        LayerMemory Row(object place, string path, string kind, long weights, long state)
        {
            var (activations, gradients, workspace) = result.Places.GetValueOrDefault(place);
            return new LayerMemory(path, kind, weights, state, activations, gradients, workspace);
        }
    }

    private static IEnumerable<Layer> All(Layer layer) => layer.Children.SelectMany(c => All(c.Value)).Prepend(layer);

    private static string Name(object? place) => place is Layer layer ? layer.Path.Length == 0 ? layer.Title : layer.Path : place == StepMemory.Input ? "input" : "loss";

    private static Shape WithRows(Shape shape, int rows) => new([rows, .. shape.Sizes[1..]]);

    /// <summary>What some of a batch's examples have of something else: as many rows where it has one for each example, else a share of them (the hidden tokens of all texts).</summary>
    private static Shape Part(Shape shape, int examples, int some)
        => shape.Rank == 0 ? shape : WithRows(shape, (int)(((long)shape[0] * some + examples - 1) / examples));

    /// <summary>The largest number that fits, found by halving.</summary>
    private static int Largest(Func<int, bool> fits)
    {
        int low = 0, high = 1;
        while (high < 1 << 24 && fits(high)) (low, high) = (high, 2 * high);
        while (high - low > 1)
        {
            int middle = (low + high) / 2;
            if (fits(middle)) low = middle;
            else high = middle;
        }
        return low;
    }

    /// <summary>The innermost layer of a pass.</summary>
    private sealed class Innermost : LayerWatch
    {
        public Layer? Layer => Current;

        protected override void Left(Layer layer, Tensor y) { }
    }
}
