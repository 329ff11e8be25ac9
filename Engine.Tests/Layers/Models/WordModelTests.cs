using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests.Layers.Models;

public class WordModelTests
{
    private static readonly Pass Training = Pass.Train(new Rng(1));

    [Test]
    public void Word2Vec_Loss_IsThatOfThePublication()
    {
        // Only word 3 is ever drawn, so the loss is known: all 5 words drawn for each example are word 3.
        var model = new Word2Vec([0, 0, 0, 9], 2, new Rng(1), negatives: 5);
        float[] input = [0, 0, 1, 2, -1, 0.5f, 2, -1], output = [0, 0, 0.5f, 1, 1, -1, 0.25f, 0.75f];
        model.Parameters[0].CopyFrom(input);
        model.Parameters[1].CopyFrom(output);
        Assert.That(model.Loss(Tensor.From([1, 2], [2]), Tensor.From([2, 1], [2]), Training).ToArray(),
            Is.EqualTo(new[] { Loss([1, 2], [1, -1]), Loss([-1, 0.5], [0.5, 1]) }).Within(1e-5), "skip-gram");
        Assert.That(model.Loss(Tensor.From([1, 2, 3, 0, 1, 0], [2, 3]), Tensor.From([2, 1], [2]), Training).ToArray(),
            Is.EqualTo(new[] { Loss([2 / 3.0, 0.5], [1, -1]), Loss([1, 2], [0.5, 1]) }).Within(1e-5), "CBOW, without padding");

        static double Loss(double[] h, double[] u) => Softplus(-(h[0] * u[0] + h[1] * u[1])) + 5 * Softplus(h[0] * 0.25 + h[1] * 0.75);

        static double Softplus(double x) => Math.Log(1 + Math.Exp(x));
    }

    [Test]
    public void Word2Vec_LossOfABatchInGroups_IsThatOfEachExample()
    {
        var model = new Word2Vec([0, 0, 0, 9], 2, new Rng(1));
        model.Parameters[0].CopyFrom([0, 0, 1, 2, -1, 0.5f, 2, -1]);
        model.Parameters[1].CopyFrom([0, 0, 0.5f, 1, 1, -1, 0.25f, 0.75f]);
        int[] words = [.. Enumerable.Range(0, 192).Select(i => 1 + i % 3)], targets = [.. words.Select(word => 1 + word % 3)];
        float[] grouped = model.Loss(Tensor.From(words, [192]), Tensor.From(targets, [192]), Training).ToArray();
        float[] alone = model.Loss(Tensor.From(words[..3], [3]), Tensor.From(targets[..3], [3]), Training).ToArray();
        Assert.That(grouped, Is.EqualTo(Enumerable.Range(0, 192).Select(i => alone[i % 3])).Within(1e-5));
    }

    [Test]
    public void Word2Vec_RefusesWhatDoesNotFit()
    {
        var model = new Word2Vec([0, 1, 1], 2, new Rng(1));
        Assert.That(() => model.Loss(Tensor.From([1, 2], [2]), Tensor.From([1], [1]), Training), Throws.TypeOf<ShapeException>().With.Message.Contains("must be (2)"));
        Assert.That(() => model.Predict(Tensor.From([1, 2], [1, 1, 2])), Throws.TypeOf<ShapeException>().With.Message.Contains("(B, W)"));
        Assert.That(() => model.Predict(Tensor.From([3], [1])), Throws.TypeOf<IndexException>().With.Message.Contains("input (Embedding").And.Message.Contains("past the vocabulary"));
        Assert.That(() => new Word2Vec([0, 0], 2, new Rng(1)), Throws.ArgumentException);
    }

    [Test]
    public void GloVe_IsThePublicationsFormula()
    {
        var model = new GloVe(3, 2, new Rng(1));
        foreach (var (name, numbers) in new[] { ("word", new[] { 1f, 2, 3, 4, 5, 6 }), ("context", [1f, 0, 0, 1, 1, -1]), ("word_bias", [0.1f, 0.2f, 0.3f]), ("context_bias", [1f, 2, 3]) })
            model.NamedParameters().Single(p => p.Key == name + ".weight").Value.CopyFrom(numbers);
        var y = model.Forward(Tensor.From([0, 2, 1, 0], [2, 2]), Training);
        Assert.That(y.ToArray(), Is.EqualTo(new[] { 1 - 2 + 0.1 + 3, 3 + 0.2 + 1 }).Within(1e-6));
        double loss = (Math.Pow(16 / 100.0, 0.75) * Math.Pow(2.1 - Math.Log(16), 2) + Math.Pow(4.2 - Math.Log(200), 2)) / 2;
        Assert.That(GloVe.Loss(y, Tensor.From([16f, 200f], [2])).Item(), Is.EqualTo(loss).Within(1e-5));
        Assert.That(model.Vectors().ToArray(), Is.EqualTo(new float[] { 2, 2, 3, 5, 6, 5 }));
        Assert.That(() => model.Predict(Tensor.From([1, 2], [2])), Throws.TypeOf<ShapeException>().With.Message.Contains("(B, 2)"));
        Assert.That(() => GloVe.Loss(y, Tensor.Ones([3])), Throws.TypeOf<ShapeException>());
    }

    [TestCase(1.0)]
    [TestCase(1.0, 0.0, 3.0, 0.5, 0.0)]
    [TestCase(5.0, 1.0, 1.0, 1.0)]
    public void AliasTable_DrawsInProportionToTheWeights(params double[] weights)
    {
        const int draws = 40_000;
        var table = new AliasTable(weights);
        var rng = new Rng(3);
        int[] counts = new int[table.Count];
        for (int i = 0; i < draws; i++) counts[table.Draw(rng)]++;
        for (int i = 0; i < counts.Length; i++)
        {
            double p = weights[i] / weights.Sum();
            Assert.That(counts[i], Is.EqualTo(p * draws).Within(5 * Math.Sqrt(draws * p * (1 - p))), $"number {i}");
        }
    }

    [Test]
    public void AliasTable_RefusesWeightsThatAreNone()
    {
        foreach (double[] weights in new double[][] { [], [0, 0], [1, -1], [double.NaN], [double.PositiveInfinity] })
            Assert.That(() => new AliasTable(weights), Throws.ArgumentException);
    }

    [Test]
    public void Losses_OfEmptyBatches_AndOfWordsThatNeverComeTogether_AreRefused()
    {
        var model = new Word2Vec([0, 3, 2], 4, new Rng(1));
        var none = Tensor.From(Array.Empty<int>(), [0]);
        Assert.That(() => model.Loss(none, none, Pass.Train(new Rng(1))), Throws.TypeOf<ShapeException>().With.Message.Contains("the batch is empty"));
        Assert.That(() => GloVe.Loss(Tensor.Zeros([0]), Tensor.Zeros([0])), Throws.TypeOf<ShapeException>().With.Message.Contains("the batch is empty"));
        foreach (float bad in new[] { 0, -1, float.NaN, float.PositiveInfinity })
            Assert.That(() => GloVe.Loss(Tensor.Ones([2]), Tensor.From([1, bad], [2])), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("pair 1"));
    }
}
