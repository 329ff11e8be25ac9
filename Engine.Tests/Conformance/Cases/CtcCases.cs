using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests.Conformance;

/// <summary>Connectionist temporal classification: lengths around a vector of states, of labels and of classes, and around the steps after which the
/// logarithms are related to their largest again.</summary>
public sealed class CtcCases : IOpCases
{
    public static IEnumerable<OpCase> All()
    {
        // 7 labels are 15 states, 8 are 17.
        foreach (int labels in new[] { 0, 1, 2, 7, 8, 16 })
            yield return Case($"Ctc {labels} labels", steps: 20, classes: 5, labels);
        foreach (int steps in new[] { 1, 2, 15, 16, 17, 33 })
            yield return Case($"Ctc {steps} steps", steps, classes: 4, Math.Min(3, steps));
        foreach (int classes in new[] { 2, 15, 16, 17, 33 })
            yield return Case($"Ctc {classes} classes", steps: 9, classes, labels: 3);
        yield return new("Ctc one class", x => x[0].CtcLoss(x[1]), Arg.Any(2, 3, 1), Labels(1, 2, 0));
        yield return new("Ctc repeats", x => x[0].CtcLoss(x[1], blank: 2), Arg.Any(2, 9, 3), Constant([1, 1, 1, 0, 0, 1], 2, 3));
        yield return new("Ctc lengths", x => x[0].CtcLoss(x[1], [7, 4, 5], [3, 0, 2], blank: 1), Arg.Any(3, 7, 4), Constant([0, 2, 2, 9, 9, 9, 3, 0, 9], 3, 3));
        yield return new("Ctc targets one after another", x => x[0].CtcLoss(x[1], [7, 4, 5], [3, 0, 2]), Arg.Any(3, 7, 4), Constant([1, 2, 2, 3, 1], 5));
        yield return new("Ctc no path", x => x[0].CtcLoss(x[1], [7, 2, 5], zeroInfinity: true), Arg.Any(3, 7, 4), Constant([1, 2, 2, 3, 3, 0, 3, 1, 0], 3, 3));
        yield return new("Ctc of nothing", x => x[0].CtcLoss(x[1]), Arg.Any(0, 7, 4), Arg.Indices(4, 0, 3));
        yield return new("Ctc large logits", x => (x[0] * 30).CtcLoss(x[1]), Arg.Any(2, 40, 5), Labels(5, 2, 9)) { Tolerance = 1e-4 };
        foreach (var reduction in new[] { Reduction.Mean, Reduction.Sum, Reduction.BatchMean })
            yield return new($"Loss Ctc {reduction}", x => Loss.Ctc(x[0], x[1], null, reduction: reduction), Arg.Any(3, 8, 4), Constant([1, 2, 2, 0, 0, 0, 3, -1, -1], 3, 3));
        yield return Case("Ctc, long", steps: 200, classes: 30, labels: 60) with { Emulate = false };
        yield return Case("Ctc, more states than a group has threads", steps: 310, classes: 7, labels: 150) with { Emulate = false };
        yield return Case("Ctc, more classes than a group has threads", steps: 5, classes: 300, labels: 2) with { Emulate = false };
    }

    private static OpCase Case(string name, int steps, int classes, int labels)
        => new(name, x => x[0].CtcLoss(x[1], zeroInfinity: true), Arg.Any(2, steps, classes), Labels(classes, 2, labels)) { Tolerance = 5e-5 };

    /// <summary>Labels, the blank 0 not among them.</summary>
    private static Arg Labels(int classes, params int[] shape) => new(shape, DType.Int32, (u, _) => 1 + MathF.Floor(u * (classes - 1)), false);

    private static Arg Constant(int[] values, params int[] shape) => new(shape, DType.Int32, (_, i) => values[i], false);
}
