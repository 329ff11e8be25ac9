using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

// Losses of vectors that should lie near one another, or apart. A model that makes several for each example makes one tensor (N, 2, D) or
// (N, 3, D) of them, and a Trainer takes (y, t) => Loss.CosineEmbedding(y[.., 0], y[.., 1], t).
public static partial class Loss
{
    /// <summary>1 − cos(a, b) for a pair that belongs together, max(0, cos(a, b) − margin) for one that does not.</summary>
    /// <param name="a">(N, D).</param>
    /// <param name="b">(N, D).</param>
    /// <param name="labels">(N), 1 for together, −1 for apart; Float32 or Int32.</param>
    /// <param name="margin">In [−1, 1].</param>
    /// <param name="reduction">What to make of the pairs.</param>
    /// <exception cref="ShapeException">The shapes disagree, or the batch is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The margin is outside [−1, 1].</exception>
    /// <remarks>cos = a·b / √((a·a + ε)(b·b + ε)) with ε = 10⁻¹², as in PyTorch: 0 for a vector of zeros.
    /// In a <see cref="Trainer"/>: <c>(y, t) => Loss.CosineEmbedding(y[.., 0], y[.., 1], t)</c>.</remarks>
    public static Tensor CosineEmbedding(Tensor a, Tensor b, Tensor labels, double margin = 0, Reduction reduction = Reduction.Mean)
    {
        RequireVectors(nameof(CosineEmbedding), a, b);
        ArgumentNullException.ThrowIfNull(labels);
        if (!(margin >= -1 && margin <= 1)) throw new ArgumentOutOfRangeException(nameof(margin), margin, "A cosine is in [−1, 1].");
        if (labels.Shape != new Shape(a.Shape[0])) throw new ShapeException($"CosineEmbedding: the labels {labels.Describe()} must be ({a.Shape[0]}), one for each pair of {a.Shape}.");
        var together = labels.Cast(DType.Float32).Greater(Tensor.Scalar(0, labels.Device));
        const double epsilon = 1e-12;
        var cosine = (a * b).Sum(1) / (((a * a).Sum(1) + epsilon) * ((b * b).Sum(1) + epsilon)).Sqrt();
        return Reduce(Tensor.Where(together, 1 - cosine, (cosine - margin).Relu()), reduction);
    }

    /// <summary>max(0, ‖anchor − positive‖ − ‖anchor − negative‖ + margin): the positive is to be nearer by the margin.</summary>
    /// <param name="anchor">(N, D).</param>
    /// <param name="positive">(N, D), what belongs to the anchor.</param>
    /// <param name="negative">(N, D), what does not.</param>
    /// <param name="margin">By how much.</param>
    /// <param name="p">Of the norm ‖·‖: 2 for Euclid's.</param>
    /// <param name="epsilon">Added to each difference, which keeps a norm's derivative finite.</param>
    /// <param name="swap">Whether ‖positive − negative‖ counts where it is less than ‖anchor − negative‖.</param>
    /// <param name="reduction">What to make of the triplets.</param>
    /// <exception cref="ShapeException">The shapes disagree, or the batch is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">p is under 1, or the margin or epsilon negative, or one is not finite.</exception>
    /// <remarks>In a <see cref="Trainer"/>: <c>(y, _) => Loss.TripletMargin(y[.., 0], y[.., 1], y[.., 2])</c>. Source: Schroff, Kalenichenko and Philbin 2015,
    /// arXiv:1503.03832; the swap is of Balntas, Riba, Ponsa and Mikolajczyk 2016.</remarks>
    public static Tensor TripletMargin(Tensor anchor, Tensor positive, Tensor negative, double margin = 1, double p = 2, double epsilon = 1e-6, bool swap = false,
        Reduction reduction = Reduction.Mean)
    {
        RequireVectors(nameof(TripletMargin), anchor, positive, negative);
        NotNegative(margin, nameof(margin));
        NotNegative(epsilon, nameof(epsilon));
        if (!(p >= 1 && double.IsFinite(p))) throw new ArgumentOutOfRangeException(nameof(p), p, "p is 1 or more, and finite.");
        var apart = Distance(anchor, negative);
        if (swap) apart = Tensor.Minimum(apart, Distance(positive, negative));
        return Reduce((Distance(anchor, positive) - apart + margin).Relu(), reduction);

        Tensor Distance(Tensor a, Tensor b)
        {
            var d = a - b + epsilon;
            if (p == 2) return (d * d).Sum(1).Sqrt();
            return p == 1 ? d.Abs().Sum(1) : d.Abs().Pow(p).Sum(1).Pow(1 / p);
        }
    }

    private static void RequireVectors(string loss, params ReadOnlySpan<Tensor> vectors)
    {
        foreach (var x in vectors)
        {
            ArgumentNullException.ThrowIfNull(x);
            if (x.Rank != 2 || x.Shape != vectors[0].Shape)
                throw new ShapeException($"{loss}: {x.Describe()} and {vectors[0].Describe()} must be of one shape, (N, D): a vector for each example.");
        }
    }
}
