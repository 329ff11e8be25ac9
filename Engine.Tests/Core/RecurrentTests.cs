using Engine.Core;
using Engine.Kernels;

namespace Engine.Tests.Core;

public class RecurrentTests
{
    /// <summary>One unit, every weight and bias of a gate by hand: i = σ(0.5), f = σ(1), g = tanh(0.25), o = σ(−0.5) in the first step.</summary>
    [Test]
    public void Lstm_OfOneUnit_MatchesHandComputedValues()
    {
        Tensor x = Tensor.From([1.0, -2], [2, 1]), w = Tensor.From([0.5, 1, 0.25, -0.5], [4, 1]), v = Tensor.From([0.1, -0.2, 0.3, 0.4], [4, 1]);
        var y = x.Lstm(w, v, null, null, SequenceLayout.Padded(1, 2));
        // i = 0.62245933, g = 0.24491866, o = 0.37754067: c = i·g (f·0 adds nothing), h = o·tanh c.
        // Then with x = −2: i = σ(−1 + 0.1h), f = σ(−2 − 0.2h), g = tanh(−0.5 + 0.3h), o = σ(1 + 0.4h).
        Assert.Multiple(() =>
        {
            Assert.That(y.Outputs.ToArray<float>(), Is.EqualTo(new[] { 0.05711500, -0.07559688 }).Within(1e-7));
            Assert.That(y.Hidden.Item(), Is.EqualTo(-0.07559688).Within(1e-7));
            Assert.That(y.Cell.Item(), Is.EqualTo(-0.10314347).Within(1e-7));
        });
    }

    // r = σ(0) = ½, z = σ(ln 3) = ¾, n = tanh(½ − ½·(2·½)) = 0 at h0 = ½: h = ¼·0 + ¾·½.
    [Test]
    public void Gru_OfOneUnit_MatchesHandComputedValues()
    {
        Tensor x = Tensor.From([1.0], [1, 1]), w = Tensor.From([0, Math.Log(3), 0.5], [3, 1]), v = Tensor.From([0.0, 0, -2], [3, 1]);
        var y = x.Gru(w, v, null, null, SequenceLayout.Padded(1, 1), h0: Tensor.From([0.5], [1, 1]));
        Assert.That(y.Hidden.Item(), Is.EqualTo(0.375).Within(1e-7));
        // A hidden bias of 1 for n is within what r resets: n = tanh(½ + ½·(−1 + 1)) = tanh ½.
        y = x.Gru(w, v, null, Tensor.From([0.0, 0, 1], [3]), SequenceLayout.Padded(1, 1), h0: Tensor.From([0.5], [1, 1]));
        Assert.That(y.Hidden.Item(), Is.EqualTo(0.25 * 0.46211716 + 0.375).Within(1e-7));
        // And an input bias of 1 is not: n = tanh(½ + 1 − ½).
        y = x.Gru(w, v, Tensor.From([0.0, 0, 1], [3]), null, SequenceLayout.Padded(1, 1), h0: Tensor.From([0.5], [1, 1]));
        Assert.That(y.Hidden.Item(), Is.EqualTo(0.25 * 0.76159416 + 0.375).Within(1e-7));
    }

    [Test]
    public void Rnn_OfOneUnit_MatchesHandComputedValues()
    {
        Tensor x = Tensor.From([1.0, 2, -4], [3, 1]), one = Tensor.From([1.0], [1, 1]), half = Tensor.From([0.5], [1, 1]);
        var layout = SequenceLayout.Padded(1, 3);
        Assert.That(x.Rnn(one, half, null, null, layout, Activation.Relu).Outputs.ToArray<float>(), Is.EqualTo(new[] { 1f, 2.5f, 0 }));
        Assert.That(x.Rnn(one, half, null, null, layout, Activation.Relu, reverse: true).Outputs.ToArray<float>(), Is.EqualTo(new[] { 2f, 2, 0 }));
        Assert.That(x.Rnn(one, half, null, null, layout, Activation.Tanh).Outputs.ToArray<float>()[1], Is.EqualTo(Math.Tanh(2 + 0.5 * Math.Tanh(1))).Within(1e-6));
    }

