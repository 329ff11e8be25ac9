using Engine.Core;

namespace Engine.Layers;

/// <summary>The area under the receiver operating characteristic: how likely it is that an example of class 1 has a larger output than one of
/// class 0, equal ones counted half. NaN where one of the classes has no example, or an output is NaN.</summary>
/// <remarks>(Σ ranks of class 1 − n₁(n₁ + 1)/2) / (n₀·n₁), equal outputs sharing their mean rank. Keeps every output. Source: Hanley and McNeil 1982,
/// doi:10.1148/radiology.143.1.7063747.</remarks>
public sealed class AreaUnderRoc : Metric
{
    private readonly List<(double Output, bool IsOne)> seen = [];

    /// <inheritdoc/>
    public override string Name => "auc";

    /// <inheritdoc/>
    public override double Value
    {
        get
        {
            if (seen.Any(s => double.IsNaN(s.Output))) return double.NaN;
            var ordered = seen.OrderBy(s => s.Output).ToArray();
            double ranks = 0;
            long ones = seen.Count(s => s.IsOne), zeros = seen.Count - ones;
            for (int begin = 0, end; begin < ordered.Length; begin = end)
            {
                for (end = begin + 1; end < ordered.Length && ordered[end].Output == ordered[begin].Output;) end++;
                double rank = (begin + 1 + end) / 2.0;
                for (int i = begin; i < end; i++)
                    if (ordered[i].IsOne) ranks += rank;
            }
            return (ranks - ones * (ones + 1) / 2.0) / ((double)ones * zeros);
        }
    }

    /// <inheritdoc/>
    public override double[] State
    {
        get => [.. seen.SelectMany(s => new[] { s.Output, s.IsOne ? 1 : 0 })];
        set
        {
            seen.Clear();
            for (int i = 0; i < value.Length; i += 2) seen.Add((value[i], value[i + 1] == 1));
        }
    }

    /// <inheritdoc/>
    public override void Add(Tensor outputs, Tensor targets)
    {
        if (outputs.Count != targets.Count) throw Mismatch(outputs, targets, "there is one output and one target, 0 or 1, an example");
        using var scope = outputs.Device.Scope(Name);
        float[] y = Floats(outputs), wanted = Floats(targets);
        for (int i = 0; i < y.Length; i++) seen.Add((y[i], wanted[i] > 0.5f));
    }

    /// <inheritdoc/>
    public override void Reset() => seen.Clear();
}
