using Engine.Kernels;

namespace Engine.Core;

/// <summary>What <see cref="AnomalyMode"/> looks at.</summary>
internal static class AnomalyCheck
{
    /// <summary>How bad the worst number of a tensor is.</summary>
    public enum Worst { Finite, Infinite, NaN }

    /// <summary>What was found when an op was applied.</summary>
    /// <param name="Place">The layer's path; null outside any.</param>
    /// <param name="Result">Its result.</param>
    public sealed record Forward(string? Place, Worst Result);

    /// <summary>Looks at an op's result, and at its inputs where that is not finite.</summary>
    /// <exception cref="AnomalyException">The op made the first number that is not finite, or was given a NaN.</exception>
    public static Forward Look(Op op, ReadOnlySpan<Tensor?> inputs, Tensor y)
    {
        var result = Count(y);
        if (result.Worst == Worst.Finite) return new Forward(AnomalyPlace.Current, Worst.Finite);
        var worst = Worst.Finite;
        for (int i = 0; i < inputs.Length; i++)
        {
            if (inputs[i] is not { } x) continue;
            var given = Count(x);
            if (given.Worst == Worst.NaN)
                throw new AnomalyException(op, false, i, $"{Title(op)} was given {given}: by its input {i}, {Source(op.Inputs[i])}. {(op.Inputs[i].Producer is null ? "It is data that were not finite, or a weight that a step has spoiled." : "It was made before the anomaly mode began.")}");
            if (given.Worst > worst) worst = given.Worst;
        }
        if (result.Worst == worst) return new Forward(AnomalyPlace.Current, worst);     // infinities that were there before
        string before = worst == Worst.Infinite ? "Its inputs had infinities, but no NaN" : "Its inputs were finite";
        throw new AnomalyException(op, false, null, $"{Title(op)} made the first {Name(result.Worst)}: its result {y.Shape} has {result}. {before}: {string.Join(", ", op.Inputs.Where(i => i.IsGiven).Select(Source))}.");
    }

    /// <summary>Runs an op's backward, and looks at the gradients that it makes.</summary>
    /// <exception cref="AnomalyException">One is not finite.</exception>
    public static Tensor?[] Backward(Op op, Tensor dy, bool retain)
    {
        Tensor?[] gradients;
        using (AnomalyMode.Pause()) gradients = op.RunBackward(dy, retain);
        for (int i = 0; i < gradients.Length; i++)
        {
            var made = gradients[i] ?? (i == 0 ? op.GradientRows?.Dense() : null);
            if (made is not { } dx || !op.Inputs[i].RequiresGrad || Count(dx) is not { Worst: > Worst.Finite } found) continue;
            var arrived = Count(dy);
            string before = arrived.Worst == Worst.Finite ? "The gradient that it was given was finite"
                : $"The gradient that it was given had {arrived} already: from Backward itself, from a hook, or from several gradients whose sum is too large";
            string forward = op.Looked?.Result switch
            {
                Worst.Finite => "and its forward result was finite",
                null => "and its forward pass was before the anomaly mode began",
                _ => "and its forward result had infinities, as its inputs had",
            };
            throw new AnomalyException(op, true, i, $"The backward pass of {Title(op)} made the first {Name(found.Worst)}: the gradient of its input {i}, {Source(op.Inputs[i])}, has {found}. {before}, {forward}.") { Place = op.Looked?.Place };
        }
        return gradients;
    }

    /// <summary>Looks at what arrives at a leaf: a sum, or what a hook made of it.</summary>
    /// <exception cref="AnomalyException">It is not finite.</exception>
    public static void Look(Tensor leaf, Tensor gradient)
    {
        if (Count(gradient) is { Worst: > Worst.Finite } found)
            throw new AnomalyException(leaf.Name ?? "a leaf", $"The gradient of {leaf.Describe()} has {found}, and no op's backward pass made it: it is from Backward itself, from a hook, or from several gradients whose sum is too large.");
    }

    private static string Title(Op op) => op.Attributes.Length == 0 ? op.Name : $"{op.Name} ({op.Attributes})";

    private static string Source(OpInput input)
        => $"{input.Shape}{(input.Name is null ? "" : $" '{input.Name}'")}{(input.Producer is { } op ? $" made by {op.Name}" : "")}";

    private static string Name(Worst worst) => worst == Worst.NaN ? "NaN" : "infinity";

    /// <summary>The numbers of a tensor that are not finite.</summary>
    private readonly record struct Found(Worst Worst, int NaNs, int Infinities, int First, int Of)
    {
        public override string ToString()
            => $"{string.Join(" and ", new[] { NaNs > 0 ? $"{NaNs} NaN" : "", Infinities > 0 ? $"{Infinities} infinite" : "" }.Where(s => s.Length > 0))} of {Of} numbers, the first at {First}";
    }

    private static Found Count(Tensor x)
    {
        if (!x.DType.IsFloat() || x.Count == 0) return default;
        using var pause = AnomalyMode.Pause();
        using var noGrad = NoGrad.Begin();
        using var scope = x.Device.Scope(nameof(AnomalyMode));
        var numbers = x.Cast(DType.Float32);
        // 0 times a number that is not finite is NaN, and so is every sum with it: one number is read, not all.
        if (double.IsFinite((numbers * 0).Sum().Item())) return default;
        int nans = 0, infinities = 0, first = -1;
        double[] values = numbers.ToArray<double>();
        for (int i = 0; i < values.Length; i++)
        {
            if (double.IsFinite(values[i])) continue;
            if (first < 0) first = i;
            if (double.IsNaN(values[i])) nans++;
            else infinities++;
        }
        return new Found(nans > 0 ? Worst.NaN : Worst.Infinite, nans, infinities, first, values.Length);
    }
}