    // In the last pass the gates' gradients take the gates' place.
    [Test]
    public void WithTheGraphRetained_GradientsAreTheSameAgain([Values(3, 4)] int gates)
    {
        const int units = 17;
        var rng = new Rng(1);
        Tensor x = Tensor.Normal([12, 3], rng).WithGrad(), w = Tensor.Normal([gates * units, 3], rng).WithGrad(), v = Tensor.Normal([gates * units, units], rng).WithGrad();
        var layout = SequenceLayout.Padded(2, 6);
        var y = (gates == 3 ? x.Gru(w, v, null, null, layout) : x.Lstm(w, v, null, null, layout)).Outputs;
        var loss = (y * y).Sum();
        var first = Autograd.Gradients(loss, [x, w, v], retainGraph: true).Select(g => g.ToArray()).ToArray();
        Assert.That(Autograd.Gradients(loss, [x, w, v], retainGraph: true).Select(g => g.ToArray()), Is.EqualTo(first));
        Assert.That(Autograd.Gradients(loss, [x, w, v]).Select(g => g.ToArray()), Is.EqualTo(first));
    }

    [Test]
    public void AfterAFailedLastPass_TheGraphIsUsedUp()
    {
        using var device = new CpuDevice(1);
        Tensor x = Tensor.Ones([12, 100_000], device).WithGrad(), w = Tensor.Zeros([8, 100_000], device), v = Tensor.Zeros([8, 2], device).WithGrad();
        var y = x.Lstm(w, v, null, null, SequenceLayout.Padded(2, 6));
        Tensor outputs = y.Outputs.Sum(), hidden = y.Hidden.Sum();
        device.MemoryBudget = device.BytesReserved + 1_000_000;
        Assert.That(() => outputs.Backward(), Throws.TypeOf<DeviceMemoryException>());     // dx, after the gates are spent
        device.MemoryBudget = long.MaxValue;
        Assert.That(() => hidden.Backward(), Throws.TypeOf<GraphException>());
    }

