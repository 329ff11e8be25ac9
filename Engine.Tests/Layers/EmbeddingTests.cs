using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests.Layers;

public class EmbeddingTests
{
    private static readonly Tensor Ids = Tensor.From([3, 1, 0, 3, 4, 1], [2, 3]);

    [Test]
    public void Embedding_GivesAVectorForEachId_AndAddsUpTheirGradients()
    {
        var layer = new Embedding(5, 2, new Rng(1));
        var y = layer.Forward(Ids, Pass.Train(new Rng(2)));
        Assert.That(y.Shape, Is.EqualTo(new Shape(2, 3, 2)));
        float[] table = Weight(layer).Value.ToArray();
        Assert.That(y.ToArray(), Is.EqualTo(Ids.ToArray<int>().SelectMany(id => table[(2 * id)..(2 * id + 2)])));
        y.Backward(Tensor.Arange(12).Reshape(2, 3, 2));
        Assert.That(Weight(layer).Grad!.ToArray(), Is.EqualTo(new float[] { 4, 5, 12, 14, 0, 0, 6, 8, 8, 9 }));
    }

    [Test]
    public void Embedding_DrawsAsPyTorchDoes_UnlessToldOtherwise()
    {
        float[] normal = Weight(new Embedding(1000, 20, new Rng(1))).Value.ToArray();
        Assert.That(normal.Average(v => v * v), Is.EqualTo(1).Within(0.05));
        float[] keras = Weight(new Embedding(1000, 20, new Rng(1), init: Init.Uniform(-0.05, 0.05))).Value.ToArray();
        Assert.That(keras.Min(), Is.InRange(-0.05, -0.049));
        Assert.That(keras.Max(), Is.InRange(0.049, 0.05));
    }

    [Test]
    public void Embedding_Padding_BeginsAsZeros_AndGetsNoGradient()
    {
        var layer = new Embedding(5, 2, new Rng(1), paddingIndex: -2);
        Assert.That(layer.PaddingIndex, Is.EqualTo(3));
        Assert.That(Weight(layer).Value.ToArray()[6..8], Is.EqualTo(new float[] { 0, 0 }));
        Assert.That(Weight(layer).Value.ToArray().Count(v => v == 0), Is.EqualTo(2));
        layer.Forward(Ids, Pass.Train(new Rng(2))).Backward(Tensor.Ones([2, 3, 2]));
        Assert.That(Weight(layer).Grad!.ToArray(), Is.EqualTo(new float[] { 1, 1, 2, 2, 0, 0, 0, 0, 1, 1 }));
    }

    [Test]
    public void Embedding_MaxNorm_ShortensTheRowsTouched_InTrainingInPlace()
    {
        float[] vectors = [3, 4, 0.3f, 0.4f, 30, 40, 0, 0, 6, 8];
        var layer = Embedding.FromPretrained(Tensor.From(vectors, [5, 2]), frozen: false, maxNorm: 2.5);
        float[] seen = [0, 0, 0.3f, 0.4f, 1.5f, 2, 0, 0, 1.5f, 2, 0.3f, 0.4f];
        Assert.That(layer.Predict(Ids).ToArray(), Is.EqualTo(seen).Within(1e-6), "at inference");
        Assert.That(Weight(layer).Value.ToArray(), Is.EqualTo(vectors), "which leaves the table alone");
        int version = Weight(layer).Version;
        Assert.That(layer.Forward(Ids, Pass.Train(new Rng(1))).ToArray(), Is.EqualTo(seen).Within(1e-6), "in training");
        Assert.That(Weight(layer).Value.ToArray(), Is.EqualTo(new[] { 1.5f, 2, 0.3f, 0.4f, 30, 40, 0, 0, 1.5f, 2 }).Within(1e-6), "which changes the rows looked up, and row 2 was not");
        Assert.That(Weight(layer).Version, Is.GreaterThan(version));
    }

    [Test]
    public void Embedding_FromPretrained_IsFrozenUnlessToldOtherwise_AndHoldsACopy()
    {
        var vectors = Tensor.Normal([5, 2], new Rng(1));
        Embedding frozen = Embedding.FromPretrained(vectors), free = Embedding.FromPretrained(vectors, frozen: false, paddingIndex: 0);
        Assert.That((Weight(frozen).Trainable, Weight(free).Trainable), Is.EqualTo((false, true)));
        Assert.That(frozen.Forward(Ids, Pass.Train(new Rng(1))).RequiresGrad, Is.False);
        Assert.That(Weight(free).Value.ToArray(), Is.EqualTo(vectors.ToArray()), "the padding's vector too");
        Weight(free).CopyFrom(new float[10]);
        Assert.That(Weight(frozen).Value.ToArray(), Is.EqualTo(vectors.ToArray()));
    }

