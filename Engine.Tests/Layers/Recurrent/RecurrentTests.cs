using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests.Layers.Recurrent;

[TestFixture("rnn")]
[TestFixture("gru")]
[TestFixture("lstm")]
public class RecurrentTests(string kind)
{
    private static readonly Tensor X = Tensor.Normal([4, 6, 3], new Rng(2));
    private static readonly int[] Lengths = [2, 6, 1, 4];

    private static Tensor Reversed(Tensor x, int length) => length == x.Shape[1] ? x.Flip(1) : Tensor.Concat([x[.., ..length].Flip(1), x[.., length..]], 1);

    [Test]
    public void OneLayer_IsTheFormula_WithInitialStates()
    {
        var layer = Made.Layer(kind, 3, 5);
        var state = Made.State(kind, 1, 4, 5);
        var (y, last) = layer.Run(X, Pass.Inference, state);
        float[][] w = [.. layer.Parameters.Select(p => p.Value.ToArray())];
        for (int b = 0; b < 4; b++)
        {
            double[][] want = RecurrentLoop.Run(kind, Made.Steps(X[b]), w[0], w[1], w[2], w[3], state.Hidden[0, b].ToArray<double>(), state.Cell?[0, b].ToArray<double>() ?? new double[5]);
            Assert.That(Made.Steps(y[b]), Is.EqualTo(want).Within(1e-5));
            Assert.That(last.Hidden[0, b].ToArray<double>(), Is.EqualTo(want[^1]).Within(1e-5));
        }
    }

    [Test]
    public void Parameters_AreNamedAndShapedAsPyTorchs()
    {
        int gates = kind switch { "lstm" => 4, "gru" => 3, _ => 1 };
        var expected = new List<(string, Shape)>();
        foreach (string suffix in new[] { "_l0", "_l0_reverse", "_l1", "_l1_reverse" })
            expected.AddRange([($"weight_ih{suffix}", new Shape(gates * 5, suffix.StartsWith("_l0", StringComparison.Ordinal) ? 3 : 10)), ($"weight_hh{suffix}", new Shape(gates * 5, 5)), ($"bias_ih{suffix}", new Shape(gates * 5)), ($"bias_hh{suffix}", new Shape(gates * 5))]);
        var layer = Made.Layer(kind, 3, 5, layers: 2, bidirectional: true);
        Assert.That(layer.State().Select(s => (s.Key, s.Value.Shape)), Is.EqualTo(expected));
        Assert.That(layer.Parameters.SelectMany(p => p.Value.ToArray()).Max(Math.Abs), Is.InRange(0.9 / Math.Sqrt(5), 1 / Math.Sqrt(5)));
        Assert.That(Made.Layer(kind, 3, 5, bias: false).State().Select(s => s.Key), Is.EqualTo(new[] { "weight_ih_l0", "weight_hh_l0" }));
    }

    [Test]
    public void StateDict_LoadsByName_FromSafetensors()
    {
        using var folder = new TemporaryFolder();
        var saved = Made.Layer(kind, 3, 5, layers: 2, bidirectional: true);
        Safetensors.Save(Path.Combine(folder.Path, "w"), saved.State().Select(s => KeyValuePair.Create(s.Key, s.Value.Value)).Reverse());
        var loaded = Made.Layer(kind, 3, 5, layers: 2, bidirectional: true, seed: 9);
        Assert.That(loaded.Predict(X).ToArray(), Is.Not.EqualTo(saved.Predict(X).ToArray()));
        loaded.LoadWeights(Path.Combine(folder.Path, "w"));
        Assert.That(loaded.Predict(X).ToArray(), Is.EqualTo(saved.Predict(X).ToArray()));
    }

    [Test]
    public void KerasInit_IsOrthogonal_WithZeroBiases_AndOneForTheForgetGate()
    {
        float[][] w = [.. Made.Layer(kind, 3, 5, init: RecurrentInit.Keras).Parameters.Select(p => p.Value.ToArray())];
        double[] lengths = [.. Enumerable.Range(0, 5).Select(j => w[1].Chunk(5).Sum(row => (double)row[j] * row[j]))];
        Assert.That(lengths, Is.All.EqualTo(1).Within(1e-5));
        float[] bias = new float[w[2].Length];
        if (kind == "lstm") Array.Fill(bias, 1, 5, 5);
        Assert.That(w[2], Is.EqualTo(bias));
        Assert.That(w[3], Is.All.Zero);
    }

