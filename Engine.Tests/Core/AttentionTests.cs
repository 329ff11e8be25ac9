using Engine.Core;
using Engine.Kernels;

namespace Engine.Tests.Core;

public class AttentionTests
{
    private static Tensor Zeros(params int[] shape) => Tensor.Zeros(shape);

    [Test]
    public void Attention_IsTheSoftmaxOfScaledProducts_TimesTheValues()
    {
        var rng = new Rng(1);
        Tensor q = Tensor.Normal([2, 5, 12], rng), k = Tensor.Normal([2, 7, 12], rng), v = Tensor.Normal([2, 7, 9], rng);
        var y = q.Attention(k, v, 3);
        Tensor Heads(Tensor x) => x.Reshape(2, x.Shape[1], 3, x.Shape[2] / 3).Permute(0, 2, 1, 3);
        var p = (Heads(q).MatMul(Heads(k), transposeOther: true) / 2).Softmax();
        var expected = p.MatMul(Heads(v)).Permute(0, 2, 1, 3).Reshape(2, 5, 9);
        Assert.That(y.ToArray(), Is.EqualTo(expected.ToArray()).Within(1e-6));
    }

    [Test]
    public void SelfAttention_IsAttention_OfThePartsSideBySide()
    {
        var x = Tensor.Normal([2, 6, 4 * 3 + 2 * 2 * 3], new Rng(2));
        var parts = x.Split(2, 12, 6, 6);
        var options = new AttentionOptions { KeyHeads = 2, Causal = true };
        Assert.That(x.SelfAttention(4, options).ToArray(), Is.EqualTo(parts[0].Attention(parts[1], parts[2], 4, options).ToArray()));
    }

    [Test]
    public void Attention_WithPast_IsTheRowsOfTheWhole()
    {
        var rng = new Rng(3);
        Tensor q = Tensor.Normal([2, 40, 16], rng), k = Tensor.Normal([2, 40, 16], rng), v = Tensor.Normal([2, 40, 16], rng);
        float[] whole = q.Attention(k, v, 2, new() { Causal = true }).ToArray();
        for (int t = 0; t < 40; t += 3)
        {
            float[] row = q.Narrow(1, t, 1).Attention(k, v, 2, new() { Causal = true, Past = t }).ToArray();
            for (int b = 0; b < 2; b++) Assert.That(row[(b * 16)..(b * 16 + 16)], Is.EqualTo(whole[((b * 40 + t) * 16)..((b * 40 + t + 1) * 16)]).Within(1e-6));
        }
    }

    [Test]
    public void Dropout_KeepsTheMean_AndItsShare()
    {
        // All weights are 1/S and all values 1: the result is the share kept over 1 − rate.
        const int S = 64, T = 400;
        Tensor q = Zeros(1, T, 8), k = Zeros(1, S, 8), v = Tensor.Ones([1, S, 8]);
        var y = q.Attention(k, v, 2, new() { Dropout = 0.25, Rng = new Rng(4) }).ToArray();
        var kept = y.Where((_, i) => i % 4 == 0).Select(x => x * 0.75).ToArray();
        Assert.That(kept.Average(), Is.EqualTo(0.75).Within(0.01));
        Assert.That(kept.Select(x => x * S), Is.All.Matches<double>(x => Math.Abs(x - Math.Round(x)) < 1e-3));
        double deviation = kept.Average(x => Math.Pow(x - 0.75, 2));
        Assert.That(deviation, Is.EqualTo(0.75 * 0.25 / S).Within(0.0006));
    }

    [Test]
    public void Dropout_DrawsFromItsStream()
    {
        Tensor x = Tensor.Normal([1, 9, 24], new Rng(5));
        var rng = new Rng(6);
        float[] Draw(Rng from) => x.SelfAttention(2, new() { Dropout = 0.5, Rng = from }).ToArray();
        float[] first = Draw(rng), second = Draw(rng);
        Assert.That(second, Is.Not.EqualTo(first));
        Assert.That(rng.Position, Is.EqualTo(2 * 2 * 9 * 12));
        Assert.That(Draw(new Rng(6)), Is.EqualTo(first));
    }

