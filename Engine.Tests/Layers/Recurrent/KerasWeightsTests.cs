using Engine.Core;
using Engine.Layers;

namespace Engine.Tests.Layers.Recurrent;

/// <summary>Arrays as Keras' get_weights() gives them, held against Keras' own formulas in plain loops.</summary>
public class KerasWeightsTests
{
    private const int C = 2, H = 2;
    private static readonly float[] Kernel = [.. Enumerable.Range(0, C * 4 * H).Select(i => 0.1f * (i % 7) - 0.25f)];
    private static readonly float[] RecurrentKernel = [.. Enumerable.Range(0, H * 4 * H).Select(i => 0.15f * (i % 5) - 0.3f)];
    private static readonly float[] Bias = [.. Enumerable.Range(0, 2 * 4 * H).Select(i => 0.05f * (i % 9) - 0.2f)];
    private static readonly float[] X = [0.5f, -1, 0.25f, 2, -0.75f, 1];

    private static Tensor From(float[] numbers, params int[] shape) => Tensor.From(numbers[..shape.Aggregate(1, (a, b) => a * b)], shape);

    private static double Sigmoid(double v) => 1 / (1 + Math.Exp(-v));

    /// <summary>x·kernel + bias, of one column of (n, columns).</summary>
    private static double Column(double[] x, float[] kernel, int columns, int column, double bias) => bias + x.Select((v, i) => kernel[i * columns + column] * v).Sum();

    private static double[][] Steps() => [.. X.Chunk(C).Select(step => Array.ConvertAll(step, v => (double)v))];

    [Test]
    public void Lstm_IsKeras()
    {
        var layer = new Lstm(C, H, new Rng(1));
        layer.LoadKeras(From(Kernel, C, 4 * H), From(RecurrentKernel, H, 4 * H), From(Bias, 4 * H));
        double[] h = new double[H], c = new double[H];
        var want = new List<double>();
        foreach (double[] x in Steps())
        {
            // Keras: i, f, c, o = split(x·kernel + h·recurrent_kernel + bias, 4)
            double[] z = [.. Enumerable.Range(0, 4 * H).Select(k => Column(x, Kernel, 4 * H, k, Bias[k]) + Column(h, RecurrentKernel, 4 * H, k, 0))];
            c = [.. Enumerable.Range(0, H).Select(j => Sigmoid(z[H + j]) * c[j] + Sigmoid(z[j]) * Math.Tanh(z[2 * H + j]))];
            h = [.. Enumerable.Range(0, H).Select(j => Sigmoid(z[3 * H + j]) * Math.Tanh(c[j]))];
            want.AddRange(h);
        }
        Assert.That(layer.Predict(Tensor.From(X, [1, 3, C])).ToArray<double>(), Is.EqualTo(want).Within(1e-6));
        Assert.That(layer.Parameters[3].Value.ToArray(), Is.All.Zero);
        var cell = new LstmCell(C, H, new Rng(2));
        cell.LoadKeras(From(Kernel, C, 4 * H), From(RecurrentKernel, H, 4 * H), From(Bias, 4 * H));
        Assert.That(cell.Predict(Tensor.From(X[..C], [1, C])).ToArray<double>(), Is.EqualTo(want[..H]).Within(1e-6));
    }

    [Test]
    public void Gru_IsKerasWithResetAfter()
    {
        var layer = new Gru(C, H, new Rng(1));
        layer.LoadKeras(From(Kernel, C, 3 * H), From(RecurrentKernel, H, 3 * H), From(Bias, 2, 3 * H));
        double[] h = new double[H];
        var want = new List<double>();
        foreach (double[] x in Steps())
        {
            // Keras: z, r from the sums; hh = tanh(x_h + r·recurrent_h); h' = z·h + (1 − z)·hh
            double[] a = [.. Enumerable.Range(0, 3 * H).Select(k => Column(x, Kernel, 3 * H, k, Bias[k]))];
            double[] u = [.. Enumerable.Range(0, 3 * H).Select(k => Column(h, RecurrentKernel, 3 * H, k, Bias[3 * H + k]))];
            h = [.. Enumerable.Range(0, H).Select(j =>
            {
                double z = Sigmoid(a[j] + u[j]), r = Sigmoid(a[H + j] + u[H + j]);
                return z * h[j] + (1 - z) * Math.Tanh(a[2 * H + j] + r * u[2 * H + j]);
            })];
            want.AddRange(h);
        }
        Assert.That(layer.Predict(Tensor.From(X, [1, 3, C])).ToArray<double>(), Is.EqualTo(want).Within(1e-6));
    }

