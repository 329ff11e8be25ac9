using Engine.Core;
using Engine.Kernels;

namespace Engine.Tests;

/// <summary>Optimizer steps against the published formulas, written out here in double, several steps long.</summary>
public class InPlaceTests
{
    private const int Steps = 5;
    private static readonly double[] Start = [1.5, -0.25, 3];

    // A gradient that changes with the weights: of Σ w⁴/4 + w.
    private static double[] Gradient(double[] w) => [.. w.Select(x => x * x * x + 1)];

    [TestCase(0, 0, false)]
    [TestCase(0, 0.1, false)]
    [TestCase(0.9, 0.1, false)]
    [TestCase(0.9, 0.1, true)]
    public void Sgd_MatchesPyTorchsFormula(double momentum, double decay, bool nesterov)
    {
        const double rate = 0.01;
        double[] expected = [.. Start], velocity = new double[3];
        Tensor w = Make(Start), v = Make(new double[3]);
        for (int step = 1; step <= Steps; step++)
        {
            var g = Gradient(expected);
            InPlace.Sgd(w, Make(Gradient(w.ToArray<double>())), momentum == 0 ? null : v, rate, momentum, decay, nesterov);
            for (int i = 0; i < 3; i++)
            {
                double d = g[i] + decay * expected[i];
                if (momentum != 0)
                {
                    velocity[i] = step == 1 ? d : momentum * velocity[i] + d;
                    d = nesterov ? d + momentum * velocity[i] : velocity[i];
                }
                expected[i] -= rate * d;
            }
        }
        Assert.That(w.ToArray<double>(), Is.EqualTo(expected).Within(1e-12));
    }

    [Test]
    public void RmsProp_MatchesPyTorchsFormula()
    {
        const double rate = 0.01, alpha = 0.99, epsilon = 1e-8, decay = 0.1;
        double[] expected = [.. Start], square = new double[3];
        Tensor w = Make(Start), s = Make(new double[3]);
        for (int step = 1; step <= Steps; step++)
        {
            var g = Gradient(expected);
            InPlace.RmsProp(w, Make(Gradient(w.ToArray<double>())), s, rate, alpha, epsilon, decay);
            for (int i = 0; i < 3; i++)
            {
                double d = g[i] + decay * expected[i];
                square[i] = alpha * square[i] + (1 - alpha) * d * d;
                expected[i] -= rate * d / (Math.Sqrt(square[i]) + epsilon);
            }
        }
        Assert.That(w.ToArray<double>(), Is.EqualTo(expected).Within(1e-12));
        Assert.That(s.ToArray<double>(), Is.EqualTo(square).Within(1e-12));
    }

    [Test]
    public void Adam_MatchesPyTorchsFormula()
    {
        const double rate = 0.01, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, decay = 0.1;
        double[] expected = [.. Start], first = new double[3], second = new double[3];
        Tensor w = Make(Start), m = Make(new double[3]), v = Make(new double[3]);
        for (int step = 1; step <= Steps; step++)
        {
            var g = Gradient(expected);
            InPlace.Adam(w, Make(Gradient(w.ToArray<double>())), m, v, step, rate, beta1, beta2, epsilon, decay);
            for (int i = 0; i < 3; i++)
            {
                double d = g[i] + decay * expected[i];
                first[i] = beta1 * first[i] + (1 - beta1) * d;
                second[i] = beta2 * second[i] + (1 - beta2) * d * d;
                double mean = first[i] / (1 - Math.Pow(beta1, step)), square = second[i] / (1 - Math.Pow(beta2, step));
                expected[i] -= rate * mean / (Math.Sqrt(square) + epsilon);
            }
        }
        Assert.That(w.ToArray<double>(), Is.EqualTo(expected).Within(1e-12));
        Assert.That(m.ToArray<double>(), Is.EqualTo(first).Within(1e-12));
        Assert.That(v.ToArray<double>(), Is.EqualTo(second).Within(1e-12));
    }

    [Test]
    public void Adam_FirstStep_IsTheLearningRate()
    {
        var w = Tensor.From([1f, 1f], [2]);
        InPlace.Adam(w, Tensor.From([5f, -0.01f], [2]), Tensor.Zeros([2]), Tensor.Zeros([2]), 1, 0.25);
        Assert.That(w.ToArray(), Is.EqualTo(new[] { 0.75f, 1.25f }).Within(1e-6f));
    }

    [TestCaseSource(typeof(TestDevices), nameof(TestDevices.Names))]
    public void Steps_AreSeenByAGraphThatSavedTheOldWeights(string device)
    {
        var on = TestDevices.Get(device);
        Tensor One() => Tensor.Ones([2], on);
        foreach (Action<Tensor> change in (Action<Tensor>[])[
            w => InPlace.Sgd(w, One(), null, 0.1),
            w => InPlace.Sgd(w, One(), One(), 0.1, 0.9),
            w => InPlace.RmsProp(w, One(), One(), 0.1),
            w => InPlace.Adam(w, One(), One(), One(), 1, 0.1),
            w => InPlace.Adagrad(w, One(), One(), 0.1),
            w => InPlace.Adadelta(w, One(), One(), One()),
            w => InPlace.Adamax(w, One(), One(), One(), 1, 0.1),
            w => InPlace.NAdam(w, One(), One(), One(), 1, 0.1, 0.1),
            w => InPlace.Lion(w, One(), One()),
            w => InPlace.Lamb(w, One(), One(), One(), 1, 0.1),
            w => InPlace.Copy(One(), w),
            w => InPlace.Lerp(w, One(), 0.5)])
        {
            var w = One().WithGrad();
            w.Name = "fc.weight";
            var loss = (w * One().WithGrad()).Sum();
            change(w);
            var error = Assert.Throws<GraphException>(() => loss.Backward())!;
            Assert.That(error.Message, Does.Contain("'fc.weight'").And.Contain("changed in place"));
        }
    }

