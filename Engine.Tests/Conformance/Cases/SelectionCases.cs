using Engine.Core;
using Engine.Kernels;

namespace Engine.Tests.Conformance;

/// <summary>Comparisons, Where, Cast and Dropout.</summary>
public sealed class SelectionCases : IOpCases
{
    private static readonly int[] Sizes = [0, 1, 15, 16, 17, 33];

    // So few numbers that many pairs are equal.
    private static Arg Few(params int[] shape) => new(shape, DType.Float32, (u, _) => MathF.Floor(4 * u) - 2, false);

    public static IEnumerable<OpCase> All() => [.. Comparisons(), .. Wheres(), .. Casts(), .. Dropouts()];

    private static IEnumerable<OpCase> Comparisons()
    {
        var relations = new (string Name, Func<Tensor, Tensor, Tensor> Function)[]
        {
            ("Equal", (a, b) => a.Equal(b)), ("NotEqual", (a, b) => a.NotEqual(b)), ("Less", (a, b) => a.Less(b)), ("LessEqual", (a, b) => a.LessEqual(b)),
            ("Greater", (a, b) => a.Greater(b)), ("GreaterEqual", (a, b) => a.GreaterEqual(b)),
        };
        foreach (var (name, f) in relations)
        {
            yield return new(name, x => f(x[0], x[1]), Few(3, 17), Few(3, 17)) { HasGradient = false };
            yield return new($"{name} outer", x => f(x[0], x[1]), Few(4, 1, 3), Few(1, 17, 1)) { HasGradient = false };
        }
        foreach (int n in Sizes) yield return new($"Less {n}", x => x[0].Less(x[1]), Few(n), Few(n)) { HasGradient = false };
        yield return new("Less over a grain", x => x[0].Less(x[1]), Few(16401), Few(1)) { HasGradient = false, Emulate = false };
    }

    private static IEnumerable<OpCase> Wheres()
    {
        foreach (int n in Sizes) yield return new($"Where {n}", x => Tensor.Where(x[0], x[1], x[2]), Arg.Flags(n), Arg.Any(n), Arg.Any(n));
        yield return new("Where, a row of flags", x => Tensor.Where(x[0], x[1], x[2]), Arg.Flags(17), Arg.Any(3, 17), Arg.Any(3, 17));
        yield return new("Where, a column of flags", x => Tensor.Where(x[0], x[1], x[2]), Arg.Flags(3, 1), Arg.Any(3, 5), Arg.Any(5));
        yield return new("Where, flags wider than both", x => Tensor.Where(x[0], x[1], x[2]), Arg.Flags(2, 3, 5), Arg.Any(3, 1), Arg.Any());
        yield return new("Where, any byte but 0", x => Tensor.Where(x[0], x[1], x[2]), new Arg([33], DType.UInt8, (u, _) => MathF.Floor(3 * u) * 100, false), Arg.Any(33), Arg.Any(33));
        yield return new("Where over a grain", x => Tensor.Where(x[0], x[1], x[2]), Arg.Flags(16401), Arg.Any(16401), Arg.Any()) { Emulate = false };
    }

    private static IEnumerable<OpCase> Casts()
    {
        var fractions = new Arg([33], DType.Float32, (u, _) => 700 * u - 350, false);
        foreach (var dtype in Enum.GetValues<DType>().Where(t => t != DType.Float32))
        {
            yield return new($"Cast to {dtype}", x => x[0].Cast(dtype), fractions) { HasGradient = false };
            yield return new($"Cast from {dtype}", x => x[0].Cast(dtype).Cast(DType.Float32), fractions) { HasGradient = false };
            yield return new($"Cast nothing to {dtype}", x => x[0].Cast(dtype), Arg.Any(0)) { HasGradient = false };
        }
        yield return new("Cast Int32 to UInt8", x => x[0].Cast(DType.Int32).Cast(DType.UInt8), fractions) { HasGradient = false };
        yield return new("Cast Float16 to BFloat16", x => x[0].Cast(DType.Float16).Cast(DType.BFloat16), fractions) { HasGradient = false };
        yield return new("Cast over a grain", x => x[0].Cast(DType.BFloat16), Arg.Any(16385)) { HasGradient = false, Emulate = false };
    }

    private static IEnumerable<OpCase> Dropouts()
    {
        foreach (int n in new[] { 0, 1, 3, 4, 5, 15, 16, 17, 33, 63, 64, 65 }) yield return new($"Dropout {n}", x => x[0].Dropout(0.3, new Rng(5)), Arg.Any(n));
        yield return new("Dropout of nearly all", x => x[0].Dropout(0.999, new Rng(5)), Arg.Any(33));
        yield return new("Dropout further down the stream", x => x[0].Dropout(0.5, new Rng(5) { Position = (1UL << 34) + 3 }), Arg.Any(2, 17));
        yield return new("Dropout over a grain", x => x[0].Dropout(0.5, new Rng(5)), Arg.Any(16387)) { Emulate = false };
    }
}