    [TestCase(5)]
    [TestCase(-1)]
    public void Embedding_AnIdPastTheVocabulary_NamesTheExampleThePositionAndTheMend(int bad)
    {
        var model = new Sequential { { "words", new Embedding(5, 2, new Rng(1)) } };
        var error = Assert.Throws<IndexException>(() => model.Predict(Tensor.From([3, 1, 0, 3, bad, 1], [2, 3])))!;
        Assert.That(error.Message, Is.EqualTo($"words (Embedding 5 -> 2): the token id {bad} of example 1, position 1 is past the vocabulary: ids are 0..4. "
            + "Give words that the vocabulary lacks its unknown index, or the layer a larger count."));
    }

    [Test]
    public void Embedding_WithMaxNorm_ChangesNothingForABadId()
    {
        var layer = Embedding.FromPretrained(Tensor.Full([5, 2], 9), frozen: false, maxNorm: 1);
        Assert.That(() => layer.Forward(Tensor.From([0, 1, 7], [3]), Pass.Train(new Rng(1))), Throws.TypeOf<IndexException>().With.Message.Contains("the token id 7 of position 2 of (3)"));
        Assert.That(Weight(layer).Value.ToArray(), Has.All.EqualTo(9f));
    }

    [Test]
    public void Embedding_RefusesWhatDoesNotFit()
    {
        Assert.That(() => new Embedding(5, 2, new Rng(1)).Predict(Tensor.Ones([3])), Throws.TypeOf<DTypeException>().With.Message.Contains("the token ids (3) are Float32, and must be Int32"));
        Assert.That(() => new Embedding(5, 2, new Rng(1), paddingIndex: 5), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("0..4"));
        Assert.That(() => new Embedding(5, 2, new Rng(1), paddingIndex: -6), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new Embedding(5, 2, new Rng(1), maxNorm: 0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new Embedding(0, 2, new Rng(1)), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => Embedding.FromPretrained(Tensor.Ones([4])), Throws.TypeOf<ShapeException>().With.Message.Contains("(count, size)"));
        Assert.That(() => Embedding.FromPretrained(Tensor.Zeros([4, 2], dtype: DType.Int32)), Throws.TypeOf<DTypeException>());
    }

    [Test]
    public void Embedding_FrozenWithMaxNorm_ShortensWhatIsLookedUp_AndLeavesTheTable()
    {
        float[] vectors = [3, 4, 0.3f, 0.4f];
        var layer = Embedding.FromPretrained(Tensor.From(vectors, [2, 2]), frozen: true, maxNorm: 2.5);
        Assert.That(layer.Forward(Tensor.From([0, 1], [2]), Pass.Train(new Rng(1))).ToArray(), Is.EqualTo(new[] { 1.5f, 2, 0.3f, 0.4f }).Within(1e-6));
        Assert.That(Weight(layer).Value.ToArray(), Is.EqualTo(vectors));
    }

    [Test]
    public void Embedding_MaxNorm_LeavesThePaddingAsItIs()
    {
        var layer = Embedding.FromPretrained(Tensor.From([3f, 4, 6, 8, 30, 40], [3, 2]), frozen: false, paddingIndex: 1, maxNorm: 2.5);
        float[] seen = [6, 8, 1.5f, 2];
        var ids = Tensor.From([1, 0], [2]);
        Assert.That(layer.Predict(ids).ToArray(), Is.EqualTo(seen).Within(1e-6));
        Assert.That(layer.Forward(ids, Pass.Train(new Rng(1))).ToArray(), Is.EqualTo(seen).Within(1e-6));
        Assert.That(Weight(layer).Value.ToArray(), Is.EqualTo(new[] { 1.5f, 2, 6, 8, 30, 40 }).Within(1e-6));
    }

    [Test]
    public void Embedding_OfNoIds_IsEmpty() => Assert.That(new Embedding(5, 2, new Rng(1), maxNorm: 1).Forward(Tensor.From(Array.Empty<int>(), [0, 3]), Pass.Train(new Rng(1))).Shape, Is.EqualTo(new Shape(0, 3, 2)));

    private static Parameter Weight(Embedding layer) => layer.Parameters[0];
}
