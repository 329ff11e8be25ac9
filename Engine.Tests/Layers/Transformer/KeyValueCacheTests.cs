using Engine.Core;
using Engine.Kernels;
using Engine.Layers;
using static Engine.Tests.Layers.Transformer.MultiHeadAttentionTests;

namespace Engine.Tests.Layers.Transformer;

public class KeyValueCacheTests
{
    private const int Width = 6;

    private static KeyValueCache Filled(int layers = 2)
    {
        var cache = new KeyValueCache(layers, batch: 3, room: 4, keySize: 2);
        for (int i = 0; i < layers; i++) cache[i].Append(Draw((ulong)i, null, 3, 2, 2), Draw((ulong)i + 10, null, 3, 2, 2));
        return cache;
    }

    [Test]
    public void Append_WritesBehindWhatIsThere_InPlace()
    {
        var cache = Filled(1);
        var keys = cache[0].Keys;
        float[] before = keys.ToArray();
        cache[0].Append(Tensor.Full([3, 1, 2], 5), Tensor.Full([3, 1, 2], 6));
        Assert.That(cache[0].Keys, Is.SameAs(keys));
        float[] after = keys.ToArray();
        for (int i = 0; i < after.Length; i++) Assert.That(after[i], Is.EqualTo(i / 2 % 4 == 2 ? 5 : before[i]));
        Assert.That(cache[0].Values[1, 2].ToArray(), Is.EqualTo(new[] { 6f, 6f }));
        Assert.That((cache.Length, cache.Room, cache.Batch, cache.Layers), Is.EqualTo((3, 4, 3, 1)));
        Assert.That(() => cache[0].Append(Tensor.Zeros([3, 2, 2]), Tensor.Zeros([3, 2, 2])), Throws.TypeOf<ShapeException>().With.Message.Contains("room for 4 positions, 3 are taken, and 2 more"));
        Assert.That(() => cache[0].Append(Tensor.Zeros([3, 1, 2]), Tensor.Zeros([3, 1, 3])), Throws.TypeOf<ShapeException>());
        Assert.That(() => cache[0].Append(Tensor.Zeros([3, 1, 2]).WithGrad(), Tensor.Zeros([3, 1, 2])), Throws.TypeOf<GraphException>());
        Assert.That(cache.Length, Is.EqualTo(3));
    }

    [Test]
    public void Select_TakesRows_AndNoRowThatIsNotThere()
    {
        var cache = Filled();
        float[] old = cache[1].Values.ToArray();
        var same = cache[0].Keys;
        cache.Select(Tensor.From([0, 1, 2], [3]));
        Assert.That(cache[0].Keys, Is.SameAs(same));
        Assert.That(() => cache.Select(Tensor.From([0, 3], [2])), Throws.TypeOf<IndexException>().With.Message.Contains("Row 3"));
        Assert.That(() => cache.Select(Tensor.From(Array.Empty<int>(), [0])), Throws.TypeOf<ShapeException>());
        Assert.That(cache[0].Keys, Is.SameAs(same));
        cache.Select(Tensor.From([2, 2, 0, 1], [4]));
        Assert.That((cache.Batch, cache.Length), Is.EqualTo((4, 2)));
        float[] now = cache[1].Values.ToArray();
        foreach (var (to, from) in new[] { 2, 2, 0, 1 }.Index()) Assert.That(now.AsSpan(to * 8, 8).ToArray(), Is.EqualTo(old.AsSpan(from * 8, 8).ToArray()));
    }

    [Test]
    public void ACache_OutlivesTheScopeOfAStep()
    {
        var cache = Filled();
        using (Device.Cpu.Scope("a step"))
            cache.Select(Tensor.From([2, 1], [2]));
        Assert.That(cache[1].Keys.ToArray(), Has.Length.EqualTo(2 * 4 * 2));
    }

    [Test]
    public void Truncate_Forgets()
    {
        var cache = Filled();
        cache.Truncate(1);
        Assert.That((cache.Length, cache[1].Length), Is.EqualTo((1, 1)));
        Assert.That(() => cache.Truncate(2), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => cache.Truncate(-1), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void APassThatEndsEarly_LeavesThePositionsAsTheyWere()
    {
        using var noGrad = NoGrad.Begin();
        var encoder = new TransformerEncoder(new TransformerLayerSettings { Width = Width, Heads = 2, Inner = 8, Causal = true }, 3, new Rng(1));
        var cache = encoder.NewCache(2, 5);
        Tensor x = Draw(1, null, 2, 2, Width), next = Draw(2, null, 2, 1, Width);
        encoder.Run(x, Pass.Inference, cache: cache);
        // The last layer alone has no room left for the next step, whose keys the others have written by then.
        cache[2].Append(Tensor.Zeros([2, 3, Width]), Tensor.Zeros([2, 3, Width]));
        Assert.That(() => encoder.Run(next, Pass.Inference, cache: cache), Throws.TypeOf<ShapeException>().With.Message.Contains("layers.2"));
        Assert.That(Enumerable.Range(0, 3).Select(i => cache[i].Length), Is.All.EqualTo(2));
        float[] y = encoder.Run(next, Pass.Inference, cache: cache).ToArray();
        float[] whole = encoder.Forward(Tensor.Concat([x, next], 1), Pass.Inference).Narrow(1, 2, 1).ToArray();
        Assert.That(y, Is.EqualTo(whole).Within(1e-5f));
        Assert.That(() => encoder.Run(next, Pass.Inference, cache: new KeyValueCache(2, 2, 5, Width)), Throws.ArgumentException.With.Message.Contains("2 layers, and there are 3"));
    }
}
