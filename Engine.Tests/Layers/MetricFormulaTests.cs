using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests.Layers;

/// <summary>The metrics against their definitions, example by example.</summary>
public class MetricFormulaTests
{
    private const int N = 200;

    private static (int[] Actual, int[] Predicted, Tensor Outputs, Tensor Targets) Draw(int classes, ulong seed, Func<int, bool>? actualOf = null)
    {
        var rng = new Rng(seed);
        int[] actual = new int[N], predicted = new int[N];
        var outputs = new float[N * classes];
        for (int i = 0; i < N; i++)
        {
            do actual[i] = rng.NextInt(classes);
            while (actualOf?.Invoke(actual[i]) == false);
            for (int c = 0; c < classes; c++) outputs[i * classes + c] = rng.NextFloat() + (c == actual[i] ? 0.3f : 0);
            var row = outputs[(i * classes)..((i + 1) * classes)];
            predicted[i] = Array.IndexOf(row, row.Max());
        }
        return (actual, predicted, Tensor.From(outputs, [N, classes]), Tensor.From(actual, [N]));
    }

    private static double Of(Metric metric, Tensor outputs, Tensor targets)
    {
        metric.Add(outputs[..77], targets[..77]);
        metric.Add(outputs[77..], targets[77..]);
        return metric.Value;
    }

    [Test]
    public void PrecisionRecallAndF1_OfFourClasses([Values(1u, 2u, 3u)] uint seed, [Values] bool withoutClassTwo)
    {
        var (actual, predicted, x, y) = Draw(4, seed, withoutClassTwo ? c => c != 2 : null);
        double[] p = new double[4], r = new double[4], f = new double[4], n = new double[4];
        bool[] there = new bool[4];
        for (int c = 0; c < 4; c++)
        {
            double hits = 0, said = 0, was = 0;
            for (int i = 0; i < N; i++)
            {
                if (actual[i] == c) was++;
                if (predicted[i] == c) said++;
                if (actual[i] == c && predicted[i] == c) hits++;
            }
            (p[c], r[c]) = (said > 0 ? hits / said : 0, was > 0 ? hits / was : 0);
            (f[c], n[c], there[c]) = (p[c] + r[c] > 0 ? 2 * p[c] * r[c] / (p[c] + r[c]) : 0, was, said + was > 0);
        }
        double accuracy = actual.Zip(predicted).Count(z => z.First == z.Second) / (double)N;
        Assert.Multiple(() =>
        {
            Assert.That(Of(new Accuracy(), x, y), Is.EqualTo(accuracy).Within(1e-12));
            foreach (var (make, figure) in new (Func<Average?, Metric>, double[])[] { (a => new Precision(4, a), p), (a => new Recall(4, a), r), (a => new F1(4, a), f) })
            {
                double macro = Enumerable.Range(0, 4).Where(c => there[c]).Average(c => figure[c]);
                Assert.That(Of(make(null), x, y), Is.EqualTo(macro).Within(1e-12));
                Assert.That(Of(make(Average.Macro), x, y), Is.EqualTo(macro).Within(1e-12));
                Assert.That(Of(make(Average.Micro), x, y), Is.EqualTo(accuracy).Within(1e-12));
                Assert.That(Of(make(Average.Weighted), x, y), Is.EqualTo(Enumerable.Range(0, 4).Sum(c => figure[c] * n[c]) / N).Within(1e-12));
            }
        });
    }

    [Test]
    public void AClassThatNeverOccurs_IsLeftOutOfTheMacroAverage()
    {
        Tensor x = Tensor.From([3f, 0, 0, 0, 3, 0], [2, 3]), y = Tensor.From([0, 1], [2]);
        foreach (Metric metric in new Metric[] { new Precision(3), new Recall(3), new F1(3) })
        {
            Assert.That(metric.Value, Is.NaN, "before anything was added");
            metric.Add(x, y);
            Assert.That(metric.Value, Is.EqualTo(1.0), metric.Name);
        }
    }

