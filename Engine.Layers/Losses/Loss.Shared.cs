using System.Runtime.CompilerServices;
using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

// What the losses have in common.
public static partial class Loss
{
    private static Tensor Reduce(Tensor each, Reduction reduction, [CallerMemberName] string loss = "")
    {
        if (reduction == Reduction.None) return each;
        if (reduction == Reduction.Sum) return each.Sum();
        if (reduction is not (Reduction.Mean or Reduction.BatchMean)) throw new ArgumentOutOfRangeException(nameof(reduction), reduction, "There is no such reduction.");
        if (each.Count == 0) throw new ShapeException($"{loss}: the batch {each.Shape} is empty, and the mean of no losses means nothing. Leave it out.");
        if (reduction == Reduction.Mean) return each.Mean();
        if (each.Rank == 0) throw new ShapeException($"{loss}: one number has no axis of examples for {Reduction.BatchMean}. Give it a batch, (N, …).");
        return each.Sum() / each.Shape[0];
    }

    private static void RequireSame(Tensor outputs, Tensor targets, [CallerMemberName] string loss = "")
    {
        ArgumentNullException.ThrowIfNull(outputs);
        ArgumentNullException.ThrowIfNull(targets);
        if (outputs.Shape != targets.Shape)
            throw new ShapeException($"{loss}: the outputs {outputs.Describe()} and the targets {targets.Describe()} must be of one shape. Reshape the targets; broadcasting here is a mistake more often than not.");
        RequireNumbers(targets, loss);
    }

    private static void RequireNumbers(Tensor targets, string loss)
    {
        if (targets.DType != DType.Float32) throw new DTypeException($"{loss}: the targets {targets.Describe()} are {targets.DType}, and it takes Float32. Cast them.");
    }

    private static double Positive(double value, string name)
        => value > 0 && double.IsFinite(value) ? value : throw new ArgumentOutOfRangeException(name, value, $"{name} is positive and finite.");

    private static double NotNegative(double value, string name)
        => value >= 0 && double.IsFinite(value) ? value : throw new ArgumentOutOfRangeException(name, value, $"{name} is 0 or more, and finite.");
}
