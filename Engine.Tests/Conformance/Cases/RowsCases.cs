using Engine.Core;

namespace Engine.Tests.Conformance;

public sealed class RowsCases : IOpCases
{
    public static IEnumerable<OpCase> All()
    {
        foreach (int columns in new[] { 1, 15, 16, 17, 65 })
            yield return Case($"GatherRows of {columns} columns", Arg.Any(5, columns), Arg.Indices(5, 3, 4));
        yield return Case("GatherRows, one index", Arg.Any(5, 3), Arg.Indices(5));
        yield return Case("GatherRows, no index", Arg.Any(5, 3), Arg.Indices(5, 0));
        yield return Case("GatherRows of no columns", Arg.Any(5, 0), Arg.Indices(5, 2));
        yield return Case("GatherRows of one row", Arg.Any(1, 3), Arg.Indices(1, 4));
        yield return Case("GatherRows of numbers", Arg.Any(5), Arg.Indices(5, 7));
        yield return Case("GatherRows of matrices", Arg.Any(5, 2, 3), Arg.Indices(5, 7));
        // Repeated indices, and a gradient that is cut along rows and columns.
        yield return Case("GatherRows, many", Arg.Any(50, 17), Arg.Indices(50, 1000)) with { Emulate = false };
        yield return Case("GatherRows, wide", Arg.Any(7, 200), Arg.Indices(7, 90)) with { Emulate = false };
        yield return Case("GatherRows of bytes", Arg.Flags(5, 3), Arg.Indices(5, 4)) with { HasGradient = false };
        yield return Case("GatherRows of integers", Arg.Indices(9, 5, 3), Arg.Indices(5, 4)) with { HasGradient = false };
        foreach (int columns in new[] { 1, 15, 16, 17, 65 })
            yield return Scatter($"ScatterAddRows of {columns} columns", 5, Arg.Any(3, 4, columns), Arg.Indices(5, 3, 4));
        yield return Scatter("ScatterAddRows, no index", 5, Arg.Any(0, 3), Arg.Indices(5, 0));
        yield return Scatter("ScatterAddRows of no columns", 5, Arg.Any(2, 0), Arg.Indices(5, 2));
        yield return Scatter("ScatterAddRows, no rows", 0, Arg.Any(0, 3), Arg.Indices(1, 0));
        yield return Scatter("ScatterAddRows of numbers", 5, Arg.Any(7), Arg.Indices(5, 7));
        yield return Scatter("ScatterAddRows of one", 1, Arg.Any(1, 3), Arg.Indices(1, 1));
        yield return Scatter("ScatterAddRows, many", 50, Arg.Any(1000, 17), Arg.Indices(50, 1000)) with { Emulate = false };
    }

    private static OpCase Scatter(string name, int rows, Arg x, Arg indices) => new(name, i => i[0].ScatterAddRows(i[1], rows), x, indices);

    private static OpCase Case(string name, Arg x, Arg indices) => new(name, i => i[0].GatherRows(i[1]), x, indices);
}
