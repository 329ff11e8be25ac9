using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests.Layers;

public class Conv1dLayerTests
{
    [Test]
    public void Conv1d_IsTheOp()
    {
        var layer = new Conv1d(4, 6, 3, new Rng(1), stride: 2, padding: 1, groups: 2, activation: Activation.Relu);
        var x = Tensor.Normal([2, 4, 7], new Rng(2));
        var (weight, bias) = (layer.Parameters[0], layer.Parameters[1]);
        Assert.That((layer.InChannels, layer.OutChannels, weight.Shape), Is.EqualTo((4, 6, new Shape(6, 2, 3))));
        Assert.That(layer.Predict(x).ToArray(), Is.EqualTo(x.Conv1d(weight, bias, stride: 2, padding: 1, groups: 2, activation: Activation.Relu).ToArray()));
    }

    [Test]
    public void Layers_OfSizesThatAreNone_AreRefused()
    {
        var rng = new Rng(1);
        Assert.That(() => new Conv1d(3, 6, 3, rng, groups: 2), Throws.ArgumentException.With.Message.Contains("2 groups do not divide 3 channels in"));
        Assert.That(() => new Conv1d(3, 6, 0, rng), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new Conv1d(3, 6, 3, rng, stride: 0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new Conv1d(3, 6, 3, rng, padding: -1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new MaxPool1d(0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new AvgPool1d(2, stride: 0), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    private static readonly Func<Layer>[] Makers =
    [
        () => new Conv1d(3, 4, 3, new Rng(1), padding: 2),
        () => new Conv1d(3, 4, 2, new Rng(1), stride: 2, padding: 3, dilation: 2, activation: Activation.Sigmoid),
        () => new Conv1d(3, 4, 1, new Rng(1)),
        () => new MaxPool1d(2),
        () => new MaxPool1d(3, stride: 2, padding: 1),
        () => new AvgPool1d(3, stride: 2, padding: 1),
        () => new AvgPool1d(3, stride: 1, padding: 1, countPadding: false),
        () => new GlobalMaxPool1d(),
        () => new GlobalAvgPool1d(keepDims: true),
        () => new Sequential { new Conv1d(3, 4, 3, new Rng(1), padding: 2, activation: Activation.Sigmoid), new MaxPool1d(2, padding: 1), new Conv1d(4, 2, 2, new Rng(2), padding: 1), new GlobalAvgPool1d() },
    ];

    [Test]
    public void ASequenceInAPaddedBatch_GivesWhatItGivesAlone([Range(0, 9)] int which)
    {
        var layer = Makers[which]();
        int[] lengths = [7, 2, 9, 4];
        var x = Tensor.Normal([4, 3, 9], new Rng(5));
        var together = layer.Forward(x, Pass.Inference.WithLengths(lengths));
        int[]? after = layer.LengthsAfter(lengths);
        for (int n = 0; n < lengths.Length; n++)
        {
            var alone = layer.Predict(x[n].Reshape(1, 3, 9).Narrow(2, 0, lengths[n]));
            var row = together[n].Reshape([1, .. together.Shape.Sizes[1..]]);
            if (after is not null)
            {
                Assert.That(alone.Shape[2], Is.EqualTo(after[n]), $"steps of sequence {n}");
                row = row.Narrow(2, 0, after[n]);
            }
            Assert.That(row.ToArray(), Is.EqualTo(alone.ToArray()).Within(1e-6), $"sequence {n}");
        }
    }

    [Test]
    public void PaddingThatIsNotCounted_HasNoInfiniteGradientPastTheEnd()
    {
        var x = Tensor.Normal([2, 3, 9], new Rng(5)).WithGrad();
        new AvgPool1d(3, padding: 1, countPadding: false).Forward(x, Pass.Inference.WithLengths([2, 9])).Sum().Backward();
        Assert.That(x.Grad!.ToArray().All(float.IsFinite));
    }

    [Test]
    public void LengthsAfter_CountsWholeWindows()
    {
        Assert.That(new Conv1d(1, 1, 3, new Rng(1)).LengthsAfter([5, 3, 2, 0]), Is.EqualTo(new[] { 3, 1, 0, 0 }));
        Assert.That(new Conv1d(1, 1, 3, new Rng(1), stride: 2, padding: 2, dilation: 2).LengthsAfter([5, 1, 0]), Is.EqualTo(new[] { 3, 1, 0 }));
        Assert.That(new MaxPool1d(2).LengthsAfter([5, 4, 1]), Is.EqualTo(new[] { 2, 2, 0 }));
        Assert.That(new GlobalMaxPool1d().LengthsAfter([5]), Is.Null);
    }

    [Test]
    public void ASequenceThatTheWindowsLeaveNothingOf_IsNamed()
    {
        var model = new Sequential { new Conv1d(3, 4, 3, new Rng(1)), new GlobalMaxPool1d() };
        Assert.That(() => model.Forward(Tensor.Zeros([3, 3, 9]), Pass.Inference.WithLengths([9, 4, 2])),
            Throws.TypeOf<SequenceException>().With.Message.StartsWith("1 (GlobalMaxPool1d): GlobalMaxPool1d: sequence 2 of").And.Message.Contains("shorter than a window before"));
    }
}
