using Engine.Core;
using Engine.Kernels;
using Engine.Layers;
using static Engine.Tests.Layers.Transformer.MultiHeadAttentionTests;

namespace Engine.Tests.Layers.Transformer;

public class TransformerLayerTests
{
    private const int B = 2, T = 5, S = 4, Width = 6;

    private static readonly TransformerLayerSettings Small = new() { Width = Width, Heads = 2, Inner = 9, Dropout = 0.3 };

    private static Layer Part(Layer layer, string name) => layer.Children.Single(child => child.Key == name).Value;

    private static Tensor Ask(Layer layer, string name, Tensor x) => Part(layer, name).Forward(x, Pass.Inference);

    private static float[] Row(Tensor x, int row, int steps) => x[row, ..steps].ToArray();

    [Test]
    public void AnEncoderLayer_IsItsParts_NormalisedBeforeOrAfter([Values] bool normFirst, [Values] bool rms)
    {
        var layer = new TransformerEncoderLayer(Small with { NormFirst = normFirst, RmsNorm = rms, Activation = Activation.Gelu }, new Rng(1));
        var x = Draw(1, null, B, T, Width);
        Tensor a, y;
        if (normFirst)
        {
            a = x + Ask(layer, "self_attn", Ask(layer, "norm1", x));
            y = a + Ask(layer, "linear2", Ask(layer, "linear1", Ask(layer, "norm2", a)));
        }
        else
        {
            a = Ask(layer, "norm1", x + Ask(layer, "self_attn", x));
            y = Ask(layer, "norm2", a + Ask(layer, "linear2", Ask(layer, "linear1", a)));
        }
        Assert.That(layer.Forward(x, Pass.Inference).ToArray(), Is.EqualTo(y.ToArray()).Within(2e-6f));
    }

    [Test]
    public void ADecoderLayer_IsItsParts_NormalisedBeforeOrAfter([Values] bool normFirst)
    {
        var layer = new TransformerDecoderLayer(Small with { NormFirst = normFirst }, new Rng(1));
        Tensor x = Draw(1, null, B, T, Width), memory = Draw(2, null, B, S, Width);
        int[] lengths = [4, 2];
        Tensor Look(Tensor from) => layer.MemoryAttention.Run(from, memory, Pass.Inference, lengths);
        Tensor a, b, y;
        if (normFirst)
        {
            a = x + Ask(layer, "self_attn", Ask(layer, "norm1", x));
            b = a + Look(Ask(layer, "norm2", a));
            y = b + Ask(layer, "linear2", Ask(layer, "linear1", Ask(layer, "norm3", b)));
        }
        else
        {
            a = Ask(layer, "norm1", x + Ask(layer, "self_attn", x));
            b = Ask(layer, "norm2", a + Look(a));
            y = Ask(layer, "norm3", b + Ask(layer, "linear2", Ask(layer, "linear1", b)));
        }
        Assert.That(layer.Run(x, memory, Pass.Inference, lengths).ToArray(), Is.EqualTo(y.ToArray()).Within(2e-6f));
        Assert.That(layer.Attention.Causal, Is.True);
    }

    [Test]
    public void Names_ArePyTorchs()
    {
        string[] attention = ["in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias"], feed = ["linear1.weight", "linear1.bias", "linear2.weight", "linear2.bias"];
        string[] encoder = [.. attention.Select(name => $"self_attn.{name}"), .. feed, "norm1.weight", "norm1.bias", "norm2.weight", "norm2.bias"];
        string[] decoder = [.. attention.Select(name => $"self_attn.{name}"), .. attention.Select(name => $"multihead_attn.{name}"), .. feed,
            "norm1.weight", "norm1.bias", "norm2.weight", "norm2.bias", "norm3.weight", "norm3.bias"];
        Assert.That(new TransformerEncoderLayer(Small, new Rng(1)).NamedParameters().Select(p => p.Key), Is.EqualTo(encoder));
        Assert.That(new TransformerDecoderLayer(Small, new Rng(1)).NamedParameters().Select(p => p.Key), Is.EqualTo(decoder));
        Assert.That(new TransformerEncoder(Small, 2, new Rng(1), finalNorm: true).NamedParameters().Select(p => p.Key),
            Is.EqualTo(new[] { 0, 1 }.SelectMany(i => encoder.Select(name => $"layers.{i}.{name}")).Concat(["norm.weight", "norm.bias"])));
        Assert.That(new TransformerDecoder(Small with { NormFirst = true, Bias = false }, 1, new Rng(1)).NamedParameters().Select(p => p.Key),
            Is.EqualTo(decoder.Where(name => !name.EndsWith("bias", StringComparison.Ordinal)).Select(name => $"layers.0.{name}").Append("norm.weight")));
    }

