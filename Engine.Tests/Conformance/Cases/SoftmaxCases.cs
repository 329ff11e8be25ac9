using Engine.Core;
using Engine.Kernels;

namespace Engine.Tests.Conformance;

public sealed class SoftmaxCases : IOpCases
{
    /// <summary>Classes, about a quarter of them to be ignored.</summary>
    private static Arg Labels(int classes, int count) => new([count], DType.Int32, (u, _) => u < 0.25f ? -100 : MathF.Floor((u - 0.25f) / 0.75f * classes), false);

    private static Tensor Linear(Tensor[] x, bool mean, int block) => Op.Apply(new LinearCrossEntropyOp(-100, mean, block), x[0], x[1], x[2], x[3]);

    public static IEnumerable<OpCase> All()
    {
        foreach (int n in new[] { 1, 2, 10, 15, 16, 17, 33 })
        {
            yield return new($"Softmax rows of {n}", x => x[0].Softmax(), Arg.Any(3, n));
            yield return new($"LogSoftmax rows of {n}", x => x[0].LogSoftmax(), Arg.Any(3, n));
            yield return new($"CrossEntropy {n} classes", x => x[0].CrossEntropy(x[1]), Arg.Any(4, n), Arg.Indices(n, 4));
        }
        foreach (int n in new[] { 255, 256, 257, 513 })
        {
            yield return new($"Softmax rows of {n}", x => x[0].Softmax(), Arg.Any(1, n)) { Emulate = false };
            yield return new($"LogSoftmax rows of {n}", x => x[0].LogSoftmax(), Arg.Any(1, n)) { Emulate = false };
            yield return new($"CrossEntropy {n} classes", x => x[0].CrossEntropy(x[1]), Arg.Any(1, n), Arg.Indices(n, 1)) { Emulate = false };
        }
        yield return new("Softmax one row", x => x[0].Softmax(), Arg.Any(5));
        yield return new("Softmax first axis", x => x[0].Softmax(0), Arg.Any(4, 3));
        yield return new("LogSoftmax middle axis", x => x[0].LogSoftmax(1), Arg.Any(2, 3, 4));
        yield return new("Softmax no rows", x => x[0].Softmax(), Arg.Any(0, 3));
        yield return new("Softmax no columns", x => x[0].Softmax(), Arg.Any(3, 0));
        yield return new("Softmax over a grain", x => x[0].Softmax(), Arg.Any(1000, 17)) { Emulate = false, HasGradient = false };
        foreach (int n in new[] { 1, 7, 17, 40 })
            yield return new($"CrossEntropy {n} classes, one ignored", x => x[0].CrossEntropy(x[1], 0), Arg.Any(6, n + 1), Arg.Indices(n + 1, 6));
        yield return new("CrossEntropy, ignored outside the classes", x => x[0].CrossEntropy(x[1], -100), Arg.Any(6, 5), Labels(5, 6));
        yield return new("CrossEntropy over a grain", x => x[0].CrossEntropy(x[1]), Arg.Any(1000, 17), Arg.Indices(17, 1000)) { Emulate = false };
        // All rows in one block; then blocks of which the last is smaller; a row a block.
        foreach (var (rows, width, classes, block) in new[] { (1, 1, 2, 1000), (4, 3, 5, 1000), (7, 16, 17, 51), (7, 5, 33, 99), (5, 4, 15, 1) })
        {
            string name = $"LinearCrossEntropy {rows}x{width} by {classes}, {Math.Min(rows, (rows * classes + block - 1) / block)} blocks";
            yield return new(name, x => Linear(x, true, block), Arg.Any(rows, width), Arg.Any(classes, width), Arg.Any(classes), Labels(classes, rows));
            yield return new($"{name}, sum", x => Linear(x, false, block), Arg.Any(rows, width), Arg.Any(classes, width), Arg.Any(classes), Labels(classes, rows));
        }
        yield return new("LinearCrossEntropy, no bias, two axes of rows", x => x[0].LinearCrossEntropy(x[1], null, x[2]), Arg.Any(2, 3, 4), Arg.Any(6, 4), Arg.Indices(6, 2, 3));
        yield return new("LinearCrossEntropy, weight alone", x => x[0].LinearCrossEntropy(x[1], x[2], x[3]), Arg.Any(3, 4).Constant, Arg.Any(6, 4), Arg.Any(6).Constant, Arg.Indices(6, 3));
        yield return new("LinearCrossEntropy, all ignored", x => x[0].LinearCrossEntropy(x[1], x[2], x[3], 0), Arg.Any(3, 4), Arg.Any(6, 4), Arg.Any(6), Arg.Indices(1, 3));
        yield return new("LinearCrossEntropy, not recorded", x => x[0].LinearCrossEntropy(x[1], x[2], x[3]), Arg.Any(3, 4).Constant, Arg.Any(6, 4).Constant, Arg.Any(6).Constant, Arg.Indices(6, 3)) { HasGradient = false };
    }
}
