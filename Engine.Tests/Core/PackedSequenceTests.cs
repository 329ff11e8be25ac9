using Engine.Core;

namespace Engine.Tests.Core;

public class PackedSequenceTests
{
    /// <summary>Number 100·b + t is step t of sequence b.</summary>
    private static Tensor Numbered(int batch, int steps)
        => Tensor.From([.. Enumerable.Range(0, batch).SelectMany(b => Enumerable.Range(0, steps).Select(t => 100f * b + t))], [batch, steps, 1]);

    [Test]
    public void Pack_PutsTheLongestFirst_StepByStep_AndKeepsEqualsInOrder()
    {
        var packed = PackedSequence.Pack(Numbered(4, 3), 1, 3, 2, 3);
        Assert.That(packed.Rows.ToArray(), Is.EqualTo(new float[] { 100, 300, 200, 0, 101, 301, 201, 102, 302 }));
        Assert.That(packed.Rows.Shape, Is.EqualTo(new Shape(9, 1)));
        Assert.That(packed.Lengths.ToArray(), Is.EqualTo(new[] { 1, 3, 2, 3 }));
        Assert.That((packed.Batch, packed.Steps, packed.Layout.Rows), Is.EqualTo((4, 3, 9)));
    }

    [Test]
    public void Unpack_GivesTheUsersOrder_WithPaddingPastTheEnd()
    {
        var packed = PackedSequence.Pack(Numbered(3, 4), 1, 3, 2);
        Assert.That(packed.Unpack().ToArray(), Is.EqualTo(new float[] { 0, 0, 0, 0, 100, 101, 102, 0, 200, 201, 0, 0 }));
        Assert.That(packed.Unpack(-1).ToArray(), Is.EqualTo(new float[] { 0, -1, -1, -1, 100, 101, 102, -1, 200, 201, -1, -1 }));
        Assert.That(packed.Unpack().Shape, Is.EqualTo(new Shape(3, 4, 1)));
    }

    [Test]
    public void StepsOfAnyShape_AreTaken()
    {
        var x = Tensor.Normal([2, 3, 4, 5], new Rng(1));
        var packed = PackedSequence.Pack(x, 3, 1);
        Assert.That(packed.Rows.Shape, Is.EqualTo(new Shape(4, 4, 5)));
        Assert.That(packed.Unpack()[1, 0].ToArray(), Is.EqualTo(x[1, 0].ToArray()));
        Assert.That(packed.Unpack(7)[1, 1..].ToArray(), Is.All.EqualTo(7));
    }

    [Test]
    public void Ids_AreUnpackedAsIds()
    {
        var packed = PackedSequence.Pack(Tensor.From([7, 0, 0, 4, 5, 6], [2, 3]), 1, 3);
        Assert.That(packed.Unpack(-1).ToArray<int>(), Is.EqualTo(new[] { 7, -1, -1, 4, 5, 6 }));
    }

    [Test]
    public void WhatBelongsToSequences_GoesToTheLayoutsOrder_AndBack()
    {
        var packed = PackedSequence.Pack(Numbered(3, 4), 1, 3, 2);
        var x = Tensor.From([10f, 11f, 12f], [3, 1]);
        Assert.That(packed.ToLayout(x).ToArray(), Is.EqualTo(new[] { 11f, 12f, 10f }));
        Assert.That(packed.FromLayout(packed.ToLayout(x)).ToArray(), Is.EqualTo(x.ToArray()));
        Assert.That(() => packed.ToLayout(Tensor.Zeros([2, 1])), Throws.TypeOf<ShapeException>());
    }

    [Test]
    public void Gradients_FlowThroughBoth()
    {
        var x = Tensor.Normal([3, 4, 2], new Rng(1)).To(TestDevices.Reference).WithGrad();
        Assert.That(GradientCheck.Run(i => PackedSequence.Pack(i[0], 2, 4, 1).Unpack(3), [x]), Is.LessThan(1e-6));
        PackedSequence.Pack(x, 2, 4, 1).Rows.Sum().Backward();
        Assert.That(x.Grad!.ToArray<double>().Chunk(2).Select(c => c[0]), Is.EqualTo(new double[] { 1, 1, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0 }));
    }

    [Test]
    public void BadLengths_AreRefused_AndTheRowIsNamed()
    {
        var x = Numbered(3, 4);
        Assert.That(Row(1, 0, 2), Is.EqualTo(1));
        Assert.That(Row(1, 2, 5), Is.EqualTo(2));
        Assert.That(Row(-1, 2, 2), Is.EqualTo(0));
        Assert.That(() => PackedSequence.Pack(x, 1, 2), Throws.TypeOf<ShapeException>().With.Message.Contains("2 lengths").And.Message.Contains("3 sequences"));
        Assert.That(() => PackedSequence.Pack(Tensor.Zeros([0, 4, 1])), Throws.TypeOf<ShapeException>().With.Message.Contains("empty"));
        Assert.That(() => PackedSequence.Pack(Tensor.Zeros([4]), 1), Throws.TypeOf<ShapeException>());
        Assert.That(() => PackedSequence.Pack(x, 1, 2, 3).With(Tensor.Zeros([5, 1])), Throws.TypeOf<ShapeException>());

        int Row(params int[] lengths)
        {
            var error = Assert.Throws<SequenceException>(() => PackedSequence.Pack(x, lengths))!;
            Assert.That(error.Message, Does.StartWith($"Row {error.Row} of the batch has length {lengths[error.Row]}"));
            return error.Row;
        }
    }
}