    [Test]
    public void Init_DrawsWeights_AndThoseThatAreAddedOfTheirOwn()
    {
        var layer = new TransformerEncoderLayer(Small with { Init = Init.Constant(2), ResidualInit = Init.Constant(3) }, new Rng(1));
        var expected = new Dictionary<string, float> { ["self_attn.in_proj_weight"] = 2, ["self_attn.out_proj.weight"] = 3, ["linear1.weight"] = 2, ["linear2.weight"] = 3, ["norm1.weight"] = 1, ["norm2.weight"] = 1 };
        foreach (var (name, parameter) in layer.NamedParameters()) Assert.That(parameter.Value.ToArray(), Is.All.EqualTo(expected.GetValueOrDefault(name)), name);
    }

    [Test]
    public void Dropout_HasThreePlaces()
    {
        var x = Draw(1, null, B, T, Width);
        var none = Small with { Dropout = 0, AttentionDropout = 0, InnerDropout = 0 };
        float[] plain = new TransformerEncoderLayer(none, new Rng(1)).Forward(x, Pass.Train(new Rng(2))).ToArray();
        foreach (var settings in new[] { none with { Dropout = 0.3 }, none with { AttentionDropout = 0.3 }, none with { InnerDropout = 0.3 } })
        {
            var layer = new TransformerEncoderLayer(settings, new Rng(1));
            Assert.That(layer.Forward(x, Pass.Train(new Rng(2))).ToArray(), Is.Not.EqualTo(plain).Within(1e-3f));
            Assert.That(layer.Forward(x, Pass.Inference).ToArray(), Is.EqualTo(plain));
        }
        var rng = new Rng(2);
        new TransformerEncoderLayer(none, new Rng(1)).Forward(x, Pass.Train(rng));
        Assert.That(rng.Position, Is.Zero);
    }

    [Test]
    public void Padding_ChangesNoBitOfWhatIsBeforeIt([Values] bool normFirst)
    {
        var encoder = new TransformerEncoder(Small with { NormFirst = normFirst }, 2, new Rng(1));
        Tensor x = Draw(1, null, B, T, Width);
        float[] changed = x.ToArray();
        changed.AsSpan(3 * Width, 2 * Width).Fill(100);
        var pass = Pass.Inference.WithLengths([3, 5]);
        Tensor a = encoder.Forward(x, pass), b = encoder.Forward(Tensor.From(changed, [B, T, Width]), pass);
        Assert.That(Row(b, 0, 3), Is.EqualTo(Row(a, 0, 3)));
        Assert.That(Row(b, 1, 5), Is.EqualTo(Row(a, 1, 5)));
        Assert.That(Row(a, 0, 3), Is.EqualTo(Row(encoder.Forward(x[..1, ..3], Pass.Inference), 0, 3)).Within(1e-6f));
    }

    [Test]
    public void ADecodersPadding_AndItsMemorys_ChangeNoBit()
    {
        var decoder = new TransformerDecoder(Small, 2, new Rng(1));
        Tensor x = Draw(1, null, B, T, Width), memory = Draw(2, null, B, S, Width);
        float[] changed = memory.ToArray(), targets = x.ToArray();
        changed.AsSpan(2 * Width, 2 * Width).Fill(50);
        targets.AsSpan(4 * Width, Width).Fill(50);
        Tensor a = decoder.Run(x, memory, Pass.Inference, [2, 4]);
        Tensor b = decoder.Run(Tensor.From(targets, [B, T, Width]), Tensor.From(changed, [B, S, Width]), Pass.Inference.WithLengths([4, 5]), [2, 4]);
        Assert.That(Row(b, 0, 4), Is.EqualTo(Row(a, 0, 4)));
        Assert.That(Row(b, 1, 5), Is.EqualTo(Row(a, 1, 5)));
    }