    [Test]
    public void Copy_BetweenDevices_AndWithinOneStorage()
    {
        var target = Tensor.Zeros([2, 2]);
        InPlace.Copy(Tensor.From([1.0, 2, 3, 4], [2, 2], TestDevices.Reference), target);
        Assert.That(target.ToArray(), Is.EqualTo(new[] { 1f, 2, 3, 4 }));
        InPlace.Copy(target[0], target[1]);
        Assert.That(target.ToArray(), Is.EqualTo(new[] { 1f, 2, 1, 2 }));
    }

    [TestCase(0, 1)]
    [TestCase(1, 0)]
    public void SetPart_MayOverlapItself(int from, int to)
    {
        const int n = 100_000;
        var target = Tensor.From([.. Enumerable.Range(0, n + 1).Select(i => (float)i)], [n + 1]);
        InPlace.SetPart(target, 0, to, target.Narrow(0, from, n));
        Assert.That(target.Narrow(0, to, n).ToArray(), Is.EqualTo(Enumerable.Range(from, n).Select(i => (float)i)));
    }

    [Test]
    public void SetPart_WritesOnePartOfAnAxis()
    {
        var target = Tensor.From([1f, 2, 3, 4, 5, 6], [2, 3]);
        int version = target.Storage.Version;
        InPlace.SetPart(target, -1, 1, Tensor.From([7f, 8, 9, 10], [2, 2]));
        Assert.That(target.ToArray(), Is.EqualTo(new[] { 1f, 7, 8, 4, 9, 10 }));
        Assert.That(target.Storage.Version, Is.EqualTo(version + 1));
        InPlace.SetPart(target, 0, 1, Tensor.From([0f, 0, 0], [1, 3]));
        Assert.That(target.ToArray(), Is.EqualTo(new[] { 1f, 7, 8, 0, 0, 0 }));
        InPlace.SetPart(target, 1, 3, Tensor.Zeros([2, 0]));
        Assert.That(() => InPlace.SetPart(target, 1, 2, Tensor.Zeros([2, 2])), Throws.TypeOf<IndexException>().With.Message.Contains("2 from 2 on"));
        Assert.That(() => InPlace.SetPart(target, 1, -1, Tensor.Zeros([2, 2])), Throws.TypeOf<IndexException>());
        Assert.That(() => InPlace.SetPart(target, 1, 0, Tensor.Zeros([1, 2])), Throws.TypeOf<ShapeException>().With.Message.Contains("along axis 1"));
        Assert.That(() => InPlace.SetPart(target, 1, 0, Tensor.Zeros([2])), Throws.TypeOf<ShapeException>());
        Assert.That(() => InPlace.SetPart(target, 1, 0, Tensor.Zeros([2, 1], dtype: DType.Int32)), Throws.TypeOf<DTypeException>());
        Assert.That(() => InPlace.SetPart(target.WithGrad() * target, 1, 0, Tensor.Zeros([2, 1])), Throws.TypeOf<GraphException>());
    }

    [Test]
    public void BadTargets_AreRefused()
    {
        var w = Tensor.Ones([2]).WithGrad();
        Assert.That(() => InPlace.Lerp(w * w, Tensor.Ones([2]), 1), Throws.TypeOf<GraphException>().With.Message.Contains("made by Multiply"));
        Assert.That(() => InPlace.Lerp(w, Tensor.Ones([3]), 1), Throws.TypeOf<ShapeException>().With.Message.Contains("(3) does not fit (2)"));
        Assert.That(() => InPlace.Copy(Tensor.Ones([2], dtype: DType.Int32), w), Throws.TypeOf<DTypeException>());
        Assert.That(() => InPlace.Sgd(w, Tensor.Ones([2]), null, 0.1, momentum: 0.9), Throws.ArgumentException.With.Message.Contains("no velocity"));
        Assert.That(() => InPlace.Adam(w, Tensor.Ones([2]), Tensor.Ones([2]), Tensor.Ones([2]), 0, 0.1), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public unsafe void MemoryOfSomebodyElse_IsNotWritten()
    {
        float[] numbers = GC.AllocateArray<float>(2, pinned: true);
        fixed (float* pointer = numbers)
        {
            var mapped = new Tensor(Device.Cpu.FromMemory(pointer, DType.Float32, 2, numbers), 0, [2]);
            Assert.That(() => InPlace.Copy(Tensor.Ones([2]), mapped), Throws.InvalidOperationException.With.Message.Contains("only read"));
            Assert.That(() => InPlace.Lerp(mapped, Tensor.Ones([2]), 1), Throws.InvalidOperationException);
        }
    }

    private static Tensor Make(double[] values) => Tensor.From(values, [values.Length], TestDevices.Reference);
}
