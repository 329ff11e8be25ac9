using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests.Layers;

public class MetricTests
{
    private static readonly Tensor Logits = Tensor.From([2f, 1, 0, 0, 3, 1, 1, 0, 2, 5, 4, 3, 0, 1, 2, 0, 2, 1], [6, 3]);     // 0 1 2 0 2 1
    private static readonly Tensor Classes = Tensor.From([0, 1, 2, 1, 2, 0], [6]);

    [Test]
    public void Accuracy_CountsWhatIsRight()
    {
        var metric = new Accuracy();
        Assert.That(metric.Value, Is.NaN);
        metric.Add(Logits, Classes);
        Assert.That(metric.Value, Is.EqualTo(4 / 6.0));
        metric.Add(Tensor.From([1f, -1, 3], [3, 1]), Tensor.From([1, 1, 1], [3]));
        Assert.That(metric.Value, Is.EqualTo(6 / 9.0));
        metric.Reset();
        Assert.That(metric.Value, Is.NaN);
    }

    [Test]
    public void Accuracy_OfMoreClassesThanFit_IsRefused()
        => Assert.That(() => new Accuracy().Add(Logits, Tensor.From([0, 1], [2])), Throws.TypeOf<ShapeException>().With.Message.Contains("(6, 3)").And.Message.Contains("(2)"));

    [Test]
    public void ConfusionMatrix_HasARowForWhatItWas()
    {
        var matrix = new ConfusionMatrix(3);
        matrix.Add(Logits, Classes);
        Assert.That(Enumerable.Range(0, 9).Select(i => matrix[i / 3, i % 3]), Is.EqualTo(new[] { 1, 1, 0, 1, 1, 0, 0, 0, 2 }));
        Assert.That(matrix.Value, Is.EqualTo(4 / 6.0));
        Assert.That((matrix.Precision(2), matrix.Recall(0), matrix.F1(1)), Is.EqualTo((1.0, 0.5, 0.5)));
        Assert.That(() => matrix.Add(Tensor.Zeros([1, 4]), Tensor.From([3], [1])), Throws.TypeOf<IndexException>().With.Message.Contains("0..2"));
    }

    /// <summary>Worked by hand from the matrix [[1, 1, 0], [1, 1, 0], [0, 0, 2]].</summary>
    [Test]
    public void Averages_AreOverTheClasses()
    {
        Assert.That(Of(new Precision(3)), Is.EqualTo(2 / 3.0).Within(1e-15));
        Assert.That(Of(new Recall(3)), Is.EqualTo(2 / 3.0).Within(1e-15));
        Assert.That(Of(new F1(3, Average.Weighted)), Is.EqualTo((0.5 * 2 + 0.5 * 2 + 1 * 2) / 6).Within(1e-15));
        Assert.That(() => new F1(3, Average.Binary), Throws.ArgumentException);

        static double Of(Metric metric)
        {
            metric.Add(Logits, Classes);
            return metric.Value;
        }
    }

    [Test]
    public void Binary_LooksAtClassOne()
    {
        Tensor outputs = Tensor.From([1f, -1, 1, 1], [4]), targets = Tensor.From([1, 1, 0, 1], [4]);
        var precision = new Precision(average: Average.Binary);
        var recall = new Recall(average: Average.Binary);
        precision.Add(outputs, targets);
        recall.Add(outputs, targets);
        Assert.That((precision.Value, recall.Value), Is.EqualTo((2 / 3.0, 2 / 3.0)));
    }

    [TestCase(1, 4 / 6.0)]
    [TestCase(2, 5 / 6.0)]
    [TestCase(3, 1.0)]
    public void TopK_LooksAtTheLargest(int k, double expected)
    {
        var metric = new TopKAccuracy(k);
        metric.Add(Logits, Classes);
        Assert.That(metric.Value, Is.EqualTo(expected));
    }

    /// <summary>Against every pair of a one and a zero.</summary>
    [Test]
    public void AreaUnderRoc_IsTheShareOfPairsInOrder()
    {
        var rng = new Rng(4);
        float[] outputs = [.. Enumerable.Range(0, 60).Select(_ => rng.NextInt(20) / 20f)];       // with ties
        int[] targets = [.. Enumerable.Range(0, 60).Select(_ => rng.NextInt(2))];
        double inOrder = 0, pairs = 0;
        for (int i = 0; i < 60; i++)
            for (int j = 0; j < 60; j++)
            {
                if (targets[i] != 1 || targets[j] != 0) continue;
                pairs++;
                inOrder += outputs[i] > outputs[j] ? 1 : outputs[i] == outputs[j] ? 0.5 : 0;
            }
        var metric = new AreaUnderRoc();
        metric.Add(Tensor.From(outputs.AsSpan(0, 25), [25]), Tensor.From(targets.AsSpan(0, 25), [25]));
        metric.Add(Tensor.From(outputs.AsSpan(25), [35]), Tensor.From(targets.AsSpan(25), [35]));
        Assert.That(metric.Value, Is.EqualTo(inOrder / pairs).Within(1e-12));
    }

    [Test]
    public void Regression_IsByItsFormulas()
    {
        Tensor outputs = Tensor.From([1f, 2, 4], [3, 1]), targets = Tensor.From([1f, 3, 2], [3, 1]);
        Metric[] metrics = [new MeanAbsoluteError(), new RootMeanSquaredError(), new R2()];
        foreach (var metric in metrics) metric.Add(outputs, targets);
        Assert.That(metrics.Select(m => m.Value), Is.EqualTo(new[] { 1, Math.Sqrt(5 / 3.0), 1 - 5 / 2.0 }).Within(1e-12));
        Assert.That(metrics.Select(m => m.HigherIsBetter), Is.EqualTo(new[] { false, false, true }));
    }

    [Test]
    public void State_BringsAMetricBack()
    {
        Metric[] all = [new Accuracy(), new TopKAccuracy(2), new ConfusionMatrix(3), new F1(3)], others = [new Accuracy(), new TopKAccuracy(2), new ConfusionMatrix(3), new F1(3)];
        foreach (var (metric, other) in all.Zip(others))
        {
            metric.Add(Logits, Classes);
            other.State = metric.State;
            Assert.That(other.Value, Is.EqualTo(metric.Value), metric.Name);
        }
    }
}
