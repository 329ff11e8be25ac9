using Engine.Core;

namespace Engine.Tests.Conformance;

/// <summary>ArgSort, Sort and TopK.</summary>
public sealed class SortCases : IOpCases
{
    private static readonly float[] Special = [float.NaN, float.PositiveInfinity, float.NegativeInfinity, 0, -0f, 1e-42f, -1e-42f, float.MaxValue, float.MinValue, 1];

    public static IEnumerable<OpCase> All()
    {
        // Around powers of two, and on the emulator around its groups' share of 8.
        foreach (int n in new[] { 0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33 })
        {
            yield return new($"Sort rows of {n}", x => x[0].Sort().Values, Arg.Distinct(3, n));
            yield return new($"Sort rows of {n}, descending", x => x[0].Sort(-1, true).Values, Arg.Distinct(3, n));
            yield return new($"ArgSort rows of {n}, ties", x => x[0].ArgSort(), Few(3, n)) { HasGradient = false };
            yield return new($"ArgSort rows of {n}, ties, descending", x => x[0].ArgSort(-1, true), Few(3, n)) { HasGradient = false };
            yield return new($"ArgSort rows of {n}, special numbers", x => x[0].ArgSort(), Any(3, n)) { HasGradient = false };
            yield return new($"ArgSort rows of {n}, special numbers, descending", x => x[0].ArgSort(-1, true), Any(3, n)) { HasGradient = false };
        }
        // Around a GPU's group's share of 512, twice and four times that.
        foreach (int n in new[] { 255, 256, 257, 511, 512, 513, 1023, 1024, 1025, 2049 })
        {
            yield return new($"Sort row of {n}", x => x[0].Sort(0).Values, Arg.Distinct(n)) { Emulate = false };
            yield return new($"ArgSort rows of {n}, ties", x => x[0].ArgSort(-1, n % 2 == 0), Few(2, n)) { Emulate = false, HasGradient = false };
        }
        yield return new("ArgSort of a long row", x => x[0].ArgSort(0, true), Few(40_000)) { Emulate = false, HasGradient = false };
        yield return new("ArgSort of many rows", x => x[0].ArgSort(), Few(5000, 5)) { Emulate = false, HasGradient = false };
        yield return new("Sort of the first axis", x => x[0].Sort(0).Values, Arg.Distinct(5, 2, 3));
        yield return new("Sort of the middle axis, descending", x => x[0].Sort(1, true).Values, Arg.Distinct(2, 5, 3));
        yield return new("Sort, its indices", x => x[0].Sort(1).Indices, Few(2, 5, 3)) { HasGradient = false };
        yield return new("Sort of no rows", x => x[0].Sort().Values, Arg.Any(0, 4));
        yield return new("Sort of no columns along another axis", x => x[0].Sort(0).Values, Arg.Any(4, 0));

        foreach (int k in new[] { 0, 1, 2, 16, 17 })
        {
            yield return new($"TopK {k}", x => x[0].TopK(k).Values, Arg.Distinct(3, 17));
            yield return new($"TopK {k}, smallest", x => x[0].TopK(k, 1, largest: false).Values, Arg.Distinct(3, 17));
            yield return new($"TopK {k}, its indices", x => x[0].TopK(k).Indices, Few(3, 17)) { HasGradient = false };
        }
        yield return new("TopK of the first axis", x => x[0].TopK(2, 0).Values, Arg.Distinct(5, 2, 3));
        yield return new("TopK of the middle axis, its indices", x => x[0].TopK(3, -2, false).Indices, Few(2, 5, 3)) { HasGradient = false };
        yield return new("TopK of special numbers", x => x[0].TopK(4).Values, Any(3, 17)) { HasGradient = false };
    }

    /// <summary>Few values, each many times.</summary>
    private static Arg Few(params int[] shape) => new(shape, Kernels.DType.Float32, (u, _) => MathF.Floor(4 * u) - 2, false);

    /// <summary>NaN, infinities, both zeros and the smallest numbers there are.</summary>
    private static Arg Any(params int[] shape) => new(shape, Kernels.DType.Float32, (u, _) => Special[(int)(u * Special.Length)], false);
}