    [Test]
    public void PaddedSequences_AreEachAsAlone_InAnyOrder([Values(1, 2)] int layers, [Values] bool bidirectional)
    {
        var layer = Made.Layer(kind, 3, 5, layers, bidirectional);
        var state = Made.State(kind, layers * (bidirectional ? 2 : 1), 4, 5);
        var (y, last) = layer.Run(X, Made.With(Lengths), state);
        Assert.That(layer.Forward(X, Made.With(Lengths)).ToArray(), Is.EqualTo(layer.Run(X, Made.With(Lengths)).Outputs.ToArray()));
        for (int b = 0; b < 4; b++)
        {
            var own = new RecurrentState(state.Hidden.Narrow(1, b, 1), state.Cell?.Narrow(1, b, 1));
            var (alone, end) = layer.Run(X[b..(b + 1), ..Lengths[b]], Pass.Inference, own);
            Assert.That(y[b, ..Lengths[b]].ToArray(), Is.EqualTo(alone.ToArray()).Within(1e-6));
            Assert.That(y[b, Lengths[b]..].ToArray(), Is.All.Zero);
            Assert.That(last.Hidden.Narrow(1, b, 1).ToArray(), Is.EqualTo(end.Hidden.ToArray()).Within(1e-6));
            if (kind == "lstm") Assert.That(last.Cell!.Narrow(1, b, 1).ToArray(), Is.EqualTo(end.Cell!.ToArray()).Within(1e-6));
        }
    }

    [Test]
    public void PackedSequences_GiveWhatPaddedOnesDo()
    {
        var layer = Made.Layer(kind, 3, 5, layers: 2, bidirectional: true);
        var state = Made.State(kind, 4, 4, 5);
        var (padded, last) = layer.Run(X, Made.With(Lengths), state);
        var (packed, end) = layer.Run(PackedSequence.Pack(X, Lengths), Pass.Inference, state);
        Assert.That(packed.Unpack().ToArray(), Is.EqualTo(padded.ToArray()));
        Assert.That(end.Hidden.ToArray(), Is.EqualTo(last.Hidden.ToArray()));
        Assert.That(packed.Rows.Shape, Is.EqualTo(new Shape(13, 10)));
    }

    [Test]
    public void Lengths_ChangeNothingWherePaddingIsNone_AndPaddingIsNeverRead()
    {
        var layer = Made.Layer(kind, 3, 5, bidirectional: true);
        Assert.That(layer.Forward(X, Made.With(6, 6, 6, 6)).ToArray(), Is.EqualTo(layer.Predict(X).ToArray()));
        float[] numbers = X.ToArray();
        for (int b = 0; b < 4; b++) numbers.AsSpan((b * 6 + Lengths[b]) * 3, (6 - Lengths[b]) * 3).Fill(float.NaN);
        Assert.That(layer.Forward(Tensor.From(numbers, X.Shape), Made.With(Lengths)).ToArray(), Is.EqualTo(layer.Forward(X, Made.With(Lengths)).ToArray()));
    }

    [Test]
    public void LengthsThatAreHalfEmpty_TakeUnderSixTenthsOfTheMemory()
    {
        int[] lengths = [.. Enumerable.Range(0, 20).Select(b => 1 + b * 7 % 20 * 2)];
        long padded = Reserved(null), packed = Reserved(lengths);
        TestContext.Out.WriteLine($"{packed:N0} of {padded:N0} bytes for {lengths.Sum()} of {20 * 40} steps");
        Assert.That(packed, Is.LessThan(0.6 * padded));

        long Reserved(int[]? lengths)
        {
            using var device = new CpuDevice(1);
            var layer = Made.Layer(kind, 16, 64, layers: 2, bidirectional: true, returnSequences: false).To(device);
            var x = Tensor.Zeros([20, 40, 16], device).WithGrad();
            using var scope = device.Scope();
            layer.Forward(x, Pass.Inference.WithLengths(lengths)).Sum().Backward();
            return device.BytesReserved;
        }
    }

