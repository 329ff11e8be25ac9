using Engine.Core;
using Engine.Layers;

namespace Engine.Tests.Layers;

public class PermuteTests
{
    [Test]
    public void Permute_BringsWhatAnEmbeddingGives_ToAConvolution()
    {
        var words = new Embedding(9, 4, new Rng(1), paddingIndex: 0);
        var window = new Conv1d(4, 5, 2, new Rng(2));
        var model = new Sequential { words, new Permute(0, 2, 1), window, new GlobalMaxPool1d() };
        int[] ids = [1, 2, 3, 4, 5, 6, 7, 0];
        var whole = model.Forward(Tensor.From(ids, [2, 4]), Pass.Inference.WithLengths([4, 3]));
        Assert.That(whole.Shape, Is.EqualTo(new Shape(2, 5)));
        var alone = window.Predict(words.Predict(Tensor.From([5, 6, 7], [1, 3])).Permute(0, 2, 1)).Max(2);
        Assert.That(whole[1].ToArray(), Is.EqualTo(alone.ToArray()).Within(1e-6));
        Assert.That(model[1].LengthsAfter([4, 3]), Is.EqualTo(new[] { 4, 3 }));
        Assert.That(model[1].ToString(), Does.Contain("Permute 0, 2, 1"));
    }

    [Test]
    public void Permute_TakesNegativeAxes()
        => Assert.That(new Permute(0, -1, 1).Predict(Tensor.Ones([2, 3, 4])).Shape, Is.EqualTo(new Shape(2, 4, 3)));

    [Test]
    public void Permute_OfAxesThatAreMissingOrNamedTwice_IsRefused()
    {
        foreach (int[] axes in new int[][] { [0, 2], [0, 1, 1], [2, 1, -1], [0, 1, -4] })
            Assert.That(() => new Permute(axes), Throws.ArgumentException.With.Message.Contains("that of the batch"), string.Join(", ", axes));
        Assert.That(() => new Permute(0, 2, 1).Predict(Tensor.Ones([2, 3])), Throws.TypeOf<ShapeException>().With.Message.Contains("(2, 3)"));
    }

    /// <summary>A container of a user's own, which asks its part for the steps.</summary>
    private sealed class Halved : Layer
    {
        private readonly Layer inner;

        public Halved() => inner = Register("inner", new MaxPool1d(2));

        public override int[]? LengthsAfter(int[] lengths) => inner.LengthsAfter(lengths);

        protected override Tensor Compute(Tensor x, Pass pass) => inner.Forward(x, pass);
    }

    [Test]
    public void AContainerOfOnesOwn_TellsTheStepsOfItsParts() => Assert.That(new Halved().LengthsAfter([5, 2]), Is.EqualTo(new[] { 2, 1 }));
}
