using Engine.Core;

namespace Engine.Tests.Core;

public class Conv1dTests
{
    [TestCase(new[] { 3, 4 }, new[] { 2, 3, 3 }, 1, 0, "(N, C, L)")]
    [TestCase(new[] { 2, 3, 0 }, new[] { 2, 3, 3 }, 1, 2, "are empty")]
    [TestCase(new[] { 2, 3, 4 }, new[] { 2, 3, 3, 3 }, 1, 0, "(K, C/groups, S)")]
    [TestCase(new[] { 2, 3, 4 }, new[] { 2, 5, 3 }, 1, 0, "takes 5. The weight must be (K, 3, S)")]
    [TestCase(new[] { 2, 4, 3 }, new[] { 2, 3, 3 }, 1, 0, "Permute(0, 2, 1)")]
    [TestCase(new[] { 2, 3, 4 }, new[] { 2, 3, 5 }, 1, 0, "window of 5 steps")]
    [TestCase(new[] { 2, 3, 2 }, new[] { 2, 3, 5 }, 1, 1, "Pad by 2 and")]
    [TestCase(new[] { 2, 3, 4 }, new[] { 2, 3, 0 }, 1, 0, "the window is 0")]
    [TestCase(new[] { 1, 4, 4 }, new[] { 3, 2, 3 }, 2, 0, "divisor of both")]
    [TestCase(new[] { 1, 4, 4 }, new[] { 3, 2, 3 }, 0, 0, "divisor of both")]
    [TestCase(new[] { 2, 3, 4 }, new[] { 2, 3, 3 }, 1, -1, "at least 0")]
    [TestCase(new[] { 2, 3, 4 }, new[] { 2, 3, 3 }, 1, int.MaxValue, "wider than")]
    public void Conv1d_OfShapesThatDisagree_NamesThem(int[] x, int[] w, int groups, int padding, string mend)
        => Assert.That(() => Tensor.Zeros(x).Conv1d(Tensor.Zeros(w), groups: groups, padding: padding), Throws.TypeOf<ShapeException>().With.Message.Contains(mend));

    [Test]
    public void Conv1d_OfSettingsThatAreNone_NamesThem()
    {
        Tensor x = Tensor.Zeros([1, 1, 4]), w = Tensor.Zeros([2, 1, 3]);
        Assert.That(() => x.Conv1d(w, stride: 0), Throws.TypeOf<ShapeException>().With.Message.EqualTo("Conv1d: the stride is 0, and must be at least 1."));
        Assert.That(() => x.Conv1d(w, dilation: 0), Throws.TypeOf<ShapeException>().With.Message.Contains("dilation is 0"));
        Assert.That(() => x.Conv1d(w, dilation: 2), Throws.TypeOf<ShapeException>().With.Message.Contains("window of 5 steps").And.Message.Contains("Pad by 2 and"));
        Assert.That(() => x.Conv1d(w, dilation: 5, padding: 1), Throws.TypeOf<ShapeException>().With.Message.Contains("window of 11 steps").And.Message.Contains("Pad by 5 and"));
        Assert.That(x.Conv1d(w, dilation: 5, padding: 5).Shape, Is.EqualTo(new Shape(1, 2, 4)), "as the message says");
        Assert.That(() => x.Conv1d(w, Tensor.Zeros([3])), Throws.TypeOf<ShapeException>().With.Message.Contains("must be (2)"));
    }

    [Test]
    public void Conv1d_OfTheMovingDifference_GivesItsNumbers()
    {
        var x = Tensor.From([1f, 4, 9, 16, 25, 2, 2, 3, 3, 4], [1, 2, 5]);
        var w = Tensor.From([-1f, 1, 0, 2], [1, 2, 2]);
        Assert.That(x.Conv1d(w).ToArray(), Is.EqualTo(new float[] { 3 + 4, 5 + 6, 7 + 6, 9 + 8 }));
        Assert.That(x.Conv1d(w, padding: 1, stride: 2).ToArray(), Is.EqualTo(new float[] { 1 + 4, 5 + 6, 9 + 8 }));
    }

    [Test]
    public void Pools1d_GiveTheirNumbers()
    {
        var x = Tensor.From([1f, 5, 2, 8, 3], [1, 1, 5]);
        Assert.That(x.MaxPool1d(2).ToArray(), Is.EqualTo(new float[] { 5, 8 }));
        Assert.That(x.AvgPool1d(3, 2, 1).ToArray(), Is.EqualTo(new float[] { 2, 5, 11f / 3 }).Within(1e-6));
        Assert.That(x.AvgPool1d(3, 2, 1, countPadding: false).ToArray(), Is.EqualTo(new float[] { 3, 5, 5.5f }).Within(1e-6));
    }

    [Test]
    public void GlobalPools1d_PassByWhatLiesPastTheEnd()
    {
        float nan = float.NaN;
        var x = Tensor.From([1f, 2, 9, nan, 4, 8, 6, 3], [2, 1, 4]).WithGrad();
        Assert.That(x.GlobalMaxPool1d([2, 4]).ToArray(), Is.EqualTo(new float[] { 2, 8 }));
        Assert.That(x.GlobalAvgPool1d([2, 4]).ToArray(), Is.EqualTo(new[] { 1.5f, 5.25f }));
        (x.GlobalMaxPool1d([2, 4]) + x.GlobalAvgPool1d([2, 4])).Sum().Backward();
        Assert.That(x.Grad!.ToArray(), Is.EqualTo(new[] { 0.5f, 1.5f, 0, 0, 0.25f, 1.25f, 0.25f, 0.25f }));
    }

    [Test]
    public void Pools1d_OfWhatDoesNotFit_NameTheRow()
    {
        var x = Tensor.Zeros([3, 2, 4]);
        Assert.That(() => x.GlobalMaxPool1d([4, 0, 1]), Throws.TypeOf<SequenceException>().With.Property("Row").EqualTo(1).And.Message.StartsWith("GlobalMaxPool1d: sequence 1 of (3, 2, 4)").And.Message.Contains("has 0 steps"));
        Assert.That(() => x.GlobalAvgPool1d([4, 1, -2]), Throws.TypeOf<SequenceException>().With.Property("Row").EqualTo(2).And.Message.Contains("sequence 2"));
        Assert.That(() => x.GlobalAvgPool1d([4, 5, 1]), Throws.TypeOf<SequenceException>().With.Property("Row").EqualTo(1).And.Message.Contains("sequence 1").And.Message.Contains("up to 4"));
        Assert.That(() => x.GlobalMaxPool1d([4, 1]), Throws.TypeOf<ShapeException>().With.Message.Contains("2 lengths for the 3 sequences"));
        Assert.That(() => Tensor.Zeros([3, 2, 0]).GlobalMaxPool1d(), Throws.TypeOf<ShapeException>().With.Message.Contains("are empty"));
        Assert.That(() => Tensor.Zeros([3, 2]).GlobalAvgPool1d(), Throws.TypeOf<ShapeException>().With.Message.Contains("(N, C, L)"));
        Assert.That(() => x.MaxPool1d(5), Throws.TypeOf<ShapeException>().With.Message.Contains("does not fit"));
        Assert.That(() => x.MaxPool1d(2, padding: 2), Throws.TypeOf<ShapeException>().With.Message.Contains("more than half"));
        Assert.That(() => x.AvgPool1d(0), Throws.TypeOf<ShapeException>().With.Message.Contains("window is 0"));
        Assert.That(() => x.AvgPool1d(2, stride: 0), Throws.TypeOf<ShapeException>().With.Message.Contains("stride is 0"));
    }
}
