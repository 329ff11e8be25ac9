using Engine.Core;
using Engine.Kernels;
using Engine.Layers;
using Engine.Tests.Layers.Recurrent;

namespace Engine.Tests.Layers.Training;

public class ForecastTests
{
    private static Sequential Cnn()
    {
        var rng = new Rng(1);
        return new Sequential
        {
            new Conv2d(1, 8, kernelSize: 3, rng, activation: Activation.Relu), new BatchNorm2d(8), new MaxPool2d(2), new Conv2d(8, 16, kernelSize: 3, rng, activation: Activation.Gelu),
            new MaxPool2d(2), new Flatten(), new Dropout(0.3), new Linear(16 * 25, 64, rng, Activation.Relu), new Linear(64, 10, rng),
        };
    }

    private static Sequential Mlp()
    {
        var rng = new Rng(1);
        return new Sequential { new Linear(100, 300, rng, Activation.Relu), new Linear(300, 200, rng, Activation.Silu), new Dropout(0.2), new Linear(200, 10, rng) };
    }

    /// <summary>The peak of the pool's bytes in use in the second step, when the optimizer's state is there: what is asked for at each storage taken.</summary>
    private static (long Forecast, long Measured) Both(Sequential made, Shape example, int batch, bool adam)
    {
        using var device = new CpuDevice(1);
        var model = made.To(device);
        var trainer = new Trainer(model, adam ? new Adam(model.Parameters) : new Sgd(model.Parameters, 0.01, momentum: 0.9), Loss.CrossEntropy);
        Shape input = [batch, .. example];
        long forecast = trainer.Forecast(input, [batch]).Peak;
        var rng = new Rng(2);
        Tensor x = Tensor.Uniform(input, rng), y = Tensor.From(new int[batch], [batch]);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        device.Trim();
        var peak = new Peak(device);
        using (StorageWatch.Begin(peak)) trainer.Fit(x, y, batchSize: batch, epochs: 2, shuffle: false);
        return (forecast, peak.Most);
    }

    [Test]
    public void TheForecast_IsThePoolsPeak([Values] bool cnn, [Values(4, 7, 32, 100, 256)] int batch, [Values] bool adam)
    {
        var (forecast, measured) = cnn ? Both(Cnn(), [1, 28, 28], batch, adam) : Both(Mlp(), [100], batch, adam);
        TestContext.Out.WriteLine($"{(cnn ? "CNN" : "MLP")} {batch} {(adam ? "Adam" : "Sgd")}: forecast {forecast:N0}, measured {measured:N0}, {(double)forecast / measured - 1:P2}");
        Assert.That((double)forecast / measured, Is.InRange(0.98, 1.03));
    }

    [Test]
    public void TheForecastOfRecurrentLayers_IsThePoolsPeak([Values("rnn", "gru", "lstm")] string kind, [Values(4, 7, 32)] int batch)
    {
        var model = new Sequential { Made.Layer(kind, 8, 24, layers: 2, bidirectional: true, dropout: 0.2), Made.Layer(kind, 48, 20, returnSequences: false), new Linear(20, 3, new Rng(2)) };
        var (forecast, measured) = Both(model, [10, 8], batch, adam: true);
        Assert.That((double)forecast / measured, Is.InRange(0.98, 1.03));
    }

    [Test]
    public void ItChangesNothing_AndNamesTheLayers()
    {
        using var device = new CpuDevice(1);
        var model = Cnn().To(device);
        var trainer = new Trainer(model, new Adam(model.Parameters), Loss.CrossEntropy);
        float[] before = SmallModel.Numbers(model);
        long used = device.BytesInUse;
        var forecast = trainer.Forecast([64, 1, 28, 28], [64]);
        Assert.That(SmallModel.Numbers(model), Is.EqualTo(before));
        Assert.That(device.BytesInUse, Is.EqualTo(used));
        Assert.That(model.Parameters.Select(p => p.Grad), Is.All.Null);
        Assert.That(forecast.Layers.Select(l => l.Path), Is.EqualTo(new[] { "0", "1", "2", "3", "4", "6", "7", "8", "loss", "input" }));
        var first = forecast.Layers[0];
        Assert.That(first.Activations, Is.EqualTo(MemoryTrace.Rounded(device, 64L * 8 * 26 * 26 * 4)));
        Assert.That((first.Weights, first.OptimizerState, first.Gradients), Is.EqualTo((320 + 64, 2 * (320 + 64), 320 + 64)));
        Assert.That(forecast.Layers.Single(l => l.Path == "3").Activations, Is.EqualTo(2 * MemoryTrace.Rounded(device, 64L * 16 * 11 * 11 * 4)), "Gelu keeps what went in");
        Assert.That((forecast.Budget, forecast.Fits, forecast.LargestBatch), Is.EqualTo(((long?)null, true, (int?)null)));
        Assert.That(forecast.ToString(), Does.Contain("Peak "));
    }

