using System.Globalization;
using Engine.Core;

namespace Engine.Layers;

/// <summary>y = max(x, 0).</summary>
public sealed class Relu : Layer
{
    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => x.Relu();
}

/// <summary>y = x where positive, else slope·x.</summary>
/// <param name="slope">Below 0.</param>
public sealed class LeakyRelu(double slope = 0.01) : Layer
{
    /// <inheritdoc/>
    protected override string Settings => slope.ToString(CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => x.LeakyRelu(slope);
}

/// <summary>y = x·Φ(x).</summary>
public sealed class Gelu : Layer
{
    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => x.Gelu();
}

/// <summary>y = 1 / (1 + e⁻ˣ).</summary>
public sealed class Sigmoid : Layer
{
    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => x.Sigmoid();
}

/// <summary>y = tanh x.</summary>
public sealed class Tanh : Layer
{
    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => x.Tanh();
}

/// <summary>y = x / (1 + e⁻ˣ).</summary>
public sealed class Silu : Layer
{
    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => x.Silu();
}

/// <summary>Positive numbers that sum to 1 along an axis.</summary>
/// <param name="axis">Counted from the end where negative.</param>
/// <remarks>Not before <see cref="Loss.CrossEntropy"/>, which takes the numbers before the softmax.</remarks>
public sealed class Softmax(int axis = -1) : Layer
{
    /// <inheritdoc/>
    protected override string Settings => axis == -1 ? "" : $"axis={axis}";

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => x.Softmax(axis);
}
