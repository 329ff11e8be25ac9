using Engine.Core;

namespace Engine.Tests.Conformance;

public sealed class Pool1dCases : IOpCases
{
    public static IEnumerable<OpCase> All()
    {
        foreach (var (name, shape, window, stride, padding) in new (string, int[], int, int?, int)[]
        {
            ("1", [1, 1, 1], 1, null, 0), ("of no sequence", [0, 2, 4], 2, null, 0), ("2", [2, 3, 6], 2, null, 0), ("2, a step left over", [2, 2, 7], 2, null, 0),
            ("3, stride 2, padding 1", [1, 2, 7], 3, 2, 1), ("overlapping", [1, 2, 5], 3, 1, 0), ("stride larger than the window", [1, 1, 7], 2, 3, 0),
            ("of the whole sequence", [2, 3, 4], 4, null, 0),
        })
        {
            yield return new($"MaxPool1d {name}", x => x[0].MaxPool1d(window, stride, padding), Arg.Distinct(shape));
            yield return new($"AvgPool1d {name}", x => x[0].AvgPool1d(window, stride, padding), Arg.Any(shape));
            if (padding > 0)
                yield return new($"AvgPool1d {name}, padding not counted", x => x[0].AvgPool1d(window, stride, padding, countPadding: false), Arg.Any(shape));
        }
        foreach (int steps in new[] { 15, 16, 17, 31, 32, 33, 63, 64, 65 })
        {
            yield return new($"MaxPool1d 2 over {steps} steps", x => x[0].MaxPool1d(2), Arg.Distinct(2, 2, steps)) { Emulate = false };
            yield return new($"AvgPool1d 3 over {steps} steps", x => x[0].AvgPool1d(3, 1, 1), Arg.Any(2, 2, steps)) { Emulate = false };
        }

        yield return new("GlobalMaxPool1d", x => x[0].GlobalMaxPool1d(), Arg.Distinct(2, 3, 5));
        yield return new("GlobalAvgPool1d", x => x[0].GlobalAvgPool1d(), Arg.Any(2, 3, 5));
        foreach (var (n, steps) in new[] { (3, 5), (1, 1), (2, 16), (5, 17), (4, 33) })
        {
            // 1, 3, 5, … steps, and at most all.
            int[] lengths = [.. Enumerable.Range(0, n).Select(i => Math.Min(steps, 2 * i + 1))];
            yield return new($"GlobalMaxPool1d of lengths, {n} of {steps} steps", x => x[0].GlobalMaxPool1d(lengths), Arg.Distinct(n, 2, steps));
            yield return new($"GlobalAvgPool1d of lengths, {n} of {steps} steps", x => x[0].GlobalAvgPool1d(lengths), Arg.Any(n, 2, steps));
            yield return new($"GlobalMaxPool1d of lengths, {n} of {steps} steps, keepDims", x => x[0].GlobalMaxPool1d(lengths, keepDims: true), Arg.Distinct(n, 2, steps));
            yield return new($"GlobalAvgPool1d of lengths, {n} of {steps} steps, keepDims", x => x[0].GlobalAvgPool1d(lengths, keepDims: true), Arg.Any(n, 2, steps));
        }
        yield return new("GlobalMaxPool1d of no sequence", x => x[0].GlobalMaxPool1d([]), Arg.Any(0, 3, 4));
        yield return new("GlobalMaxPool1d NaN", x => x[0].GlobalMaxPool1d([3, 4]), new Arg([2, 2, 7], Kernels.DType.Float32, (u, i) => i % 7 >= 4 ? float.NaN : u - 0.5f, false)) { HasGradient = false };
    }
}
