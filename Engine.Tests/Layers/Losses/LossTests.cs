using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests.Layers.Losses;

/// <summary>Each loss against its formula, written out in double loops here.</summary>
public class LossTests
{
    private static readonly double[] X = Numbers(1, 24), T = Numbers(2, 24), Yes = [.. Numbers(3, 24).Select(v => v > 0 ? 1.0 : 0)];

    public static IEnumerable<TestCaseData> Pairs()
    {
        yield return Case("MeanSquaredError", (x, t, r) => Loss.MeanSquaredError(x, t, r), T, (x, t) => (x - t) * (x - t));
        yield return Case("L1", (x, t, r) => Loss.L1(x, t, r), T, (x, t) => Math.Abs(x - t));
        foreach (double beta in new[] { 0.3, 1, 2.5 })
        {
            yield return Case($"SmoothL1 {beta}", (x, t, r) => Loss.SmoothL1(x, t, beta, r), T, (x, t) => Math.Abs(x - t) < beta ? 0.5 * (x - t) * (x - t) / beta : Math.Abs(x - t) - 0.5 * beta);
            yield return Case($"Huber {beta}", (x, t, r) => Loss.Huber(x, t, beta, r), T, (x, t) => Math.Abs(x - t) <= beta ? 0.5 * (x - t) * (x - t) : beta * (Math.Abs(x - t) - 0.5 * beta));
        }
        yield return Case("SmoothL1 0", (x, t, r) => Loss.SmoothL1(x, t, 0, r), T, (x, t) => Math.Abs(x - t));
        yield return Case("Binary", (x, t, r) => Loss.BinaryCrossEntropyWithLogits(x, t, null, r), Shares(24), (x, t) => -(t * Math.Log(Sigmoid(x)) + (1 - t) * Math.Log(1 - Sigmoid(x))));
        foreach (var (alpha, gamma) in new (double?, double)[] { (0.25, 2), (null, 0.5), (0.9, 0), (0.6, 3.5) })
            yield return Case($"Focal {alpha} {gamma}", (x, t, r) => Loss.BinaryFocalWithLogits(x, t, alpha, gamma, r), Yes, (x, t) =>
            {
                double p = t == 1 ? Sigmoid(x) : 1 - Sigmoid(x), a = alpha is not { } given ? 1 : t == 1 ? given : 1 - given;
                return -a * Math.Pow(1 - p, gamma) * Math.Log(p);
            });
        foreach (double margin in new[] { 1, 0.2 })
            yield return Case($"Hinge {margin}", (x, t, r) => Loss.Hinge(x, t, margin, r), [.. Yes.Select(v => 2 * v - 1)], (x, t) => Math.Max(0, margin - t * x));
        yield return Case("KullbackLeibler", (x, t, r) => Loss.KullbackLeibler(x, t, false, r), Shares(24), (x, t) => t == 0 ? 0 : t * (Math.Log(t) - x));
        yield return Case("KullbackLeibler of logarithms", (x, t, r) => Loss.KullbackLeibler(x, t, true, r), T, (x, t) => Math.Exp(t) * (t - x));

        static TestCaseData Case(string name, Func<Tensor, Tensor, Reduction, Tensor> loss, double[] targets, Func<double, double, double> formula)
            => new TestCaseData(loss, targets, formula).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(Pairs))]
    public void LossOfPairs_IsItsFormula(Func<Tensor, Tensor, Reduction, Tensor> loss, double[] targets, Func<double, double, double> formula)
    {
        double[] each = [.. X.Zip(targets, formula)];
        Tensor x = Of(X, 4, 6), t = Of(targets, 4, 6);
        AssertClose(loss(x, t, Reduction.None), [4, 6], each);
        AssertClose(loss(x, t, Reduction.Sum), [], each.Sum());
        AssertClose(loss(x, t, Reduction.Mean), [], each.Sum() / 24);
        AssertClose(loss(x, t, Reduction.BatchMean), [], each.Sum() / 4);
        Assert.That(() => loss(x, t, (Reduction)9), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => loss(x, t.Reshape(6, 4), Reduction.Sum), Throws.TypeOf<ShapeException>().With.Message.Contains("(4, 6)").And.Message.Contains("(6, 4)").And.Message.Contains("Reshape"));
        Assert.That(() => loss(x, Tensor.Zeros([4, 6], x.Device, DType.Int32), Reduction.Sum), Throws.TypeOf<DTypeException>().With.Message.Contains("Cast"));
        Tensor none = Of([], 0, 6);
        Assert.That(loss(none, none, Reduction.Sum).Item(), Is.Zero);
        Assert.That(() => loss(none, none, Reduction.Mean), Throws.TypeOf<ShapeException>().With.Message.Contains("empty"));
        Assert.That(() => loss(none, none, Reduction.BatchMean), Throws.TypeOf<ShapeException>().With.Message.Contains("empty"));
    }

    [Test]
    public void TwoArguments_AreALossFunction_WithTheUsualSettings()
    {
        Tensor x = Of(X, 4, 6), t = Of(Yes, 4, 6);
        (LossFunction, Tensor)[] same =
        [
            (Loss.MeanSquaredError, Loss.MeanSquaredError(x, t, Reduction.Mean)), (Loss.L1, Loss.L1(x, t, Reduction.Mean)), (Loss.SmoothL1, Loss.SmoothL1(x, t, 1)),
            (Loss.Huber, Loss.Huber(x, t, 1)), (Loss.Hinge, Loss.Hinge(x, t, 1)), (Loss.BinaryCrossEntropyWithLogits, Loss.BinaryCrossEntropyWithLogits(x, t, null)),
            (Loss.BinaryFocalWithLogits, Loss.BinaryFocalWithLogits(x, t, 0.25, 2)), (Loss.KullbackLeibler, Loss.KullbackLeibler(x, t, false, Reduction.BatchMean)),
        ];
        foreach (var (function, expected) in same) Assert.That(function(x, t).Item(), Is.EqualTo(expected.Item()));
        var classes = Classes(5, 0, 2, 3);
        Assert.That(((LossFunction)Loss.CrossEntropy)(x, classes).Item(), Is.EqualTo(Loss.CrossEntropy(x, classes, reduction: Reduction.Sum).Item() / 4).Within(1e-14));
        Assert.That(((LossFunction)Loss.NegativeLogLikelihood)(x, classes).Item(), Is.EqualTo(Loss.NegativeLogLikelihood(x, classes, null).Item()));
        Assert.That(((LossFunction)Loss.MultiClassMargin)(x, classes).Item(), Is.EqualTo(Loss.MultiClassMargin(x, classes, 1).Item()));
    }

    [Test]
    public void Binary_WithWeightsOfYes_IsItsFormula()
    {
        double[] weights = [1, 3, 0.5, 2, 1, 4];
        double[] each = [.. X.Select((x, i) => -(weights[i % 6] * Yes[i] * Math.Log(Sigmoid(x)) + (1 - Yes[i]) * Math.Log(1 - Sigmoid(x))))];
        AssertClose(Loss.BinaryCrossEntropyWithLogits(Of(X, 4, 6), Of(Yes, 4, 6), Of(weights, 6), Reduction.None), [4, 6], each);
        Assert.That(() => Loss.BinaryCrossEntropyWithLogits(Of(X, 4, 6), Of(Yes, 4, 6), Of(weights, 6, 1)), Throws.TypeOf<ShapeException>());
        Assert.That(() => Loss.BinaryCrossEntropyWithLogits(Of([1], 1), Of([1], 1), Of(weights, 6)), Throws.TypeOf<ShapeException>().With.Message.Contains("do not broadcast"));
    }

    [Test]
    public void Focal_OfSharesBetweenYesAndNo_MixesThem()
    {
        double[] t = Shares(24);
        double[] each = [.. X.Zip(t, (x, y) =>
        {
            double p = Sigmoid(x), of = p * y + (1 - p) * (1 - y);
            return (0.3 * y + 0.7 * (1 - y)) * Math.Pow(1 - of, 2) * -(y * Math.Log(p) + (1 - y) * Math.Log(1 - p));
        })];
        AssertClose(Loss.BinaryFocalWithLogits(Of(X, 24), Of(t, 24), 0.3, 2, Reduction.None), [24], each);
    }

    [TestCase(0, false, null)]
    [TestCase(0.1, false, null)]
    [TestCase(0, true, null)]
    [TestCase(0.1, true, null)]
    [TestCase(0, false, -100)]
    [TestCase(0.2, true, -100)]
    [TestCase(0.2, false, 2)]
    [TestCase(1, true, 2)]
    public void CrossEntropy_IsItsFormula(double smoothing, bool weighted, int? ignore)
    {
        int[] classes = ignore == -100 ? [2, -100, 0, 1, -100, 2, 1, 0] : [2, 1, 0, 1, 2, 2, 1, 0];
        double[] weights = weighted ? [0.5, 2, 3] : [1, 1, 1];
        double[] each = new double[8];
        double share = 0;
        for (int n = 0; n < 8; n++)
        {
            if (classes[n] == ignore) continue;
            double[] row = X[(3 * n)..(3 * n + 3)];
            double[] logs = [.. row.Select(v => v - Math.Log(row.Sum(Math.Exp)))];
            each[n] = -(1 - smoothing) * weights[classes[n]] * logs[classes[n]];
            for (int c = 0; c < 3; c++) each[n] -= smoothing / 3 * weights[c] * logs[c];
            share += weights[classes[n]];
        }
        Tensor x = Of(X, 8, 3), t = Classes(classes);
        var w = weighted ? Of(weights, 3) : null;
        AssertClose(Loss.CrossEntropy(x, t, smoothing, w, ignore, Reduction.None), [8], each);
        AssertClose(Loss.CrossEntropy(x, t, smoothing, w, ignore, Reduction.Sum), [], each.Sum());
        AssertClose(Loss.CrossEntropy(x, t, smoothing, w, ignore), [], each.Sum() / share);
        AssertClose(Loss.CrossEntropy(x, t, smoothing, w, ignore, Reduction.BatchMean), [], each.Sum() / 8);

        // A choice at each of two places: (4, 3, 2), the classes on axis 1.
        var places = x.Reshape(4, 2, 3).Permute(0, 2, 1);
        AssertClose(Loss.CrossEntropy(places, t.Reshape(4, 2), smoothing, w, ignore, Reduction.None), [4, 2], each);
        AssertClose(Loss.CrossEntropy(places, t.Reshape(4, 2), smoothing, w, ignore), [], each.Sum() / share);
        if (smoothing == 0) AssertClose(Loss.NegativeLogLikelihood(x.LogSoftmax(), t, w, ignore), [], each.Sum() / share);
    }

    [TestCase(0, false)]
    [TestCase(0.1, true)]
    public void CrossEntropy_OfShares_IsItsFormula(double smoothing, bool weighted)
    {
        double[] weights = weighted ? [0.5, 2, 3] : [1, 1, 1], shares = Shares(24), each = new double[8];
        for (int n = 0; n < 8; n++)
        {
            double[] row = X[(3 * n)..(3 * n + 3)];
            for (int c = 0; c < 3; c++) each[n] -= weights[c] * (shares[3 * n + c] * (1 - smoothing) + smoothing / 3) * (row[c] - Math.Log(row.Sum(Math.Exp)));
        }
        Tensor x = Of(X, 8, 3), t = Of(shares, 8, 3);
        var w = weighted ? Of(weights, 3) : null;
        AssertClose(Loss.CrossEntropy(x, t, smoothing, w, reduction: Reduction.None), [8], each);
        AssertClose(Loss.CrossEntropy(x, t, smoothing, w), [], each.Sum() / 8);
        if (!weighted) AssertClose(Loss.CrossEntropy(x, t), [], each.Sum() / 8);
        Assert.That(() => Loss.CrossEntropy(x, t, smoothing, w, ignoreIndex: 1), Throws.ArgumentException.With.Message.Contains("shares of 0"));
        Assert.That(() => Loss.CrossEntropy(x, t.Reshape(24)), Throws.TypeOf<ShapeException>().With.Message.Contains("Cast them to Int32"));
    }

    [TestCase(1, 1, false)]
    [TestCase(0.4, 2, true)]
    public void MultiClassMargin_IsItsFormula(double margin, int power, bool weighted)
    {
        int[] classes = [2, 1, 0, 1, 2, 2, 1, 0];
        double[] weights = weighted ? [0.5, 2, 3] : [1, 1, 1], each = new double[8];
        for (int n = 0; n < 8; n++)
            for (int c = 0; c < 3; c++)
                if (c != classes[n]) each[n] += weights[classes[n]] * Math.Pow(Math.Max(0, margin - X[3 * n + classes[n]] + X[3 * n + c]), power) / 3;
        var w = weighted ? Of(weights, 3) : null;
        AssertClose(Loss.MultiClassMargin(Of(X, 8, 3), Classes(classes), margin, power, w, Reduction.None), [8], each);
        AssertClose(Loss.MultiClassMargin(Of(X, 8, 3), Classes(classes), margin, power, w), [], each.Sum() / 8);
        Assert.That(() => Loss.MultiClassMargin(Of(X, 8, 3), Classes(classes), margin, 3), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => Loss.MultiClassMargin(Of(X, 8, 3), Classes(1, 2), margin), Throws.TypeOf<ShapeException>());
        Assert.That(() => Loss.MultiClassMargin(Of(X, 2, 3, 4), Classes(1, 2), margin), Throws.TypeOf<ShapeException>());
    }

    [TestCase(0)]
    [TestCase(0.3)]
    public void CosineEmbedding_IsItsFormula(double margin)
    {
        int[] labels = [1, -1, -1, 1];
        double[] each = new double[4];
        for (int n = 0; n < 4; n++)
        {
            double[] a = X[(6 * n)..(6 * n + 6)], b = T[(6 * n)..(6 * n + 6)];
            double cosine = a.Zip(b, (u, v) => u * v).Sum() / Math.Sqrt((a.Sum(v => v * v) + 1e-12) * (b.Sum(v => v * v) + 1e-12));
            each[n] = labels[n] == 1 ? 1 - cosine : Math.Max(0, cosine - margin);
        }
        AssertClose(Loss.CosineEmbedding(Of(X, 4, 6), Of(T, 4, 6), Classes(labels), margin, Reduction.None), [4], each);
        AssertClose(Loss.CosineEmbedding(Of(X, 4, 6), Of(T, 4, 6), Of([1, -1, -1, 1], 4), margin), [], each.Sum() / 4);
        Tensor zeros = Tensor.Zeros([1, 6], TestDevices.Reference).WithGrad();
        var loss = Loss.CosineEmbedding(zeros, Of(T[..6], 1, 6), Of([1], 1));
        Assert.That(loss.Item(), Is.EqualTo(1));
        loss.Backward();
        Assert.That(zeros.Grad!.ToArray<double>(), Is.All.Matches<double>(double.IsFinite));
        Assert.That(() => Loss.CosineEmbedding(Of(X, 4, 6), Of(T, 3, 8), Classes(labels)), Throws.TypeOf<ShapeException>());
        Assert.That(() => Loss.CosineEmbedding(Of(X, 4, 6), Of(T, 4, 6), Classes(1, -1)), Throws.TypeOf<ShapeException>().With.Message.Contains("(4)"));
        Assert.That(() => Loss.CosineEmbedding(Of(X, 4, 6), Of(T, 4, 6), Classes(labels), 1.5), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [TestCase(1, 2, false)]
    [TestCase(0.5, 1, false)]
    [TestCase(3, 3, true)]
    public void TripletMargin_IsItsFormula(double margin, double p, bool swap)
    {
        double[] u = Numbers(4, 24), each = new double[4];
        for (int n = 0; n < 4; n++)
        {
            double apart = Distance(X, u, n);
            if (swap) apart = Math.Min(apart, Distance(T, u, n));
            each[n] = Math.Max(0, Distance(X, T, n) - apart + margin);
        }
        AssertClose(Loss.TripletMargin(Of(X, 4, 6), Of(T, 4, 6), Of(u, 4, 6), margin, p, swap: swap, reduction: Reduction.None), [4], each);
        Assert.That(() => Loss.TripletMargin(Of(X, 4, 6), Of(T, 4, 6), Of(u, 24)), Throws.TypeOf<ShapeException>());
        Assert.That(() => Loss.TripletMargin(Of(X, 4, 6), Of(T, 4, 6), Of(u, 4, 6), p: 0.5), Throws.TypeOf<ArgumentOutOfRangeException>());

        double Distance(double[] a, double[] b, int n) => Math.Pow(Enumerable.Range(6 * n, 6).Sum(i => Math.Pow(Math.Abs(a[i] - b[i] + 1e-6), p)), 1 / p);
    }

    [Test]
    public void LossesOfVectors_AreALossFunction_ByALambda()
    {
        LossFunction cosine = (y, t) => Loss.CosineEmbedding(y[.., 0], y[.., 1], t), triplet = (y, _) => Loss.TripletMargin(y[.., 0], y[.., 1], y[.., 2]);
        var pairs = Of(X, 4, 2, 3).WithGrad();
        cosine(pairs, Of([1, -1, 1, 1], 4)).Backward();
        Assert.That(pairs.Grad!.Shape, Is.EqualTo(new Shape(4, 2, 3)));
        Assert.That(triplet(Of(X, 4, 3, 2), Of([0], 1)).Item(), Is.EqualTo(Loss.TripletMargin(Of(X, 4, 3, 2)[.., 0], Of(X, 4, 3, 2)[.., 1], Of(X, 4, 3, 2)[.., 2]).Item()));
    }

    public static IEnumerable<string> Devices => TestDevices.Names;

    [TestCaseSource(nameof(Devices))]
    public void LogitsOfAThousand_AreNoTrouble(string name)
    {
        var device = TestDevices.Get(name);
        Tensor x = Tensor.From([1000f, -1000f, 1000f, -1000f], [4], device), t = Tensor.From([1f, 0f, 0f, 1f], [4], device);
        Check(x, y => Loss.BinaryCrossEntropyWithLogits(y, t, null, Reduction.None), [0, 0, 1000, 1000], [0, 0, 1, -1]);
        Check(x, y => Loss.BinaryFocalWithLogits(y, t, 0.25, 2, Reduction.None), [0, 0, 750, 250], [0, 0, 0.75, -0.25]);
        Check(x, y => Loss.BinaryFocalWithLogits(y, t, null, 0.5, Reduction.None), [0, 0, 1000, 1000], [0, 0, 1, -1]);
        Tensor rows = Tensor.From([1000f, -1000f, 0f, -1000f, 1000f, 0f], [2, 3], device), classes = Tensor.From([0, 0], [2], device);
        Check(rows, y => Loss.CrossEntropy(y, classes, 0, null, null, Reduction.None), [0, 2000], [0, 0, 0, -1, 1, 0]);
        Check(rows, y => Loss.CrossEntropy(y, classes, 0.3, null, null, Reduction.None), [0.1 * 2000 + 0.1 * 1000, 0.8 * 2000 + 0.1 * 1000], [0.2, -0.1, -0.1, -0.8, 0.9, -0.1]);

        static void Check(Tensor x, Func<Tensor, Tensor> loss, double[] values, double[] gradients)
        {
            var leaf = x.Clone().WithGrad();
            var y = loss(leaf);
            Assert.That(y.ToArray<double>(), Is.EqualTo(values).Within(1e-4));
            y.Sum().Backward();
            Assert.That(leaf.Grad!.ToArray<double>(), Is.EqualTo(gradients).Within(1e-6));
        }
    }

    [Test]
    public void AnIgnoredRow_LeavesNoTrace_EvenOfInfinity()
    {
        var x = Of([double.NegativeInfinity, 1, 2, 0.5, 1, 2], 2, 3).WithGrad();
        var loss = Loss.CrossEntropy(x, Classes(-1, 2), ignoreIndex: -1);
        Assert.That(loss.Item(), Is.EqualTo(Math.Log(Math.Exp(-1.5) + Math.Exp(-1) + 1)).Within(1e-12));
        loss.Backward();
        Assert.That(x.Grad!.ToArray<double>()[..3], Is.All.EqualTo(0.0));
        Assert.That(Loss.CrossEntropy(Of(X, 8, 3), Classes(1, 1, 1, 1, 1, 1, 1, 1), ignoreIndex: 1).Item(), Is.NaN);
    }

    [Test]
    public void Classes_ThatDoNotFit_AreTypedErrors()
    {
        var x = Of(X, 8, 3);
        Assert.That(() => Loss.CrossEntropy(x, Classes(0, 1), 0.1), Throws.TypeOf<ShapeException>().With.Message.Contains("(N, C) and (N)"));
        Assert.That(() => Loss.CrossEntropy(x, Classes(0, 1, 2, 3, 0, 0, 0, 0), 0.1), Throws.TypeOf<IndexException>());
        Assert.That(() => Loss.CrossEntropy(x, Classes(0, 1, 2, -100, 0, 0, 0, 0), 0.1), Throws.TypeOf<IndexException>());
        Assert.That(() => Loss.CrossEntropy(x, Classes(0, 1, 2, 0, 0, 0, 0, 0), 0, Of([1, 2], 2)), Throws.TypeOf<ShapeException>().With.Message.Contains("one for each class"));
        Assert.That(() => Loss.CrossEntropy(x, Classes(0, 1, 2, 0, 0, 0, 0, 0), 1.1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => Loss.NegativeLogLikelihood(x, x), Throws.TypeOf<DTypeException>());
        Assert.That(() => Loss.CrossEntropy(Of([], 0, 3), Tensor.Zeros([0], TestDevices.Reference, DType.Int32), 0.1), Throws.TypeOf<ShapeException>().With.Message.Contains("CrossEntropy").And.Message.Contains("empty"));
        foreach (double bad in new[] { double.NaN, -1, double.PositiveInfinity })
        {
            Assert.That(() => Loss.Huber(x, x, bad), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => Loss.SmoothL1(x, x, bad), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => Loss.Hinge(x, x, bad), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => Loss.BinaryFocalWithLogits(x, x, 0.25, bad), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => Loss.BinaryFocalWithLogits(x, x, bad), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => Loss.MultiClassMargin(x, Classes(0, 1, 2, 0, 0, 0, 0, 0), bad), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => Loss.TripletMargin(x, x, x, bad), Throws.TypeOf<ArgumentOutOfRangeException>());
        }
    }

    private static void AssertClose(Tensor actual, Shape shape, params double[] expected)
    {
        Assert.That(actual.Shape, Is.EqualTo(shape));
        Assert.That(actual.ToArray<double>(), Is.EqualTo(expected).Within(1e-12));
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    private static double[] Numbers(int seed, int count) => [.. Enumerable.Range(0, count).Select(i => 2 * Math.Sin(1.3 * i + 2.1 * seed))];

    private static double[] Shares(int count) => [.. Enumerable.Range(0, count).Select(i => i % 5 == 0 ? 0 : (Math.Sin(0.7 * i) + 1) / 2)];

    private static Tensor Of(double[] values, params int[] shape) => Tensor.From(values, shape, TestDevices.Reference);

    private static Tensor Classes(params int[] classes) => Tensor.From(classes, [classes.Length], TestDevices.Reference);
}