    [Test]
    public void Gradients_AreThoseOfFiniteDifferences_WithLengthsAndStates()
    {
        var layer = Made.Layer(kind, 2, 3, layers: 2, bidirectional: true).To(TestDevices.Reference);
        var state = Made.State(kind, 4, 3, 3);
        Tensor[] inputs = [Tensor.Normal([3, 4, 2], new Rng(3)), state.Hidden, state.Cell ?? state.Hidden];
        inputs = [.. inputs.Select(t => t.To(TestDevices.Reference).WithGrad())];
        double worst = GradientCheck.Run(i =>
        {
            var (y, last) = layer.Run(i[0], Made.With(2, 4, 3), new RecurrentState(i[1], kind == "lstm" ? i[2] : null));
            return Tensor.Concat([y.Flatten(), last.Hidden.Flatten(), (last.Cell ?? i[2]).Flatten()]);
        }, inputs);
        Assert.That(worst, Is.LessThan(1e-6));
    }

    [Test]
    public void EveryDevice_GivesTheReferencesOutputsAndGradients([ValueSource(typeof(TestDevices), nameof(TestDevices.Compared))] string device)
    {
        double[][] want = On(TestDevices.Reference), found = On(TestDevices.Get(device));
        for (int i = 0; i < want.Length; i++) Assert.That(found[i], Is.EqualTo(want[i]).Within(2e-5));

        double[][] On(Device device)
        {
            var layer = Made.Layer(kind, 3, 5, layers: 2, bidirectional: true).To(device);
            var x = X.To(device).WithGrad();
            var y = layer.Forward(x, Made.With(Lengths));
            (y * y).Sum().Backward();
            return [y.ToArray<double>(), x.Grad!.ToArray<double>(), .. layer.Parameters.Select(p => p.Grad!.ToArray<double>())];
        }
    }

    [Test]
    public void ASequenceCutInTwo_GoesOnFromItsState()
    {
        var layer = Made.Layer(kind, 3, 5, layers: 2);
        var (whole, end) = layer.Run(X, Pass.Inference);
        var (first, state) = layer.Run(X[.., ..2], Pass.Inference);
        var (second, last) = layer.Run(X[.., 2..], Pass.Inference, state.Detach());
        Assert.That(Tensor.Concat([first, second], 1).ToArray(), Is.EqualTo(whole.ToArray()).Within(1e-6));
        Assert.That(last.Hidden.ToArray(), Is.EqualTo(end.Hidden.ToArray()).Within(1e-6));
    }

    [Test]
    public void BothDirections_AreTwoRunsByHand()
    {
        var both = Made.Layer(kind, 3, 5, bidirectional: true);
        var (forward, backward) = (Made.Layer(kind, 3, 5, seed: 3), Made.Layer(kind, 3, 5, seed: 4));
        for (int i = 0; i < 4; i++)
        {
            forward.Parameters[i].CopyFrom(both.Parameters[i].Value);
            backward.Parameters[i].CopyFrom(both.Parameters[i + 4].Value);
        }
        for (int b = 0; b < 4; b++)
        {
            var x = X[b..(b + 1)];
            var y = both.Forward(x, Made.With(Lengths[b]));
            var pass = Made.With(Lengths[b]);
            var byHand = Tensor.Concat([forward.Forward(x, pass), Reversed(backward.Forward(Reversed(x, Lengths[b]), pass), Lengths[b])], 2);
            Assert.That(y.ToArray(), Is.EqualTo(byHand.ToArray()).Within(1e-6));
        }
    }

    [Test]
    public void LastState_IsForwardsLast_AndBackwardsAtStep0()
    {
        var all = Made.Layer(kind, 3, 5, layers: 2, bidirectional: true);
        var last = Made.Layer(kind, 3, 5, layers: 2, bidirectional: true, returnSequences: false);
        var y = all.Forward(X, Made.With(Lengths));
        var state = last.Forward(X, Made.With(Lengths));
        Assert.That(state.Shape, Is.EqualTo(new Shape(4, 10)));
        for (int b = 0; b < 4; b++)
        {
            Assert.That(state[b, ..5].ToArray(), Is.EqualTo(y[b, Lengths[b] - 1, ..5].ToArray()));
            Assert.That(state[b, 5..].ToArray(), Is.EqualTo(y[b, 0, 5..].ToArray()));
        }
        Assert.That(Made.Layer(kind, 3, 5, returnSequences: false).Predict(X).Shape, Is.EqualTo(new Shape(4, 5)));
    }