    [Test]
    public void StepsWithACache_GiveWhatTheWholeGives([Values] bool normFirst, [Values] bool decoder)
    {
        using var noGrad = NoGrad.Begin();
        var settings = Small with { NormFirst = normFirst, Causal = true, KeyHeads = 1 };
        Tensor x = Draw(1, null, B, T, Width), memory = Draw(2, null, B, S, Width);
        int[] lengths = [4, 2];
        TransformerEncoder stack = new(settings, 2, new Rng(1));
        TransformerDecoder both = new(settings, 2, new Rng(1));
        Tensor Run(Tensor part, KeyValueCache? cache)
            => decoder ? both.Run(part, memory, Pass.Inference, lengths, cache: cache) : stack.Run(part, Pass.Inference, cache: cache);
        var whole = Run(x, null);
        var cache = decoder ? both.NewCache(B, T) : stack.NewCache(B, T);
        Assert.That(Run(x.Narrow(1, 0, 2), cache).ToArray(), Is.EqualTo(whole.Narrow(1, 0, 2).ToArray()).Within(2e-6f));
        for (int t = 2; t < T; t++) Assert.That(Run(x.Narrow(1, t, 1), cache).ToArray(), Is.EqualTo(whole.Narrow(1, t, 1).ToArray()).Within(2e-6f));
        // Other rows, with the memory that belongs to them.
        cache.Truncate(T - 1);
        var rows = Tensor.From([1, 0, 1], [3]);
        cache.Select(rows);
        Assert.That(Run(x.Narrow(1, T - 1, 1).GatherRows(rows), cache).ToArray(), Is.EqualTo(whole.Narrow(1, T - 1, 1).GatherRows(rows).ToArray()).Within(2e-6f));
        Assert.That(() => Run(x.Narrow(1, 0, 1).GatherRows(rows), cache), Throws.TypeOf<ShapeException>().With.Message.Contains("room"));
    }

    [Test]
    public void AMemory_IsReadOnce()
    {
        using var noGrad = NoGrad.Begin();
        var decoder = new TransformerDecoder(Small, 2, new Rng(1));
        Tensor x = Draw(1, null, B, T, Width), memory = Draw(2, null, B, S, Width), other = Draw(3, null, B, S, Width);
        var cache = decoder.NewCache(B, T);
        float[] whole = decoder.Run(x, memory, Pass.Inference).Narrow(1, 4, 1).ToArray();
        decoder.Run(x.Narrow(1, 0, 4), memory, Pass.Inference, cache: cache);
        Assert.That(decoder.Run(x.Narrow(1, 4, 1), other, Pass.Inference, cache: cache).ToArray(), Is.EqualTo(whole).Within(2e-6f));
        cache.Truncate(0);
        Assert.That(decoder.Run(x, other, Pass.Inference, cache: cache).ToArray(), Is.EqualTo(decoder.Run(x, other, Pass.Inference).ToArray()).Within(2e-6f));
    }

    [Test]
    public void ATruncatedCache_GivesTheMemorysKeysAndValuesBack()
    {
        using var noGrad = NoGrad.Begin();
        using var device = new CpuDevice(1);
        var decoder = new TransformerDecoder(Small, 2, new Rng(1)).To(device);
        Tensor x = Tensor.Zeros([B, 1, Width], device), memory = Tensor.Zeros([B, S, Width], device);
        using var cache = decoder.NewCache(B, T);
        long before = device.BytesInUse;
        for (int i = 0; i < 2; i++)
        {
            using (device.Scope("a step")) decoder.Run(x, memory, Pass.Inference, cache: cache);
            Assert.That(device.BytesInUse, Is.GreaterThan(before));
            cache.Truncate(0);
            Assert.That(device.BytesInUse, Is.EqualTo(before));
        }
    }

    [Test]
    public void Maps_AreOfEachLayer()
    {
        var maps = new AttentionMaps();
        new TransformerDecoder(Small, 3, new Rng(1)).Run(Draw(1, null, B, T, Width), Draw(2, null, B, S, Width), Pass.Inference, maps: maps);
        Assert.That(maps.Self.Select(map => map.Shape), Is.EqualTo(Enumerable.Repeat(new Shape(B, 2, T, T), 3)));
        Assert.That(maps.Memory.Select(map => map.Shape), Is.EqualTo(Enumerable.Repeat(new Shape(B, 2, T, S), 3)));
    }

