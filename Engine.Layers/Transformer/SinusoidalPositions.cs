using Engine.Core;

namespace Engine.Layers;

/// <summary>Adds a vector of sines and cosines of each position to what stands there: at position p, number 2i is sin(p/10000^(2i/width)), and number 2i + 1 the
/// cosine.</summary>
/// <remarks>No parameters, and no last position. Source: Vaswani et al. 2017, arXiv:1706.03762, section 3.5.</remarks>
public sealed class SinusoidalPositions : Layer
{
    /// <summary>A layer.</summary>
    /// <param name="width">Numbers of a vector.</param>
    /// <exception cref="ArgumentOutOfRangeException">The width is under 1.</exception>
    public SinusoidalPositions(int width)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        Width = width;
    }

    /// <summary>Numbers of a vector.</summary>
    public int Width { get; }

    /// <inheritdoc/>
    protected override string Settings => $"{Width}";

    /// <summary>x with its positions' vectors, from one position on.</summary>
    /// <param name="x">(B, T, width).</param>
    /// <param name="pass">What the pass is for.</param>
    /// <param name="first">The position of x's first step: <see cref="KeyValueCache.Length"/> where there is a cache.</param>
    /// <returns>(B, T, width).</returns>
    /// <exception cref="ShapeException">x is not (B, T, width).</exception>
    public Tensor Run(Tensor x, Pass pass, int first)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        return Within(pass, () => Add(x, first), y => y);
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => Add(x, 0);

    private Tensor Add(Tensor x, int first)
    {
        if (x.Rank != 3 || x.Shape[2] != Width) throw new ShapeException($"the input {x.Shape} must be (B, T, {Width}).");
        return x + Tensor.SinusoidalPositions(x.Shape[1], Width, x.Device, first);
    }
}
