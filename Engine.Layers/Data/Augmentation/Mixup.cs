using System.Buffers;
using System.Numerics.Tensors;
using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>Mixes each example of a batch with another of it: x_i ← λ·x_i + (1 − λ)·x_π(i), and the targets, as one-hot rows, likewise; π is a random
/// permutation, and λ is drawn from Beta(α, α) for each batch. The loss must take numbers for targets, (N, classes).</summary>
/// <remarks>Source: Zhang, Cissé, Dauphin and Lopez-Paz 2017, arXiv:1710.09412.</remarks>
public sealed class Mixup<T> : ICollator<T>
{
    private readonly ICollator<T> collator;
    private readonly int classes;
    private readonly double alpha;

    /// <summary>A mixture.</summary>
    /// <param name="collator">Puts the examples side by side, with Int32 classes (N) or Float32 rows (N, classes) for targets.</param>
    /// <param name="classes">How many classes there are.</param>
    /// <param name="alpha">α: near 0, λ is near 0 or 1; 1 makes every λ as likely; large, λ is near ½.</param>
    public Mixup(ICollator<T> collator, int classes, double alpha = 1)
    {
        ArgumentNullException.ThrowIfNull(collator);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(classes);
        if (!(alpha > 0 && double.IsFinite(alpha))) throw new ArgumentOutOfRangeException(nameof(alpha), alpha, "It is positive and finite.");
        (this.collator, this.classes, this.alpha) = (collator, classes, alpha);
    }

    string ICollator<T>.Settings => collator.Settings;

    /// <inheritdoc/>
    /// <exception cref="IndexException">A class is not under the number of classes.</exception>
    /// <exception cref="ShapeException">Targets that are numbers are not (N, classes).</exception>
    public void Collate(ReadOnlySpan<Drawn<T>> examples, HostBatch batch, Rng rng)
    {
        collator.Collate(examples, batch, rng);
        if (batch.Targets.DType == DType.Int32) OneHot(batch.Targets);
        else if (batch.Targets.Shape != new Shape(examples.Length, classes))
            throw new ShapeException($"Targets to mix are Int32 (N), or Float32 ({examples.Length}, {classes}), and these are {batch.Targets.Shape}.");
        float share = (float)Beta(alpha, rng);
        int[] partner = rng.Permutation(examples.Length);
        Mix(batch.Inputs.Floats, partner, share);
        Mix(batch.Targets.Floats, partner, share);
    }

    private void OneHot(HostTensor targets)
    {
        int[] indices = targets.Ints.ToArray();
        var rows = targets.SetFloats([indices.Length, classes]);
        rows.Clear();
        for (int i = 0; i < indices.Length; i++)
        {
            if ((uint)indices[i] >= (uint)classes) throw new IndexException($"The class of the batch's example {i} is {indices[i]}, and there are {classes} classes.");
            rows[i * classes + indices[i]] = 1;
        }
    }

    private static void Mix(Span<float> rows, int[] partner, float share)
    {
        if (partner.Length == 0) return;
        float[] rented = ArrayPool<float>.Shared.Rent(rows.Length);
        var others = rented.AsSpan(0, rows.Length);
        TensorPrimitives.Multiply(rows, 1 - share, others);
        int size = rows.Length / partner.Length;
        for (int i = 0; i < partner.Length; i++)
        {
            var row = rows.Slice(i * size, size);
            TensorPrimitives.MultiplyAdd(row, share, others.Slice(partner[i] * size, size), row);
        }
        ArrayPool<float>.Shared.Return(rented);
    }

    /// <summary>Beta(α, α) as G₁ / (G₁ + G₂) of two draws from Gamma(α), by their logarithms, which a small α does not make zero.</summary>
    internal static double Beta(double alpha, Rng rng) => 1 / (1 + Math.Exp(LogGamma(alpha, rng) - LogGamma(alpha, rng)));

    /// <summary>The logarithm of a draw from Gamma(α): of α + 1, times U^(1/α).</summary>
    /// <remarks>Source: Marsaglia and Tsang 2000, "A simple method for generating gamma variables".</remarks>
    private static double LogGamma(double alpha, Rng rng)
    {
        double d = alpha + 1 - 1 / 3.0, c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            double normal = Math.Sqrt(-2 * Math.Log(Positive(rng))) * Math.Cos(2 * Math.PI * Positive(rng));
            double v = Math.Pow(1 + c * normal, 3);
            if (v > 0 && Math.Log(Positive(rng)) < normal * normal / 2 + d - d * v + d * Math.Log(v))
                return Math.Log(d * v) + Math.Log(Positive(rng)) / alpha;
        }
    }

    /// <summary>In (0, 1].</summary>
    private static double Positive(Rng rng) => (rng.NextWord() + 1.0) / (1UL << 32);
}
