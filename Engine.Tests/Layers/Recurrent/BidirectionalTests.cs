using Engine.Core;
using Engine.Layers;

namespace Engine.Tests.Layers.Recurrent;

public class BidirectionalTests
{
    private static readonly Tensor X = Tensor.Normal([3, 5, 2], new Rng(2));
    private static readonly int[] Lengths = [2, 5, 3];

    /// <summary>A layer of two directions, and the wrapper around two layers of one with the same numbers.</summary>
    private static (Lstm Both, Bidirectional Wrapped) Alike(bool returnSequences, Merge merge = Merge.Concat)
    {
        var rng = new Rng(5);
        var both = new Lstm(2, 4, new Rng(1), bidirectional: true, returnSequences: returnSequences);
        var wrapped = new Bidirectional(() => new Lstm(2, 4, rng, returnSequences: returnSequences), merge);
        foreach (var (to, from) in wrapped.Parameters.Zip(both.Parameters)) to.CopyFrom(from.Value);
        return (both, wrapped);
    }

    [Test]
    public void Concat_IsTheLayerOfTwoDirections([Values] bool returnSequences)
    {
        var (both, wrapped) = Alike(returnSequences);
        Assert.That(wrapped.Predict(X).ToArray(), Is.EqualTo(both.Predict(X).ToArray()).Within(1e-6));
        Assert.That(wrapped.Forward(X, Made.With(Lengths)).ToArray(), Is.EqualTo(both.Forward(X, Made.With(Lengths)).ToArray()).Within(1e-6));
    }

    [Test]
    public void OtherMerges_AreOfBothDirectionsNumbers([Values(Merge.Sum, Merge.Multiply, Merge.Average)] Merge merge, [Values] bool returnSequences)
    {
        var (both, wrapped) = Alike(returnSequences, merge);
        float[] y = both.Forward(X, Made.With(Lengths)).ToArray();
        float[] want = [.. y.Chunk(8).SelectMany(row => Enumerable.Range(0, 4).Select(j => merge switch
        {
            Merge.Sum => row[j] + row[j + 4],
            Merge.Multiply => row[j] * row[j + 4],
            _ => (row[j] + row[j + 4]) / 2,
        }))];
        Assert.That(wrapped.Forward(X, Made.With(Lengths)).ToArray(), Is.EqualTo(want).Within(1e-6));
    }

    [Test]
    public void Parts_AreNamed_AndLikeLayersOfTheirOwn()
    {
        var (_, wrapped) = Alike(true);
        Assert.That(wrapped.State().Select(s => s.Key).Where(n => n.StartsWith("backward", StringComparison.Ordinal)), Is.EqualTo(new[] { "backward.weight_ih_l0", "backward.weight_hh_l0", "backward.bias_ih_l0", "backward.bias_hh_l0" }));
        Assert.That(wrapped.ForwardLayer, Is.TypeOf<Lstm>());
    }

    [Test]
    public void WhatDoesNotGoTogether_IsRefused()
    {
        var layer = new Lstm(2, 4, new Rng(1));
        Assert.That(() => new Bidirectional(layer, layer), Throws.ArgumentException.With.Message.Contains("a layer each"));
        Assert.That(() => new Bidirectional(layer, new Lstm(2, 4, new Rng(1)), (Merge)9), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new Bidirectional(new Lstm(2, 4, new Rng(1)), new Gru(2, 5, new Rng(1)), Merge.Sum).Predict(X), Throws.TypeOf<ShapeException>().With.Message.Contains("do not go together by Sum"));
        Assert.That(new Bidirectional(new Lstm(2, 4, new Rng(1)), new Gru(2, 5, new Rng(1))).Predict(X).Shape, Is.EqualTo(new Shape(3, 5, 9)));
        Assert.That(() => new Bidirectional(new Lstm(2, 4, new Rng(1)), new Lstm(2, 4, new Rng(1), returnSequences: false)).Predict(X), Throws.TypeOf<ShapeException>());
        Assert.That(Assert.Throws<SequenceException>(() => new Bidirectional(() => new Lstm(2, 4, new Rng(1))).Forward(X, Made.With(1, 9, 1)))!.Row, Is.EqualTo(1));
        Assert.That(() => new Bidirectional(() => new Lstm(2, 4, new Rng(1))).Predict(Tensor.Zeros([3])), Throws.TypeOf<ShapeException>());
    }
}
