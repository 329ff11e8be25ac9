using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests.Layers.Recurrent;

/// <summary>Small tasks that only a state can solve.</summary>
public class LearningTests
{
    /// <summary>256 sequences of 1 to 10 steps of ±1, padded with zeros, and what they are classed by.</summary>
    private static (Tensor X, int[] Lengths, Tensor Classes) Draw(int seed, Func<float[], int> classify)
    {
        const int batch = 256, steps = 10;
        var rng = new Rng((ulong)seed);
        int[] lengths = [.. Enumerable.Range(0, batch).Select(_ => 1 + rng.NextInt(steps))];
        float[][] sequences = Array.ConvertAll(lengths, n => Enumerable.Range(0, n).Select(_ => rng.NextInt(2) * 2f - 1).ToArray());
        var x = Tensor.From([.. sequences.SelectMany(s => s.Concat(new float[steps - s.Length]))], [batch, steps, 1]);
        return (x, lengths, Tensor.From(Array.ConvertAll(sequences, s => classify(s)), [batch]));
    }

    private static double Accuracy(Layer model, (Tensor X, int[] Lengths, Tensor Classes) data)
    {
        int[] found = model.Forward(data.X, Made.With(data.Lengths)).ArgMax(-1).ToArray<int>();
        return found.Zip(data.Classes.ToArray<int>()).Average(p => p.First == p.Second ? 1.0 : 0);
    }

    private static double Learn(Layer layer, Func<float[], int> classify, int steps, double learningRate)
    {
        var model = new Sequential { layer, new Linear(16, 2, new Rng(2)) };
        var optimizer = new Adam(model.Parameters, learningRate);
        for (int step = 0; step < steps; step++)
        {
            using var scope = Device.Cpu.Scope("step");
            var (x, lengths, classes) = Draw(100 + step, classify);
            optimizer.ZeroGrad();
            model.Forward(x, Pass.Train(new Rng(1)).WithLengths(lengths)).CrossEntropy(classes).Backward();
            optimizer.Step();
        }
        return Accuracy(model, Draw(1, classify));
    }

    [Test]
    public void TheFirstToken_IsRemembered([Values("rnn", "gru", "lstm")] string kind)
        => Assert.That(Learn(Made.Layer(kind, 1, 16, returnSequences: false), s => s[0] > 0 ? 1 : 0, 150, 0.01), Is.GreaterThan(0.98));

    [Test]
    public void TheParity_IsLearned_WithLengthsFrom1To10()
        => Assert.That(Learn(Made.Layer("gru", 1, 16, returnSequences: false), s => s.Count(v => v > 0) % 2, 400, 0.02), Is.GreaterThan(0.98));
}