    [TestCase(1)]
    [TestCase(3)]
    [TestCase(7)]
    public void Bits_DoNotDependOnThreads(int threads)
    {
        using CpuDevice one = new(1), many = new(threads);
        Assert.That(Run(many), Is.EqualTo(Run(one)));

        static float[] Run(Device device)
        {
            var rng = new Rng(7);
            Tensor q = Tensor.Normal([2, 150, 40], rng).To(device).WithGrad(), k = Tensor.Normal([2, 301, 20], rng).To(device).WithGrad(), v = Tensor.Normal([2, 301, 34], rng).To(device).WithGrad();
            var y = q.Attention(k, v, 4, new() { KeyHeads = 2, Causal = true, Dropout = 0.1, Rng = new Rng(8) });
            var gradients = Autograd.Gradients((y * y).Sum(), [q, k, v]);
            return [.. y.ToArray(), .. gradients.SelectMany(g => g.ToArray())];
        }
    }

    [Test]
    public void ManyQueries_HaveTheGradients_OfTheirParts()
    {
        // The whole has more of dq than a thread keeps in its own room, and each part has less.
        const int T = 8200, Part = T / 2;
        var rng = new Rng(9);
        Tensor q = Tensor.Normal([1, T, 32], rng).WithGrad(), k = Tensor.Normal([1, 5, 32], rng), v = Tensor.Normal([1, 5, 32], rng);
        Tensor Gradient(Tensor queries) => Autograd.Gradients((queries.Attention(k, v, 1) * queries).Sum(), [queries])[0];
        float[] parts = [.. new[] { 0, Part }.SelectMany(first => Gradient(q.Detach().Narrow(1, first, Part).Detach().WithGrad()).ToArray())];
        Assert.That(Gradient(q).ToArray(), Is.EqualTo(parts).Within(1e-6));
    }

    [Test]
    public void HiddenQueries_GiveZeros_AndNoGradient()
    {
        var x = Tensor.Normal([1, 5, 24], new Rng(9)).WithGrad();
        var mask = Tensor.From((byte[])[.. Enumerable.Range(0, 25).Select(i => (byte)(i / 5 == 3 ? 0 : 1))], [5, 5]);
        var y = x.SelfAttention(2, mask: mask);
        Assert.That(y[0, 3].ToArray(), Is.All.Zero);
        Assert.That(y.ToArray(), Is.All.Matches<float>(float.IsFinite));
        y.Sum().Backward();
        Assert.That(x.Grad![0, 3].ToArray()[..8], Is.All.Zero);
        Assert.That(x.Grad!.ToArray(), Is.All.Matches<float>(float.IsFinite));
    }

    [Test]
    public void KeyLengths_MayChange_AfterForward()
    {
        var x = Tensor.Normal([2, 5, 24], new Rng(10)).WithGrad();
        int[] lengths = [3, 5];
        var y = x.SelfAttention(2, new() { KeyLengths = lengths }).Sum();
        var expected = Autograd.Gradients(x.SelfAttention(2, new() { KeyLengths = [3, 5] }).Sum(), [x])[0].ToArray();
        lengths.AsSpan().Fill(1);
        Assert.That(Autograd.Gradients(y, [x])[0].ToArray(), Is.EqualTo(expected));
    }

