using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests.Layers.Transformer;

public class MultiHeadAttentionTests
{
    private const int B = 3, T = 5, S = 6, Width = 8, Heads = 4;

    private static readonly int[] Lengths = [5, 1, 3];

    internal static Tensor Draw(ulong seed, Device? device, params int[] shape) => Tensor.Normal(shape, new Rng(seed), device: device);

    private static MultiHeadAttention Make(bool causal = false, int? headSize = null, int? keyHeads = null, double dropout = 0, bool bias = true, Rotary? rotary = null)
    {
        var made = new MultiHeadAttention(Width, Heads, new Rng(3), dropout, causal, bias, headSize, keyHeads, rotary);
        if (bias) foreach (var (_, parameter) in made.NamedParameters().Where(p => p.Value.Shape.Rank == 1)) parameter.CopyFrom(Draw(9, null, parameter.Shape[0]));
        return made;
    }

    private static double[] Numbers(MultiHeadAttention layer, string name) => layer.NamedParameters().SingleOrDefault(p => p.Key == name).Value?.Value.ToArray<double>() ?? [];

    /// <summary>The paper's formula by loops, of sequences x to memory m of which query t of row b sees key s as told.</summary>
    private static double[] Formula(MultiHeadAttention layer, Tensor x, Tensor m, Func<int, int, int, bool> sees)
    {
        int b = x.Shape[0], t = x.Shape[1], s = m.Shape[1], d = layer.HeadSize, h = layer.Heads, g = layer.KeyHeads;
        double[] weight = Numbers(layer, "in_proj_weight"), bias = Numbers(layer, "in_proj_bias"), outWeight = Numbers(layer, "out_proj.weight"), outBias = Numbers(layer, "out_proj.bias");
        double[] from = x.ToArray<double>(), to = m.ToArray<double>(), y = new double[b * t * Width];
        double Row(int row, double[] of, int place)
        {
            double sum = bias.Length > 0 ? bias[row] : 0;
            for (int i = 0; i < Width; i++) sum += weight[row * Width + i] * of[place * Width + i];
            return sum;
        }
        for (int row = 0; row < b; row++)
            for (int i = 0; i < t; i++)
            {
                var found = new double[h * d];
                for (int head = 0; head < h; head++)
                {
                    int keyHead = head / (h / g);
                    var weights = new double[s];
                    for (int j = 0; j < s; j++)
                    {
                        if (!sees(row, i, j)) continue;
                        double product = 0;
                        for (int n = 0; n < d; n++) product += Row(head * d + n, from, row * t + i) * Row(h * d + keyHead * d + n, to, row * s + j);
                        weights[j] = Math.Exp(product / Math.Sqrt(d));
                    }
                    double sum = weights.Sum();
                    for (int n = 0; n < d && sum > 0; n++)
                        for (int j = 0; j < s; j++) found[head * d + n] += weights[j] / sum * Row((h + g) * d + keyHead * d + n, to, row * s + j);
                }
                for (int o = 0; o < Width; o++)
                {
                    double sum = outBias.Length > 0 ? outBias[o] : 0;
                    for (int n = 0; n < h * d; n++) sum += outWeight[o * h * d + n] * found[n];
                    y[(row * t + i) * Width + o] = sum;
                }
            }
        return y;
    }

    [TestCase(false, null, null, true)]
    [TestCase(true, null, null, false)]
    [TestCase(false, 5, 2, true)]
    [TestCase(true, 3, 1, true)]
    public void Forward_IsThePapersFormula(bool causal, int? headSize, int? keyHeads, bool bias)
    {
        var layer = Make(causal, headSize, keyHeads, bias: bias);
        var x = Draw(1, null, B, T, Width);
        Assert.That(layer.Forward(x, Pass.Inference).ToArray<double>(), Is.EqualTo(Formula(layer, x, x, (_, i, j) => !causal || j <= i)).Within(1e-5));
        Assert.That(layer.Forward(x, Pass.Inference.WithLengths(Lengths)).ToArray<double>(), Is.EqualTo(Formula(layer, x, x, (row, i, j) => j < Lengths[row] && (!causal || j <= i))).Within(1e-5));
    }

    [Test]
    public void Run_ToAMemory_IsThePapersFormula_AndSeesAllOfIt()
    {
        var layer = Make(causal: true, keyHeads: 2);
        Tensor x = Draw(1, null, B, T, Width), memory = Draw(2, null, B, S, Width);
        var y = layer.Run(x, memory, Pass.Inference.WithLengths([1, 1, 1]), Lengths);
        Assert.That(y.ToArray<double>(), Is.EqualTo(Formula(layer, x, memory, (row, _, j) => j < Lengths[row])).Within(1e-5));
        Assert.That(layer.Attend(x, layer.Remember(memory, Pass.Inference, Lengths), Pass.Inference).ToArray(), Is.EqualTo(y.ToArray()));
    }

