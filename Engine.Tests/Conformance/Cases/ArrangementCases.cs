using Engine.Core;

namespace Engine.Tests.Conformance;

/// <summary>Pad, Flip, Roll, Stack, Tile, triangles, diagonals and one-hot rows.</summary>
public sealed class ArrangementCases : IOpCases
{
    public static IEnumerable<OpCase> All() => [.. Pads(), .. Flips(), .. Rolls(), .. Repeats(), .. Matrices()];

    private static IEnumerable<OpCase> Pads()
    {
        yield return new("Pad by nothing", x => x[0].Pad([(0, 0)]), Arg.Any(3, 4));
        foreach (var mode in Enum.GetValues<PadMode>())
        {
            yield return new($"Pad {mode}, one axis", x => x[0].Pad([(2, 1)], mode), Arg.Any(2, 3));
            yield return new($"Pad {mode}, before alone", x => x[0].Pad([(2, 0)], mode), Arg.Any(2, 3));
            yield return new($"Pad {mode}, images", x => x[0].Pad([(1, 2), (3, 2)], mode), Arg.Any(2, 2, 3, 4));
            yield return new($"Pad {mode}, every axis", x => x[0].Pad([(1, 0), (0, 1), (1, 1)], mode), Arg.Any(2, 2, 3));
            yield return new($"Pad {mode}, no image", x => x[0].Pad([(1, 1), (1, 1)], mode), Arg.Any(0, 2, 3, 3));
            yield return new($"Pad {mode}, over a grain", x => x[0].Pad([(1, 1), (1, 1)], mode), Arg.Any(3, 130, 129)) { Emulate = false };
            yield return new($"Pad {mode}, integers", x => x[0].Pad([(1, 1), (2, 1)], mode), Arg.Indices(100, 3, 4)) { HasGradient = false };
            yield return new($"Pad {mode}, bytes", x => x[0].Pad([(1, 1), (2, 1)], mode), Arg.Flags(3, 4)) { HasGradient = false };
        }
        yield return new("Pad with a number", x => x[0].Pad([(1, 1), (0, 2)], value: -1.5), Arg.Any(3, 4));
        yield return new("Pad nothing to something", x => x[0].Pad([(2, 1)], value: 4), Arg.Any(2, 0));
        yield return new("Pad Replicate, one number", x => x[0].Pad([(3, 2)], PadMode.Replicate), Arg.Any(1));
    }

    private static IEnumerable<OpCase> Flips()
    {
        foreach (int n in new[] { 0, 1, 15, 16, 17, 33 }) yield return new($"Flip {n}", x => x[0].Flip(0), Arg.Any(n));
        yield return new("Flip of a scalar", x => x[0].Flip(), Arg.Any());
        yield return new("Flip, every axis", x => x[0].Flip(), Arg.Any(2, 3, 4));
        yield return new("Flip, rows", x => x[0].Flip(0), Arg.Any(4, 5));
        yield return new("Flip, columns", x => x[0].Flip(-1), Arg.Any(4, 17));
        yield return new("Flip, the middle", x => x[0].Flip(1), Arg.Any(2, 3, 4));
        yield return new("Flip, the outer ones", x => x[0].Flip(0, 2), Arg.Any(2, 3, 4));
        yield return new("Flip and turn", x => x[0].Flip(0).Transpose().Flip(0), Arg.Any(20, 33));
        yield return new("Flip of bytes", x => x[0].Flip(1), Arg.Flags(4, 19)) { HasGradient = false };
        yield return new("Flip over a grain", x => x[0].Flip(), Arg.Any(3, 16387)) { Emulate = false };
        yield return new("Flip, rows over a grain", x => x[0].Flip(0), Arg.Any(70, 250)) { Emulate = false };
    }

    private static IEnumerable<OpCase> Rolls()
    {
        foreach (int shift in new[] { 0, 1, -1, 4, 7, -12 }) yield return new($"Roll by {shift}", x => x[0].Roll(shift, 0), Arg.Any(5));
        yield return new("Roll, the middle", x => x[0].Roll(2, 1), Arg.Any(2, 3, 4));
        yield return new("Roll, columns", x => x[0].Roll(-2, -1), Arg.Any(3, 17));
        yield return new("Roll of nothing", x => x[0].Roll(3, 1), Arg.Any(3, 0));
        yield return new("Roll of integers", x => x[0].Roll(3, 1), Arg.Indices(9, 3, 5)) { HasGradient = false };
    }