    [Test]
    public void Dropout_IsBetweenLayers_AndOnlyInTraining()
    {
        var (plain, drops) = (Made.Layer(kind, 3, 5, layers: 2), Made.Layer(kind, 3, 5, layers: 2, dropout: 0.5));
        Assert.That(drops.Predict(X).ToArray(), Is.EqualTo(plain.Predict(X).ToArray()));
        float[] one = drops.Forward(X, Pass.Train(new Rng(1))).ToArray();
        Assert.That(one, Is.Not.EqualTo(plain.Predict(X).ToArray()));
        Assert.That(drops.Forward(X, Pass.Train(new Rng(1))).ToArray(), Is.EqualTo(one));
        Assert.That(one, Has.None.Zero);
        var single = Made.Layer(kind, 3, 5, dropout: 0.5);
        Assert.That(single.Forward(X, Pass.Train(new Rng(1))).ToArray(), Is.EqualTo(single.Predict(X).ToArray()));
    }

    [Test]
    public void ACell_TakesTheLayersSteps_OnItsParameters()
    {
        var layer = Made.Layer(kind, 3, 5, layers: 2, bidirectional: true);
        RecurrentCell Cell(int of, bool reverse) => layer switch { Lstm l => l.Cell(of, reverse), Gru g => g.Cell(of, reverse), _ => ((Rnn)layer).Cell(of, reverse) };
        var cell = Cell(0, false);
        Assert.That(cell.State().Select(s => s.Key), Is.EqualTo(new[] { "weight_ih", "weight_hh", "bias_ih", "bias_hh" }));
        Assert.That(cell.Parameters, Is.EqualTo(layer.Parameters.Take(4)));
        Assert.That(cell.Parameters[0].Name, Is.EqualTo("weight_ih_l0"));
        Assert.That(Cell(1, true).Parameters, Is.EqualTo(layer.Parameters.TakeLast(4)));
        Assert.That(() => Cell(2, false), Throws.TypeOf<ArgumentOutOfRangeException>());
        var single = Made.Layer(kind, 3, 5);
        for (int i = 0; i < 4; i++) single.Parameters[i].CopyFrom(cell.Parameters[i].Value);
        var (y, end) = single.Run(X, Pass.Inference);
        RecurrentState? state = null;
        for (int t = 0; t < 6; t++)
        {
            state = cell.Step(X[.., t], Pass.Inference, state);
            Assert.That(state.Hidden.ToArray(), Is.EqualTo(y[.., t].ToArray()).Within(1e-6));
        }
        if (kind == "lstm") Assert.That(state!.Cell!.ToArray(), Is.EqualTo(end.Cell!.ToArray()).Within(1e-6));
        Assert.That(cell.Predict(X[.., 0]).ToArray(), Is.EqualTo(y[.., 0].ToArray()).Within(1e-6));
    }

    [Test]
    public void States_AreChosenByRow()
    {
        var state = Made.State(kind, 2, 3, 4).Select(Tensor.From([2, 0, 2, 2], [4]));
        var whole = Made.State(kind, 2, 3, 4);
        Assert.That(state.Hidden.Shape, Is.EqualTo(new Shape(2, 4, 4)));
        Assert.That(state.Hidden[1, 0].ToArray(), Is.EqualTo(whole.Hidden[1, 2].ToArray()));
        Assert.That(state.Hidden[0, 1].ToArray(), Is.EqualTo(whole.Hidden[0, 0].ToArray()));
        Assert.That(state.Cell is null, Is.EqualTo(kind != "lstm"));
    }