    [Test]
    public void Masks_HideOrAdd([Values] bool floats)
    {
        var layer = Make();
        var x = Draw(1, null, B, T, Width);
        byte[] seen = [.. Enumerable.Range(0, T * T).Select(i => (byte)(i / T == 2 || i % 3 == 0 ? 0 : 1))];
        var mask = floats ? Tensor.From(seen.Select(flag => flag == 1 ? 0f : float.NegativeInfinity).ToArray(), [T, T]) : Tensor.From(seen, [T, T]);
        Assert.That(layer.Run(x, Pass.Inference, mask).ToArray<double>(), Is.EqualTo(Formula(layer, x, x, (_, i, j) => seen[i * T + j] == 1)).Within(1e-5));
    }

    [Test]
    public void Maps_AreTheWeights([Values] bool causal)
    {
        var layer = Make(causal, keyHeads: 2);
        var x = Draw(1, null, B, T, Width);
        var maps = new List<Tensor>();
        byte[] flags = [.. Enumerable.Range(0, T).Select(i => (byte)(i == 1 ? 0 : 1))];
        var mask = Tensor.From(flags, [1, 1, 1, T]);
        var y = layer.Run(x, Pass.Inference.WithLengths(Lengths), mask, maps: maps);
        Assert.That(maps.Single().Shape, Is.EqualTo(new Shape(B, Heads, T, T)));
        float[] weights = maps[0].ToArray();
        for (int at = 0; at < weights.Length; at++)
        {
            int j = at % T, i = at / T % T, row = at / T / T / Heads;
            if (j == 1 || j >= Lengths[row] || causal && j > i) Assert.That(weights[at], Is.EqualTo(0f));
        }
        Assert.That(maps[0].Sum([3]).ToArray(), Is.All.EqualTo(1f).Within(1e-6));
        // Values of all ones come back as what the weights sum to; and weights times values, projected, are the result.
        var values = x.MatMul(layer.Parameters[0].Value[(4 * 2 + 2 * 2)..], layer.Parameters[1].Value[(4 * 2 + 2 * 2)..], transposeOther: true);
        var v = values.Reshape(B, T, 2, 2).Permute(0, 2, 1, 3).Unsqueeze(2).BroadcastTo([B, 2, 2, T, 2]).Reshape(B, Heads, T, 2);
        var found = maps[0].MatMul(v).Permute(0, 2, 1, 3).Reshape(B, T, Width).MatMul(layer.Parameters[2], layer.Parameters[3], transposeOther: true);
        Assert.That(found.ToArray(), Is.EqualTo(y.ToArray()).Within(1e-5f));
    }

    [Test]
    public void Maps_OfAQueryThatSeesNothing_AreZero_AndSoIsWhatItFinds([Values] bool floats)
    {
        var layer = Make(bias: false);
        var maps = new List<Tensor>();
        var mask = floats ? Tensor.Full([T], double.NegativeInfinity) : Tensor.From(new byte[T], [T]);
        var y = layer.Run(Draw(1, null, B, T, Width), Pass.Inference, mask, maps: maps);
        Assert.That(maps[0].ToArray(), Is.All.EqualTo(0f));
        Assert.That(y.ToArray(), Is.All.EqualTo(0f));
    }

    [Test]
    public void Padding_ChangesNoBitOfWhatIsBeforeIt([Values] bool causal)
    {
        var layer = Make(causal);
        float[] first = Draw(1, null, B, T, Width).ToArray(), second = [.. first];
        for (int row = 0; row < B; row++) second.AsSpan((row * T + Lengths[row]) * Width, (T - Lengths[row]) * Width).Fill(float.MaxValue);
        var pass = Pass.Inference.WithLengths(Lengths);
        float[] a = layer.Forward(Tensor.From(first, [B, T, Width]), pass).ToArray(), b = layer.Forward(Tensor.From(second, [B, T, Width]), pass).ToArray();
        for (int row = 0; row < B; row++)
            Assert.That(b.AsSpan(row * T * Width, Lengths[row] * Width).ToArray(), Is.EqualTo(a.AsSpan(row * T * Width, Lengths[row] * Width).ToArray()));
    }

    [Test]
    public void ACausalPosition_IsNotChangedByThoseBehindIt()
    {
        var layer = Make(causal: true);
        float[] first = Draw(1, null, B, T, Width).ToArray(), second = [.. first];
        for (int row = 0; row < B; row++) second.AsSpan((row * T + 3) * Width, 2 * Width).Fill(7);
        float[] a = layer.Forward(Tensor.From(first, [B, T, Width]), Pass.Inference).ToArray(), b = layer.Forward(Tensor.From(second, [B, T, Width]), Pass.Inference).ToArray();
        for (int row = 0; row < B; row++) Assert.That(b.AsSpan(row * T * Width, 3 * Width).ToArray(), Is.EqualTo(a.AsSpan(row * T * Width, 3 * Width).ToArray()));
        Assert.That(b, Is.Not.EqualTo(a));
    }