    [TestCase(0, 2)]
    [TestCase(2, 0)]
    public void HeadsOfNothing_AreRefused(int d, int e)
    {
        var device = TestDevices.Get("cpu");
        var x = new Matrices(Tensor.Zeros([8]).View, 2, 1, 0, 0);
        var sums = Tensor.Zeros([4]).View;
        Assert.That(() => device.AttentionForward(new(x, x, x), x, sums, new(1, 1, 1, 2, 2, d, e)), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => device.AttentionBackward(new(x, x, x), x, sums, x, x, x, x, new(1, 1, 1, 2, 2, d, e)), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void PackedKeys_BeyondAnInt_AreRefused()
    {
        // One head's panels hold 40,000 keys of 120,000 numbers: unchecked, their count wraps to one that looks right.
        const int S = 40_000, D = 120_000;
        var rows = new Matrices(Tensor.Zeros([D]).View, 0, 1, 0, 0);
        var y = Tensor.Zeros([9]);
        Assert.That(() => y.Device.AttentionForward(new(rows, rows, rows), new(y.View, 1, 1, 9, 9), Tensor.Zeros([18]).View, new(1, 1, 1, 9, S, D, 1)),
            Throws.TypeOf<OverflowException>());
    }

    [Test]
    public void ACancelledPass_ReleasesItsRoom()
    {
        using var device = new CpuDevice(2);
        var x = Tensor.Normal([1, 600, 24], new Rng(1)).To(device);
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        var sizes = new AttentionSizes(1, 1, 1, 600, 600, 8, 8);
        Matrices Part(int first) => new(x.View.Slice(first, x.Count - first), 24, 1, 0, 0);
        Tensor y = Tensor.Zeros([600, 8], device), softmax = Tensor.Zeros([600, 2], device);
        long before = device.BytesInUse;
        using (Cancellation.Begin(cancelled.Token))
            Assert.That(() => device.AttentionForward(new(Part(0), Part(8), Part(16)), new(y.View, 8, 1, 0, 0), softmax.View, sizes), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(device.BytesInUse, Is.EqualTo(before));
    }

    [Test]
    public void Heads_MustDivide()
    {
        Assert.That(() => Zeros(2, 3, 10).Attention(Zeros(2, 3, 10), Zeros(2, 3, 10), 3), Throws.TypeOf<ShapeException>().With.Message.Contains("(2, 3, 10)").And.Message.Contains("multiple of 3 heads"));
        Assert.That(() => Zeros(2, 3, 12).Attention(Zeros(2, 3, 8), Zeros(2, 3, 8), 3, new() { KeyHeads = 2 }), Throws.TypeOf<ArgumentException>().With.Message.Contains("3 query heads").And.Message.Contains("2 key heads"));
        Assert.That(() => Zeros(2, 3, 10).SelfAttention(2), Throws.TypeOf<ShapeException>().With.Message.Contains("SelfAttention").And.Message.Contains("multiple of 6"));
        Assert.That(() => Zeros(2, 3, 10).SelfAttention(0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => Zeros(2, 3, 12).Attention(Zeros(2, 3, 6), Zeros(2, 3, 6), 2), Throws.TypeOf<ShapeException>().With.Message.Contains("KeyHeads"));
    }

    [Test]
    public void Shapes_MustAgree()
    {
        var q = Zeros(2, 3, 12);
        Assert.That(() => Zeros(3, 12).Attention(q, q, 2), Throws.TypeOf<ShapeException>().With.Message.Contains("3 axes"));
        Assert.That(() => q.Attention(Zeros(1, 3, 12), q, 2), Throws.TypeOf<ShapeException>().With.Message.Contains("(1, 3, 12)").And.Message.Contains("(2, S, 12)"));
        Assert.That(() => q.Attention(q, Zeros(2, 4, 12), 2), Throws.TypeOf<ShapeException>().With.Message.Contains("values (2, 4, 12)"));
        Assert.That(() => q.Attention(q, q.Cast(DType.Float16), 2), Throws.TypeOf<DTypeException>().With.Message.Contains("values"));
    }

    [TestCase(2, 2, 3, 4)]
    [TestCase(3, 1, 3, 3)]
    [TestCase(2, 2, 2, 3)]
    [TestCase(1, 1, 1, 1)]
    [TestCase(1, 1, 1, 3, 3)]
    public void Masks_MustFit(params int[] shape)
        => Assert.That(() => Zeros(2, 3, 12).SelfAttention(2, mask: Zeros(shape)), Throws.TypeOf<ShapeException>().With.Message.Contains("(2, 2, 3, 3)").And.Message.Contains($"({string.Join(", ", shape)})"));

    [Test]
    public void Masks_AreFlagsOrNumbers_WithoutGradient()
    {
        var x = Zeros(2, 3, 12);
        Assert.That(() => x.SelfAttention(2, mask: Tensor.From([1, 1, 1], [3])), Throws.TypeOf<DTypeException>().With.Message.Contains("Int32"));
        Assert.That(() => x.SelfAttention(2, mask: Zeros(3).WithGrad()), Throws.TypeOf<GraphException>().With.Message.Contains("Detach"));
    }

    [Test]
    public void Options_MustMakeSense()
    {
        var x = Zeros(2, 3, 12);
        Assert.That(() => x.SelfAttention(2, new() { KeyLengths = [3, 4] }), Throws.TypeOf<SequenceException>().With.Message.Contains("sequence 1").And.Message.Contains("0 to 3"));
        Assert.That(() => x.SelfAttention(2, new() { KeyLengths = [-1, 3] }), Throws.TypeOf<SequenceException>().With.Property("Row").EqualTo(0));
        Assert.That(() => x.SelfAttention(2, new() { KeyLengths = [3] }), Throws.TypeOf<ShapeException>().With.Message.Contains("1 key lengths for a batch of 2"));
        Assert.That(() => x.SelfAttention(2, new() { Past = 0 }), Throws.TypeOf<ArgumentException>().With.Message.Contains("Set Causal"));
        Assert.That(() => x.SelfAttention(2, new() { Causal = true, Past = 1 }), Throws.TypeOf<ArgumentException>().With.Message.Contains("0..0"));
        Assert.That(() => x.SelfAttention(2, new() { Dropout = 1, Rng = new Rng(1) }), Throws.TypeOf<ArgumentException>());
        Assert.That(() => x.SelfAttention(2, new() { Dropout = double.NaN, Rng = new Rng(1) }), Throws.TypeOf<ArgumentException>());
        Assert.That(() => x.SelfAttention(2, new() { Dropout = 0.1 }), Throws.TypeOf<ArgumentException>().With.Message.Contains("Rng"));
        Assert.That(() => x.SelfAttention(2, new() { Scale = double.NaN }), Throws.TypeOf<ArgumentException>().With.Message.Contains("scale"));
    }

    [Test]
    public void Gradients_OfOneKeyHead_TakeNoMoreThanTheirBudget()
    {
        // 16 parts of the keys, each with a dq of 34 MB, would be 537 MB. One key counts, so that there is little to compute.
        const int T = 2048, Heads = 64, S = 2048;
        using var device = new CpuDevice(2);
        var rng = new Rng(1);
        Tensor q = Tensor.Normal([1, T, Heads * 64], rng, device: device).WithGrad(), k = Tensor.Normal([1, S, 64], rng, device: device).WithGrad(), v = Tensor.Normal([1, S, 1], rng, device: device).WithGrad();
        var loss = q.Attention(k, v, Heads, new() { KeyHeads = 1, KeyLengths = [1] }).Sum();
        long before = device.BytesReserved;
        var gradients = Autograd.Gradients(loss, [q, k, v]);
        Assert.That(device.BytesReserved - before, Is.LessThan(400_000_000));
        Assert.That(gradients[2].ToArray()[0], Is.EqualTo(T * Heads).Within(1));
        Assert.That(gradients[2].ToArray()[1..], Is.All.Zero);
    }

    [Test]
    public void Memory_IsLinearInLength()
    {
        long[] bytes = [.. new[] { 1024, 2048, 4096 }.Select(Reserved)];
        Assert.That(bytes[1], Is.LessThanOrEqualTo(2.1 * bytes[0]));
        Assert.That(bytes[2], Is.LessThanOrEqualTo(2.1 * bytes[1]));
        // One head's weights alone would be 67 MB.
        Assert.That(bytes[2], Is.LessThan(20_000_000));

        static long Reserved(int length)
        {
            using var device = new CpuDevice(2);
            var x = Tensor.Normal([1, length, 24], new Rng(1)).To(device).WithGrad();
            using var scope = device.Scope();
            Autograd.Gradients(x.SelfAttention(2, new() { Dropout = 0.1, Rng = new Rng(2) }).Sum(), [x]);
            return device.BytesReserved;
        }
    }
}
