using Engine.Core;
using Engine.Kernels;

namespace Engine.Tests.Conformance;

/// <summary>Gather, Scatter and ScatterAdd.</summary>
public sealed class GatherCases : IOpCases
{
    private sealed record Sizes(string What, int Axis, int[] X, int[] Indices, bool Emulate = true);

    // Indices repeat wherever there are more of them than places.
    private static readonly Sizes[] Shapes =
    [
        new("numbers", 0, [5], [7]),
        new("one number", 0, [1], [1]),
        new("the last axis", -1, [3, 17], [3, 5]),
        new("the first axis", 0, [4, 17], [9, 17]),
        new("the middle axis", 1, [2, 5, 3], [2, 8, 3]),
        new("shorter axes", 1, [3, 5, 4], [2, 6, 3]),
        new("shorter axes, the first", 0, [4, 5, 6], [3, 2, 5]),
        new("one index a row", 1, [33, 10], [33, 1]),
        new("no index", 1, [3, 5], [3, 0]),
        new("no line", 1, [3, 5], [0, 4]),
        new("63 lines", 0, [3, 63], [4, 63]),
        new("64 lines", 0, [3, 64], [4, 64]),
        new("65 lines", 0, [3, 65], [4, 65]),
        new("six axes", 3, [2, 1, 3, 4, 2, 2], [1, 1, 2, 5, 2, 1]),
        new("a long line", 0, [300], [16400], false),
        new("a long line of few places", 0, [17], [20000], false),
        new("one of ten in each of many rows", 1, [20000, 10], [20000, 1], false),
        new("a few long lines", 1, [3, 50], [3, 9000], false),
        new("many lines", 0, [2, 20000], [3, 20000], false),
        new("many short rows", -1, [9000, 3], [9000, 2], false),
    ];

    public static IEnumerable<OpCase> All()
    {
        foreach (var (what, axis, x, indices, emulate) in Shapes)
        {
            int bound = x[axis < 0 ? axis + x.Length : axis];
            yield return new($"Gather, {what}", i => i[0].Gather(axis, i[1]), Arg.Any(x), Arg.Indices(bound, indices)) { Emulate = emulate };
            yield return new($"Scatter, {what}", i => i[0].Scatter(axis, i[1], i[2]), Arg.Any(x), Arg.Indices(bound, indices), Arg.Any(indices)) { Emulate = emulate };
            yield return new($"ScatterAdd, {what}", i => i[0].ScatterAdd(axis, i[1], i[2]), Arg.Any(x), Arg.Indices(bound, indices), Arg.Any(indices)) { Emulate = emulate };
        }
        yield return new("Scatter of more values than indices", i => i[0].Scatter(1, i[1], i[2]), Arg.Any(3, 5), Arg.Indices(5, 2, 4), Arg.Any(3, 6));
        yield return new("ScatterAdd of more values than indices", i => i[0].ScatterAdd(0, i[1], i[2]), Arg.Any(3, 5), Arg.Indices(3, 2, 4), Arg.Any(4, 5));
        yield return new("Scatter of one number", i => i[0].Scatter(1, i[1], 3), Arg.Any(3, 5), Arg.Indices(5, 3, 4));
        yield return new("Scatter into a constant", i => i[0].Scatter(1, i[1], i[2]), Arg.Any(3, 5).Constant, Arg.Indices(5, 3, 4), Arg.Any(3, 4));
        yield return new("ScatterAdd of a constant", i => i[0].ScatterAdd(1, i[1], i[2]), Arg.Any(3, 5), Arg.Indices(5, 3, 4), Arg.Any(3, 4).Constant);
        yield return new("Gather of bytes", i => i[0].Gather(1, i[1]), Arg.Flags(3, 5), Arg.Indices(5, 3, 4)) { HasGradient = false };
        yield return new("Gather of integers", i => i[0].Gather(0, i[1]), Arg.Indices(9, 3, 5), Arg.Indices(3, 4, 5)) { HasGradient = false };
        yield return new("Gather of halves", i => i[0].Cast(DType.Float16).Gather(0, i[1]), Arg.Any(3, 5).Constant, Arg.Indices(3, 4, 5)) { HasGradient = false };
        yield return new("Scatter of bytes", i => i[0].Scatter(1, i[1], i[2]), Arg.Flags(3, 5), Arg.Indices(5, 3, 4), Arg.Flags(3, 4)) { HasGradient = false };
        yield return new("Scatter of integers", i => i[0].Scatter(0, i[1], i[2]), Arg.Indices(9, 3, 5), Arg.Indices(3, 4, 5), Arg.Indices(9, 4, 5)) { HasGradient = false };
        yield return new("Scatter of halves", i => i[0].Cast(DType.BFloat16).Scatter(0, i[1], i[2].Cast(DType.BFloat16)), Arg.Any(3, 5).Constant, Arg.Indices(3, 4, 5), Arg.Any(4, 5).Constant) { HasGradient = false };
    }
}
