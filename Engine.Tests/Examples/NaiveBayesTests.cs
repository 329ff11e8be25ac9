using Engine.Examples;
using Engine.Layers;

namespace Engine.Tests;

public class NaiveBayesTests
{
    // Manning, Raghavan and Schütze 2008, example 13.1: Chinese 0, Beijing 1, Shanghai 2, Macao 3, Tokyo 4, Japan 5; class 1 is China.
    private static readonly LabelledTokens[] Train = [new(new[] { 0, 1, 0 }, 1), new(new[] { 0, 0, 2 }, 1), new(new[] { 0, 3 }, 1), new(new[] { 4, 5, 0 }, 0)];

    [Test]
    public void TheTextbooksExample_IsOfChina()
    {
        var bayes = new NaiveBayes(Train, vocabulary: 6, classes: 2);
        Assert.That(bayes.Predict([0, 0, 0, 4, 5]), Is.EqualTo(1), "3/4 · (3/7)³ · (1/14)² ≈ 0.0003 against 1/4 · (2/9)³ · (2/9)² ≈ 0.0001");
        Assert.That(bayes.Predict([4, 5]), Is.EqualTo(0));
        Assert.That(bayes.Predict([]), Is.EqualTo(1), "the more frequent class");
        Assert.That(bayes.Accuracy([new(new[] { 4, 5 }, 0), new(new[] { 0 }, 1), new(new[] { 0 }, 0), new(default, 1)]), Is.EqualTo(0.75));
    }

    [Test]
    public void Smoothing_DecidesHowMuchAnUnseenWordSays()
    {
        // In class 1, P(4) = α / (8 + 6α): next to nothing without smoothing.
        Assert.That(new NaiveBayes(Train, 6, 2, alpha: 1e-9).Predict([0, 0, 0, 0, 0, 4]), Is.EqualTo(0));
        Assert.That(new NaiveBayes(Train, 6, 2, alpha: 1).Predict([0, 0, 0, 0, 0, 4]), Is.EqualTo(1));
    }
}
