using Engine.Core;

namespace Engine.Tests.Conformance;

public sealed class AdaptivePool2dCases : IOpCases
{
    public static IEnumerable<OpCase> All()
    {
        foreach (var (shape, size) in new (int[], Pair)[]
        {
            ([1, 1, 1, 1], 1), ([0, 2, 4, 5], 3), ([2, 3, 4, 6], 2), ([2, 3, 5, 7], 1), ([2, 2, 5, 7], 3), ([1, 2, 7, 5], (3, 4)), ([1, 2, 10, 4], (7, 3)),
            ([2, 1, 2, 3], (3, 5)), ([1, 1, 3, 2], (7, 1)), ([1, 2, 4, 4], 4), ([1, 1, 6, 5], (6, 2)),
        })
        {
            string name = $"{new Shape(shape)} to {size.Height}x{size.Width}";
            yield return new($"AdaptiveMaxPool2d {name}", x => x[0].AdaptiveMaxPool2d(size), Arg.Distinct(shape));
            yield return new($"AdaptiveAvgPool2d {name}", x => x[0].AdaptiveAvgPool2d(size), Arg.Any(shape));
        }
        foreach (int w in new[] { 15, 16, 17, 31, 33, 65 })
        {
            yield return new($"AdaptiveMaxPool2d {w} wide", x => x[0].AdaptiveMaxPool2d((4, 10)), Arg.Distinct(2, 2, 6, w)) { Emulate = false };
            yield return new($"AdaptiveAvgPool2d {w} wide", x => x[0].AdaptiveAvgPool2d((4, 10)), Arg.Any(2, 2, 6, w)) { Emulate = false };
        }
        yield return new("AdaptiveMaxPool2d many planes", x => x[0].AdaptiveMaxPool2d((7, 5)), Arg.Distinct(9, 11, 13, 12)) { Emulate = false };
        yield return new("AdaptiveAvgPool2d many planes", x => x[0].AdaptiveAvgPool2d((7, 5)), Arg.Any(33, 11, 13, 12)) { Emulate = false };
        yield return new("AdaptiveMaxPool2d NaN", x => x[0].AdaptiveMaxPool2d(4), new Arg([1, 2, 7, 7], Kernels.DType.Float32, (u, i) => i % 9 == 3 ? float.NaN : u - 0.5f, false)) { HasGradient = false };
        yield return new("AdaptiveMaxPool2d all alike", x => x[0].AdaptiveMaxPool2d(3), new Arg([1, 1, 5, 5], Kernels.DType.Float32, (_, _) => float.NegativeInfinity, false)) { HasGradient = false };

        yield return new("GlobalMaxPool2d", x => x[0].GlobalMaxPool2d(), Arg.Distinct(2, 3, 4, 5));
        yield return new("GlobalMaxPool2d, keepDims", x => x[0].GlobalMaxPool2d(keepDims: true), Arg.Distinct(2, 3, 4, 5));
        yield return new("GlobalAvgPool2d", x => x[0].GlobalAvgPool2d(), Arg.Any(2, 3, 4, 5));
        yield return new("GlobalAvgPool2d, keepDims", x => x[0].GlobalAvgPool2d(keepDims: true), Arg.Any(2, 3, 4, 5));
        yield return new("GlobalAvgPool2d of no image", x => x[0].GlobalAvgPool2d(), Arg.Any(0, 3, 4, 5));
    }
}
