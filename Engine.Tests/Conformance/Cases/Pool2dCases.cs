using Engine.Core;

namespace Engine.Tests.Conformance;

public sealed class Pool2dCases : IOpCases
{
    public static IEnumerable<OpCase> All()
    {
        foreach (var (name, shape, window, stride, padding) in Settings())
        {
            yield return new($"MaxPool2d {name}", x => x[0].MaxPool2d(window, stride, padding), Arg.Distinct(shape));
            yield return new($"AvgPool2d {name}", x => x[0].AvgPool2d(window, stride, padding), Arg.Any(shape));
            if (padding is not null)
                yield return new($"AvgPool2d {name}, padding not counted", x => x[0].AvgPool2d(window, stride, padding, countPadding: false), Arg.Any(shape));
        }
        foreach (int w in new[] { 15, 16, 17, 31, 32, 33, 34, 63, 64, 65, 66 })
        {
            yield return new($"MaxPool2d 2 over {w} wide", x => x[0].MaxPool2d(2), Arg.Distinct(2, 2, 5, w)) { Emulate = false };
            yield return new($"AvgPool2d 2 over {w} wide", x => x[0].AvgPool2d(2), Arg.Any(2, 2, 5, w)) { Emulate = false };
        }
        yield return new("MaxPool2d many planes", x => x[0].MaxPool2d(2), Arg.Distinct(33, 5, 10, 12)) { Emulate = false };
        yield return new("MaxPool2d NaN", x => x[0].MaxPool2d(2), NotANumber(1, 2, 6, 6)) { HasGradient = false };
        yield return new("MaxPool2d NaN, 36 wide", x => x[0].MaxPool2d(2), NotANumber(1, 2, 6, 36)) { HasGradient = false };
        yield return new("MaxPool2d all alike", x => x[0].MaxPool2d(3, 2, 1), new Arg([1, 1, 5, 5], Kernels.DType.Float32, (_, _) => float.NegativeInfinity, false)) { HasGradient = false };
    }

    private static Arg NotANumber(params int[] shape)
        => new(shape, Kernels.DType.Float32, (u, i) => i % 7 == 3 ? float.NaN : u - 0.5f, false);

    private static IEnumerable<(string Name, int[] Shape, Pair Window, Pair? Stride, Pair? Padding)> Settings()
    {
        yield return ("1", [1, 1, 1, 1], 1, null, null);
        yield return ("of no image", [0, 2, 4, 4], 2, null, null);
        yield return ("2", [2, 3, 4, 6], 2, null, null);
        yield return ("2, a row and a column left over", [2, 2, 5, 7], 2, null, null);
        yield return ("3, stride 2, padding 1", [1, 2, 7, 6], 3, 2, 1);
        yield return ("overlapping", [1, 2, 5, 5], 3, 1, null);
        yield return ("2x3, stride 1x2, padding 1x1", [2, 1, 4, 5], (2, 3), (1, 2), (1, 1));
        yield return ("stride larger than the window", [1, 1, 7, 7], 2, 3, null);
        yield return ("of the whole image", [2, 3, 3, 4], (3, 4), null, null);
    }
}
