using Engine.Core;
using Engine.Layers;

namespace Engine.Tests.Layers;

public class CtcAccuracyTests
{
    [TestCase("", "", 0)]
    [TestCase("", "ab", 2)]
    [TestCase("abc", "", 3)]
    [TestCase("kitten", "sitting", 3)]
    [TestCase("intention", "execution", 5)]
    [TestCase("abc", "abc", 0)]
    [TestCase("ab", "ba", 2)]
    public void Distance_IsTheLeastNumberOfEdits(string a, string b, int edits)
    {
        int[] x = [.. a.Select(c => (int)c)], y = [.. b.Select(c => (int)c)];
        Assert.That(EditDistance.Between(x, y), Is.EqualTo(edits));
        Assert.That(EditDistance.Between(y, x), Is.EqualTo(edits));
    }

    [Test]
    public void Accuracy_CountsEditsOverLabels_AcrossBatches()
    {
        var metric = new CtcAccuracy();
        Assert.That(metric.Value, Is.NaN);
        // Reads 1 2, of 1 2 3: one left out. Then 2 of 2.
        metric.Add(Paths([0, 1, 1, 2]), Tensor.From([1, 2, 3], [1, 3]));
        metric.Add(Paths([0, 2, 2, 0]), Tensor.From([2, 0, 0], [1, 3]));
        Assert.That(metric.Value, Is.EqualTo(1 - 1 / 4.0).Within(1e-12));
        var other = new CtcAccuracy { State = metric.State };
        Assert.That(other.Value, Is.EqualTo(metric.Value));
        other.Reset();
        other.Add(Paths([1, 2, 1, 2]), Tensor.From([3, -1], [1, 2]));
        Assert.That(other.Value, Is.EqualTo(-3));
        Assert.That(() => metric.Add(Paths([1]), Tensor.From([3, 1], [2])), Throws.TypeOf<ShapeException>());
    }

    [Test]
    public void Accuracy_OfABatchWithLengths_ReadsNoPadding()
    {
        Tensor outputs = Paths([1, 2, 3, 3]), targets = Tensor.From([1, 2], [1, 2]);
        double Of(CtcAccuracy metric, int[]? lengths)
        {
            metric.Add(outputs, new Batch(outputs, targets) { Lengths = lengths });
            return metric.Value;
        }

        Assert.That(Of(new CtcAccuracy(), null), Is.EqualTo(0.5));
        Assert.That(Of(new CtcAccuracy(), [2]), Is.EqualTo(1));
        Assert.That(Of(new CtcAccuracy(0, new MaxPool1d(2).LengthsAfter), [4]), Is.EqualTo(1), "the model halves the steps");
    }

    [Test]
    public void Trainer_GivesLengths_ToTheLossAndTheMetrics()
    {
        var model = new Sequential { new Linear(4, 4, new Rng(1)) };
        var batches = new Padded();
        var trainer = new Trainer(model, new Sgd(model.Parameters, 0), (_, _) => throw new InvalidOperationException("the targets alone do not tell"), new CtcAccuracy())
        {
            ComputeLoss = (y, batch) => Loss.Ctc(y, batch.Targets, batch.Lengths),
        };
        var batch = batches.Epoch(0, Engine.Kernels.Device.Cpu).Single();
        var y = model.Predict(batch.Inputs);
        var metric = new CtcAccuracy();
        metric.Add(y, batch);
        double loss = Loss.Ctc(y, batch.Targets, [2, 4]).Item();
        Assert.That(Loss.Ctc(y, batch.Targets).Item(), Is.Not.EqualTo(loss).Within(1e-3), "padding counts otherwise");
        var epoch = trainer.Fit(batches, batches, epochs: 1)[0];
        Assert.That((epoch.Loss, epoch.Validation!.Loss), Is.EqualTo((loss, loss)).Within(1e-6));
        Assert.That((epoch.Metrics["accuracy"], epoch.Validation.Metrics["accuracy"]), Is.EqualTo((metric.Value, metric.Value)));
        trainer.Forecast([2, 4, 4], [2, 2]);
    }

    private sealed class Padded : IBatches
    {
        public int? Count => 2;

        public int? BatchCount => 1;

        public string Settings => "one";

        public IEnumerable<Batch> Epoch(int epoch, Engine.Kernels.Device device, int skip = 0, CancellationToken cancel = default)
            => [new Batch(Tensor.Normal([2, 4, 4], new Rng(2)), Tensor.From([1, 2, 3, 0], [2, 2])) { Lengths = [2, 4] }];
    }

    /// <summary>Logits of one example, whose classes these are.</summary>
    private static Tensor Paths(params int[] path) => Tensor.From(path, [1, path.Length]).OneHot(4).Cast(Engine.Kernels.DType.Float32);
}