    private static IEnumerable<OpCase> Repeats()
    {
        yield return new("Stack", x => Tensor.Stack(x), Arg.Any(2, 3), Arg.Any(2, 3), Arg.Any(2, 3));
        yield return new("Stack along the last axis", x => Tensor.Stack(x, -1), Arg.Any(2, 3), Arg.Any(2, 3));
        yield return new("Stack along the middle axis", x => Tensor.Stack(x, 1), Arg.Any(2, 3), Arg.Any(2, 3).Constant);
        yield return new("Stack of scalars", x => Tensor.Stack(x), Arg.Any(), Arg.Any());

        yield return new("Tile", x => x[0].Tile(2, 3), Arg.Any(2, 3));
        yield return new("Tile, new axes", x => x[0].Tile(2, 1, 3), Arg.Any(4));
        yield return new("Tile, the last axis", x => x[0].Tile(3), Arg.Any(2, 5));
        yield return new("Tile of a scalar", x => x[0].Tile(3), Arg.Any());
        yield return new("Tile to nothing", x => x[0].Tile(0, 2), Arg.Any(2, 3));
        yield return new("Tile, once", x => x[0].Tile(1, 1), Arg.Any(2, 3));
        yield return new("Tile, five axes", x => x[0].Tile(2, 3, 2, 3, 2), Arg.Any(2, 1, 2, 3, 2));
        yield return new("Tile of integers", x => x[0].Tile(2, 2), Arg.Indices(9, 2, 3)) { HasGradient = false };
        yield return new("RepeatInterleave", x => x[0].RepeatInterleave(3, 0), Arg.Any(2, 3));
        yield return new("RepeatInterleave, the last axis", x => x[0].RepeatInterleave(2, -1), Arg.Any(2, 17));
        yield return new("RepeatInterleave to nothing", x => x[0].RepeatInterleave(0, 1), Arg.Any(2, 3));
    }

    private static IEnumerable<OpCase> Matrices()
    {
        foreach (int diagonal in new[] { 0, 1, -2, 9, -9 })
        {
            yield return new($"Tril {diagonal}", x => x[0].Tril(diagonal), Arg.Any(4, 5));
            yield return new($"Triu {diagonal}", x => x[0].Triu(diagonal), Arg.Any(2, 5, 4));
            yield return new($"Diagonal {diagonal}", x => x[0].Diagonal(diagonal), Arg.Any(4, 5));
        }
        yield return new("Tril 33x17", x => x[0].Tril(), Arg.Any(33, 17));
        yield return new("Tril of nothing", x => x[0].Tril(), Arg.Any(3, 0));
        yield return new("Triu of no matrix", x => x[0].Triu(1), Arg.Any(0, 3, 3));
        yield return new("Diagonal of axes apart", x => x[0].Diagonal(1, 0, 2), Arg.Any(3, 2, 4));
        yield return new("Diagonal of axes the other way", x => x[0].Diagonal(-1, 2, 0), Arg.Any(3, 2, 4));
        yield return new("Diagonal of nothing", x => x[0].Diagonal(), Arg.Any(2, 0, 3));

        yield return new("Outer", x => x[0].Outer(x[1]), Arg.Any(4), Arg.Any(17));
        yield return new("Outer of nothing", x => x[0].Outer(x[1]), Arg.Any(0), Arg.Any(3));

        yield return new("OneHot", x => x[0].OneHot(5), Arg.Indices(5, 7)) { HasGradient = false };
        yield return new("OneHot of a matrix", x => x[0].OneHot(17), Arg.Indices(17, 3, 4)) { HasGradient = false };
        yield return new("OneHot of one class", x => x[0].OneHot(1), Arg.Indices(1, 3)) { HasGradient = false };
        yield return new("OneHot of a scalar", x => x[0].OneHot(4), Arg.Indices(4)) { HasGradient = false };
        yield return new("OneHot of nothing", x => x[0].OneHot(4), Arg.Indices(4, 0)) { HasGradient = false };
    }
}