    [TestCase(1, 1, false)]
    [TestCase(3, 2, false)]
    [TestCase(2, 2, true)]
    public void ACache_GivesWhatTheWholeGives(int firstSteps, int keyHeads, bool rotary)
    {
        using var noGrad = NoGrad.Begin();
        var layer = Make(causal: true, keyHeads: keyHeads, rotary: rotary ? new Rotary() : null);
        var x = Draw(1, null, B, T, Width);
        var maps = new List<Tensor>();
        float[] whole = layer.Run(x, Pass.Inference, maps: maps).ToArray(), map = maps[0].ToArray();
        var cache = layer.NewCache(B, T + 3);
        for (int at = 0; at < T;)
        {
            int steps = at == 0 ? firstSteps : 1;
            maps.Clear();
            float[] y = layer.Run(x.Narrow(1, at, steps), Pass.Inference, cache: cache[0], maps: maps).ToArray();
            at += steps;
            Assert.That(cache.Length, Is.EqualTo(at));
            for (int row = 0; row < B; row++)
                Assert.That(y.AsSpan((row * steps + steps - 1) * Width, Width).ToArray(), Is.EqualTo(whole.AsSpan((row * T + at - 1) * Width, Width).ToArray()).Within(1e-6f));
            if (at == T) Assert.That(maps[0].Shape, Is.EqualTo(new Shape(B, Heads, steps, T + 3)));
        }
    }

    [Test]
    public void ACache_WithoutCausality_SeesAllSoFar()
    {
        using var noGrad = NoGrad.Begin();
        var layer = Make();
        var x = Draw(1, null, B, T, Width);
        var cache = layer.NewCache(B, T + 1);
        layer.Run(x.Narrow(1, 0, 2), Pass.Inference, cache: cache[0]);
        var y = layer.Run(x.Narrow(1, 2, 3), Pass.Inference, cache: cache[0]);
        Assert.That(y.ToArray(), Is.EqualTo(layer.Forward(x, Pass.Inference).Narrow(1, 2, 3).ToArray()).Within(1e-6f));
    }

    [Test]
    public void Rotary_SeesHowFarApartPositionsAre_AndNotWhereTheyAre([Values] bool halves)
    {
        var layer = Make(rotary: new Rotary(100, halves));
        var x = Draw(1, null, 1, 1, Width).BroadcastTo([1, T, Width]);
        var maps = new List<Tensor>();
        layer.Run(x, Pass.Inference, maps: maps);
        float[] weights = maps[0].ToArray();
        for (int head = 0; head < Heads; head++)
            for (int i = 0; i + 1 < T; i++)
            {
                // Every step is the same, so a weight's quotient to the one on its own place is a function of the distance.
                double Relative(int query, int key) => weights[(head * T + query) * T + key] / weights[(head * T + query) * T + query];
                Assert.That(Relative(i + 1, i), Is.EqualTo(Relative(1, 0)).Within(1e-4));
                Assert.That(Relative(i, i + 1), Is.EqualTo(Relative(0, 1)).Within(1e-4));
            }
        Assert.That(weights, Is.Not.EqualTo(Enumerable.Repeat(1f / T, weights.Length)).Within(1e-3f));
        Assert.That(() => Make(headSize: 3, rotary: new Rotary()), Throws.ArgumentException.With.Message.Contains("even"));
    }

    [Test]
    public void Dropout_DropsWeightsWhileTraining_Alone()
    {
        MultiHeadAttention dropping = Make(dropout: 0.5), plain = Make();
        var x = Draw(1, null, B, T, Width);
        Assert.That(dropping.Forward(x, Pass.Inference).ToArray(), Is.EqualTo(plain.Forward(x, Pass.Inference).ToArray()));
        float[] a = dropping.Forward(x, Pass.Train(new Rng(1))).ToArray();
        Assert.That(a, Is.Not.EqualTo(plain.Forward(x, Pass.Inference).ToArray()).Within(1e-3f));
        Assert.That(dropping.Forward(x, Pass.Train(new Rng(1))).ToArray(), Is.EqualTo(a));
    }

