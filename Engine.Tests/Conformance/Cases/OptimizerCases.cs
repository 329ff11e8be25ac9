using Engine.Core;

namespace Engine.Tests.Conformance;

public sealed class OptimizerCases : IOpCases
{
    public static IEnumerable<OpCase> All()
    {
        foreach (int n in new[] { 0, 1, 15, 16, 17, 33 })
            foreach (var c in Of(n)) yield return c;
        foreach (var c in Of(16385)) yield return c with { Emulate = false };
        yield return Case("Copy", 17, x => InPlace.Copy(x[1], x[0]));
    }

    private static IEnumerable<OpCase> Of(int n)
    {
        yield return Case("Sgd", n, x => InPlace.Sgd(x[0], x[1], null, 0.1, weightDecay: 0.01));
        yield return Case("Sgd with momentum", n, x => InPlace.Sgd(x[0], x[1], x[2], 0.1, 0.9, 0.01));
        yield return Case("Sgd with Nesterov's momentum", n, x => InPlace.Sgd(x[0], x[1], x[2], 0.1, 0.9, 0.01, nesterov: true));
        yield return Case("RmsProp", n, x => InPlace.RmsProp(x[0], x[1], x[2], 0.01, weightDecay: 0.01));
        yield return Case("Adam", n, x => InPlace.Adam(x[0], x[1], x[2], x[3], 3, 0.01, weightDecay: 0.01));
        yield return Case("Lerp", n, x => InPlace.Lerp(x[0], x[1], 0.3));
    }

    /// <summary>All that a step changes, one after the other.</summary>
    private static OpCase Case(string name, int n, Action<Tensor[]> step) => new($"{name} {n}", x =>
    {
        step(x);
        return Tensor.Concat(x);
    }, Arg.Any(n).Constant, Arg.Any(n).Constant, Arg.Positive(n).Constant, Arg.Positive(n).Constant)
    { HasGradient = false };
}
