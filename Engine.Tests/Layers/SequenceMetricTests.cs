using Engine.Core;
using Engine.Layers;

namespace Engine.Tests.Layers;

public class SequenceMetricTests
{
    /// <summary>The classes found, (2, 3): 1 2 0 and 2 2 1.</summary>
    private static readonly Tensor Outputs = Tensor.From([0, 5, 1, 0, 1, 2, 3, 1, 2, 0, 0, 9, 1, 2, 7, 0, 3, 1f], [2, 3, 3]);

    [Test]
    public void Places_AndWholeSequences_AreCounted()
    {
        TokenAccuracy tokens = new(), passing = new(0);
        SequenceAccuracy sequences = new(), passed = new(0);
        foreach (var metric in new Metric[] { tokens, passing, sequences, passed }) metric.Add(Outputs, Tensor.From([1, 2, 0, 2, 1, 0], [2, 3]));
        Assert.That(tokens.Value, Is.EqualTo(4 / 6.0));
        Assert.That(passing.Value, Is.EqualTo(3 / 4.0));
        Assert.That((sequences.Value, passed.Value), Is.EqualTo((0.5, 0.5)));
        passed.Add(Outputs, Tensor.From([1, 2, 1, 2, 2, 0], [2, 3]));
        Assert.That(passed.Value, Is.EqualTo(0.5));
        var again = new SequenceAccuracy(0) { State = passed.State };
        Assert.That(again.Value, Is.EqualTo(passed.Value));
        passed.Reset();
        Assert.That(passed.State, Is.All.Zero);
    }

    [Test]
    public void Mistakes_AreNamed()
        => Assert.That(() => new TokenAccuracy().Add(Outputs, Tensor.From([1, 2], [2, 1])), Throws.TypeOf<ShapeException>().With.Message.Contains("token_accuracy"));
}
