using Engine.Core;
using Engine.Kernels;
using TorchSharp;
using static TorchSharp.torch;
using Device = Engine.Kernels.Device;
using EngineTensor = Engine.Core.Tensor;
using TorchTensor = TorchSharp.torch.Tensor;

namespace Engine.Libtorch;

/// <summary>LayerNorm, GroupNorm, both forms of Gelu, and the cross-entropy of a linear layer beside libtorch's, with all gradients, on shapes drawn at random.</summary>
public class NormTests : Comparison
{
    private const int Cases = 40;

    [Test]
    public void Float_IsLibtorchs_WithinOneHundredThousandth([Range(0, Cases - 1)] int number)
        => Note(Compare(number, new CpuDevice(1), 1e-5));

    [Test]
    public void Double_IsLibtorchs([Range(0, Cases - 1)] int number) => Compare(number, new ReferenceDevice(), 1e-10);

    /// <summary>What is computed, the shapes of its arguments, and both forms of it; a null shape is an argument left out.</summary>
    private sealed record Case(string Name, int[]?[] Shapes, Func<EngineTensor?[], EngineTensor> Ours, Func<TorchTensor?[], TorchTensor> Theirs)
    {
        public static Case Draw(int number)
        {
            var random = Drawn.For(number);
            int rows = random.Next(1, 9), width = random.Next(2, 80), groups = random.Next(1, 5), channels = groups * random.Next(1, 5), space = random.Next(2, 40);
            bool weighted = random.Next(4) > 0, biased = random.Next(4) > 0;
            double epsilon = Math.Pow(10, -random.Next(2, 6));
            int[]? Of(bool given, int size) => given ? [size] : null;
            switch (number % 5)
            {
                case 0:
                    return new("LayerNorm", [[2, rows, width], Of(weighted, width), Of(biased, width)], x => x[0]!.LayerNorm(x[1], x[2], epsilon),
                        x => nn.functional.layer_norm(x[0]!, [width], x[1]!, x[2]!, epsilon));
                case 1:
                    return new("AddLayerNorm and the sum", [[rows, width], Of(weighted, width), Of(biased, width), [rows, width]],
                        x => x[0]!.AddLayerNorm(x[3]!, x[1], x[2], out var sum, epsilon) * sum,
                        x => nn.functional.layer_norm(x[0]! + x[3]!, [width], x[1]!, x[2]!, epsilon) * (x[0]! + x[3]!));
                case 2:
                    // A bias without a weight stops libtorch's backward: "tensor does not have a device".
                    return new($"GroupNorm of {groups}", [[rows, channels, space], Of(weighted, channels), Of(weighted && biased, channels)], x => x[0]!.GroupNorm(groups, x[1], x[2], epsilon),
                        x => nn.functional.group_norm(x[0]!, groups, x[1]!, x[2]!, epsilon));
                case 3:
                    return new("Gelu and GeluTanh", [[rows, width]], x => (x[0]! * 4).Gelu() + (x[0]! * 3).GeluTanh(),
                        x => nn.functional.gelu(x[0]! * 4) + nn.functional.gelu(x[0]! * 3, TorchSharp.Modules.GELU.Approximate.tanh));
                default:
                    int classes = random.Next(2, 60);
                    int[] labels = [.. Enumerable.Range(0, rows + 1).Select(i => i > 0 && random.Next(4) == 0 ? -100 : random.Next(classes))];
                    bool mean = random.Flip();
                    return new($"LinearCrossEntropy of {classes}", [[rows + 1, width], [classes, width], Of(biased, classes)],
                        x => x[0]!.LinearCrossEntropy(x[1]!, x[2], EngineTensor.From(labels, [labels.Length], x[0]!.Device), mean: mean),
                        x => nn.functional.cross_entropy(nn.functional.linear(x[0]!, x[1]!, x[2]!), tensor(Array.ConvertAll(labels, k => (long)k)), ignore_index: -100,
                            reduction: mean ? nn.Reduction.Mean : nn.Reduction.Sum));
            }
        }
    }

    private static double Compare(int number, Device device, double tolerance)
    {
        var c = Case.Draw(number);
        string shapes = string.Join(", ", c.Shapes.Select(s => s is null ? "none" : $"({string.Join(' ', s)})"));
        TestContext.Out.WriteLine($"SEED={Drawn.Seed}: {c.Name}, {shapes}");
        var random = Drawn.For(number + Cases);
        // Rounded to float, so that both start from the same.
        double[]?[] numbers = [.. c.Shapes.Select(s => s is null ? null : Rounded(random, s.Aggregate(1, (a, b) => a * b)))];
        var ours = Each((n, s) => EngineTensor.From(n, s, device).WithGrad());
        var y = c.Ours(ours);
        double[] weights = Rounded(random, y.Count);
        (y * EngineTensor.From(weights, y.Shape, device)).Sum().Backward();

        using var scope = NewDisposeScope();
        var theirs = Each((n, s) => tensor(n, Array.ConvertAll(s, k => (long)k), dtype: ScalarType.Float64, requires_grad: true));
        var expected = c.Theirs(theirs);
        (expected * tensor(weights, expected.shape)).sum().backward();

        double most = Difference(y.ToArray<double>(), expected, "result");
        for (int i = 0; i < ours.Length; i++)
            if (ours[i] is { } mine) most = Math.Max(most, Difference(mine.Grad!.ToArray<double>(), theirs[i]!.grad!, $"gradient of {i}"));
        return most;

        T?[] Each<T>(Func<double[], int[], T> make) where T : class => [.. numbers.Zip(c.Shapes, (n, s) => n is null ? null : make(n, s!))];

        // Relative to the largest number, where that is over 1.
        double Difference(double[] found, TorchTensor wanted, string what)
        {
            double[] right = wanted.detach().contiguous().data<double>().ToArray();
            double off = Drawn.Difference(found, right) / Math.Max(1, right.Max(Math.Abs));
            Assert.That(off, Is.LessThanOrEqualTo(tolerance), $"SEED={Drawn.Seed}, {c.Name}, {shapes}: {what}");
            return off;
        }
    }

    private static double[] Rounded(Random random, int count) => [.. random.Numbers(count).Select(v => (double)(float)v)];
}
