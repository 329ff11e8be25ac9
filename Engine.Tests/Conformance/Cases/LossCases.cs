using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests.Conformance;

/// <summary>The losses, which are made of ops: on every device the reference's numbers, and gradients.</summary>
public sealed class LossCases : IOpCases
{
    // Shares of a class, none of them near 0.
    private static Arg Shares(params int[] shape) => new(shape, DType.Float32, (u, _) => 0.1f + 0.8f * u, true);

    private static Arg Yes(params int[] shape) => new(shape, DType.Float32, (u, _) => u < 0.5f ? 0 : 1, false);

    private static Arg Side(params int[] shape) => new(shape, DType.Float32, (u, _) => u < 0.5f ? -1 : 1, false);

    public static IEnumerable<OpCase> All() => [.. Regressions(), .. Binaries(), .. OfClasses(), .. OfVectors()];

    private static IEnumerable<OpCase> Regressions()
    {
        foreach (var reduction in Enum.GetValues<Reduction>())
        {
            yield return new($"Loss MeanSquaredError {reduction}", x => Loss.MeanSquaredError(x[0], x[1], reduction), Arg.Any(3, 17), Arg.Any(3, 17));
            yield return new($"Loss L1 {reduction}", x => Loss.L1(x[0], x[1], reduction), Arg.Any(3, 17), Arg.Any(3, 17));
            yield return new($"Loss SmoothL1 {reduction}", x => Loss.SmoothL1(x[0], x[1], 0.7, reduction), Arg.Any(3, 17), Arg.Any(3, 17));
            yield return new($"Loss Huber {reduction}", x => Loss.Huber(x[0], x[1], 0.7, reduction), Arg.Any(3, 17), Arg.Any(3, 17));
            yield return new($"Loss KullbackLeibler {reduction}", x => Loss.KullbackLeibler(x[0], x[1], false, reduction), Arg.Any(3, 17), Shares(3, 17));
            yield return new($"Loss KullbackLeibler, logarithms, {reduction}", x => Loss.KullbackLeibler(x[0], x[1], true, reduction), Arg.Any(3, 17), Arg.Any(3, 17));
        }
    }

    private static IEnumerable<OpCase> Binaries()
    {
        yield return new("Loss Binary", x => Loss.BinaryCrossEntropyWithLogits(x[0], x[1]), Arg.Any(3, 17), Shares(3, 17));
        yield return new("Loss Binary, weights, each", x => Loss.BinaryCrossEntropyWithLogits(x[0], x[1], x[2], Reduction.None), Arg.Any(3, 17), Yes(3, 17), Arg.Positive(17).Constant);
        yield return new("Loss Focal", x => Loss.BinaryFocalWithLogits(x[0], x[1]), Arg.Any(3, 17), Yes(3, 17));
        yield return new("Loss Focal, a power below 1, each", x => Loss.BinaryFocalWithLogits(x[0], x[1], null, 0.5, Reduction.None), Arg.Any(3, 17), Shares(3, 17).Constant);
        yield return new("Loss Hinge", x => Loss.Hinge(x[0], x[1]), Arg.Any(3, 17), Side(3, 17));
    }

    private static IEnumerable<OpCase> OfClasses()
    {
        yield return new("Loss CrossEntropy, smoothed", x => Loss.CrossEntropy(x[0], x[1], 0.1), Arg.Any(5, 7), Arg.Indices(7, 5));
        yield return new("Loss CrossEntropy, all settings", x => Loss.CrossEntropy(x[0], x[1], 0.1, x[2], 2), Arg.Any(9, 5), Arg.Indices(5, 9), Arg.Positive(5).Constant);
        yield return new("Loss CrossEntropy, places, each", x => Loss.CrossEntropy(x[0], x[1], 0.1, x[2], 2, Reduction.None), Arg.Any(2, 5, 3), Arg.Indices(5, 2, 3), Arg.Positive(5).Constant);
        yield return new("Loss CrossEntropy, places", x => Loss.CrossEntropy(x[0], x[1]), Arg.Any(2, 5, 3), Arg.Indices(5, 2, 3));
        yield return new("Loss CrossEntropy, shares", x => Loss.CrossEntropy(x[0], x[1], 0.1, x[2]), Arg.Any(4, 5), Shares(4, 5), Arg.Positive(5).Constant);
        yield return new("Loss NegativeLogLikelihood", x => Loss.NegativeLogLikelihood(x[0], x[1], x[2], 1), Arg.Any(6, 4), Arg.Indices(4, 6), Arg.Positive(4).Constant);
        yield return new("Loss MultiClassMargin", x => Loss.MultiClassMargin(x[0], x[1]), Arg.Any(6, 4), Arg.Indices(4, 6));
        yield return new("Loss MultiClassMargin, squares", x => Loss.MultiClassMargin(x[0], x[1], 0.7, 2, x[2]), Arg.Any(6, 4), Arg.Indices(4, 6), Arg.Positive(4).Constant);
    }

    private static IEnumerable<OpCase> OfVectors()
    {
        yield return new("Loss CosineEmbedding", x => Loss.CosineEmbedding(x[0], x[1], x[2], -0.2), Arg.Any(6, 5), Arg.Any(6, 5), Side(6));
        yield return new("Loss TripletMargin", x => Loss.TripletMargin(x[0], x[1], x[2]), Arg.Any(6, 5), Arg.Any(6, 5), Arg.Any(6, 5));
        yield return new("Loss TripletMargin, cubes, swap, each", x => Loss.TripletMargin(x[0], x[1], x[2], 2, 3, swap: true, reduction: Reduction.None), Arg.Any(6, 5), Arg.Any(6, 5), Arg.Any(6, 5));
        yield return new("Loss TripletMargin, sums", x => Loss.TripletMargin(x[0], x[1], x[2], p: 1), Arg.Any(6, 5), Arg.Any(6, 5), Arg.Any(6, 5));
    }
}