    [Test]
    public void OfTwoClasses_TheFigureIsThatOfClassOne([Values] bool logits)
    {
        var rng = new Rng(5);
        float[] z = [.. Enumerable.Range(0, N).Select(_ => 3 * (rng.NextFloat() - 0.5f))], t = [.. Enumerable.Range(0, N).Select(i => rng.NextFloat() < 1 / (1 + MathF.Exp(-2 * z[i])) ? 1f : 0f)];
        var outputs = Tensor.From(z, [N, 1]);
        var x = logits ? outputs : outputs.Sigmoid();
        double threshold = logits ? 0 : 0.5;
        double hits = z.Zip(t).Count(v => v.First > 0 && v.Second == 1), precision = hits / z.Count(v => v > 0), recall = hits / t.Sum();
        foreach (var y in new[] { Tensor.From(t, [N, 1]), Tensor.From(Array.ConvertAll(t, v => (int)v), [N]) })
        {
            Assert.That(Of(new Precision(threshold: threshold), x, y), Is.EqualTo(precision).Within(1e-12));
            Assert.That(Of(new Recall(threshold: threshold), x, y), Is.EqualTo(recall).Within(1e-12));
            Assert.That(Of(new F1(threshold: threshold), x, y), Is.EqualTo(2 * precision * recall / (precision + recall)).Within(1e-12));
            Assert.That(Of(new Accuracy(threshold), x, y), Is.EqualTo(z.Zip(t).Count(v => v.First > 0 == (v.Second == 1)) / (double)N).Within(1e-12));
        }
    }

    [Test]
    public void SeveralLabels_CountEachForItself_AndSmoothedTargetsByTheirHalf()
    {
        Tensor x = Tensor.From([2f, -1, 3, -2, -2, 1], [2, 3]), y = Tensor.From([0.95f, 0.05f, 0.05f, 0.05f, 0.95f, 0.95f], [2, 3]);
        Assert.That(Of2(new Accuracy()), Is.EqualTo(4 / 6.0));
        Assert.That(Of2(new Precision()), Is.EqualTo(2 / 3.0));
        Assert.That(Of2(new Recall()), Is.EqualTo(2 / 3.0));
        Assert.That(() => new Accuracy().Add(Tensor.Zeros([2]), Tensor.From([0, 7], [2])), Throws.TypeOf<IndexException>().With.Message.Contains("a target is 7"));

        double Of2(Metric metric)
        {
            metric.Add(x, y);
            return metric.Value;
        }
    }

    [Test]
    public void WithoutPositives_AreaIsNaN_AndRecallIsZero()
    {
        Tensor x = Tensor.From([1f, -1, 2], [3]), y = Tensor.From([0, 0, 0], [3]);
        Metric auc = new AreaUnderRoc(), recall = new Recall(), precision = new Precision();
        foreach (var metric in new[] { auc, recall, precision })
        {
            Assert.That(metric.Value, Is.NaN);
            metric.Add(x, y);
        }
        Assert.That((auc.Value, recall.Value, precision.Value), Is.EqualTo((double.NaN, 0.0, 0.0)));
        auc.Reset();
        auc.Add(Tensor.From([1f, float.NaN], [2]), Tensor.From([0, 1], [2]));
        Assert.That(auc.Value, Is.NaN);
        auc.Reset();
        auc.Add(Tensor.Zeros([4]), Tensor.From([0, 1, 1, 0], [4]));
        Assert.That(auc.Value, Is.EqualTo(0.5), "all outputs equal");
    }

    [Test]
    public void TopK_AgainstASort([Values(1, 2, 5)] int k)
    {
        var (actual, _, x, y) = Draw(5, 8);
        float[] all = x.ToArray();
        int right = Enumerable.Range(0, N).Count(i => Enumerable.Range(0, 5).OrderByDescending(c => all[5 * i + c]).Take(k).Contains(actual[i]));
        Assert.That(Of(new TopKAccuracy(k), x, y), Is.EqualTo(right / (double)N));
    }

    [Test]
    public void R2_FarFromZero_KeepsItsDigits_AndOfEqualTargetsIsFinite()
    {
        float[] t = [.. Enumerable.Range(0, N).Select(i => 1_000_000f + i % 4)], o = [.. t.Select((v, i) => v + (i % 2 == 0 ? 0.5f : -0.5f))];
        double mean = t.Select(v => (double)v).Average(), expected = 1 - o.Zip(t).Sum(v => Math.Pow((double)v.First - v.Second, 2)) / t.Sum(v => Math.Pow(v - mean, 2));
        Assert.That(Of(new R2(), Tensor.From(o, [N]), Tensor.From(t, [N])), Is.EqualTo(expected).Within(1e-9));
        Assert.That(Equal(1, 1), Is.EqualTo(1.0));
        Assert.That(Equal(1, 2), Is.EqualTo(0.0));

        static double Equal(float target, float output)
        {
            var metric = new R2();
            Assert.That(metric.Value, Is.NaN);
            metric.Add(Tensor.Full([3], output), Tensor.Full([3], target));
            return metric.Value;
        }
    }
}
