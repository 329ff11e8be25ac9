using Engine.Core;
using Engine.Kernels;

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
        yield return Case("RmsProp with momentum", n, x => InPlace.RmsProp(x[0], x[1], x[2], 0.01, weightDecay: 0.01, momentum: 0.9, velocity: x[3]));
        // A square of 9 and more: the root is of what is left of it, which must not be near 0.
        yield return Case("RmsProp centered", n, x => InPlace.RmsProp(x[0], x[1], x[3], 0.01, weightDecay: 0.01, mean: x[2]), 9);
        yield return Case("RmsProp centered with momentum", n, x => InPlace.RmsProp(x[0], x[1], x[3], 0.01, weightDecay: 0.01, momentum: 0.9, velocity: x[4], mean: x[2]), 9);
        yield return Case("Adagrad", n, x => InPlace.Adagrad(x[0], x[1], x[2], 0.1, weightDecay: 0.01));
        yield return Case("Adadelta", n, x => InPlace.Adadelta(x[0], x[1], x[2], x[3], weightDecay: 0.01));
        yield return Case("Adam with AMSGrad", n, x => InPlace.Adam(x[0], x[1], x[2], x[3], 3, 0.01, weightDecay: 0.01, largest: x[4]));
        yield return Case("AdamW", n, x => InPlace.Adam(x[0], x[1], x[2], x[3], 3, 0.01, weightDecay: 0.1, decoupled: true));
        yield return Case("AdamW with AMSGrad", n, x => InPlace.Adam(x[0], x[1], x[2], x[3], 3, 0.01, weightDecay: 0.1, decoupled: true, largest: x[4]));
        yield return Case("NAdam", n, x => InPlace.NAdam(x[0], x[1], x[2], x[3], 3, 0.02, 0.01, weightDecay: 0.01, shrink: 0.001));
        yield return Case("Adamax", n, x => InPlace.Adamax(x[0], x[1], x[2], x[3], 3, 0.01, weightDecay: 0.01));
        yield return Case("Lion", n, x => InPlace.Lion(x[0], x[1], x[2], 0.01, weightDecay: 0.1));
        yield return Case("Lamb", n, x => InPlace.Lamb(x[0], x[1], x[2], x[3], 3, 0.01, weightDecay: 0.1));
        yield return Case("Lerp", n, x => InPlace.Lerp(x[0], x[1], 0.3));
    }

    /// <summary>All that a step changes, one after the other.</summary>
    private static OpCase Case(string name, int n, Action<Tensor[]> step, float least = 0) => new($"{name} {n}", x =>
    {
        step(x);
        return Tensor.Concat(x);
    }, Arg.Any(n).Constant, Arg.Any(n).Constant, Arg.Positive(n).Constant, Positive(n, least), Arg.Positive(n).Constant)
    { HasGradient = false };

    private static Arg Positive(int n, float least) => new([n], DType.Float32, (u, _) => least + 0.5f + 2 * u, false);
}