    [Test]
    public void Parameters_ArePyTorchs_AndDrawnAsThere()
    {
        var layer = new MultiHeadAttention(64, 4, new Rng(1));
        Assert.That(layer.NamedParameters().Select(p => $"{p.Key} {p.Value.Shape}"),
            Is.EqualTo(new[] { "in_proj_weight (192, 64)", "in_proj_bias (192)", "out_proj.weight (64, 64)", "out_proj.bias (64)" }));
        double bound = Math.Sqrt(6.0 / (192 + 64));
        float[] drawn = layer.Parameters[0].Value.ToArray();
        Assert.That(drawn.Max(), Is.InRange(0.98 * bound, bound));
        Assert.That(layer.Parameters[2].Value.ToArray().Max(), Is.InRange(0.97 / 8, 1.0 / 8));
        Assert.That(layer.Parameters[1].Value.ToArray().Concat(layer.Parameters[3].Value.ToArray()), Is.All.EqualTo(0f));
        var given = new MultiHeadAttention(64, 4, new Rng(1), init: Init.Constant(2), outputInit: Init.Constant(3));
        Assert.That(given.Parameters[0].Value.ToArray(), Is.All.EqualTo(2f));
        Assert.That(given.Parameters[2].Value.ToArray(), Is.All.EqualTo(3f));
        Assert.That(new MultiHeadAttention(6, 2, new Rng(1), headSize: 5, keyHeads: 1, bias: false).NamedParameters().Select(p => $"{p.Key} {p.Value.Shape}"),
            Is.EqualTo(new[] { "in_proj_weight (20, 6)", "out_proj.weight (6, 10)" }));
    }

    [Test]
    public void BadInput_IsRefused_AndLeavesTheCacheAsItWas()
    {
        Assert.That(() => new MultiHeadAttention(8, 3, new Rng(1)), Throws.ArgumentException.With.Message.Contains("3 heads do not divide a width of 8"));
        Assert.That(() => new MultiHeadAttention(8, 4, new Rng(1), keyHeads: 3), Throws.ArgumentException.With.Message.Contains("no multiple of 3"));
        Assert.That(() => new MultiHeadAttention(8, 4, new Rng(1), dropout: 1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new MultiHeadAttention(8, 4, new Rng(1), headSize: 0), Throws.TypeOf<ArgumentOutOfRangeException>());
        var layer = Make(causal: true);
        var x = Draw(1, null, B, T, Width);
        Assert.That(() => layer.Forward(Draw(1, null, B, T, 7), Pass.Inference), Throws.TypeOf<ShapeException>().With.Message.Contains("(B, T, 8)"));
        Assert.That(() => layer.Run(x, Draw(1, null, B, 7), Pass.Inference), Throws.TypeOf<ShapeException>().With.Message.Contains("memory"));
        Assert.That(() => layer.Forward(x, Pass.Inference.WithLengths([1, 2, 9])), Throws.TypeOf<SequenceException>());
        Assert.That(() => layer.Run(x, Pass.Inference, Tensor.Ones([T, 4])), Throws.TypeOf<ShapeException>().With.Message.Contains("mask"));
        var cache = layer.NewCache(B, T + 1);
        Assert.That(() => layer.Run(x, Pass.Inference, cache: cache[0]), Throws.TypeOf<GraphException>().With.Message.Contains("NoGrad"));
        using var noGrad = NoGrad.Begin();
        Assert.That(() => layer.Run(x, Pass.Inference.WithLengths(Lengths), cache: cache[0]), Throws.ArgumentException.With.Message.Contains("lengths"));
        Assert.That(() => layer.Run(x, Pass.Inference, Tensor.Ones([T, T]), cache[0]), Throws.TypeOf<ShapeException>());
        Assert.That(() => layer.Run(x[..2], Pass.Inference, cache: cache[0]), Throws.TypeOf<ShapeException>().With.Message.Contains("cache was made for"));
        Assert.That(cache.Length, Is.Zero);
        layer.Run(x, Pass.Inference, cache: cache[0]);
        Assert.That(() => layer.Run(x, Pass.Inference, cache: cache[0]), Throws.TypeOf<ShapeException>().With.Message.Contains("room for 6"));
        Assert.That(cache.Length, Is.EqualTo(T));
    }

    [Test]
    public void OnEveryDevice_ItIsTheReferences([ValueSource(typeof(TestDevices), nameof(TestDevices.Compared))] string name)
    {
        float[] On(Device device)
        {
            using var noGrad = NoGrad.Begin();
            var layer = Make(causal: true, keyHeads: 2).To(device);
            var x = Draw(1, device, B, T, Width);
            var cache = layer.NewCache(B, T);
            var first = layer.Run(x.Narrow(1, 0, 3), Pass.Inference, cache: cache[0]);
            cache.Select(Tensor.From([2, 0, 0, 1], [4], device));
            var last = layer.Run(x.GatherRows(Tensor.From([2, 0, 0, 1], [4], device)).Narrow(1, 3, 2), Pass.Inference, cache: cache[0]);
            return [.. first.ToArray(), .. last.ToArray(), .. layer.Run(x, Draw(2, device, B, S, Width), Pass.Inference, Lengths).ToArray()];
        }

        Assert.That(On(TestDevices.Get(name)), Is.EqualTo(On(TestDevices.Reference)).Within(2e-5f));
    }
}
