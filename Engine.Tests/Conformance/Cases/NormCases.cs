using Engine.Core;

namespace Engine.Tests.Conformance;

public sealed class NormCases : IOpCases
{
    public static IEnumerable<OpCase> All()
    {
        foreach (double p in new[] { 0.5, 1, 1.5, 2, 3, double.PositiveInfinity, double.NegativeInfinity })
        {
            yield return new($"Norm {p}", x => x[0].Norm(p), Arg.AwayFromZero(3, 7));
            yield return new($"Norm {p} over the last axis", x => x[0].Norm(p, [-1]), Arg.AwayFromZero(3, 17));
            yield return new($"Norm {p} over the first, kept", x => x[0].Norm(p, [0], keepDims: true), Arg.AwayFromZero(3, 4));
        }
        yield return new("Norm 0", x => x[0].Norm(0, [1]), new Arg([3, 17], Kernels.DType.Float32, (u, _) => u < 0.4f ? 0 : u, false)) { HasGradient = false };
        yield return new("Norm over axes apart", x => x[0].Norm(2, [0, 2]), Arg.Any(2, 3, 4));
        yield return new("Norm of a scalar", x => x[0].Norm(), Arg.Any());
        yield return new("Norm of nothing", x => x[0].Norm(2, [1]), Arg.Any(3, 0));
        yield return new("Norm, no result", x => x[0].Norm(3, [1]), Arg.Any(0, 3));
        yield return new("Norm over a grain", x => x[0].Norm(), Arg.Any(16401)) { Emulate = false };
    }
}