    [Test]
    public void LiteralNumbers_GoWhereTheyBelong()
    {
        // One input, one unit: the gates of Keras' LSTM are i = 1, f = 2, c = 3, o = 4, of its GRU z = 1, r = 2, h = 3.
        var lstm = new Lstm(1, 1, new Rng(1));
        lstm.LoadKeras(From([1, 2, 3, 4], 1, 4), From([5, 6, 7, 8], 1, 4), From([9, 10, 11, 12], 4));
        Assert.That(lstm.Parameters.Select(p => p.Value.ToArray()), Is.EqualTo(new float[][] { [1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12], [0, 0, 0, 0] }));
        var gru = new Gru(1, 1, new Rng(1));
        gru.LoadKeras(From([1, 2, 3], 1, 3), From([4, 5, 6], 1, 3), From([7, 8, 9, 10, 11, 12], 2, 3));
        Assert.That(gru.Parameters.Select(p => p.Value.ToArray()), Is.EqualTo(new float[][] { [2, 1, 3], [5, 4, 6], [8, 7, 9], [11, 10, 12] }));
        var rnn = new Rnn(2, 3, new Rng(1));
        rnn.LoadKeras(From([1, 2, 3, 4, 5, 6], 2, 3), From([1, 2, 3, 4, 5, 6, 7, 8, 9], 3, 3), From([1, 2, 3], 3));
        Assert.That(rnn.Parameters[0].Value.ToArray(), Is.EqualTo(new float[] { 1, 4, 2, 5, 3, 6 }));
        Assert.That(rnn.Parameters[1].Value.ToArray(), Is.EqualTo(new float[] { 1, 4, 7, 2, 5, 8, 3, 6, 9 }));
    }

    [Test]
    public void EachDirectionAndLayer_IsLoadedAlone()
    {
        var layer = new Lstm(C, H, new Rng(1), layers: 2, bidirectional: true);
        float[][] before = [.. layer.Parameters.Select(p => p.Value.ToArray())];
        layer.LoadKeras(From([.. Kernel, .. Kernel], 2 * H, 4 * H), From(RecurrentKernel, H, 4 * H), layer: 1, reverse: true);
        Assert.That(Enumerable.Range(0, 16).Where(i => !layer.Parameters[i].Value.ToArray().SequenceEqual(before[i])), Is.EqualTo(new[] { 12, 13, 14, 15 }));
        Assert.That(layer.Parameters[14].Value.ToArray(), Is.All.Zero, "use_bias=False");
        Assert.That(() => layer.LoadKeras(From(Kernel, C, 4 * H), From(RecurrentKernel, H, 4 * H), layer: 2), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new Lstm(C, H, new Rng(1)).LoadKeras(From(Kernel, C, 4 * H), From(RecurrentKernel, H, 4 * H), reverse: true), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("bidirectional: true"));
    }

    [Test]
    public void WhatDoesNotFit_IsRefused_AndNothingIsChanged()
    {
        var gru = new Gru(C, H, new Rng(1));
        float[][] before = [.. gru.Parameters.Select(p => p.Value.ToArray())];
        Tensor kernel = From(Kernel, C, 3 * H), recurrent = From(RecurrentKernel, H, 3 * H);
        Assert.That(() => gru.LoadKeras(kernel.Transpose(), recurrent), Throws.TypeOf<ShapeException>().With.Message.Contains("kernel is (6, 2) and must be (2, 6)"));
        Assert.That(() => gru.LoadKeras(kernel, From(RecurrentKernel, 3, 4)), Throws.TypeOf<ShapeException>());
        Assert.That(() => gru.LoadKeras(kernel, recurrent, From(Bias, 3 * H)), Throws.TypeOf<ShapeException>().With.Message.Contains("reset_after=False"));
        Assert.That(() => gru.LoadKeras(kernel, recurrent, From(Bias, 2, 4)), Throws.TypeOf<ShapeException>());
        Assert.That(gru.Parameters.Select(p => p.Value.ToArray()), Is.EqualTo(before));
        Assert.That(() => new Rnn(C, H, new Rng(1), bias: false).LoadKeras(From(Kernel, C, H), From(RecurrentKernel, H, H), From(Bias, H)), Throws.TypeOf<ShapeException>().With.Message.Contains("bias: true"));
    }
}
