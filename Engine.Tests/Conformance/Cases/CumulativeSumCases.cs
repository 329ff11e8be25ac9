using Engine.Core;

namespace Engine.Tests.Conformance;

public sealed class CumulativeSumCases : IOpCases
{
    public static IEnumerable<OpCase> All()
    {
        // Along rows: around the GPU's line between a thread and a group. Across: around a vector of columns.
        foreach (int n in new[] { 0, 1, 2, 3, 15, 16, 17, 63, 64, 65, 130 })
            yield return new($"CumulativeSum rows of {n}", x => x[0].CumulativeSum(-1), Arg.Any(3, n));
        foreach (var (n, inner) in new[] { (1, 2), (2, 15), (3, 16), (5, 17), (9, 33), (4, 64), (65, 2) })
            yield return new($"CumulativeSum columns {n}x{inner}", x => x[0].CumulativeSum(1), Arg.Any(2, n, inner));
        yield return new("CumulativeSum of the first axis", x => x[0].CumulativeSum(0), Arg.Any(4, 2, 3));
        yield return new("CumulativeSum of no lines", x => x[0].CumulativeSum(1), Arg.Any(0, 3));
        // Around a group of a GPU, and the pieces that long rows and columns are cut into: one, some, and so many that their sums are cut too.
        foreach (int n in new[] { 255, 256, 257 }) yield return new($"CumulativeSum row of {n}", x => x[0].CumulativeSum(0), Arg.Any(n));
        foreach (int n in new[] { 2047, 2048, 2049, 16390 }) yield return new($"CumulativeSum long rows of {n}", x => x[0].CumulativeSum(1), Arg.Any(2, n)) { Emulate = n == 2049 };
        foreach (int n in new[] { 127, 128, 129, 300 }) yield return new($"CumulativeSum long columns of {n}", x => x[0].CumulativeSum(1), Arg.Any(2, n, 3));
        yield return new("CumulativeSum of many columns", x => x[0].CumulativeSum(0), Arg.Any(40, 900)) { Emulate = false };
        // So many numbers that central differences of their sums lose their digits.
        yield return new("CumulativeSum of a very long row", x => x[0].CumulativeSum(0), Arg.Any(140_000)) { Emulate = false, Tolerance = 5e-5, HasGradient = false };
        yield return new("CumulativeSum of very long columns", x => x[0].CumulativeSum(0), Arg.Any(16500, 2)) { Emulate = false, Tolerance = 5e-5, HasGradient = false };
    }
}
