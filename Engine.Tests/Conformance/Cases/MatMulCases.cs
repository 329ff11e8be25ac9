using Engine.Core;
using Engine.Kernels;

namespace Engine.Tests.Conformance;

public sealed class MatMulCases : IOpCases
{
    public static IEnumerable<OpCase> All()
    {
        // One below, at and one above the CPU's register tile, the GPU's tiles and the vectors.
        foreach (var (m, n, k) in new[] { (1, 1, 1), (3, 5, 7), (13, 31, 15), (14, 32, 16), (15, 33, 17), (16, 16, 16), (17, 1, 3), (1, 33, 2), (15, 17, 7), (17, 15, 9) })
            yield return new($"MatMul {m}x{n}x{k}", x => x[0].MatMul(x[1]), Arg.Any(m, k), Arg.Any(k, n));
        foreach (var (m, n, k) in new[] { (63, 65, 64), (64, 64, 63), (65, 129, 31), (127, 129, 15), (128, 128, 16), (129, 127, 17), (33, 15, 33) })
            yield return new($"MatMul {m}x{n}x{k}", x => x[0].MatMul(x[1]), Arg.Any(m, k), Arg.Any(k, n)) { Emulate = false, Tolerance = 1e-4 };
        // Over the blocks of K, and of a size that threads share.
        foreach (var (m, n, k) in new[] { (70, 90, 1700), (15, 40, 4500) })
            yield return new($"MatMul {m}x{n}x{k}", x => x[0].MatMul(x[1], x[2], Activation.Relu), Arg.Any(m, k), Arg.Any(k, n), Arg.Any(n))
            { Emulate = false, HasGradient = false, Tolerance = 1e-3 };
        // One to five vectors, and lengths about 16 of them.
        foreach (var (m, n, k) in new[] { (1, 5, 17), (2, 7, 16), (4, 3, 15), (5, 4, 33), (3, 1, 18) })
        {
            yield return new($"MatMul {m}x{n}x{k}, transposed B", x => x[0].MatMul(x[1], x[2], Activation.Relu, transposeOther: true), Arg.Any(m, k), Arg.Any(n, k), Arg.Any(n));
            yield return new($"MatMul {n}x{m}x{k}, few columns", x => x[0].MatMul(x[1], x[2], Activation.Sigmoid), Arg.Any(n, k), Arg.Any(k, m), Arg.Any(m));
        }
        yield return new("MatMul transposed A", x => x[0].MatMul(x[1], transposeThis: true), Arg.Any(5, 3), Arg.Any(5, 4));
        yield return new("MatMul transposed B", x => x[0].MatMul(x[1], transposeOther: true), Arg.Any(3, 5), Arg.Any(4, 5));
        yield return new("MatMul both transposed", x => x[0].MatMul(x[1], transposeThis: true, transposeOther: true), Arg.Any(5, 3), Arg.Any(4, 5));
        yield return new("MatMul batched", x => x[0].MatMul(x[1]), Arg.Any(2, 3, 4, 5), Arg.Any(2, 3, 5, 6));
        yield return new("MatMul batched, one B", x => x[0].MatMul(x[1]), Arg.Any(2, 4, 5), Arg.Any(5, 3));
        yield return new("MatMul batched, transposed A, one B", x => x[0].MatMul(x[1], transposeThis: true), Arg.Any(2, 5, 4), Arg.Any(5, 3));
        yield return new("MatMul bias", x => x[0].MatMul(x[1], x[2]), Arg.Any(3, 5), Arg.Any(5, 4), Arg.Any(4));
        foreach (var activation in Enum.GetValues<Activation>())
            yield return new($"MatMul bias, {activation}", x => x[0].MatMul(x[1], x[2], activation), Arg.Any(3, 5), Arg.Any(5, 4), Arg.Any(4));
        foreach (var activation in new[] { Activation.Gelu, Activation.GeluTanh })
            yield return new($"MatMul {activation}, not recorded", x => x[0].MatMul(x[1], activation: activation), Arg.Any(3, 5).Constant, Arg.Any(5, 17).Constant) { HasGradient = false };
        yield return new("MatMul empty K", x => x[0].MatMul(x[1]), Arg.Any(3, 0), Arg.Any(0, 4));
        yield return new("MatMul empty M", x => x[0].MatMul(x[1]), Arg.Any(0, 3), Arg.Any(3, 4));
    }
}