    [Test]
    public void BadInput_IsRefused_WithTheLayersPathAndTheRow()
    {
        var model = new Sequential { { "rnn", Made.Layer(kind, 3, 5, layers: 2) } };
        var layer = (Engine.Layers.Recurrent)model[0];
        string path = $"rnn ({layer.GetType().Name} 3 -> 5, layers=2): ";
        Assert.That(() => model.Predict(Tensor.Zeros([4, 6, 2])), Throws.TypeOf<ShapeException>().With.Message.EqualTo(path + "the input (4, 6, 2) must be (B, T, 3)."));
        Assert.That(() => model.Predict(Tensor.Zeros([4, 3])), Throws.TypeOf<ShapeException>());
        Assert.That(() => model.Predict(Tensor.Zeros([0, 6, 3])), Throws.TypeOf<ShapeException>().With.Message.Contains("the batch is empty"));
        Assert.That(() => model.Predict(Tensor.Zeros([4, 0, 3])), Throws.TypeOf<ShapeException>().With.Message.Contains("length 0"));
        Assert.That(() => model.Forward(X, Made.With(1, 2, 3)), Throws.TypeOf<ShapeException>().With.Message.StartsWith(path + "3 lengths"));
        Assert.That(Assert.Throws<SequenceException>(() => model.Forward(X, Made.With(1, 2, 0, 3)))!.Row, Is.EqualTo(2));
        Assert.That(Assert.Throws<SequenceException>(() => model.Forward(X, Made.With(1, 2, 3, 7)))!.Message, Does.StartWith(path + "Row 3 of the batch has length 7"));
        Assert.That(() => layer.Run(PackedSequence.Pack(X[.., .., ..2], Lengths), Pass.Inference), Throws.TypeOf<ShapeException>().With.Message.StartsWith(path));
    }

    [Test]
    public void BadStates_AreRefused_AndTheRowIsNamed()
    {
        var layer = Made.Layer(kind, 3, 5, layers: 2);
        Assert.That(() => layer.Run(X, Pass.Inference, Made.State(kind, 1, 4, 5)), Throws.TypeOf<ShapeException>().With.Message.Contains("(2, 4, 5)"));
        Assert.That(() => layer.Run(X, Pass.Inference, Made.State(kind == "lstm" ? "gru" : "lstm", 2, 4, 5)), Throws.TypeOf<ShapeException>().With.Message.Contains("cell"));
        foreach (float bad in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
        {
            float[] numbers = new float[40];
            numbers[20 + 3 * 5 + 2] = bad;
            var state = new RecurrentState(Tensor.From(numbers, [2, 4, 5]), kind == "lstm" ? Tensor.Zeros([2, 4, 5]) : null);
            Assert.That(Assert.Throws<SequenceException>(() => layer.Run(X, Pass.Inference, state))!.Row, Is.EqualTo(3));
            Assert.That(Assert.Throws<SequenceException>(() => layer.Run(X, Made.With(Lengths), state))!.Message, Does.Contain("row 3 of the batch").And.Contain("state 1"));
            if (kind != "lstm") continue;
            var swapped = new RecurrentState(state.Cell!, state.Hidden);
            Assert.That(Assert.Throws<SequenceException>(() => layer.Run(X, Pass.Inference, swapped))!.Message, Does.Contain("cell state of row 3"));
        }
        var cell = new GruCell(3, 2, new Rng(1));
        var nan = new RecurrentState(Tensor.From([0f, 0f, 0f, float.NaN, 0f, 0f, 0f, 0f], [4, 2]));
        Assert.That(Assert.Throws<SequenceException>(() => cell.Step(X[.., 0], Pass.Inference, nan))!.Row, Is.EqualTo(1));
        Assert.That(() => cell.Step(X, Pass.Inference), Throws.TypeOf<ShapeException>().With.Message.Contains("(B, 3)"));
        Assert.That(() => cell.Predict(Tensor.Zeros([0, 3])), Throws.TypeOf<ShapeException>().With.Message.Contains("empty"));
    }

    [Test]
    public void Settings_AreChecked()
    {
        Assert.That(() => Made.Layer(kind, 0, 5), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => Made.Layer(kind, 3, 0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => Made.Layer(kind, 3, 5, layers: 0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => Made.Layer(kind, 3, 5, dropout: 1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new Rnn(3, 5, new Rng(1), Activation.Gelu), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Summary_CountsParametersAndWork()
    {
        var model = new Sequential { Made.Layer(kind, 8, 16, layers: 2, bidirectional: true, returnSequences: false), new Linear(32, 3, new Rng(2)) };
        var summary = model.Summary([4, 10, 8]);
        int gates = kind switch { "lstm" => 4, "gru" => 3, _ => 1 };
        long products = 2L * 4 * 10 * 2 * gates * 16 * (8 + 16 + 32 + 16);
        Assert.That(summary.Root.Children[0].Parameters, Is.EqualTo(2 * gates * 16 * (8 + 16 + 2 + 32 + 16 + 2)));
        Assert.That(summary.Root.Children[0].OutputShape, Is.EqualTo(new Shape(4, 32)));
        Assert.That(summary.Root.Children[0].Flops, Is.InRange(products, products * 1.3));
    }
}
