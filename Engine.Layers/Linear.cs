using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>y = activation(x·Wᵀ + b), the dense layer.</summary>
/// <remarks>Parameters: weight (outFeatures, inFeatures), bias (outFeatures), as PyTorch stores them.</remarks>
public sealed class Linear : Layer
{
    private readonly Parameter weight;
    private readonly Parameter? bias;
    private readonly Activation activation;

    /// <summary>A layer with numbers newly drawn.</summary>
    /// <param name="inFeatures">Size of the input's last axis.</param>
    /// <param name="outFeatures">Size of the result's last axis.</param>
    /// <param name="rng">Draws the first numbers.</param>
    /// <param name="activation">Applied last, in the same kernel.</param>
    /// <param name="bias">False to leave it out.</param>
    /// <param name="init">Draws the weight, and the bias is then zero, as in Keras. Left out, both are uniform in ±1/√inFeatures, as in PyTorch.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is under 1.</exception>
    public Linear(int inFeatures, int outFeatures, Rng rng, Activation activation = Activation.None, bool bias = true, Init? init = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(inFeatures);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(outFeatures);
        this.activation = activation;
        weight = NewParameter("weight", [outFeatures, inFeatures], Defaults.Weight(init), rng);
        if (bias) this.bias = NewParameter("bias", [outFeatures], Defaults.Bias(init, weight.Shape), rng);
    }

    /// <summary>Size of the input's last axis.</summary>
    public int InFeatures => weight.Shape[1];

    /// <summary>Size of the result's last axis.</summary>
    public int OutFeatures => weight.Shape[0];

    /// <inheritdoc/>
    protected override string Settings => $"{InFeatures} -> {OutFeatures}{Defaults.Words(activation)}{(bias is null ? ", no bias" : "")}";

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        if (x.Rank < 2 || x.Shape[-1] != InFeatures)
            throw new ShapeException($"the input {x.Shape} must be (…, N, {InFeatures}).{(x.Rank > 2 && x.Shape.Product(1, x.Rank) == InFeatures ? " Put a Flatten before this layer." : "")}");
        return x.MatMul(weight, bias, activation, transposeOther: true);
    }
}

/// <summary>What <see cref="Linear"/> and <see cref="Conv2d"/> share.</summary>
internal static class Defaults
{
    /// <summary>Kaiming uniform for a leaky ReLU of slope √5, PyTorch's default: uniform in ±1/√fan in.</summary>
    public static Init Weight(Init? given) => given ?? Init.KaimingUniform(Gain.LeakyRelu(Math.Sqrt(5)));

    public static Init Bias(Init? given, Shape weight)
    {
        double bound = 1 / Math.Sqrt(Fans.Of(weight).In);
        return given is null ? Init.Uniform(-bound, bound) : Init.Zeros;
    }

    public static string Words(Activation activation) => activation == Activation.None ? "" : $", {activation}";
}
