using Engine.Core;

namespace Engine.Tests.Conformance;

public sealed class ReduceCases : IOpCases
{
    public static IEnumerable<OpCase> All()
    {
        foreach (var (name, reduce) in Reductions)
        {
            // Along rows: around one vector, four of them, and the GPU's line between a thread and a group.
            foreach (int n in new[] { 2, 15, 16, 17, 63, 64, 65, 130 })
                yield return new($"{name} rows of {n}", x => reduce(x[0], [-1], false), Arg.Distinct(3, n));
            // Across rows: around a vector of columns, and the four rows that the CPU takes at a time.
            foreach (var (n, inner) in new[] { (2, 2), (3, 15), (4, 16), (5, 17), (9, 33), (3, 64), (8, 65) })
                yield return new($"{name} columns {n}x{inner}", x => reduce(x[0], [1], false), Arg.Distinct(2, n, inner));
            yield return new($"{name} all", x => reduce(x[0], [], false), Arg.Distinct(2, 3, 5));
            yield return new($"{name} neighbours, kept", x => reduce(x[0], [1, 2], true), Arg.Distinct(2, 3, 4, 5));
            yield return new($"{name} apart", x => reduce(x[0], [0, 2, 3], false), Arg.Distinct(3, 4, 2, 3));
            yield return new($"{name} apart, kept", x => reduce(x[0], [0, -1], true), Arg.Distinct(3, 2, 5));
            yield return new($"{name} no results", x => reduce(x[0], [1], false), Arg.Any(0, 3));
            // Over the pieces that long rows and columns are cut into.
            yield return new($"{name} long row", x => reduce(x[0], [1], false), Arg.Any(2, 16390)) { HasGradient = false };
            yield return new($"{name} long columns", x => reduce(x[0], [0], false), Arg.Any(257, 19)) { Emulate = false, HasGradient = false };
            yield return new($"{name} long wide columns", x => reduce(x[0], [1], false), Arg.Any(2, 300, 70)) { Emulate = false, HasGradient = false };
            yield return new($"{name} many pieces", x => reduce(x[0], [0], false), Arg.Any(1100, 3)) { Emulate = false, HasGradient = false };
        }
        yield return new("Variance, biased", x => x[0].Variance([1], false, correction: 0), Arg.Any(3, 5));
        yield return new("Variance of one number, biased", x => x[0].Variance([], false, correction: 0), Arg.Any());
        yield return new("MeanSquaredError", x => x[0].MeanSquaredError(x[1]), Arg.Any(3, 5), Arg.Any(3, 5));
        yield return new("Sum of nothing", x => x[0].Sum([1], true), Arg.Any(3, 0));
        yield return new("Sum of one number", x => x[0].Sum(), Arg.Any());
        foreach (var (outer, n, inner) in new[] { (3, 1, 1), (3, 17, 1), (3, 130, 1), (2, 5, 17), (2, 9, 3) })
            yield return new($"ArgMax {outer}x{n}x{inner}", x => x[0].ArgMax(1), Arg.Any(outer, n, inner)) { HasGradient = false };
        yield return new("ArgMax ties", x => x[0].ArgMax(), Flat(5, 200)) { HasGradient = false };
        yield return new("ArgMax ties across", x => x[0].ArgMax(0), Flat(150, 18)) { HasGradient = false };
        yield return new("ArgMax long row", x => x[0].ArgMax(), Flat(2, 16390)) { HasGradient = false, Emulate = false };
    }

    private delegate Tensor Reduction(Tensor x, ReadOnlySpan<int> axes, bool keepDims);

    private static IEnumerable<(string Name, Reduction Reduce)> Reductions =>
    [
        ("Sum", (x, axes, keep) => x.Sum(axes, keep)),
        ("Mean", (x, axes, keep) => x.Mean(axes, keep)),
        ("Max", (x, axes, keep) => x.Max(axes, keep)),
        ("Min", (x, axes, keep) => x.Min(axes, keep)),
        ("Variance", (x, axes, keep) => x.Variance(axes, keep)),
        ("LogSumExp", (x, axes, keep) => x.LogSumExp(axes, keep)),
    ];

    /// <summary>Few values, each many times.</summary>
    private static Arg Flat(params int[] shape) => new(shape, Kernels.DType.Float32, (u, _) => MathF.Floor(4 * u), false);
}