    [Test]
    public void Layout_Packed_HasTheRowsOfPackedSequence()
    {
        var layout = SequenceLayout.Packed(3, 2, 2);
        Assert.Multiple(() =>
        {
            Assert.That((layout.Batch, layout.Steps, layout.Rows), Is.EqualTo((3, 3, 7)));
            Assert.That(Enumerable.Range(0, 3).Select(layout.Count), Is.EqualTo(new[] { 3, 3, 1 }));
            Assert.That((layout.Row(0, 0), layout.Row(2, 0), layout.Row(0, 1), layout.Row(2, 1), layout.Row(0, 2)), Is.EqualTo((0, 2, 3, 5, 6)));
            Assert.That(() => layout.Row(1, 2), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("Step 2 has 1 sequences"));
            Assert.That(() => layout.Count(3), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(SequenceLayout.Padded(4, 5).Row(2, 3), Is.EqualTo(13));
        });
    }

    [Test]
    public void Layout_RefusesWhatIsNoBatch()
    {
        Assert.Multiple(() =>
        {
            Assert.That(() => SequenceLayout.Packed(2, 3), Throws.ArgumentException.With.Message.Contains("Sequence 1 has length 3").And.Message.Contains("the longest first"));
            Assert.That(() => SequenceLayout.Packed(2, 0), Throws.ArgumentException.With.Message.Contains("Sequence 1 has length 0"));
            Assert.That(() => SequenceLayout.Packed(), Throws.ArgumentException);
            Assert.That(() => SequenceLayout.Padded(2, 0), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("at least one step"));
            Assert.That(() => SequenceLayout.Padded(-1, 2), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => SequenceLayout.Padded(1 << 20, 1 << 20), Throws.InstanceOf<OverflowException>());
        });
    }

    private static Tensor Zeros(params int[] shape) => Tensor.Zeros(shape);

    [Test]
    public void Lstm_RefusesShapesThatDisagree_AndSaysWhich()
    {
        var layout = SequenceLayout.Padded(2, 3);
        Tensor x = Zeros(6, 5), w = Zeros(8, 5), v = Zeros(8, 2);
        Assert.Multiple(() =>
        {
            Refuses(() => Zeros(7, 5).Lstm(w, v, null, null, layout), "must be (6, C)");
            Refuses(() => Zeros(2, 3, 5).Lstm(w, v, null, null, layout), "Reshape (B, T, C)");
            Refuses(() => x.Lstm(Zeros(8, 4), v, null, null, layout), "must be (4H, 5)");
            Refuses(() => x.Lstm(Zeros(5, 8), v, null, null, layout), "transpose");
            Refuses(() => x.Lstm(Zeros(7, 5), v, null, null, layout), "must be (4H, 5)");
            Refuses(() => x.Lstm(Zeros(0, 5), Zeros(0, 0), null, null, layout), "H at least 1");
            Refuses(() => x.Lstm(w, Zeros(8, 3), null, null, layout), "the weight for the state, (8, 3), must be (8, 2)");
            Refuses(() => x.Lstm(w, v, Zeros(2), null, layout), "the bias for the input, (2), must be (8)");
            Refuses(() => x.Lstm(w, v, null, Zeros(2), layout), "the bias for the state");
            Refuses(() => x.Lstm(w, v, null, null, layout, h0: Zeros(3, 2)), "h0, (3, 2), must be (2, 2)");
            Refuses(() => x.Lstm(w, v, null, null, layout, c0: Zeros(2, 3)), "c0, (2, 3), must be (2, 2)");
            Assert.That(() => x.Rnn(Zeros(2, 5), Zeros(2, 2), null, null, layout, Activation.Gelu), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("Tanh or Relu"));
            Assert.That(() => x.Lstm(w, v, null, null, null!), Throws.ArgumentNullException);
            Assert.That(() => x.Gru(Zeros(6, 5), Zeros(6, 2), null, null, layout).Cell, Throws.InvalidOperationException.With.Message.Contains("Hidden"));
        });

        Assert.That(() => x.Cast(DType.Int32).Lstm(w, v, null, null, layout), Throws.TypeOf<DTypeException>().With.Message.StartsWith("Lstm: the input, ").And.Message.Contains("is Int32"));
        Assert.That(() => x.Gru(Zeros(6, 5), Zeros(6, 2), null, Zeros(6).Cast(DType.Int32), layout), Throws.TypeOf<DTypeException>().With.Message.StartsWith("Gru: the bias for the state, "));
        Assert.That(() => x.Rnn(Zeros(2, 5), Zeros(2, 2).Cast(DType.UInt8), null, null, layout), Throws.TypeOf<DTypeException>().With.Message.StartsWith("Rnn: the weight for the state, "));

        static void Refuses(TestDelegate act, string says) => Assert.That(act, Throws.InstanceOf<ShapeException>().With.Message.Contains(says));
    }

    /// <summary>Every sequence of a batch gives what it gives alone, whatever lies beside it; so does a padded batch of the same ones.</summary>
    [TestCase(false)]
    [TestCase(true)]
    public void Packed_GivesEachSequenceWhatItGivesAlone(bool reverse)
    {
        using var device = new CpuDevice(2);
        var rng = new Rng(3);
        int[] lengths = [7, 7, 5, 2, 1];
        const int c = 3, units = 18;
        var layout = SequenceLayout.Packed(lengths);
        Tensor x = Tensor.Normal([layout.Rows, c], rng).To(device), w = Tensor.Normal([4 * units, c], rng).To(device), v = Tensor.Normal([4 * units, units], rng).To(device);
        Tensor h0 = Tensor.Normal([5, units], rng).To(device), c0 = Tensor.Normal([5, units], rng).To(device);
        var all = x.Lstm(w, v, null, null, layout, h0, c0, reverse);
        for (int b = 0; b < lengths.Length; b++)
        {
            int[] rows = [.. Enumerable.Range(0, lengths[b]).Select(t => layout.Row(b, t))];
            var alone = x.GatherRows(Tensor.From(rows, [rows.Length], device)).Lstm(w, v, null, null, SequenceLayout.Padded(1, lengths[b]), h0[b..(b + 1)], c0[b..(b + 1)], reverse);
            Assert.That(all.Outputs.GatherRows(Tensor.From(rows, [rows.Length], device)).ToArray<float>(), Is.EqualTo(alone.Outputs.ToArray<float>()).Within(1e-5f), $"sequence {b}");
            Assert.That(all.Hidden[b].ToArray<float>(), Is.EqualTo(alone.Hidden[0].ToArray<float>()).Within(1e-5f), $"sequence {b}");
            Assert.That(all.Cell[b].ToArray<float>(), Is.EqualTo(alone.Cell[0].ToArray<float>()).Within(1e-5f), $"sequence {b}");
        }
    }

    /// <summary>One thread and several, values and gradients, of batches that are cut in another way for each.</summary>
    [TestCase("Lstm")]
    [TestCase("Gru")]
    [TestCase("Rnn")]
    public void Bits_DoNotDependOnThreads(string cell)
    {
        var expected = Run(1);
        foreach (int threads in new[] { 2, 3, 8 }) Assert.That(Run(threads), Is.EqualTo(expected), $"{threads} threads");

        float[] Run(int threads)
        {
            using var device = new CpuDevice(threads);
            var rng = new Rng(5);
            int[] lengths = [.. Enumerable.Range(0, 37).Select(i => 9 - i / 5)];
            const int units = 33, c = 20;
            int rows = units * cell switch { "Lstm" => 4, "Gru" => 3, _ => 1 };
            var layout = SequenceLayout.Packed(lengths);
            Tensor[] inputs = [Make(layout.Rows, c), Make(rows, c), Make(rows, units), Make(rows), Make(rows), Make(37, units)];
            Tensor x = inputs[0], w = inputs[1], v = inputs[2], bx = inputs[3], bh = inputs[4], h0 = inputs[5];
            var y = cell switch
            {
                "Lstm" => x.Lstm(w, v, bx, bh, layout, h0),
                "Gru" => x.Gru(w, v, bx, bh, layout, h0),
                _ => x.Rnn(w, v, bx, bh, layout, h0: h0),
            };
            var results = new List<float>(y.Outputs.ToArray<float>());
            ((y.Outputs * y.Outputs).Sum() + y.Hidden.Sum()).Backward();
            foreach (var input in inputs) results.AddRange(input.Grad!.ToArray<float>());
            return [.. results];

            Tensor Make(params int[] shape) => (Tensor.Normal(shape, rng) * 0.3).To(device).WithGrad();
        }
    }

    /// <summary>A packed batch holds no more than its rows: with lengths from 40 down to 1, about half of the padded one's.</summary>
    [Test]
    public void Packed_TakesTheMemoryOfItsRows()
    {
        long padded = Peak(SequenceLayout.Padded(40, 40)), packed = Peak(SequenceLayout.Packed([.. Enumerable.Range(0, 40).Select(i => 40 - i)]));
        TestContext.Out.WriteLine($"{packed:N0} of {padded:N0} bytes");
        Assert.That(packed, Is.LessThan(0.6 * padded));

        static long Peak(SequenceLayout layout)
        {
            using var device = new CpuDevice(2);
            using var scope = device.Scope();
            Tensor x = Tensor.Zeros([layout.Rows, 32], device).WithGrad(), w = Tensor.Zeros([256, 32], device).WithGrad(), v = Tensor.Zeros([256, 64], device).WithGrad();
            x.Lstm(w, v, null, null, layout).Outputs.Sum().Backward();
            return device.BytesReserved;
        }
    }
}