    [Test]
    public void Gradients_ReachEveryParameter([Values] bool normFirst)
    {
        var settings = Small with { NormFirst = normFirst };
        var encoder = new TransformerEncoder(settings, 2, new Rng(1));
        var decoder = new TransformerDecoder(settings, 2, new Rng(2));
        var memory = encoder.Forward(Draw(1, null, B, S, Width), Pass.Train(new Rng(3)).WithLengths([2, 4]));
        (decoder.Run(Draw(2, null, B, T, Width), memory, Pass.Train(new Rng(4)), [2, 4]) * Draw(5, null, B, T, Width)).Sum().Backward();
        foreach (var (name, parameter) in encoder.NamedParameters().Concat(decoder.NamedParameters()))
            Assert.That(parameter.Grad!.ToArray().Max(MathF.Abs), Is.InRange(name.EndsWith("in_proj_bias", StringComparison.Ordinal) ? 0 : 1e-6f, 1e4f), name);
    }

    [Test]
    public void BadInput_IsRefused()
    {
        Assert.That(() => new TransformerEncoderLayer(Small with { Heads = 4 }, new Rng(1)), Throws.ArgumentException);
        Assert.That(() => new TransformerEncoderLayer(Small with { Inner = 0 }, new Rng(1)), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new TransformerEncoderLayer(Small with { InnerDropout = 1 }, new Rng(1)), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new TransformerEncoder(Small, 0, new Rng(1)), Throws.TypeOf<ArgumentOutOfRangeException>());
        var decoder = new TransformerDecoder(Small, 1, new Rng(1));
        Tensor x = Draw(1, null, B, T, Width);
        Assert.That(() => decoder.Forward(x, Pass.Inference), Throws.InvalidOperationException.With.Message.Contains("memory"));
        Assert.That(() => decoder.Run(x, Draw(1, null, B + 1, S, Width), Pass.Inference), Throws.TypeOf<ShapeException>().With.Message.Contains("layers.0.multihead_attn"));
        Assert.That(() => decoder.Run(x, x, Pass.Inference, [9, 1]), Throws.TypeOf<SequenceException>());
    }

    [Test]
    public void Positions_AreAdded_FromAnyPlaceOn()
    {
        var x = Draw(1, null, B, T, Width);
        var learned = new LearnedPositions(7, Width, new Rng(2));
        float[] table = learned.Parameters[0].Value.ToArray(), before = x.ToArray(), after = learned.Run(x, Pass.Inference, 2).ToArray();
        for (int i = 0; i < after.Length; i++) Assert.That(after[i], Is.EqualTo(before[i] + table[2 * Width + i % (T * Width)]));
        Assert.That(learned.Forward(x, Pass.Inference).ToArray()[^1], Is.EqualTo(before[^1] + table[T * Width - 1]));
        Assert.That(() => learned.Run(x, Pass.Inference, 3), Throws.TypeOf<ShapeException>().With.Message.Contains("from position 3 on, and there are 7"));
        Assert.That(() => learned.Forward(Draw(1, null, B, 8, Width), Pass.Inference), Throws.TypeOf<ShapeException>().With.Message.Contains("8 steps, and there are 7"));
        learned.Forward(x, Pass.Inference).Sum().Backward();
        Assert.That(learned.Parameters[0].Grad!.ToArray(), Is.EqualTo(Enumerable.Range(0, 7 * Width).Select(i => i < T * Width ? (float)B : 0)));

        var sinusoidal = new SinusoidalPositions(Width);
        float[] waves = sinusoidal.Run(x, Pass.Inference, 90).ToArray();
        for (int i = 0; i < waves.Length; i++)
        {
            int n = i % Width;
            double angle = (90 + i / Width % T) / Math.Pow(10000, n / 2 * 2.0 / Width);
            Assert.That(waves[i] - before[i], Is.EqualTo(n % 2 == 0 ? Math.Sin(angle) : Math.Cos(angle)).Within(1e-6));
        }
        Assert.That(() => sinusoidal.Forward(Draw(1, null, B, T, 5), Pass.Inference), Throws.TypeOf<ShapeException>());
    }
}