    [Test]
    public void AStepOverTheBudget_IsRefusedBeforeItIsTaken_AndTheBatchNamedFits()
    {
        using var device = new CpuDevice(1);
        var model = Cnn().To(device);
        var trainer = new Trainer(model, new Adam(model.Parameters), Loss.CrossEntropy) { RefuseOverBudget = true };
        var x = Tensor.Uniform([256, 1, 28, 28], new Rng(2));
        var y = Tensor.From(new int[256], [256]);
        device.MemoryBudget = 8_000_000;
        var error = Assert.Throws<OverBudgetException>(() => trainer.Fit(x, y, batchSize: 256))!;
        Assert.That(trainer.Optimizer.StepCount, Is.Zero);
        Assert.That((error.Layer, error.Bytes > 8_000_000), Is.EqualTo(("0", true)));
        Assert.That(error.Message, Does.Contain("over the budget of 8,000,000. The largest part is 0 (Conv2d 1 -> 8").And.Contain($"use batches of {error.Forecast.LargestBatch} at most"));
        int most = error.Forecast.LargestBatch!.Value;
        Assert.That(most, Is.InRange(20, 255));
        trainer.Fit(x[..(2 * most)], y[..(2 * most)], batchSize: most);
        Assert.That(trainer.Optimizer.StepCount, Is.EqualTo(2));
        Assert.That(trainer.Forecast([most + 40, 1, 28, 28], [most + 40]).Fits, Is.False);
    }

    /// <summary>Batches with a factor for each number, and labels of some rows.</summary>
    private sealed class WithOthers(int n, int width, int labelled) : IBatches
    {
        public int? Count => n;
        public int? BatchCount => 1;

        public IEnumerable<Batch> Epoch(int epoch, Device device, int skip = 0, CancellationToken cancel = default)
        {
            if (skip > 0) yield break;
            yield return new Batch(Tensor.Full([n, width], 1, device), Tensor.From(new int[n], [n], device))
            {
                Others = new Dictionary<string, Tensor>
                {
                    ["factors"] = Tensor.Full([n, width], 2, device),
                    ["places"] = Tensor.From([.. Enumerable.Range(0, labelled)], [labelled], device),
                    ["labels"] = Tensor.From(new int[labelled], [labelled], device),
                },
            };
        }
    }

    [Test]
    public void ATrainerThatNeedsABatchsOthers_IsForecastWithThem()
    {
        const int width = 1000;
        using var device = new CpuDevice(1);
        var model = new Linear(width, 10, new Rng(1)).To(device);
        var trainer = new Trainer(model, new Sgd(model.Parameters, 0.1), Loss.CrossEntropy)
        {
            RefuseOverBudget = true,
            ComputeWithLoss = (batch, pass) =>
            {
                var y = model.Forward(batch.Inputs * batch["factors"], pass);
                return (y, Loss.CrossEntropy(y.GatherRows(batch["places"]), batch["labels"]));
            },
        };
        device.MemoryBudget = 2_500_000;
        trainer.Fit(new WithOthers(100, width, 30));
        Assert.That(trainer.Optimizer.StepCount, Is.EqualTo(1));
        var error = Assert.Throws<OverBudgetException>(() => trainer.Fit(new WithOthers(256, width, 70)))!;
        Assert.That(trainer.Optimizer.StepCount, Is.EqualTo(1));
        device.MemoryBudget = long.MaxValue;
        var peak = new Peak(device);
        using (StorageWatch.Begin(peak)) trainer.Fit(new WithOthers(256, width, 70));
        Assert.That((double)error.Forecast.Peak / peak.Most, Is.InRange(0.98, 1.03));
    }

    [Test]
    public void AModelThatDoesOtherwiseForMoreExamples_SaysSo()
    {
        var rng = new Rng(1);
        var model = new Sequential { new Linear(4, 4, rng), new Moody() };
        var trainer = new Trainer(model, new Sgd(model.Parameters, 0.1), Loss.CrossEntropy);
        Assert.That(() => trainer.Forecast([8, 4], [8]), Throws.TypeOf<ForecastException>().With.Message.Contains("does not take the same steps"));
        Assert.That(() => trainer.Forecast([8, 4], [7]), Throws.TypeOf<ShapeException>());
    }

    private sealed class Moody : Layer
    {
        protected override Tensor Compute(Tensor x, Pass pass) => x.Shape[0] > 3 ? x.Tanh() : x;
    }

    private sealed class Peak(CpuDevice device) : IStorageWatcher
    {
        public long Most { get; private set; }

        public void Allocated(Storage storage, long bytes) => Most = Math.Max(Most, device.BytesInUse);

        public void Ended(Storage storage) { }
    }

    [Test]
    public void TheForecast_LeavesAnEmbeddingsTable([Values] bool frozen)
    {
        var words = Embedding.FromPretrained(Tensor.Full([4, 3], 9), frozen, maxNorm: 1);
        var model = new Sequential { words, new Flatten(), new Linear(6, 2, new Rng(1)) };
        new Trainer(model, new Sgd(model.Parameters, 0.1), Loss.CrossEntropy).Forecast([8, 2], [8], inputType: DType.Int32);
        Assert.That(words.Parameters[0].Value.ToArray(), Is.All.EqualTo(9));
    }
}
