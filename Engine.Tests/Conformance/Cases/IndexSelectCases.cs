using Engine.Core;

namespace Engine.Tests.Conformance;

/// <summary>IndexSelect and MaskedFill, which are made of other ops.</summary>
public sealed class IndexSelectCases : IOpCases
{
    public static IEnumerable<OpCase> All()
    {
        foreach (var (axis, shape, count) in new (int, int[], int)[] { (0, [5], 7), (0, [5, 17], 4), (1, [5, 17], 20), (-1, [2, 3, 4], 5), (1, [2, 3, 4], 1), (1, [1, 1], 3), (1, [3, 4], 0) })
            yield return new($"IndexSelect of {count} along {axis} of {new Shape(shape)}", x => x[0].IndexSelect(axis, x[1]), Arg.Any(shape), Arg.Indices(shape[axis < 0 ? axis + shape.Length : axis], count));
        yield return new("IndexSelect of integers", x => x[0].IndexSelect(1, x[1]), Arg.Indices(9, 3, 5), Arg.Indices(5, 4)) { HasGradient = false };

        foreach (int n in new[] { 0, 1, 15, 16, 17, 33 }) yield return new($"MaskedFill {n}", x => x[0].MaskedFill(x[1], -7), Arg.Any(n), Arg.Flags(n));
        yield return new("MaskedFill, a row of flags", x => x[0].MaskedFill(x[1], 0.5), Arg.Any(3, 17), Arg.Flags(17));
        yield return new("MaskedFill, a column of flags", x => x[0].MaskedFill(x[1], 0.5), Arg.Any(2, 3, 5), Arg.Flags(3, 1));
        yield return new("MaskedFill before a softmax", x => x[0].MaskedFill(x[1], double.NegativeInfinity).Softmax(), Arg.Any(4, 9), new([4, 9], Kernels.DType.UInt8, (u, i) => i % 9 > 0 && u < 0.5f ? 1 : 0, false));
    }
}
