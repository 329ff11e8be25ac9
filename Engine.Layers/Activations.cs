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

/// <summary>y = ½x(1 + tanh(√(2/π)(x + 0.044715x³))), which is near x·Φ(x).</summary>
public sealed class GeluTanh : Layer
{
    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => x.GeluTanh();
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

/// <summary>y = x where positive, else alpha·(eˣ − 1).</summary>
/// <param name="alpha">What y tends to far below 0, negated.</param>
public sealed class Elu(double alpha = 1) : Layer
{
    /// <inheritdoc/>
    protected override string Settings => alpha == 1 ? "" : alpha.ToString(CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => x.Elu(alpha);
}

/// <summary>y = 1.0507·x where positive, else 1.0507·1.6733·(eˣ − 1).</summary>
public sealed class Selu : Layer
{
    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => x.Selu();
}

/// <summary>y = x where positive, else alpha·(e^(x/alpha) − 1).</summary>
/// <param name="alpha">What y tends to far below 0, negated; not 0.</param>
public sealed class Celu(double alpha = 1) : Layer
{
    /// <inheritdoc/>
    protected override string Settings => alpha == 1 ? "" : alpha.ToString(CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => x.Celu(alpha);
}

/// <summary>y = x·tanh(ln(1 + eˣ)).</summary>
public sealed class Mish : Layer
{
    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => x.Mish();
}

/// <summary>y = ln(1 + e^(beta·x)) / beta.</summary>
/// <param name="beta">How sharply it bends; not 0.</param>
/// <param name="threshold">Where beta·x is above it, y is x.</param>
public sealed class Softplus(double beta = 1, double threshold = 20) : Layer
{
    /// <inheritdoc/>
    protected override string Settings
        => beta == 1 && threshold == 20 ? "" : string.Create(CultureInfo.InvariantCulture, $"beta={beta}, threshold={threshold}");

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => x.Softplus(beta, threshold);
}

/// <summary>y = x/(1 + |x|).</summary>
public sealed class Softsign : Layer
{
    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => x.Softsign();
}

/// <summary>y = (x + 3)/6, held within [0, 1].</summary>
public sealed class HardSigmoid : Layer
{
    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => x.HardSigmoid();
}

/// <summary>y = x·(x + 3)/6, the factor after x held within [0, 1].</summary>
public sealed class HardSwish : Layer
{
    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => x.HardSwish();
}

/// <summary>y = x, held within [min, max].</summary>
/// <param name="min">The least y.</param>
/// <param name="max">The greatest y.</param>
public sealed class HardTanh(double min = -1, double max = 1) : Layer
{
    /// <inheritdoc/>
    protected override string Settings => min == -1 && max == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $"{min} to {max}");

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => x.HardTanh(min, max);
}

/// <summary>Positive numbers that sum to 1 along an axis.</summary>
/// <param name="axis">Counted from the end where negative.</param>
/// <remarks>Not before <see cref="Loss.CrossEntropy(Engine.Core.Tensor, Engine.Core.Tensor)"/>, which takes the numbers before the softmax.</remarks>
public sealed class Softmax(int axis = -1) : Layer
{
    /// <inheritdoc/>
    protected override string Settings => axis == -1 ? "" : $"axis={axis}";

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => x.Softmax(axis);
}
