using System.Globalization;
using Engine.Core;

namespace Engine.Layers;

/// <summary>y = (x − mean) / √(variance + ε) · weight + bias, each row along the last axis by its own mean and variance.</summary>
/// <remarks>Parameters: weight, bias (features), as PyTorch stores them. The same in training and at inference. Source: Ba, Kiros and Hinton 2016,
/// arXiv:1607.06450.</remarks>
public sealed class LayerNorm : Layer
{
    private readonly Parameter weight;
    private readonly Parameter? bias;
    private readonly double epsilon;

    /// <summary>A layer of weights 1 and biases 0.</summary>
    /// <param name="features">Size of the input's last axis.</param>
    /// <param name="epsilon">Added to the variance: 1e-5 in PyTorch and GPT-2, 1e-12 in BERT.</param>
    /// <param name="bias">False to leave it out.</param>
    /// <exception cref="ArgumentOutOfRangeException">features is under 1, or epsilon negative or NaN.</exception>
    public LayerNorm(int features, double epsilon = 1e-5, bool bias = true)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(features);
        this.epsilon = NormSettings.Epsilon(epsilon);
        weight = NewParameter("weight", Tensor.Ones([features]));
        if (bias) this.bias = NewParameter("bias", Tensor.Zeros([features]));
    }

    /// <summary>Size of the input's last axis.</summary>
    public int Features => weight.Shape[0];

    /// <inheritdoc/>
    protected override string Settings => $"{Features}{NormSettings.Words(epsilon, 1e-5)}{(bias is null ? ", no bias" : "")}";

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        RequireFeatures(x);
        return x.LayerNorm(weight, bias, epsilon);
    }

    /// <summary>This norm of x + residual, in one pass over memory.</summary>
    /// <param name="x">(…, features).</param>
    /// <param name="residual">Of x's shape.</param>
    /// <param name="pass">The pass.</param>
    /// <exception cref="ShapeException">The shapes differ, or are not (…, features).</exception>
    public Tensor Add(Tensor x, Tensor residual, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Within(pass, () =>
        {
            RequireFeatures(x);
            return x.AddLayerNorm(residual, weight, bias, epsilon);
        }, y => y);
    }

    /// <summary>This norm of x + residual, and the sum itself, in one pass over memory.</summary>
    /// <inheritdoc cref="Add"/>
    public (Tensor Norm, Tensor Sum) AddAndKeep(Tensor x, Tensor residual, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Within(pass, () =>
        {
            RequireFeatures(x);
            var norm = x.AddLayerNorm(residual, weight, bias, out var sum, epsilon);
            return (Norm: norm, Sum: sum);
        }, both => both.Norm);
    }

    private void RequireFeatures(Tensor x)
    {
        if (x.Rank == 0 || x.Shape[-1] != Features) throw new ShapeException($"the input {x.Shape} must be (…, {Features}).");
    }
}

/// <summary>What the layers that normalise rows share.</summary>
internal static class NormSettings
{
    public static double Epsilon(double epsilon)
        => epsilon >= 0 ? epsilon : throw new ArgumentOutOfRangeException(nameof(epsilon), epsilon, "epsilon is added under a root, and is 0 or more.");

    public static string Words(double epsilon, double usual) => epsilon == usual ? "" : string.Create(CultureInfo.InvariantCulture, $", epsilon={epsilon}");
}
