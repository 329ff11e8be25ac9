using Engine.Core;
using Engine.Kernels;

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

        foreach (bool sparse in new[] { false, true })
        {
            yield return Padded(5, 17, 28, 2, sparse);
            yield return Padded(1, 3, 4, 0, sparse);
            yield return Padded(50, 17, 1000, 7, sparse) with { Emulate = false };
        }
        yield return new("GatherRows, sparse", i => i[0].GatherRows(i[1], sparse: true), Arg.Any(7, 17), Arg.Indices(5, 3, 4));
        yield return new("GatherRows, sparse, no index", i => i[0].GatherRows(i[1], sparse: true), Arg.Any(7, 17), Arg.Indices(5, 0));
        yield return new("GatherRows, sparse, of matrices", i => i[0].GatherRows(i[1], sparse: true), Arg.Any(7, 2, 3), Arg.Indices(5, 9));
        yield return new("GatherRows, sparse, twice", i => i[0].GatherRows(i[1], sparse: true) * i[0].GatherRows(i[2], sparse: true), Arg.Any(7, 3), Arg.Indices(5, 9), Arg.Indices(7, 9));
        yield return new("GatherRows, sparse, and the table itself", i => i[0].GatherRows(i[1], sparse: true).MatMul(i[0], transposeOther: true), Arg.Any(7, 3), Arg.Indices(5, 9));
        // Some rows come often, and most never.
        yield return Case("GatherRows, few of many", Arg.Any(700, 20), new Arg([1000], DType.Int32, (u, _) => MathF.Floor(700 * u * u * u * u), false)) with { Emulate = false };

        foreach (int columns in new[] { 0, 1, 15, 16, 17, 65 })
            yield return Set($"SetRows of {columns} columns", Arg.Any(5, columns), 3);
        yield return Set("SetRows, none", Arg.Any(5, 3), 0);
        yield return Set("SetRows, all", Arg.Any(5, 3), 5);
        yield return Set("SetRows of bytes", Arg.Flags(5, 3), 3);
        for (int axis = 0; axis < 3; axis++)
        {
            int[] part = [3, 4, 5];
            part[axis] = 2;
            yield return Part($"SetPart along axis {axis}", Arg.Any(3, 4, 5), Arg.Any(part), axis);
            yield return Part($"SetPart of bytes along axis {axis}", Arg.Flags(3, 4, 5), Arg.Flags(part), axis);
        }
        yield return Part("SetPart, none", Arg.Any(3, 4), Arg.Any(3, 0), 1);
        yield return Part("SetPart of a cache", Arg.Any(3, 17, 33), Arg.Any(3, 2, 33), 1);
        yield return Set("SetRows of matrices, many", Arg.Any(500, 20, 3), 400) with { Emulate = false };
    }

    private static OpCase Scatter(string name, int rows, Arg x, Arg indices) => new(name, i => i[0].ScatterAddRows(i[1], rows), x, indices);

    /// <summary>A table whose row of padding is 0 whatever it holds, so that its gradient is.</summary>
    private static OpCase Padded(int rows, int columns, int count, int padding, bool sparse) => new($"GatherRows of {rows} rows with padding{(sparse ? ", sparse" : "")}", i =>
    {
        var others = Tensor.From([.. Enumerable.Range(0, rows).Select(row => row == padding ? 0f : 1f)], [rows, 1], i[0].Device);
        return i[0].GatherRows(i[1], padding, sparse) * others.GatherRows(i[1]);
    }, Arg.Any(rows, columns), Arg.Indices(rows, count));

    /// <summary>Every third row from the last on, mod the rows.</summary>
    private static OpCase Set(string name, Arg target, int count) => new(name, x =>
    {
        int rows = x[0].Shape[0];
        var indices = Tensor.From([.. Enumerable.Range(0, count).Select(i => (3 * i + rows - 1) % rows)], [count], x[0].Device);
        InPlace.SetRows(x[0], indices, x[1]);
        return x[0];
    }, target.Constant, target.Constant with { Shape = [count, .. target.Shape.Sizes[1..]] })
    { HasGradient = false };

    private static OpCase Part(string name, Arg target, Arg part, int axis) => new(name, x =>
    {
        InPlace.SetPart(x[0], axis, 1, x[1]);
        return x[0];
    }, target.Constant, part.Constant)
    { HasGradient = false };

    private static OpCase Case(string name, Arg x, Arg indices) => new(name, i => i[0].GatherRows(i[1]), x, indices);
}
